// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/item_rules.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace lianqiao::resources {
namespace {

using resource::FactRow;
using resource::Facts;
using resource::Violations;

Facts Placed(const std::string& method = "UpdateResourceItem") {
  Facts facts;
  facts.set_method(method);
  facts.set_today("2026-11-26");
  facts.Add("places", {FactRow({{"id", "county"}, {"level", "JURISDICTION_LEVEL_COUNTY"}}),
                       FactRow({{"id", "city"}, {"level", "JURISDICTION_LEVEL_CITY"}}),
                       FactRow({{"id", "province"}, {"level", "JURISDICTION_LEVEL_PROVINCE"}})});
  facts.Add("membership", {FactRow(std::map<std::string, std::string>{{"id", "membership"}})});
  facts.Add("reviewer", {FactRow(std::map<std::string, std::string>{{"jurisdiction_id", "province"}})});
  return facts;
}

Facts Imported(const std::string& method) {
  Facts facts = Placed(method);
  facts.set_imports(true);
  return facts;
}

v1::ResourceItem Item(v1::ResourceState state = v1::RESOURCE_STATE_DRAFT) {
  v1::ResourceItem item;
  item.set_title("分数的意义");
  item.set_author_organisation_id("school");
  item.set_licence(v1::RESOURCE_LICENCE_CC_BY);
  item.set_audience(v1::RESOURCE_AUDIENCE_OWN_SCHOOL);
  item.set_level(v1::RESOURCE_LEVEL_PROVINCE);
  item.set_state(state);
  return item;
}

std::string Refused(const Violations& violations) {
  std::string fields;
  for (const auto& violation : violations) fields += (fields.empty() ? "" : " ") + violation.field();
  return fields;
}

std::string Checked(const v1::ResourceItem& item, const Facts& facts = Placed()) {
  return Refused(CheckResourceItem(nullptr, item, facts));
}

TEST(ItemRules, AnotherLicenceSaysWhich) {
  v1::ResourceItem item = Item();
  EXPECT_EQ(Checked(item), "");
  item.set_licence(v1::RESOURCE_LICENCE_OTHER);
  EXPECT_EQ(Checked(item), "licenceNote");
  item.set_licence_note("仅限课堂播放");
  EXPECT_EQ(Checked(item), "");
}

TEST(ItemRules, AnAllianceIsNamedAndTheAuthorIsInIt) {
  v1::ResourceItem item = Item();
  item.set_audience(v1::RESOURCE_AUDIENCE_ALLIANCE);
  EXPECT_EQ(Checked(item), "allianceId");
  item.set_alliance_id("alliance");
  EXPECT_EQ(Checked(item), "");
  Facts outside = Placed();
  outside.Add("membership", {});
  EXPECT_EQ(Checked(item, outside), "allianceId");
}

TEST(ItemRules, NothingReachesFurtherThanItsReview) {
  const struct {
    v1::ResourceAudience audience;
    v1::ResourceLevel least;
  } cases[] = {{v1::RESOURCE_AUDIENCE_OWN_SCHOOL, v1::RESOURCE_LEVEL_SCHOOL},
               {v1::RESOURCE_AUDIENCE_ALLIANCE, v1::RESOURCE_LEVEL_SCHOOL},
               {v1::RESOURCE_AUDIENCE_COUNTY, v1::RESOURCE_LEVEL_COUNTY},
               {v1::RESOURCE_AUDIENCE_CITY, v1::RESOURCE_LEVEL_CITY},
               {v1::RESOURCE_AUDIENCE_PROVINCE, v1::RESOURCE_LEVEL_PROVINCE}};
  for (const auto& known : cases) {
    for (int level = v1::RESOURCE_LEVEL_SCHOOL; level <= v1::RESOURCE_LEVEL_PROVINCE; ++level) {
      v1::ResourceItem item = Item();
      item.set_alliance_id("alliance");
      item.set_audience(known.audience);
      item.set_level(static_cast<v1::ResourceLevel>(level));
      EXPECT_EQ(Checked(item), level < known.least ? "audience" : "") << known.audience << " " << level;
    }
  }
}

TEST(ItemRules, ASchoolThatLiesInNoCountySharesWithNone) {
  Facts facts = Placed();
  facts.Add("places", {FactRow({{"id", "city"}, {"level", "JURISDICTION_LEVEL_CITY"}})});
  v1::ResourceItem item = Item();
  item.set_audience(v1::RESOURCE_AUDIENCE_COUNTY);
  EXPECT_EQ(Checked(item, facts), "audience");
  item.set_audience(v1::RESOURCE_AUDIENCE_CITY);
  EXPECT_EQ(Checked(item, facts), "");
}

TEST(ItemRules, WithoutConsentNoPupilLeavesTheSchool) {
  v1::ResourceItem item = Item();
  item.set_shows_minors(true);
  EXPECT_EQ(Checked(item), "") << "in its own school";
  item.set_audience(v1::RESOURCE_AUDIENCE_COUNTY);
  EXPECT_EQ(Checked(item), "consentBasis");
  item.set_consent_basis("家长知情同意书,存教务处2026-03号");
  EXPECT_EQ(Checked(item), "");
  item.set_shows_minors(false);
  item.clear_consent_basis();
  EXPECT_EQ(Checked(item), "");
}

TEST(ItemRules, ItIsOpenOnlyWhileItIsPublished) {
  for (int state = v1::RESOURCE_STATE_DRAFT; state <= v1::RESOURCE_STATE_RETIRED; ++state) {
    const bool open = state == v1::RESOURCE_STATE_PUBLISHED || state == v1::RESOURCE_STATE_FEATURED;
    EXPECT_EQ(IsOpen(static_cast<v1::ResourceState>(state)), open) << state;
    const struct {
      v1::ResourceAudience audience;
      const char* place;
    } cases[] = {{v1::RESOURCE_AUDIENCE_OWN_SCHOOL, ""},
                 {v1::RESOURCE_AUDIENCE_ALLIANCE, ""},
                 {v1::RESOURCE_AUDIENCE_COUNTY, "county"},
                 {v1::RESOURCE_AUDIENCE_CITY, "city"},
                 {v1::RESOURCE_AUDIENCE_PROVINCE, "province"}};
    for (const auto& known : cases) {
      v1::ResourceItem item = Item(static_cast<v1::ResourceState>(state));
      item.set_audience(known.audience);
      item.set_alliance_id("alliance");
      item.set_open_jurisdiction_id("elsewhere");
      item.set_open_alliance_id("another");
      DeriveResourceItem(&item, Placed());
      EXPECT_EQ(item.open_jurisdiction_id(), open ? known.place : "") << state << " " << known.audience;
      const bool alliance = open && known.audience == v1::RESOURCE_AUDIENCE_ALLIANCE;
      EXPECT_EQ(item.open_alliance_id(), alliance ? "alliance" : "") << state << " " << known.audience;
    }
  }
}

TEST(ItemRules, TheLevelSaysHowManyRounds) {
  const int rounds[] = {1, 2, 3, 3};
  for (int level = v1::RESOURCE_LEVEL_SCHOOL; level <= v1::RESOURCE_LEVEL_PROVINCE; ++level)
    EXPECT_EQ(RequiredRounds(static_cast<v1::ResourceLevel>(level)), rounds[level - 1]);
}

TEST(ItemRules, EverySubmissionIsACycleOfItsOwn) {
  v1::ResourceItem item = Item(v1::RESOURCE_STATE_SUBMITTED);
  item.set_reviewing_organisation_id("former");
  DeriveResourceItem(&item, Placed("SubmitResourceItem"));
  EXPECT_EQ(item.review_cycle(), 1);
  EXPECT_EQ(item.required_round_count(), 3);
  EXPECT_EQ(item.reviewing_organisation_id(), "") << "named anew by an authority";
  DeriveResourceItem(&item, Placed("UpdateResourceItem"));
  EXPECT_EQ(item.review_cycle(), 1);
  item.set_level(v1::RESOURCE_LEVEL_SCHOOL);
  DeriveResourceItem(&item, Placed("SubmitResourceItem"));
  EXPECT_EQ(item.review_cycle(), 2);
  EXPECT_EQ(item.reviewing_organisation_id(), "school") << "reviews its own at its level";
}

TEST(ItemRules, SomethingIsHandedInBeforeAReview) {
  v1::ResourceItem item = Item(v1::RESOURCE_STATE_SUBMITTED);
  Facts facts = Placed("SubmitResourceItem");
  const v1::ResourceItem before = Item();
  facts.Add("handed_in", {FactRow(std::map<std::string, std::string>{{"version_count", "0"}})});
  EXPECT_EQ(Refused(CheckResourceItem(&before, item, facts)), "state");
  item.set_url("https://cloud.example.cn/1");
  EXPECT_EQ(Refused(CheckResourceItem(&before, item, facts)), "");
  item.clear_url();
  facts.Add("handed_in", {FactRow(std::map<std::string, std::string>{{"version_count", "1"}})});
  EXPECT_EQ(Refused(CheckResourceItem(&before, item, facts)), "");
}

TEST(ItemRules, EveryRoundPassesBeforeItIsAccepted) {
  const v1::ResourceItem before = Item(v1::RESOURCE_STATE_SUBMITTED);
  v1::ResourceItem after = Item(v1::RESOURCE_STATE_REVIEWED);
  after.set_required_round_count(2);
  const struct {
    const char* passed;
    const char* improve;
    const char* refused;
  } cases[] = {{"0", "0", "state"}, {"1", "0", "state"}, {"2", "0", ""}, {"2", "1", "state"}};
  for (const auto& known : cases) {
    Facts facts = Placed("AcceptResourceItem");
    facts.Add("rounds", {FactRow({{"passed", known.passed}, {"improve", known.improve}})});
    EXPECT_EQ(Refused(CheckResourceItem(&before, after, facts)), known.refused) << known.passed;
  }
}

TEST(ItemRules, TheSchoolLevelIsNotFeatured) {
  const v1::ResourceItem before = Item(v1::RESOURCE_STATE_PUBLISHED);
  v1::ResourceItem after = Item(v1::RESOURCE_STATE_FEATURED);
  EXPECT_EQ(Refused(CheckResourceItem(&before, after, Placed("FeatureResourceItem"))), "");
  after.set_level(v1::RESOURCE_LEVEL_SCHOOL);
  EXPECT_EQ(Refused(CheckResourceItem(&before, after, Placed("FeatureResourceItem"))), "state");
}

// What may be changed in which state, by a field that is fixed with the review and one that is not.
TEST(ItemRules, WhatWasReviewedStaysAsItWas) {
  const struct {
    v1::ResourceState state;
    bool title, summary;
  } cases[] = {{v1::RESOURCE_STATE_DRAFT, true, true},      {v1::RESOURCE_STATE_SUBMITTED, false, false},
               {v1::RESOURCE_STATE_RETURNED, true, true},   {v1::RESOURCE_STATE_REVIEWED, false, true},
               {v1::RESOURCE_STATE_PUBLISHED, false, true}, {v1::RESOURCE_STATE_FEATURED, false, true},
               {v1::RESOURCE_STATE_RETIRED, false, false}};
  for (const auto& known : cases) {
    const v1::ResourceItem before = Item(known.state);
    v1::ResourceItem after = before;
    after.set_title("分数的初步认识");
    EXPECT_EQ(Refused(CheckResourceItem(&before, after, Placed())), known.title ? "" : "state");
    EXPECT_EQ(Refused(CheckResourceItem(&before, after, Placed("BatchUpsertResourceItems"))),
              known.title ? "" : "state");
    EXPECT_EQ(Refused(CheckResourceItem(&before, after, Imported("BatchUpsertResourceItems"))),
              IsOpen(known.state) ? "publishedOn" : "")
        << "a source system keeps its own papers, with the day";
    after = before;
    after.set_summary("三年级");
    EXPECT_EQ(Refused(CheckResourceItem(&before, after, Placed())), known.summary ? "" : "state");
  }
}

TEST(ItemRules, WhoReviewsIsNamedWhileItIsSubmitted) {
  for (int state = v1::RESOURCE_STATE_DRAFT; state <= v1::RESOURCE_STATE_RETIRED; ++state) {
    const v1::ResourceItem before = Item(static_cast<v1::ResourceState>(state));
    v1::ResourceItem after = before;
    after.set_reviewing_organisation_id("office");
    EXPECT_EQ(Refused(CheckResourceItem(&before, after, Placed())),
              state == v1::RESOURCE_STATE_SUBMITTED ? "" : "reviewingOrganisationId")
        << state;
  }
  v1::ResourceItem created = Item();
  created.set_reviewing_organisation_id("office");
  EXPECT_EQ(Checked(created, Placed("CreateResourceItem")), "reviewingOrganisationId");
}

TEST(ItemRules, NobodyReviewsItsOwnAboveTheSchoolLevel) {
  for (int level = v1::RESOURCE_LEVEL_SCHOOL; level <= v1::RESOURCE_LEVEL_PROVINCE; ++level) {
    v1::ResourceItem before = Item(v1::RESOURCE_STATE_SUBMITTED);
    before.set_level(static_cast<v1::ResourceLevel>(level));
    const bool school = level == v1::RESOURCE_LEVEL_SCHOOL;
    v1::ResourceItem own = before;
    own.set_reviewing_organisation_id("school");
    EXPECT_EQ(Refused(CheckResourceItem(&before, own, Placed())), school ? "" : "reviewingOrganisationId");
    v1::ResourceItem other = before;
    other.set_reviewing_organisation_id("office");
    EXPECT_EQ(Refused(CheckResourceItem(&before, other, Placed())), school ? "reviewingOrganisationId" : "");
  }
}

TEST(ItemRules, WhoReviewsBelongsToAPlaceOfTheLevelOrAboveIt) {
  const struct {
    const char* place;
    v1::ResourceLevel highest;
  } cases[] = {{"county", v1::RESOURCE_LEVEL_COUNTY},
               {"city", v1::RESOURCE_LEVEL_CITY},
               {"province", v1::RESOURCE_LEVEL_PROVINCE},
               {"another county", v1::RESOURCE_LEVEL_SCHOOL},
               {"", v1::RESOURCE_LEVEL_SCHOOL}};
  for (const auto& known : cases) {
    Facts facts = Placed();
    facts.Add("reviewer", {FactRow(std::map<std::string, std::string>{{"jurisdiction_id", known.place}})});
    for (int level = v1::RESOURCE_LEVEL_COUNTY; level <= v1::RESOURCE_LEVEL_PROVINCE; ++level) {
      v1::ResourceItem before = Item(v1::RESOURCE_STATE_SUBMITTED);
      before.set_level(static_cast<v1::ResourceLevel>(level));
      v1::ResourceItem after = before;
      after.set_reviewing_organisation_id("office");
      EXPECT_EQ(Refused(CheckResourceItem(&before, after, facts)),
                level <= known.highest ? "" : "reviewingOrganisationId")
          << known.place << " " << level;
    }
  }
}

TEST(ItemRules, WhatIsBroughtAsPublishedSaysSinceWhen) {
  for (const v1::ResourceState state : {v1::RESOURCE_STATE_PUBLISHED, v1::RESOURCE_STATE_FEATURED}) {
    v1::ResourceItem item = Item(state);
    EXPECT_EQ(Checked(item, Placed("CreateResourceItem")), "publishedOn");
    EXPECT_EQ(Refused(CheckResourceItem(&item, item, Placed("UnfeatureResourceItem"))), "")
        << "what is there already goes its course";
    item.set_published_on("2026-03-01");
    EXPECT_EQ(Checked(item, Placed("CreateResourceItem")), "");
  }
  EXPECT_EQ(Checked(Item(v1::RESOURCE_STATE_RETIRED), Placed("CreateResourceItem")), "");
}

TEST(ItemRules, WhatEndsGoesOnWhateverTheRegistrySaysNow) {
  Facts gone = Placed("RetireResourceItem");
  gone.Add("places", {});
  gone.Add("membership", {});
  v1::ResourceItem before = Item(v1::RESOURCE_STATE_PUBLISHED);
  before.set_audience(v1::RESOURCE_AUDIENCE_COUNTY);
  before.set_alliance_id("alliance");
  v1::ResourceItem after = before;
  after.set_state(v1::RESOURCE_STATE_RETIRED);
  EXPECT_EQ(Refused(CheckResourceItem(&before, after, gone)), "");
  gone.set_method("PublishResourceItem");
  EXPECT_EQ(Refused(CheckResourceItem(&before, after, gone)), "allianceId audience");
}

TEST(ItemRules, DatesFollowTheCourse) {
  v1::ResourceItem item = Item(v1::RESOURCE_STATE_RETIRED);
  item.set_published_on("2026-03-01");
  item.set_retired_on("2026-02-28");
  EXPECT_EQ(Checked(item), "retiredOn");
  item.set_retired_on("2026-03-01");
  EXPECT_EQ(Checked(item), "");
  item.set_submitted_on("2026-02-01");
  item.set_reviewed_on("2026-01-31");
  EXPECT_EQ(Checked(item), "reviewedOn");
  DeriveResourceItem(&item, Placed("PublishResourceItem"));
  EXPECT_EQ(item.retired_on(), "") << "published again";
}

TEST(ItemRules, OnlyWhatWasNeverOutIsDeleted) {
  for (int state = v1::RESOURCE_STATE_DRAFT; state <= v1::RESOURCE_STATE_RETIRED; ++state) {
    const bool may = state == v1::RESOURCE_STATE_DRAFT || state == v1::RESOURCE_STATE_RETURNED;
    EXPECT_EQ(Refused(CheckItemDeletion(Item(static_cast<v1::ResourceState>(state)), Facts())),
              may ? "" : "state");
  }
}

Facts InState(const std::string& state, const std::string& method,
              const std::map<std::string, std::string>& more = {}) {
  std::map<std::string, std::string> row = {
      {"state", "RESOURCE_STATE_" + state},    {"review_cycle", "2"},
      {"level", "RESOURCE_LEVEL_COUNTY"},      {"author_organisation_id", "school"},
      {"reviewing_organisation_id", "office"}, {"required_round_count", "2"}};
  for (const auto& [name, value] : more) row[name] = value;
  Facts facts;
  facts.set_method(method);
  facts.set_today("2026-11-26");
  facts.Add("item", {FactRow(row)});
  return facts;
}

TEST(VersionRules, EditionsAreHandedInBeforeTheReview) {
  const v1::ResourceVersion version;
  for (const char* state :
       {"DRAFT", "SUBMITTED", "RETURNED", "REVIEWED", "PUBLISHED", "FEATURED", "RETIRED"}) {
    const std::string name = state;
    const bool may = name == "DRAFT" || name == "RETURNED";
    const std::string refused = may ? "" : "resourceItemId";
    EXPECT_EQ(Refused(CheckResourceVersion(nullptr, version, InState(state, "CreateResourceVersion"))),
              refused);
    EXPECT_EQ(Refused(CheckResourceVersion(&version, version, InState(state, "UndeleteResourceVersion"))),
              refused);
    Facts batch = InState(state, "BatchUpsertResourceVersions");
    EXPECT_EQ(Refused(CheckResourceVersion(nullptr, version, batch)), refused);
    EXPECT_EQ(Refused(CheckResourceVersion(&version, version, batch)), "") << "one that is there";
    batch.set_imports(true);
    EXPECT_EQ(Refused(CheckResourceVersion(nullptr, version, batch)), "") << "history";
    EXPECT_EQ(Refused(CheckResourceVersion(&version, version, InState(state, "UpdateResourceVersion"))), "");
    EXPECT_EQ(Refused(CheckVersionDeletion(version, InState(state, "DeleteResourceVersion"))), refused);
  }
}

TEST(VersionRules, NumbersCountUpAndStay) {
  v1::ResourceVersion version;
  Facts facts = InState("DRAFT", "CreateResourceVersion");
  facts.Add("last", {FactRow(std::map<std::string, std::string>{{"number", "4"}})});
  DeriveResourceVersion(&version, facts);
  EXPECT_EQ(version.number(), 5);
  EXPECT_EQ(version.review_cycle(), 2);
  facts.Add("last", {FactRow(std::map<std::string, std::string>{{"number", "9"}})});
  DeriveResourceVersion(&version, facts);
  EXPECT_EQ(version.number(), 5);
}

v1::ResourceReview Review(v1::ReviewVerdict verdict = v1::REVIEW_VERDICT_PASSED) {
  v1::ResourceReview review;
  review.set_reviewer_organisation_id("office");
  review.set_verdict(verdict);
  review.set_comment("目标明确");
  review.set_reviewed_on("2026-11-26");
  review.set_round(1);
  return review;
}

TEST(ReviewRules, WhoIsAskedReviewsWhatIsSubmitted) {
  const char* create = "CreateResourceReview";
  EXPECT_EQ(Refused(CheckResourceReview(nullptr, Review(), InState("SUBMITTED", create))), "");
  for (const char* state : {"DRAFT", "RETURNED", "REVIEWED", "PUBLISHED", "FEATURED", "RETIRED"})
    EXPECT_EQ(Refused(CheckResourceReview(nullptr, Review(), InState(state, create))), "resourceItemId");
  Facts batch = InState("PUBLISHED", "BatchUpsertResourceReviews");
  EXPECT_EQ(Refused(CheckResourceReview(nullptr, Review(), batch)), "resourceItemId");
  batch.set_imports(true);
  EXPECT_EQ(Refused(CheckResourceReview(nullptr, Review(), batch)), "") << "history";
  const Facts another = InState("SUBMITTED", create, {{"reviewing_organisation_id", "institute"}});
  EXPECT_EQ(Refused(CheckResourceReview(nullptr, Review(), another)), "reviewerOrganisationId");
}

TEST(ReviewRules, TheAuthorReviewsAtTheSchoolLevelOnly) {
  v1::ResourceReview own = Review();
  own.set_reviewer_organisation_id("school");
  const std::map<std::string, std::string> asked = {{"reviewing_organisation_id", "school"}};
  EXPECT_EQ(Refused(CheckResourceReview(nullptr, own, InState("SUBMITTED", "CreateResourceReview", asked))),
            "reviewerOrganisationId");
  std::map<std::string, std::string> school = asked;
  school["level"] = "RESOURCE_LEVEL_SCHOOL";
  EXPECT_EQ(Refused(CheckResourceReview(nullptr, own, InState("SUBMITTED", "CreateResourceReview", school))),
            "");
}

TEST(ReviewRules, WhoAsksForImprovementSaysWhich) {
  v1::ResourceReview review = Review(v1::REVIEW_VERDICT_IMPROVE);
  const Facts facts = InState("SUBMITTED", "CreateResourceReview");
  EXPECT_EQ(Refused(CheckResourceReview(nullptr, review, facts)), "");
  review.clear_comment();
  EXPECT_EQ(Refused(CheckResourceReview(nullptr, review, facts)), "comment");
}

TEST(ReviewRules, RoundsEndWithTheirNumberOrWithAReturn) {
  Facts facts = InState("SUBMITTED", "CreateResourceReview");
  v1::ResourceReview review = Review();
  review.set_round(0);
  facts.Add("given", {FactRow({{"rounds", "{1}"}, {"improve", "0"}})});
  DeriveResourceReview(&review, facts);
  EXPECT_EQ(review.round(), 2);
  EXPECT_EQ(review.review_cycle(), 2);
  EXPECT_EQ(review.author_organisation_id(), "school");
  EXPECT_EQ(Refused(CheckResourceReview(nullptr, review, facts)), "");
  review.set_round(3);
  EXPECT_EQ(Refused(CheckResourceReview(nullptr, review, facts)), "resourceItemId");
  review.set_round(2);
  facts.Add("given", {FactRow({{"rounds", "{1}"}, {"improve", "1"}})});
  EXPECT_EQ(Refused(CheckResourceReview(nullptr, review, facts)), "resourceItemId");
}

// A verdict that was taken back leaves its round to the next.
TEST(ReviewRules, TheFirstFreeRoundIsGiven) {
  const struct {
    const char* rounds;
    int next;
  } cases[] = {{"", 1}, {"{1}", 2}, {"{2}", 1}, {"{2,1}", 3}, {"{3,1}", 2}};
  for (const auto& known : cases) {
    Facts facts = InState("SUBMITTED", "CreateResourceReview");
    facts.Add("given", {FactRow({{"rounds", known.rounds}, {"improve", "0"}})});
    v1::ResourceReview review = Review();
    review.set_round(0);
    DeriveResourceReview(&review, facts);
    EXPECT_EQ(review.round(), known.next) << known.rounds;
  }
}

TEST(ReviewRules, NobodyReviewsTomorrow) {
  v1::ResourceReview review = Review();
  review.set_reviewed_on("2026-11-27");
  EXPECT_EQ(Refused(CheckResourceReview(nullptr, review, InState("SUBMITTED", "CreateResourceReview"))),
            "reviewedOn");
}

TEST(ReviewRules, VerdictsStayOnceTheReviewHasEnded) {
  v1::ResourceReview review = Review();
  review.set_review_cycle(2);
  EXPECT_EQ(Refused(CheckReviewDeletion(review, InState("SUBMITTED", "DeleteResourceReview"))), "");
  EXPECT_EQ(Refused(CheckReviewDeletion(review, InState("REVIEWED", "DeleteResourceReview"))),
            "resourceItemId");
  review.set_review_cycle(1);
  EXPECT_EQ(Refused(CheckReviewDeletion(review, InState("SUBMITTED", "DeleteResourceReview"))),
            "resourceItemId");
}

}  // namespace
}  // namespace lianqiao::resources
