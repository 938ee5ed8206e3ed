// SPDX-License-Identifier: Apache-2.0
// The course of a resource item over real services: review round by round, editions, uses, ratings, and what
// the figures of a place and an alliance say of them.
#include <thread>

#include "lianqiao/resources/v1/resource_rating.pb.h"
#include "lianqiao/resources/v1/resource_review.pb.h"
#include "lianqiao/resources/v1/resource_statistics.pb.h"
#include "lianqiao/resources/v1/resource_use.pb.h"
#include "lianqiao/resources/v1/resource_version.pb.h"
#include "libs/base/ids.h"
#include "tests/conformance/resources_world.h"

namespace lianqiao::conformance {
namespace {

using access::ScopeKind;

class Items : public ResourcesWorld {
 protected:
  std::string today() { return base::BusinessDate(resources_.clock().Now()); }

  absl::StatusOr<resources::ResourceReview> Judge(
      const std::string& item, const std::string& reviewer, const std::string& token,
      resources::ReviewVerdict verdict = resources::REVIEW_VERDICT_PASSED) {
    resources::CreateResourceReviewRequest request;
    resources::ResourceReview& review = *request.mutable_resource_review();
    review.set_resource_item_id(item);
    review.set_reviewer_organisation_id(reviewer);
    review.set_verdict(verdict);
    review.set_comment("目标明确,环节完整");
    review.set_reviewed_on(today());
    return resources_.Call<resources::ResourceReview>("ResourceReviewService/CreateResourceReview", request,
                                                      token);
  }
  absl::Status Ask(const std::string& item, const std::string& reviewer, const std::string& token) {
    resources::ResourceItem named;
    named.set_id(item);
    named.set_reviewing_organisation_id(reviewer);
    return Edit(named, {"reviewing_organisation_id"}, token);
  }
  // 教研室 of the city; caller "city_office".
  std::string CityOffice() {
    const std::string office = Office("宝鸡市教研室", city_id_).id();
    AddReader("city_office", ScopeKind::kOrganisation, office);
    CatchUp();
    return office;
  }
  // Submitted by the near school at this level.
  std::string Submitted(resources::ResourceLevel level,
                        resources::ResourceAudience audience = resources::RESOURCE_AUDIENCE_OWN_SCHOOL) {
    const auto item = Make(NewItem(near_school_, audience, level), "near_school");
    EXPECT_TRUE(item.ok()) << item.status();
    const auto submitted = Move("Submit", item->id(), "near_school");
    EXPECT_TRUE(submitted.ok()) << submitted.status();
    return item->id();
  }
  absl::StatusOr<resources::ResourceUse> Use(const std::string& item, const std::string& consumer, int count,
                                             const std::string& token = "operator",
                                             const std::string& day = "") {
    resources::CreateResourceUseRequest request;
    resources::ResourceUse& use = *request.mutable_resource_use();
    use.set_resource_item_id(item);
    use.set_consumer_organisation_id(consumer);
    use.set_purpose(resources::USE_PURPOSE_LESSON);
    use.set_used_on(day.empty() ? today() : day);
    use.set_use_count(count);
    use.set_person_time_count(count * 40);
    return resources_.Call<resources::ResourceUse>("ResourceUseService/CreateResourceUse", request, token);
  }
  absl::StatusOr<resources::ResourceRating> Rate(const std::string& item, const std::string& school,
                                                 int stars, const std::string& token = "operator") {
    resources::CreateResourceRatingRequest request;
    resources::ResourceRating& rating = *request.mutable_resource_rating();
    rating.set_resource_item_id(item);
    rating.set_consumer_organisation_id(school);
    rating.set_stars(stars);
    rating.set_rated_on(today());
    return resources_.Call<resources::ResourceRating>("ResourceRatingService/CreateResourceRating", request,
                                                      token);
  }
  // The near school goes into the other one of its county.
  void MergeNear() {
    type::v1::TransitionRequest open;  // One that was only planned was never another school.
    open.set_id(near_school_);
    open.set_effective_on("2020-09-01");
    const auto opened =
        service_.Call<registry::Organisation>("OrganisationService/ActivateOrganisation", open);
    ASSERT_TRUE(opened.ok()) << opened.status();
    registry::MergeRequest request;
    request.add_source_ids(near_school_);
    request.set_target_id(near_other_);
    request.set_document("合并示例");
    const auto merged = service_.Call<registry::MergeOrganisationsResponse>(
        "OrganisationService/MergeOrganisations", request);
    ASSERT_TRUE(merged.ok()) << merged.status();
    CatchUp();
  }
  resources::ResourceStatistics Figures(const std::string& place, const std::string& alliance = "",
                                        const std::string& from = "", const std::string& to = "",
                                        const std::string& token = "operator") {
    resources::GetResourceStatisticsRequest request;
    request.set_jurisdiction_id(place);
    request.set_alliance_id(alliance);
    request.set_from(from);
    request.set_to(to);
    const auto figures = resources_.Call<resources::ResourceStatistics>(
        "ResourceStatisticsService/GetResourceStatistics", request, token);
    EXPECT_TRUE(figures.ok()) << figures.status();
    return figures.value_or(resources::ResourceStatistics());
  }
};

TEST_F(Items, ASchoolReviewsAndPublishesItsOwn) {
  const std::string id = Submitted(resources::RESOURCE_LEVEL_SCHOOL);
  EXPECT_TRUE(absl::IsFailedPrecondition(Move("Accept", id, "near_school").status())) << "no round yet";
  const auto review = Judge(id, near_school_, "near_school");
  ASSERT_TRUE(review.ok()) << review.status();
  EXPECT_EQ(review->round(), 1);
  EXPECT_EQ(review->review_cycle(), 1);
  EXPECT_FALSE(Judge(id, near_school_, "near_school").ok()) << "one round is all";
  const auto accepted = Move("Accept", id, "near_school");
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->reviewed_on(), today());
  const auto published = Move("Publish", id, "near_school");
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->state(), resources::RESOURCE_STATE_PUBLISHED);
}

