// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/organisation_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lianqiao::registry {
namespace {

using resource::Facts;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> Fields(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const auto& violation : violations) fields.push_back(violation.field());
  return fields;
}

Facts Places(const std::string& parent_kind = "",
             const std::string& jurisdiction = "JURISDICTION_LEVEL_COUNTY",
             const std::string& township = "") {
  Facts facts;
  facts.set_today("2024-06-01");
  facts.Add("places", {resource::FactRow({{"jurisdiction_level", jurisdiction},
                                          {"township_level", township},
                                          {"parent_kind", parent_kind},
                                          {"province", "61"}})});
  return facts;
}

v1::Organisation Primary() {
  v1::Organisation school;
  school.set_kind(v1::ORGANISATION_KIND_SCHOOL);
  school.set_name("示例小学");
  school.set_jurisdiction_id("j");
  school.set_status(v1::ORGANISATION_STATUS_ACTIVE);
  school.set_school_type(v1::SCHOOL_TYPE_PRIMARY);
  school.add_stages(type::v1::STAGE_PRIMARY);
  school.set_school_code("2161999901");
  return school;
}

std::vector<std::string> Check(const v1::Organisation& after, const Facts& facts = Places()) {
  return Fields(CheckOrganisation(nullptr, after, facts));
}

TEST(OrganisationRules, AnOrdinaryPrimarySchoolIsFine) {
  EXPECT_THAT(Check(Primary()), IsEmpty());
}

TEST(OrganisationRules, StagesMustFitTheType) {
  v1::Organisation school = Primary();
  school.add_stages(type::v1::STAGE_JUNIOR);
  EXPECT_THAT(Check(school), ElementsAre("stages"));
  school.set_school_type(v1::SCHOOL_TYPE_NINE_YEAR);
  EXPECT_THAT(Check(school), IsEmpty());
  school.clear_stages();
  school.add_stages(type::v1::STAGE_PRIMARY);
  EXPECT_THAT(Check(school), ElementsAre("stages"));
}

TEST(OrganisationRules, AnAttachedKindergartenMayAccompanyAPrimarySchool) {
  v1::Organisation school = Primary();
  school.add_stages(type::v1::STAGE_KINDERGARTEN);
  EXPECT_THAT(Check(school), IsEmpty());
}

TEST(OrganisationRules, AnUndeterminedTypeMayHaveAnyStages) {
  v1::Organisation school = Primary();
  school.set_school_type(v1::SCHOOL_TYPE_UNDETERMINED);
  school.clear_stages();
  EXPECT_THAT(Check(school), IsEmpty());
}

TEST(OrganisationRules, AStageNamedTwiceIsRefused) {
  v1::Organisation school = Primary();
  school.add_stages(type::v1::STAGE_PRIMARY);
  EXPECT_THAT(Check(school), ElementsAre("stages"));
}

TEST(OrganisationRules, TheSchoolCodeNamesCategoryAndProvince) {
  v1::Organisation school = Primary();
  school.set_school_code("3161999901");
  EXPECT_THAT(Check(school), ElementsAre("schoolCode"));
  school.set_school_code("2162999901");
  EXPECT_THAT(Check(school), ElementsAre("schoolCode"));
}

TEST(OrganisationRules, TypeMustFitTheKind) {
  v1::Organisation school = Primary();
  school.set_kind(v1::ORGANISATION_KIND_KINDERGARTEN);
  EXPECT_THAT(Check(school), ElementsAre("schoolType"));
}

TEST(OrganisationRules, ACampusNeedsASchoolAboveItAndNoCreditCode) {
  v1::Organisation campus = Primary();
  campus.set_kind(v1::ORGANISATION_KIND_CAMPUS);
  EXPECT_THAT(Check(campus), ElementsAre("parentOrganisationId"));
  campus.set_parent_organisation_id("o");
  EXPECT_THAT(Check(campus, Places("ORGANISATION_KIND_SCHOOL")), IsEmpty());
  EXPECT_THAT(Check(campus, Places("ORGANISATION_KIND_CAMPUS")), ElementsAre("parentOrganisationId"));
  campus.set_social_credit_code("12610300MB0000000X");
  EXPECT_THAT(Check(campus, Places("ORGANISATION_KIND_SCHOOL")), ElementsAre("socialCreditCode"));
}

TEST(OrganisationRules, ACentralSchoolManagesPointsButNotTheOtherWayRound) {
  v1::Organisation point = Primary();
  point.clear_school_code();
  point.set_kind(v1::ORGANISATION_KIND_TEACHING_POINT);
  point.set_parent_organisation_id("o");
  EXPECT_THAT(Check(point, Places("ORGANISATION_KIND_CENTRAL_SCHOOL")), IsEmpty());
  v1::Organisation central = Primary();
  central.set_kind(v1::ORGANISATION_KIND_CENTRAL_SCHOOL);
  central.set_parent_organisation_id("o");
  EXPECT_THAT(Check(central, Places("ORGANISATION_KIND_TEACHING_POINT")),
              ElementsAre("parentOrganisationId"));
}

