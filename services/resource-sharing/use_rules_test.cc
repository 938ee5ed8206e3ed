// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/use_rules.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace lianqiao::resources {
namespace {

using resource::FactRow;
using resource::Facts;
using resource::Violations;

std::string Refused(const Violations& violations) {
  std::string fields;
  for (const auto& violation : violations) fields += (fields.empty() ? "" : " ") + violation.field();
  return fields;
}

Facts Known(const std::map<std::string, std::string>& more = {}, const std::string& consumer = "other") {
  std::map<std::string, std::string> item = {{"state", "RESOURCE_STATE_PUBLISHED"},
                                             {"author_organisation_id", "campus"},
                                             {"author_school_id", "school"},
                                             {"published_on", "2026-09-01"},
                                             {"stays", "f"}};
  for (const auto& [name, value] : more) item[name] = value;
  Facts facts;
  facts.set_today("2026-11-26");
  facts.Add("item", {FactRow(item)});
  facts.Add("consumer", {FactRow(std::map<std::string, std::string>{{"school_id", consumer}})});
  return facts;
}

v1::ResourceUse Use(const std::string& day) {
  v1::ResourceUse use;
  use.set_used_on(day);
  use.set_use_count(3);
  return use;
}

std::string Used(const std::string& day, const Facts& facts = Known()) {
  return Refused(CheckResourceUse(nullptr, Use(day), facts));
}

TEST(UseRules, WhatIsPublishedIsUsedFromThatDayOn) {
  EXPECT_EQ(Used("2026-08-31"), "usedOn");
  EXPECT_EQ(Used("2026-09-01"), "");
  EXPECT_EQ(Used("2026-11-26"), "");
  EXPECT_EQ(Used("2026-11-27"), "usedOn") << "in the future";
}

TEST(UseRules, WhatWasNeverPublishedWasNotUsed) {
  for (const char* state : {"DRAFT", "SUBMITTED", "RETURNED", "REVIEWED"})
    EXPECT_EQ(
        Used("2026-10-01", Known({{"state", std::string("RESOURCE_STATE_") + state}, {"published_on", ""}})),
        "resourceItemId");
  EXPECT_EQ(Used("2026-10-01", Known({{"published_on", ""}})), "") << "imported without its day";
}

TEST(UseRules, WhatIsRetiredWasUsedUntilThen) {
  const Facts retired = Known({{"state", "RESOURCE_STATE_RETIRED"}, {"retired_on", "2026-10-15"}});
  EXPECT_EQ(Used("2026-10-15", retired), "");
  EXPECT_EQ(Used("2026-10-16", retired), "usedOn");
}

// Published anew since: the use of before is told better, and none is added to those days.
TEST(UseRules, AUseOfAnEarlierPublicationStands) {
  const v1::ResourceUse before = Use("2026-08-31");
  EXPECT_EQ(Refused(CheckResourceUse(&before, Use("2026-08-31"), Known())), "");
  EXPECT_EQ(Refused(CheckResourceUse(&before, Use("2026-08-30"), Known())), "usedOn");
  v1::ResourceUse deleted = before;
  deleted.mutable_delete_time()->set_seconds(1);
  EXPECT_EQ(Refused(CheckResourceUse(&deleted, Use("2026-08-31"), Known())), "usedOn");
}

TEST(UseRules, WithoutConsentItIsUsedInItsSchoolOnly) {
  EXPECT_EQ(Used("2026-10-01", Known({{"stays", "t"}})), "consumerOrganisationId");
  EXPECT_EQ(Used("2026-10-01", Known({{"stays", "t"}}, "school")), "") << "by another campus of it";
}

TEST(UseRules, ACampusIsItsSchool) {
  v1::ResourceUse use = Use("2026-10-01");
  DeriveResourceUse(&use, Known());
  EXPECT_TRUE(use.cross_school());
  EXPECT_EQ(use.author_organisation_id(), "campus");
  DeriveResourceUse(&use, Known({}, "school"));
  EXPECT_TRUE(use.cross_school()) << "what was reported keeps what it was";
  v1::ResourceUse own = Use("2026-10-01");
  DeriveResourceUse(&own, Known({}, "school"));
  EXPECT_FALSE(own.cross_school());
}

TEST(RatingRules, SchoolsRateWhatTheyUsedAndDidNotMake) {
  v1::ResourceRating rating;
  rating.set_rated_on("2026-11-26");
  Facts facts = Known();
  EXPECT_EQ(Refused(CheckResourceRating(nullptr, rating, facts)), "consumerOrganisationId") << "not used";
  facts.Add("used", {FactRow(std::map<std::string, std::string>{{"id", "use"}})});
  EXPECT_EQ(Refused(CheckResourceRating(nullptr, rating, facts)), "");
  rating.set_rated_on("2026-11-27");
  EXPECT_EQ(Refused(CheckResourceRating(nullptr, rating, facts)), "ratedOn");
  rating.set_rated_on("2026-11-26");
  Facts own = Known({}, "school");
  own.Add("used", {FactRow(std::map<std::string, std::string>{{"id", "use"}})});
  EXPECT_EQ(Refused(CheckResourceRating(nullptr, rating, own)), "consumerOrganisationId");
}

}  // namespace
}  // namespace lianqiao::resources