TEST_F(Items, AnAuthorityNamesWhoReviewsAboveTheSchool) {
  const std::string id = Submitted(resources::RESOURCE_LEVEL_COUNTY, resources::RESOURCE_AUDIENCE_COUNTY);
  EXPECT_TRUE(absl::IsNotFound(See(id, "near_office"))) << "not asked yet";
  EXPECT_TRUE(absl::IsPermissionDenied(Ask(id, near_office_, "near_school"))) << "nobody chooses its judge";
  EXPECT_TRUE(absl::IsInvalidArgument(Ask(id, near_school_, "near"))) << "nor is its own";
  const absl::Status asked = Ask(id, near_office_, "near");
  ASSERT_TRUE(asked.ok()) << asked;
  EXPECT_TRUE(See(id, "near_office").ok());
  EXPECT_FALSE(Judge(id, near_school_, "near_school").ok());
  const auto first = Judge(id, near_office_, "near_office");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->author_organisation_id(), near_school_);
  EXPECT_TRUE(absl::IsFailedPrecondition(Move("Accept", id, "near_office").status())) << "one of two rounds";
  const auto second = Judge(id, near_office_, "near_office");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->round(), 2);
  EXPECT_TRUE(absl::IsPermissionDenied(Move("Accept", id, "near_school").status()))
      << "who is asked closes the review";
  ASSERT_TRUE(Move("Accept", id, "near_office").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Move("Publish", id, "near_office").status()));
  const auto published = Move("Publish", id, "near_school");
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->open_jurisdiction_id(), near_id_);
  EXPECT_TRUE(See(id, "near_other").ok());
  for (const char* token : {"near_school", "near_office", "near"})
    EXPECT_TRUE(absl::IsPermissionDenied(Move("Feature", id, token).status()))
        << "a right of its own " << token;
  resources_.AddCaller("near_authority",
                       access::testing::MakeCaller(
                           {access::testing::MakeGrant("resources.*", ScopeKind::kJurisdiction, near_id_),
                            access::testing::MakeGrant("resources.resource_item.feature",
                                                       ScopeKind::kJurisdiction, near_id_)}));
  const auto featured = Move("Feature", id, "near_authority");
  ASSERT_TRUE(featured.ok()) << featured.status();
  EXPECT_EQ(featured->open_jurisdiction_id(), near_id_);
}

