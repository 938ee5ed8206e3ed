// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/jurisdiction_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/resource/period_rules.h"

namespace lianqiao::registry {
namespace {

using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Fields(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const auto& violation : violations) fields.push_back(violation.field());
  return fields;
}

Facts Under(const std::string& level, const std::string& code) {
  Facts facts;
  facts.Add("parent", {resource::FactRow({{"level", level}, {"division_code", code}})});
  return facts;
}

v1::Jurisdiction County() {
  v1::Jurisdiction county;
  county.set_kind(v1::JURISDICTION_KIND_COUNTY);
  county.set_level(v1::JURISDICTION_LEVEL_COUNTY);
  county.set_division_code("610305");
  county.set_parent_id("p");
  county.set_name("凤翔区");
  return county;
}

const Facts& UnderBaoji() {
  static const Facts facts = Under("JURISDICTION_LEVEL_CITY", "610300");
  return facts;
}

TEST(JurisdictionRules, ACountyUnderItsCityIsFine) {
  EXPECT_THAT(CheckJurisdiction(nullptr, County(), UnderBaoji()), IsEmpty());
}

TEST(JurisdictionRules, AZoneWithoutCodeIsFine) {
  v1::Jurisdiction zone = County();
  zone.set_kind(v1::JURISDICTION_KIND_FUNCTIONAL_ZONE);
  zone.clear_division_code();
  EXPECT_THAT(CheckJurisdiction(nullptr, zone, UnderBaoji()), IsEmpty());
}

TEST(JurisdictionRules, LevelMustFitTheKind) {
  v1::Jurisdiction county = County();
  county.set_level(v1::JURISDICTION_LEVEL_TOWNSHIP);
  EXPECT_THAT(Fields(CheckJurisdiction(nullptr, county, UnderBaoji())), ElementsAre("level"));
}

TEST(JurisdictionRules, CodesFollowTheKind) {
  const std::vector<std::tuple<v1::JurisdictionKind, v1::JurisdictionLevel, std::string, bool>> cases = {
      {v1::JURISDICTION_KIND_PROVINCE, v1::JURISDICTION_LEVEL_PROVINCE, "610000", true},
      {v1::JURISDICTION_KIND_PROVINCE, v1::JURISDICTION_LEVEL_PROVINCE, "610300", false},
      {v1::JURISDICTION_KIND_CITY, v1::JURISDICTION_LEVEL_CITY, "610300", true},
      {v1::JURISDICTION_KIND_CITY, v1::JURISDICTION_LEVEL_CITY, "610000", false},
      {v1::JURISDICTION_KIND_COUNTY, v1::JURISDICTION_LEVEL_COUNTY, "610300", false},
      {v1::JURISDICTION_KIND_COUNTY, v1::JURISDICTION_LEVEL_COUNTY, "410471", false},
      {v1::JURISDICTION_KIND_STATISTICAL_ZONE, v1::JURISDICTION_LEVEL_COUNTY, "410471", true},
      {v1::JURISDICTION_KIND_TOWNSHIP, v1::JURISDICTION_LEVEL_TOWNSHIP, "610305100", true},
      {v1::JURISDICTION_KIND_TOWNSHIP, v1::JURISDICTION_LEVEL_TOWNSHIP, "610305", false},
      {v1::JURISDICTION_KIND_VILLAGE, v1::JURISDICTION_LEVEL_VILLAGE, "610305100201", true},
      {v1::JURISDICTION_KIND_VILLAGE, v1::JURISDICTION_LEVEL_VILLAGE, "610305100", false}};
  for (const auto& [kind, level, code, good] : cases) {
    v1::Jurisdiction place = County();
    place.set_kind(kind);
    place.set_level(level);
    place.set_division_code(code);
    const auto violations = CheckJurisdiction(nullptr, place, Facts());
    EXPECT_EQ(violations.empty(), good) << v1::JurisdictionKind_Name(kind) << " " << code;
  }
}

TEST(JurisdictionRules, TheParentMustStandHigher) {
  EXPECT_THAT(Fields(CheckJurisdiction(nullptr, County(), Under("JURISDICTION_LEVEL_COUNTY", ""))),
              ElementsAre("parentId"));
}

TEST(JurisdictionRules, OnlyTheNationHasNoParent) {
  v1::Jurisdiction county = County();
  county.clear_parent_id();
  EXPECT_THAT(Fields(CheckJurisdiction(nullptr, county, Facts())), ElementsAre("parentId"));
  v1::Jurisdiction nation;
  nation.set_kind(v1::JURISDICTION_KIND_NATION);
  nation.set_level(v1::JURISDICTION_LEVEL_NATION);
  EXPECT_THAT(CheckJurisdiction(nullptr, nation, Facts()), IsEmpty());
  nation.set_parent_id("p");
  EXPECT_THAT(Fields(CheckJurisdiction(nullptr, nation, Facts())), ElementsAre("parentId"));
}

TEST(JurisdictionRules, ACodeOfAnotherProvinceIsRefused) {
  EXPECT_THAT(Fields(CheckJurisdiction(nullptr, County(), Under("JURISDICTION_LEVEL_CITY", "620300"))),
              ElementsAre("divisionCode"));
}

TEST(JurisdictionRules, DatesAndCentralUrbanPeriodsAreInOrder) {
  v1::Jurisdiction county = County();
  county.set_valid_from("2021-01-01");
  county.set_valid_to("2020-12-31");
  county.add_central_urban()->set_valid_from("2020-01-01");
  county.add_central_urban()->set_valid_from("2022-01-01");
  EXPECT_THAT(Fields(CheckJurisdiction(nullptr, county, UnderBaoji())),
              ElementsAre("validTo", "centralUrban[1]"));
}

TEST(JurisdictionRules, CentralUrbanIsForCountyLevelOnly) {
  v1::Jurisdiction city = County();
  city.set_kind(v1::JURISDICTION_KIND_CITY);
  city.set_level(v1::JURISDICTION_LEVEL_CITY);
  city.set_division_code("610300");
  city.add_central_urban();
  EXPECT_THAT(Fields(CheckJurisdiction(nullptr, city, Under("JURISDICTION_LEVEL_PROVINCE", "610000"))),
              ElementsAre("centralUrban"));
}

TEST(DayBefore, CrossesMonthsAndLeapDays) {
  EXPECT_EQ(resource::DayBefore("2024-03-01"), "2024-02-29");
  EXPECT_EQ(resource::DayBefore("2023-01-01"), "2022-12-31");
  EXPECT_EQ(resource::DayBefore(""), "");
}

}  // namespace
}  // namespace lianqiao::registry