TEST(OrganisationRules, ABureauHasNoPupilsAndASchoolNoDuties) {
  v1::Organisation bureau;
  bureau.set_kind(v1::ORGANISATION_KIND_EDUCATION_BUREAU);
  bureau.add_duties("特色联盟");
  EXPECT_THAT(Check(bureau), IsEmpty());
  bureau.add_stages(type::v1::STAGE_PRIMARY);
  bureau.add_quality_tier()->set_tier(v1::QUALITY_TIER_WEAK);
  EXPECT_THAT(Check(bureau), ElementsAre("stages", "qualityTier"));
  v1::Organisation school = Primary();
  school.add_duties("特色联盟");
  EXPECT_THAT(Check(school), ElementsAre("duties"));
}

TEST(OrganisationRules, OnlyPartnersSayWhatKindOfPartnerTheyAre) {
  v1::Organisation partner;
  partner.set_kind(v1::ORGANISATION_KIND_PARTNER);
  EXPECT_THAT(Check(partner), ElementsAre("partnerKind"));
  partner.set_partner_kind(v1::PARTNER_KIND_COMPANY);
  EXPECT_THAT(Check(partner), IsEmpty());
}

TEST(OrganisationRules, TiersOfSpecialEducationFitTheBody) {
  v1::Organisation school = Primary();
  school.set_special_education_tier(v1::SPECIAL_EDUCATION_TIER_RESOURCE_ROOM);
  EXPECT_THAT(Check(school), IsEmpty());
  school.set_special_education_tier(v1::SPECIAL_EDUCATION_TIER_GUIDANCE_CENTRE);
  EXPECT_THAT(Check(school), ElementsAre("specialEducationTier"));
}

TEST(OrganisationRules, PlacesStandAtTheirLevels) {
  v1::Organisation school = Primary();
  EXPECT_THAT(Check(school, Places("", "JURISDICTION_LEVEL_TOWNSHIP")), ElementsAre("jurisdictionId"));
  school.set_township_id("t");
  EXPECT_THAT(Check(school, Places("", "JURISDICTION_LEVEL_COUNTY", "JURISDICTION_LEVEL_TOWNSHIP")),
              IsEmpty());
  EXPECT_THAT(Check(school, Places("", "JURISDICTION_LEVEL_COUNTY", "JURISDICTION_LEVEL_COUNTY")),
              ElementsAre("townshipId"));
}

TEST(OrganisationRules, ATownshipPostNamesItsTownship) {
  v1::Organisation post;
  post.set_kind(v1::ORGANISATION_KIND_TOWNSHIP_EDUCATION_POST);
  EXPECT_THAT(Check(post), ElementsAre("townshipId"));
}

TEST(OrganisationRules, MergedIsReachedByMergingOnly) {
  v1::Organisation school = Primary();
  school.set_status(v1::ORGANISATION_STATUS_MERGED);
  EXPECT_THAT(Check(school), ElementsAre("status"));
  const v1::Organisation before = Primary();
  EXPECT_THAT(Fields(CheckOrganisation(&before, school, Places())), IsEmpty());
}

TEST(OrganisationRules, AnOpenSchoolDidNotCloseInThePast) {
  v1::Organisation school = Primary();
  school.set_closed_on("2024-05-31");
  EXPECT_THAT(Check(school), ElementsAre("closedOn"));
  school.set_status(v1::ORGANISATION_STATUS_CLOSED);
  EXPECT_THAT(Check(school), IsEmpty());
  school.set_opened_on("2024-06-01");
  EXPECT_THAT(Check(school), ElementsAre("closedOn"));
}

TEST(OrganisationRules, CoordinatesComeInPairsWithTheirSystem) {
  v1::Organisation school = Primary();
  school.set_longitude(107.1);
  EXPECT_THAT(Check(school), ElementsAre("longitude", "coordinateSystem"));
  school.set_latitude(34.3);
  school.set_coordinate_system(v1::COORDINATE_SYSTEM_CGCS2000);
  EXPECT_THAT(Check(school), IsEmpty());
}

TEST(OrganisationRules, ASchoolIsOfOneTierAtATime) {
  v1::Organisation school = Primary();
  auto* weak = school.add_quality_tier();
  weak->set_tier(v1::QUALITY_TIER_WEAK);
  weak->set_valid_to("2022-08-31");
  auto* ordinary = school.add_quality_tier();
  ordinary->set_tier(v1::QUALITY_TIER_ORDINARY);
  ordinary->set_valid_from("2022-09-01");
  EXPECT_THAT(Check(school), Not(Contains("qualityTier[1]")));
  ordinary->set_valid_from("2022-08-31");
  EXPECT_THAT(Check(school), ElementsAre("qualityTier[1]"));
}