// Who was asked reads what was handed in, and not what its author does with it afterwards.
TEST_F(Items, WhoReviewedReadsNoNewDraft) {
  const std::string id = Submitted(resources::RESOURCE_LEVEL_COUNTY);
  ASSERT_TRUE(Ask(id, near_office_, "near").ok());
  ASSERT_TRUE(See(id, "near_office").ok());
  ASSERT_TRUE(Move("Withdraw", id, "near_school").ok());
  EXPECT_TRUE(absl::IsNotFound(See(id, "near_office")));
  ASSERT_TRUE(Move("Submit", id, "near_school").ok());
  ASSERT_TRUE(Ask(id, near_office_, "near").ok());
  ASSERT_TRUE(Judge(id, near_office_, "near_office").ok());
  ASSERT_TRUE(Judge(id, near_office_, "near_office").ok());
  ASSERT_TRUE(Move("Accept", id, "near_office").ok());
  EXPECT_TRUE(See(id, "near_office").ok());
  ASSERT_TRUE(Move("Reopen", id, "near_school").ok());
  EXPECT_TRUE(absl::IsNotFound(See(id, "near_office")));
}

// A review opens an item as far as its level reaches: a county gives none for the city.
TEST_F(Items, WhoReviewsIsAtTheLevelOfTheItemOrAboveIt) {
  const std::string id = Submitted(resources::RESOURCE_LEVEL_CITY, resources::RESOURCE_AUDIENCE_CITY);
  for (const std::string& reviewer : {near_office_, near_other_}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Ask(id, reviewer, "near"))) << "below the level";
    EXPECT_TRUE(absl::IsInvalidArgument(Ask(id, reviewer, "city"))) << "whoever names it";
  }
  const std::string city_office = CityOffice();
  EXPECT_TRUE(absl::IsPermissionDenied(Ask(id, city_office, "near"))) << "no authority over it";
  const absl::Status asked = Ask(id, city_office, "city");
  EXPECT_TRUE(asked.ok()) << asked;
}

// Whoever may write but not import edits, however the record is named.
TEST_F(Items, ABatchWithoutTheImportRightRewritesNothingPublished) {
  resources_.AddCaller(
      "writer",
      access::testing::MakeCaller(
          {access::testing::MakeGrant("resources.*.read", ScopeKind::kOrganisation, near_school_),
           access::testing::MakeGrant("resources.*.write", ScopeKind::kOrganisation, near_school_, {"cloud"}),
           access::testing::MakeGrant("registry.*.read", ScopeKind::kOrganisation, near_school_)}));
  const resources::ResourceItem item =
      Published(near_school_, resources::RESOURCE_AUDIENCE_COUNTY, resources::RESOURCE_LEVEL_COUNTY);
  const auto upsert = [&](const resources::ResourceItem& changed) {
    resources::BatchUpsertResourceItemsRequest request;
    request.set_source_system("cloud");
    *request.add_resource_items() = changed;
    const auto answer = resources_.Call<resources::BatchUpsertResourceItemsResponse>(
        "ResourceItemService/BatchUpsertResourceItems", request, "writer");
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->results(0) : type::v1::UpsertResult();
  };
  resources::ResourceItem rewritten = item;
  rewritten.set_title("另一份");
  resources::ResourceItem levelled = item;
  levelled.set_level(resources::RESOURCE_LEVEL_PROVINCE);
  resources::ResourceItem aimed = item;
  aimed.set_audience(resources::RESOURCE_AUDIENCE_PROVINCE);
  resources::ResourceItem both = levelled;
  both.set_audience(resources::RESOURCE_AUDIENCE_PROVINCE);
  for (const auto& changed : {rewritten, levelled, aimed, both}) {
    const auto result = upsert(changed);
    EXPECT_EQ(result.outcome(), type::v1::UpsertResult::REFUSED) << changed.ShortDebugString();
    EXPECT_GT(result.violations_size(), 0) << result.ShortDebugString();
  }
  resources::ResourceItem summed = item;
  summed.set_summary("三年级");
  EXPECT_EQ(upsert(summed).outcome(), type::v1::UpsertResult::UPDATED) << "as an edit may";
  // Nor does it get another edition.
  resources::BatchUpsertResourceVersionsRequest versions;
  versions.set_source_system("cloud");
  versions.add_resource_versions()->set_resource_item_id(item.id());
  versions.mutable_resource_versions(0)->add_external_ids()->set_system("cloud");
  versions.mutable_resource_versions(0)->mutable_external_ids(0)->set_id("second");
  for (const auto& [token, outcome] : {std::make_pair("writer", type::v1::UpsertResult::REFUSED),
                                       std::make_pair("operator", type::v1::UpsertResult::CREATED)}) {
    const auto answer = resources_.Call<resources::BatchUpsertResourceVersionsResponse>(
        "ResourceVersionService/BatchUpsertResourceVersions", versions, token);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->results(0).outcome(), outcome) << token << answer->ShortDebugString();
  }
}

// A verdict that is taken back leaves its round to the next: the cycle goes on.
TEST_F(Items, AVerdictThatWasTakenBackIsGivenAnew) {
  const std::string id = Submitted(resources::RESOURCE_LEVEL_COUNTY);
  ASSERT_TRUE(Ask(id, near_office_, "near").ok());
  const auto first = Judge(id, near_office_, "near_office");
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(Judge(id, near_office_, "near_office").ok());
  type::v1::DeleteRequest request;
  request.set_id(first->id());
  const auto deleted = resources_.Call<resources::ResourceReview>(
      "ResourceReviewService/DeleteResourceReview", request, "near_office");
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_TRUE(absl::IsFailedPrecondition(Move("Accept", id, "near_office").status()));
  const auto again = Judge(id, near_office_, "near_office");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->round(), 1);
  EXPECT_TRUE(Move("Accept", id, "near_office").ok());
}

TEST_F(Items, AVerdictToImproveEndsTheCycleAndTheNextBeginsAnew) {
  const std::string id = Submitted(resources::RESOURCE_LEVEL_COUNTY);
  ASSERT_TRUE(Ask(id, near_office_, "near").ok());
  ASSERT_TRUE(Judge(id, near_office_, "near_office").ok());
  ASSERT_TRUE(Judge(id, near_office_, "near_office", resources::REVIEW_VERDICT_IMPROVE).ok());
  EXPECT_FALSE(Judge(id, near_office_, "near_office").ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Move("Accept", id, "near_office").status()));
  const auto returned = Move("Return", id, "near_office", "请补充板书设计");
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_EQ(returned->return_reason(), "请补充板书设计");
  const auto again = Move("Submit", id, "near_school");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->review_cycle(), 2);
  EXPECT_EQ(again->reviewing_organisation_id(), "");
  ASSERT_TRUE(Ask(id, near_office_, "near").ok());
  const auto review = Judge(id, near_office_, "near_office");
  ASSERT_TRUE(review.ok()) << review.status();
  EXPECT_EQ(review->round(), 1);
  EXPECT_TRUE(absl::IsFailedPrecondition(Move("Accept", id, "near_office").status()))
      << "the first cycle's pass does not count";
}

TEST_F(Items, RoundsGivenAtOnceAreOneAfterAnother) {
  const std::string id = Submitted(resources::RESOURCE_LEVEL_CITY);
  const std::string office = CityOffice();
  ASSERT_TRUE(Ask(id, office, "city").ok());
  std::vector<absl::StatusOr<resources::ResourceReview>> given(6, absl::UnknownError(""));
  std::vector<std::thread> judges;
  for (auto& one : given)
    judges.emplace_back([&one, &id, &office, this] { one = Judge(id, office, "city_office"); });
  for (std::thread& judge : judges) judge.join();
  std::set<int> rounds;
  for (const auto& one : given)
    if (one.ok()) rounds.insert(one->round());
  EXPECT_EQ(rounds, (std::set<int>{1, 2, 3}));
  EXPECT_EQ(resources_.Query("SELECT count(*) FROM resource_review")->Integer(0, 0), 3);
  EXPECT_TRUE(Move("Accept", id, "city_office").ok());
}