TEST(OrganisationRules, ACodeIsReplacedByRecodingOnlyAndNeverLost) {
  const v1::Organisation before = Primary();
  for (const char* method : {"UpdateOrganisation", "BatchUpsertOrganisations"}) {
    Facts facts = Places();
    facts.set_method(method);
    v1::Organisation after = before;
    after.set_school_code("2161999902");
    EXPECT_THAT(Fields(CheckOrganisation(&before, after, facts)), ElementsAre("schoolCode")) << method;
    after.clear_school_code();
    EXPECT_THAT(Fields(CheckOrganisation(&before, after, facts)), ElementsAre("schoolCode")) << method;
    after.set_school_code("2161999902");
    after.add_former_codes()->set_kind(v1::CODE_KIND_SCHOOL);
    after.mutable_former_codes(0)->set_code("2161999901");
    // Only a source system brings a past of its own.
    const bool edits = std::string(method) == "UpdateOrganisation";
    EXPECT_EQ(Fields(CheckOrganisation(&before, after, facts)),
              edits ? std::vector<std::string>{"formerCodes"} : std::vector<std::string>{})
        << method;
  }
}

TEST(OrganisationRules, WhatWasIsNotEdited) {
  v1::Organisation before = Primary();
  before.add_former_codes()->set_kind(v1::CODE_KIND_SCHOOL);
  before.mutable_former_codes(0)->set_code("2161999909");
  before.add_former_names()->set_name("旧名");
  Facts facts = Places();
  facts.set_method("UpdateOrganisation");
  EXPECT_THAT(CheckOrganisation(&before, before, facts), IsEmpty());
  v1::Organisation after = before;
  after.clear_former_codes();
  after.mutable_former_names(0)->set_name("别名");
  EXPECT_THAT(Fields(CheckOrganisation(&before, after, facts)), ElementsAre("formerCodes", "formerNames"));
}

TEST(OrganisationRules, ACodeOfAnotherSchoolIsNeverUsedAgain) {
  Facts facts = Places();
  facts.Add("places", {resource::FactRow({{"jurisdiction_level", "JURISDICTION_LEVEL_COUNTY"},
                                          {"province", "61"},
                                          {"code_of", "another"}})});
  EXPECT_THAT(Fields(CheckOrganisation(nullptr, Primary(), facts)), ElementsAre("schoolCode"));
  const v1::Organisation before = Primary();
  EXPECT_THAT(CheckOrganisation(&before, Primary(), facts), IsEmpty()) << "it has had it all along";
}

TEST(OrganisationRules, AnEditedNameIsRenamedInstead) {
  const v1::Organisation before = Primary();
  v1::Organisation after = before;
  after.set_name("新名小学");
  Facts facts = Places();
  facts.set_method("UpdateOrganisation");
  EXPECT_THAT(Fields(CheckOrganisation(&before, after, facts)), ElementsAre("name"));
  facts.set_method("BatchUpsertOrganisations");
  EXPECT_THAT(CheckOrganisation(&before, after, facts), IsEmpty()) << "a source system corrects its own";
  facts.set_method("RenameOrganisation");
  EXPECT_THAT(CheckOrganisation(&before, after, facts), IsEmpty());
}

TEST(OrganisationRules, ASchoolClosesAfterItsCampuses) {
  const v1::Organisation before = Primary();
  v1::Organisation after = before;
  after.set_status(v1::ORGANISATION_STATUS_CLOSED);
  Facts facts = Places();
  facts.set_method("CloseOrganisation");
  EXPECT_THAT(CheckOrganisation(&before, after, facts), IsEmpty());
  facts.Add("open_units", {resource::FactRow()});
  EXPECT_THAT(Fields(CheckOrganisation(&before, after, facts)), ElementsAre("status"));
}

// A move says until when the school was in the place that it leaves; it puts nobody anywhere else.
TEST(OrganisationRules, AMoveTellsOfThePlaceThatItLeavesOnly) {
  const v1::Organisation before = Primary();
  v1::Organisation after = before;
  after.set_jurisdiction_id("k");
  auto& left = *after.add_former_jurisdictions();
  left.set_jurisdiction_id("j");
  left.set_valid_to("2024-05-31");
  Facts facts = Places();
  facts.set_method("UpdateOrganisation");
  EXPECT_THAT(Fields(CheckOrganisation(&before, after, facts)), IsEmpty());
  left.set_valid_to("2024-06-01");
  EXPECT_THAT(Fields(CheckOrganisation(&before, after, facts)), ElementsAre("formerJurisdictions[0].validTo"))
      << "today it is in the new one";
  left.set_valid_to("2099-12-31");
  left.set_jurisdiction_id("x");
  EXPECT_THAT(Fields(CheckOrganisation(&before, after, facts)),
              ElementsAre("formerJurisdictions[0].jurisdictionId", "formerJurisdictions[0].validTo"));
  facts.set_method("BatchUpsertOrganisations");
  EXPECT_THAT(Fields(CheckOrganisation(&before, after, facts)), IsEmpty())
      << "a source system brings its own past";
}

}  // namespace
}  // namespace lianqiao::registry