TEST_F(Items, AReviewAndAWithdrawalAtOnceLeaveNoRoundBehind) {
  for (int i = 0; i < 5; ++i) {
    const std::string id = Submitted(resources::RESOURCE_LEVEL_SCHOOL);
    absl::StatusOr<resources::ResourceReview> review = absl::UnknownError("");
    std::thread judge([&] { review = Judge(id, near_school_, "near_school"); });
    const auto withdrawn = Move("Withdraw", id, "near_school");
    judge.join();
    EXPECT_TRUE(withdrawn.ok()) << withdrawn.status();
    // Either the round was given before the withdrawal, or not at all: both stand in one bucket of the feed.
    const auto rows = resources_.Query(
        "SELECT count(*) FROM resource_review r JOIN resource_item i ON i.id = r.resource_item_id"
        " JOIN change given ON given.id = r.id JOIN change withdrawn ON withdrawn.id = i.id"
        " AND withdrawn.revision = i.revision AND withdrawn.bucket = given.bucket"
        " WHERE i.id = '" +
        id + "' AND given.pos > withdrawn.pos");
    ASSERT_TRUE(rows.ok()) << rows.status();
    EXPECT_EQ(rows->Integer(0, 0), 0);
  }
}

TEST_F(Items, EditionsAreNumberedAndClosedWithTheReview) {
  const auto item =
      Make(NewItem(near_school_, resources::RESOURCE_AUDIENCE_OWN_SCHOOL, resources::RESOURCE_LEVEL_SCHOOL),
           "near_school");
  ASSERT_TRUE(item.ok()) << item.status();
  resources::CreateResourceVersionRequest request;
  request.mutable_resource_version()->set_resource_item_id(item->id());
  request.mutable_resource_version()->set_note("初稿");
  const auto add = [&] {
    return resources_.Call<resources::ResourceVersion>("ResourceVersionService/CreateResourceVersion",
                                                       request, "near_school");
  };
  for (int number = 1; number <= 3; ++number) {
    const auto version = add();
    ASSERT_TRUE(version.ok()) << version.status();
    EXPECT_EQ(version->number(), number);
  }
  ASSERT_TRUE(Move("Submit", item->id(), "near_school").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(add().status()));
}

TEST_F(Items, UsesAndRatingsComeFromSchoolsThatUsedIt) {
  const std::string id =
      Published(near_school_, resources::RESOURCE_AUDIENCE_COUNTY, resources::RESOURCE_LEVEL_COUNTY).id();
  EXPECT_TRUE(absl::IsInvalidArgument(Rate(id, near_other_, 5, "near_other").status())) << "not used";
  const auto use = Use(id, near_other_, 3, "near_other");
  ASSERT_TRUE(use.ok()) << use.status();
  EXPECT_TRUE(use->cross_school());
  EXPECT_EQ(use->author_organisation_id(), near_school_);
  EXPECT_TRUE(absl::IsPermissionDenied(Use(id, near_other_, 3, "near_school").status()) ||
              absl::IsInvalidArgument(Use(id, near_other_, 3, "near_school").status()))
      << "nobody reports for another";
  const auto own = Use(id, near_school_, 1, "near_school");
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_FALSE(own->cross_school());
  ASSERT_TRUE(Rate(id, near_other_, 4, "near_other").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Rate(id, near_other_, 5, "near_other").status())) << "one each";
  EXPECT_TRUE(absl::IsInvalidArgument(Rate(id, near_school_, 5, "near_school").status())) << "its own";
}

TEST_F(Items, ACampusIsItsSchool) {
  registry::CreateOrganisationRequest request = NewSchool("渭滨区第一小学东校区", near_id_);
  request.mutable_organisation()->set_kind(registry::ORGANISATION_KIND_CAMPUS);
  request.mutable_organisation()->set_parent_organisation_id(near_school_);
  const auto campus =
      service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request);
  ASSERT_TRUE(campus.ok()) << campus.status();
  CatchUp();
  const std::string id =
      Published(near_school_, resources::RESOURCE_AUDIENCE_COUNTY, resources::RESOURCE_LEVEL_COUNTY).id();
  const auto use = Use(id, campus->id(), 1);
  ASSERT_TRUE(use.ok()) << use.status();
  EXPECT_FALSE(use->cross_school());
}

// It closes on the day on which it is reopened.
TEST_F(Items, WhatIsReopenedIsUsedNoMore) {
  const std::string id =
      Published(near_school_, resources::RESOURCE_AUDIENCE_COUNTY, resources::RESOURCE_LEVEL_COUNTY).id();
  ASSERT_TRUE(Move("Reopen", id, "near_school").ok());
  EXPECT_EQ(Look(id, "near_school")->retired_on(), today());
  EXPECT_TRUE(Use(id, near_other_, 1).ok()) << "on that day";
  resources_.clock().Advance(absl::Hours(24));
  EXPECT_TRUE(absl::IsInvalidArgument(Use(id, near_other_, 1).status()));
}

// What a school gave before it was merged into another is that one's own from then on.
TEST_F(Items, AMergedSchoolIsTheOneThatItWasMergedInto) {
  const std::string id =
      Published(near_school_, resources::RESOURCE_AUDIENCE_COUNTY, resources::RESOURCE_LEVEL_COUNTY).id();
  const auto before = Use(id, near_other_, 1, "near_other");
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_TRUE(before->cross_school());
  resources::ResourceItem shared =
      NewItem(near_school_, resources::RESOURCE_AUDIENCE_COUNTY, resources::RESOURCE_LEVEL_COUNTY);
  shared.set_state(resources::RESOURCE_STATE_PUBLISHED);
  shared.set_published_on("2024-03-01");
  const auto known = Make(shared);
  ASSERT_TRUE(known.ok()) << known.status();
  MergeNear();
  const auto use = Use(id, near_other_, 2, "near_other");
  ASSERT_TRUE(use.ok()) << use.status();
  EXPECT_FALSE(use->cross_school());
  EXPECT_TRUE(absl::IsInvalidArgument(Rate(id, near_other_, 5, "near_other").status())) << "its own";
  // What was reported before keeps what it was, also when it is told better.
  resources::UpdateResourceUseRequest told;
  told.mutable_resource_use()->set_id(before->id());
  told.mutable_resource_use()->set_note("六年级两个班");
  const auto edited =
      resources_.Call<resources::ResourceUse>("ResourceUseService/UpdateResourceUse", told, "near_other");
  ASSERT_TRUE(edited.ok()) << edited.status();
  EXPECT_TRUE(edited->cross_school());
  // Nor does a use of before that is reported late become the school's own.
  const auto late = Use(known->id(), near_other_, 1, "operator", "2024-03-08");
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_TRUE(late->cross_school());
}

// Figures know one school: what the one that went gave and took is the other's.
TEST_F(Items, FiguresOfAMergedSchoolAreThoseOfTheOneThatItWasMergedInto) {
  const auto city = resources::RESOURCE_AUDIENCE_CITY;
  const auto level = resources::RESOURCE_LEVEL_CITY;
  const std::string old = Published(near_school_, city, level, "", "甲").id();
  Published(near_other_, city, level, "", "乙");
  const std::string far = Published(far_school_, city, level, "", "丙").id();
  ASSERT_TRUE(Use(old, far_school_, 3).ok());
  ASSERT_TRUE(Use(far, near_school_, 5).ok());
  ASSERT_TRUE(Use(far, near_other_, 7).ok());
  ASSERT_TRUE(Use(old, near_other_, 11).ok());
  EXPECT_EQ(Figures(near_id_).items().distinct_author_organisation_count(), 2);
  EXPECT_EQ(Figures(near_id_).uses().distinct_consumer_count(), 2);
  MergeNear();
  const auto near = Figures(near_id_);
  EXPECT_EQ(near.items().item_count(), 2);
  EXPECT_EQ(near.items().distinct_author_organisation_count(), 1);
  EXPECT_EQ(near.uses().distinct_consumer_count(), 1);
  EXPECT_EQ(near.uses().cross_school_use_count(), 23) << "uses of before keep what they were";
  ASSERT_EQ(near.schools_size(), 1);
  EXPECT_EQ(near.schools(0).organisation_id(), near_other_);
  EXPECT_EQ(near.schools(0).given_use_count(), 14);
  EXPECT_EQ(near.schools(0).taken_use_count(), 23);
  ASSERT_EQ(near.flows_size(), 3);
  EXPECT_EQ(near.flows(0).consumer_organisation_id(), near_other_);
  EXPECT_EQ(near.flows(0).use_count(), 12);
  EXPECT_EQ(near.flows(1).author_organisation_id(), near_school_) << "between the two, as it was";
  EXPECT_EQ(near.flows(1).use_count(), 11);
  EXPECT_EQ(near.flows(2).author_organisation_id(), near_other_);
  EXPECT_EQ(near.flows(2).use_count(), 3);
}

TEST_F(Items, WhatShowsMinorsWithoutConsentStaysInItsSchool) {
  resources::ResourceItem item =
      NewItem(near_school_, resources::RESOURCE_AUDIENCE_COUNTY, resources::RESOURCE_LEVEL_COUNTY);
  item.set_shows_minors(true);
  EXPECT_TRUE(absl::IsInvalidArgument(Make(item, "near_school").status()));
  item.set_audience(resources::RESOURCE_AUDIENCE_OWN_SCHOOL);
  item.set_state(resources::RESOURCE_STATE_PUBLISHED);
  item.set_published_on(today());
  EXPECT_TRUE(absl::IsInvalidArgument(Make(item).status())) << "its link goes where the item is read";
  item.clear_url();
  const auto kept = Make(item);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_TRUE(absl::IsNotFound(See(kept->id(), "near_other")));
  EXPECT_TRUE(absl::IsInvalidArgument(Use(kept->id(), near_other_, 1).status())) << "not by import either";
  resources::ResourceItem opened = *kept;
  opened.set_audience(resources::RESOURCE_AUDIENCE_COUNTY);
  EXPECT_TRUE(absl::IsInvalidArgument(Edit(opened, {"audience"}, "near_school")));
  opened.set_consent_basis("家长知情同意书,教务处存档");
  for (const char* outside : {"near", "city", "operator"})
    EXPECT_TRUE(absl::IsInvalidArgument(Edit(opened, {"audience", "consent_basis"}, outside)))
        << "nobody outside says that it may go " << outside;
  const absl::Status consented = Edit(opened, {"audience", "consent_basis"}, "near_school");
  EXPECT_TRUE(consented.ok()) << consented;
  EXPECT_TRUE(See(kept->id(), "near_other").ok());
}

TEST_F(Items, AnAuthorCanBeErased) {
  resources::ResourceItem item =
      NewItem(near_school_, resources::RESOURCE_AUDIENCE_OWN_SCHOOL, resources::RESOURCE_LEVEL_SCHOOL);
  item.set_author_id("teacher-7");
  const auto made = Make(item);
  ASSERT_TRUE(made.ok()) << made.status();
  type::v1::EraseRequest erase;
  erase.set_id(made->id());
  erase.set_reason("本人申请");
  const auto erased =
      resources_.Call<resources::ResourceItem>("ResourceItemService/EraseResourceItem", erase);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(Look(made->id(), "operator")->author_id(), "");
  EXPECT_EQ(Look(made->id(), "operator")->title(), item.title());
}

TEST_F(Items, FiguresSayWhoGivesAndWhoTakes) {
  const std::string alliance = Alliance(registry::ALLIANCE_TYPE_CROSS_COUNTY, city_id_).id();
  Join(alliance, near_school_, true);
  Join(alliance, far_school_);
  CatchUp();
  const auto city = resources::RESOURCE_AUDIENCE_CITY;
  const auto level = resources::RESOURCE_LEVEL_CITY;
  const std::string near_a = Published(near_school_, city, level, "", "甲").id();
  const std::string near_b = Published(near_school_, city, level, "", "乙").id();
  const std::string far_a = Published(far_school_, city, level, "", "丙").id();
  ASSERT_TRUE(Move("Feature", near_a).ok());
  ASSERT_TRUE(Use(near_a, near_school_, 5).ok());  // Own.
  ASSERT_TRUE(Use(near_a, near_other_, 7).ok());   // Inside the near county.
  ASSERT_TRUE(Use(near_a, far_school_, 11).ok());  // Near to far.
  ASSERT_TRUE(Use(near_b, far_school_, 13).ok());
  ASSERT_TRUE(Use(far_a, near_school_, 17).ok());  // Far to near.
  ASSERT_TRUE(Rate(near_a, far_school_, 4).ok());
  ASSERT_TRUE(Rate(near_a, near_other_, 5).ok());
  const auto near = Figures(near_id_, "", "", "", "near");
  EXPECT_EQ(near.items().item_count(), 2);
  EXPECT_EQ(near.items().featured_item_count(), 1);
  EXPECT_EQ(near.items().distinct_author_organisation_count(), 1);
  EXPECT_EQ(near.items().rating_count(), 2);
  EXPECT_DOUBLE_EQ(near.items().mean_stars(), 4.5);
  EXPECT_EQ(near.uses().use_count(), 5 + 7 + 17);
  EXPECT_EQ(near.uses().cross_school_use_count(), 7 + 17);
  EXPECT_DOUBLE_EQ(near.uses().cross_school_use_share(), 24.0 / 29);
  EXPECT_EQ(near.uses().person_time_count(), 29 * 40);
  EXPECT_EQ(near.uses().used_item_count(), 2);
  EXPECT_EQ(near.uses().distinct_consumer_count(), 2);
  EXPECT_EQ(near.uses().given_use_count(), 7 + 11 + 13);
  ASSERT_EQ(near.flows_size(), 3);
  EXPECT_EQ(near.flows(0).author_organisation_id(), near_school_);
  EXPECT_EQ(near.flows(0).consumer_organisation_id(), far_school_);
  EXPECT_EQ(near.flows(0).use_count(), 24);
  EXPECT_EQ(near.flows(0).item_count(), 2);
  EXPECT_EQ(near.flows(1).use_count(), 17);
  EXPECT_EQ(near.flows(2).use_count(), 7);
  ASSERT_EQ(near.schools_size(), 2);
  EXPECT_EQ(near.schools(0).organisation_id(), near_school_);
  EXPECT_EQ(near.schools(0).given_use_count(), 31);
  EXPECT_EQ(near.schools(0).taken_use_count(), 17);
  const auto all = Figures("");
  EXPECT_EQ(all.items().item_count(), 3);
  EXPECT_EQ(all.uses().use_count(), 53);
  EXPECT_EQ(all.uses().cross_school_use_count(), 48);
  EXPECT_EQ(all.uses().given_use_count(), 48);
  const auto together = Figures("", alliance);
  EXPECT_EQ(together.items().item_count(), 3);
  EXPECT_EQ(together.uses().use_count(), 5 + 11 + 13 + 17) << "both schools are in it";
  EXPECT_EQ(together.uses().cross_school_use_count(), 41);
  EXPECT_EQ(Figures(near_id_, alliance).uses().use_count(), 5 + 17);
  EXPECT_EQ(Figures(near_id_, "", "2020-01-01", "2020-12-31").uses().use_count(), 0);
  EXPECT_FALSE(Figures(near_id_, "", "2020-01-01", "2020-12-31").uses().has_cross_school_use_share());
}

TEST_F(Items, FiguresOfAPlaceAreForThoseWhoMayReadIt) {
  resources::GetResourceStatisticsRequest request;
  request.set_jurisdiction_id(far_id_);
  const auto asked = resources_.Call<resources::ResourceStatistics>(
      "ResourceStatisticsService/GetResourceStatistics", request, "near");
  EXPECT_TRUE(absl::IsNotFound(asked.status())) << asked.status();
  // Nor does anybody learn of an alliance that he may not read, be there one or not.
  const std::string hidden = Alliance(registry::ALLIANCE_TYPE_CROSS_COUNTY, city_id_).id();
  Join(hidden, near_school_, true);
  CatchUp();
  request.clear_jurisdiction_id();
  for (const std::string& alliance : {hidden, base::RandomId()}) {
    request.set_alliance_id(alliance);
    const auto figures = resources_.Call<resources::ResourceStatistics>(
        "ResourceStatisticsService/GetResourceStatistics", request, "far_school");
    EXPECT_TRUE(absl::IsNotFound(figures.status())) << figures.status();
  }
  Figures("", hidden, "", "", "near_school");
  // A school sees its own uses among what is open to it.
  const std::string id =
      Published(near_school_, resources::RESOURCE_AUDIENCE_CITY, resources::RESOURCE_LEVEL_CITY).id();
  ASSERT_TRUE(Use(id, near_other_, 2).ok());
  ASSERT_TRUE(Use(id, far_school_, 3).ok());
  EXPECT_EQ(Figures("", "", "", "", "far_school").uses().use_count(), 3);
  EXPECT_EQ(Figures("", "", "", "", "near_school").uses().use_count(), 5) << "it gives both";
}

}  // namespace
}  // namespace lianqiao::conformance
