// SPDX-License-Identifier: Apache-2.0
// Unified tests with their results, who sees them when, and the coefficients that are worked out from them,
// over the real registry.
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "lianqiao/research/v1/improvement_coefficient.pb.h"
#include "lianqiao/research/v1/improvement_definition.pb.h"
#include "lianqiao/research/v1/test_result.pb.h"
#include "lianqiao/research/v1/unified_test.pb.h"
#include "lianqiao/sync/v1/feed.pb.h"
#include "services/teaching-research/improvement.h"
#include "tests/conformance/research_world.h"

namespace lianqiao::conformance {
namespace {

namespace research = ::lianqiao::research::v1;

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;
using research::TestResult;
using research::UnifiedTest;
using type::v1::SUBJECT_CHINESE;
using type::v1::SUBJECT_MATHEMATICS;

class ResearchTests : public ResearchWorld {
 protected:
  // On 2024-06-30.
  void ThirdSchoolLeaves() {
    type::v1::TransitionRequest end;
    end.set_id(service_.Query("SELECT id FROM membership WHERE organisation_id = '" + third_school_ + "'")
                   ->Text(0, 0));
    end.set_effective_on("2024-06-30");
    end.set_reason("退出联盟");
    const auto ended = service_.Call<registry::Membership>("MembershipService/EndMembership", end);
    ASSERT_TRUE(ended.ok()) << Explain(ended.status());
    research_.CatchUp();
  }
  ResearchTests() {
    third_school_ = School("凤县第二小学", far_id_).id();
    Join(alliance_id_, third_school_, registry::MEMBERSHIP_ROLE_MEMBER);
    research_.AddCaller("third",
                        MakeCaller({MakeGrant("research.*", ScopeKind::kOrganisation, third_school_),
                                    MakeGrant("registry.*", ScopeKind::kOrganisation, third_school_)},
                                   third_school_));
    research_.CatchUp();
  }

  // Of the alliance's three schools, organised by the lead: grade 9 unless said otherwise.
  UnifiedTest NewTest(type::v1::Grade grade = type::v1::GRADE_9, const std::string& year = "2023-2024") {
    UnifiedTest test;
    test.set_title("九年级联考");
    test.set_purpose(research::TEST_PURPOSE_TEACHING_ANALYSIS);
    test.set_organisation_id(near_school_);
    test.set_alliance_id(alliance_id_);
    test.set_stage(type::v1::STAGE_JUNIOR);
    test.set_grade(grade);
    test.set_school_year(year);
    test.add_subjects(SUBJECT_CHINESE);
    for (const std::string& school : {near_school_, far_school_, third_school_})
      test.add_participants()->set_organisation_id(school);
    return test;
  }
  UnifiedTest Held(const UnifiedTest& wanted, const std::string& held_on = "2024-01-10",
                   const std::string& token = "lead") {
    const UnifiedTest made = Must(Make(wanted, token));
    Must(Move<UnifiedTest>("Prepare", made.id(), token, "", "2021-01-01"));
    return Must(Move<UnifiedTest>("Hold", made.id(), token, "", held_on));
  }
  TestResult NewResult(const std::string& test, const std::string& school, int64_t tested, double mean,
                       double deviation = 1) {
    TestResult result;
    result.set_unified_test_id(test);
    result.set_organisation_id(near_school_);
    result.set_school_id(school);
    result.set_subject(SUBJECT_CHINESE);
    result.set_tested_count(tested);
    result.set_full_score(100);
    result.set_mean_score(mean);
    result.set_standard_deviation(deviation);
    return result;
  }
  UnifiedTest Analysed(const UnifiedTest& wanted, const std::string& held_on,
                       const std::vector<std::pair<int64_t, double>>& figures) {
    const UnifiedTest held = Held(wanted, held_on);
    const std::vector<std::string> schools = {near_school_, far_school_, third_school_};
    for (size_t i = 0; i < figures.size(); ++i)
      Must(Make(NewResult(held.id(), schools[i], figures[i].first, figures[i].second), "lead"));
    return Must(Move<UnifiedTest>("Analyse", held.id(), "lead"));
  }
  int Listed(const std::string& token) {
    const auto page = research_.Call<research::ListTestResultsResponse>("TestResultService/ListTestResults",
                                                                        type::v1::ListRequest(), token);
    EXPECT_TRUE(page.ok()) << Explain(page.status());
    return page.ok() ? page->test_results_size() : -1;
  }

  std::string third_school_;
};

TEST_F(ResearchTests, ATestGoesFromItsDraftToItsSharing) {
  const UnifiedTest made = Must(Make(NewTest(), "lead"));
  EXPECT_EQ(made.state(), research::UNIFIED_TEST_STATE_DRAFTED);
  EXPECT_TRUE(Look<UnifiedTest>(made.id(), "member").ok()) << "a party of the alliance";
  EXPECT_TRUE(absl::IsPermissionDenied(Move<UnifiedTest>("Prepare", made.id(), "member").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Move<UnifiedTest>("Hold", made.id(), "lead").status()));
  const TestResult early = NewResult(made.id(), near_school_, 10, 66);
  EXPECT_EQ(FieldsOf(Make(early, "lead").status()), "testResult.unifiedTestId");
  Must(Move<UnifiedTest>("Prepare", made.id(), "lead"));
  EXPECT_EQ(FieldsOf(Make(early, "lead").status()), "testResult.unifiedTestId");
  Must(Move<UnifiedTest>("Hold", made.id(), "lead"));
  EXPECT_TRUE(absl::IsFailedPrecondition(Move<UnifiedTest>("Analyse", made.id(), "lead").status()))
      << "nothing to analyse";

  const TestResult near = Must(Make(early, "lead"));
  // A school enters its own, and nobody else's; the organiser enters any.
  const TestResult far = Must(Make(NewResult(made.id(), far_school_, 20, 70), "member"));
  EXPECT_TRUE(absl::IsPermissionDenied(Make(NewResult(made.id(), third_school_, 10, 74), "member").status()));
  const TestResult third = Must(Make(NewResult(made.id(), third_school_, 10, 74), "lead"));
  EXPECT_EQ(Listed("member"), 1);
  EXPECT_EQ(Listed("third"), 1);
  EXPECT_EQ(Listed("far"), 2) << "both schools lie in the county";
  EXPECT_EQ(Listed("lead"), 3);
  EXPECT_EQ(Listed("city"), 3);
  EXPECT_TRUE(absl::IsNotFound(Look<TestResult>(near.id(), "member").status()));

  EXPECT_TRUE(absl::IsPermissionDenied(Move<UnifiedTest>("Analyse", made.id(), "member").status()));
  const UnifiedTest analysed = Must(Move<UnifiedTest>("Analyse", made.id(), "lead"));
  EXPECT_EQ(analysed.state(), research::UNIFIED_TEST_STATE_ANALYSED);
  EXPECT_FALSE(analysed.analysed_on().empty());
  ASSERT_EQ(analysed.analyses_size(), 1);
  EXPECT_EQ(analysed.analyses(0).subject(), SUBJECT_CHINESE);
  EXPECT_EQ(analysed.analyses(0).school_count(), 3);
  EXPECT_EQ(analysed.analyses(0).tested_count(), 40);
  EXPECT_DOUBLE_EQ(analysed.analyses(0).mean_score(), 70);
  EXPECT_DOUBLE_EQ(analysed.analyses(0).standard_deviation(), 3);

  // What figures rest on is fixed, until the test is opened again.
  TestResult corrected;
  corrected.set_id(near.id());
  corrected.set_mean_score(67);
  EXPECT_EQ(FieldsOf(Edit(corrected, "lead").status()), "testResult.unifiedTestId");
  EXPECT_FALSE(Drop<TestResult>(far.id(), "member").ok());
  EXPECT_FALSE(Move<UnifiedTest>("Reopen", made.id(), "lead").ok()) << "a reason is asked for";
  const UnifiedTest reopened = Must(Move<UnifiedTest>("Reopen", made.id(), "lead", "一校成绩录入有误"));
  EXPECT_EQ(reopened.analyses_size(), 0);
  EXPECT_EQ(reopened.analysed_on(), "");
  Must(Edit(corrected, "lead"));
  const UnifiedTest again = Must(Move<UnifiedTest>("Analyse", made.id(), "lead"));
  EXPECT_DOUBLE_EQ(again.analyses(0).mean_score(), 70.25);

  EXPECT_EQ(Listed("member"), 1) << "analysed is not shared";
  const UnifiedTest shared = Must(Move<UnifiedTest>("Share", made.id(), "lead"));
  EXPECT_EQ(shared.state(), research::UNIFIED_TEST_STATE_SHARED);
  EXPECT_EQ(Listed("member"), 3);
  EXPECT_EQ(Listed("third"), 3);
  const TestResult seen = Must(Look<TestResult>(near.id(), "member"));
  EXPECT_EQ(seen.shared_alliance_id(), alliance_id_);
  EXPECT_EQ(seen.mean_score(), 67);
  EXPECT_FALSE(Edit(corrected, "member").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Look<TestResult>(near.id(), "stranger").status()));
}

TEST_F(ResearchTests, WhoHasLeftTheAllianceSeesTheOthersNoMore) {
  const UnifiedTest test = Analysed(NewTest(), "2024-01-10", {{10, 66}, {20, 70}, {10, 74}});
  Must(Move<UnifiedTest>("Share", test.id(), "lead"));
  EXPECT_EQ(Listed("third"), 3);
  ThirdSchoolLeaves();
  Stamp();
  EXPECT_EQ(Listed("third"), 1) << "its own";
  EXPECT_EQ(Listed("member"), 3);
}

TEST_F(ResearchTests, WhatIsSaidOfASmallGroupIsHiddenWithItsCount) {
  const UnifiedTest held = Held(NewTest());
  TestResult small = NewResult(held.id(), third_school_, 9, 74);
  small.set_pass_share(0.9);
  small.set_excellent_share(0.5);
  const TestResult made = Must(Make(small, "lead"));
  const TestResult large = Must(Make(NewResult(held.id(), far_school_, 10, 70), "lead"));
  const TestResult hidden = Must(Look<TestResult>(made.id(), "lead"));
  EXPECT_FALSE(hidden.has_tested_count());
  EXPECT_FALSE(hidden.has_mean_score());
  EXPECT_FALSE(hidden.has_standard_deviation());
  EXPECT_FALSE(hidden.has_pass_share());
  EXPECT_FALSE(hidden.has_excellent_share());
  EXPECT_EQ(hidden.full_score(), 100) << "is the paper's, not the group's";
  EXPECT_EQ(hidden.school_id(), third_school_);
  const TestResult shown = Must(Look<TestResult>(large.id(), "lead"));
  EXPECT_EQ(shown.tested_count(), 10);
  EXPECT_EQ(shown.mean_score(), 70);
  const TestResult whole = Must(Look<TestResult>(made.id()));
  EXPECT_EQ(whole.tested_count(), 9);
  EXPECT_EQ(whole.mean_score(), 74);
  EXPECT_EQ(whole.pass_share(), 0.9);
  // The right of its own shows it, in the place where it is held.
  research_.AddCaller(
      "statistician",
      MakeCaller({MakeGrant("research.test_result.read", ScopeKind::kJurisdiction, far_id_),
                  MakeGrant("research.test_result.personal", ScopeKind::kJurisdiction, far_id_)}));
  EXPECT_EQ(Must(Look<TestResult>(made.id(), "statistician")).mean_score(), 74);

  for (const char* filter : {"mean_score > 70", "tested_count < 10", "pass_share > 0.5"}) {
    type::v1::ListRequest list;
    list.set_filter(filter);
    EXPECT_TRUE(absl::IsInvalidArgument(
        research_.Call<research::ListTestResultsResponse>("TestResultService/ListTestResults", list, "lead")
            .status()))
        << filter;
  }
  // It counts in no figure of the field either, so that it cannot be worked out from the rest.
  Must(Make(NewResult(held.id(), near_school_, 10, 66), "lead"));
  const UnifiedTest analysed = Must(Move<UnifiedTest>("Analyse", held.id(), "lead"));
  EXPECT_EQ(analysed.analyses(0).school_count(), 2);
  EXPECT_FALSE(analysed.analyses(0).has_mean_score()) << "a field of two is no field";
}

TEST_F(ResearchTests, TheFeedHidesWhatAReaderHides) {
  const UnifiedTest held = Held(NewTest());
  const TestResult made = Must(Make(NewResult(held.id(), third_school_, 9, 74), "lead"));
  research_.AddCaller(
      "follower", MakeCaller({MakeGrant("research.test_result.changes", ScopeKind::kJurisdiction, far_id_)}));
  sync::v1::ListChangesRequest request;
  request.add_kinds("test_result");
  const auto changes = research_.Call<sync::v1::ListChangesResponse>(
      "/lianqiao.sync.v1.FeedService/ListChanges", request, "follower");
  ASSERT_TRUE(changes.ok()) << Explain(changes.status());
  const std::string text = changes->ShortDebugString();
  EXPECT_NE(text.find(made.id()), std::string::npos);
  ASSERT_EQ(changes->changes_size(), 1);
  TestResult state;
  ASSERT_TRUE(changes->changes(0).record().UnpackTo(&state));
  EXPECT_EQ(state.school_id(), third_school_);
  EXPECT_FALSE(state.has_tested_count());
  EXPECT_FALSE(state.has_mean_score());
}

TEST_F(ResearchTests, BannedGradesAreMonitoredOrHistoryAndNeverShared) {
  UnifiedTest test = NewTest(type::v1::GRADE_8);
  EXPECT_EQ(FieldsOf(Make(test, "lead").status()), "unifiedTest.purpose");
  test.set_purpose(research::TEST_PURPOSE_QUALITY_MONITORING);
  EXPECT_EQ(FieldsOf(Make(test, "lead").status()), "unifiedTest.monitoringBody unifiedTest.legalBasis");
  test.set_monitoring_body("市教育局");
  test.set_legal_basis("国家义务教育质量监测方案(2021年修订版)");
  const UnifiedTest monitored = Analysed(test, "2024-01-10", {{10, 66}, {20, 70}, {10, 74}});
  EXPECT_EQ(Must(Move<UnifiedTest>("Share", monitored.id(), "lead")).state(),
            research::UNIFIED_TEST_STATE_SHARED);
  EXPECT_EQ(Listed("member"), 1) << "each school has its own";
  EXPECT_EQ(
      research_.Query("SELECT count(*) FROM test_result WHERE shared_alliance_id IS NOT NULL")->Integer(0, 0),
      0);
  UnifiedTest history = NewTest(type::v1::GRADE_8);
  history.set_purpose(research::TEST_PURPOSE_HISTORICAL_IMPORT);
  history.set_held_on("2022-01-10");
  history.add_evidence()->set_title("典型经验材料");
  EXPECT_EQ(FieldsOf(Make(history, "lead").status()), "unifiedTest.purpose");
}

// Who organises a test now must not be able to call it history.
TEST_F(ResearchTests, HistoryIsImported) {
  research_.AddCaller(
      "source", MakeCaller({MakeGrant("research.*", ScopeKind::kOrganisation, near_school_, {"lead-system"}),
                            MakeGrant("research.*.import", ScopeKind::kOrganisation, near_school_),
                            MakeGrant("registry.*", ScopeKind::kOrganisation, near_school_)},
                           near_school_));
  UnifiedTest history = NewTest(type::v1::GRADE_3, "2021-2022");
  history.set_stage(type::v1::STAGE_PRIMARY);
  history.set_purpose(research::TEST_PURPOSE_HISTORICAL_IMPORT);
  history.add_external_ids()->set_system("lead-system");
  history.mutable_external_ids(0)->set_id("2022");
  const auto upsert = [&](const std::string& token) {
    return Upsert<research::BatchUpsertUnifiedTestsResponse>(history, token, "lead-system");
  };
  EXPECT_EQ(upsert("source"), "unifiedTests[0].heldOn unifiedTests[0].evidence");
  history.set_held_on("2022-01-10");
  history.add_evidence()->set_title("典型经验材料");
  EXPECT_EQ(upsert("lead"), "unifiedTests[0].purpose");
  EXPECT_EQ(FieldsOf(Make(history, "source").status()), "unifiedTest.purpose");
  history.set_state(research::UNIFIED_TEST_STATE_HELD);
  EXPECT_EQ(upsert("source"), "");
  UnifiedTest again;
  again.set_id(research_.Query("SELECT id FROM unified_test")->Text(0, 0));
  Must(Make(NewResult(again.id(), far_school_, 20, 70), "member"));
  again.set_held_on("2024-01-10");
  EXPECT_EQ(FieldsOf(Edit(again, "lead").status()), "unifiedTest.purpose");
}

TEST_F(ResearchTests, WhatWasAnalysedIsNotDeleted) {
  const UnifiedTest draft = Must(Make(NewTest(), "lead"));
  Must(Drop<UnifiedTest>(draft.id(), "lead"));
  const UnifiedTest test = Analysed(NewTest(), "2024-01-10", {{10, 66}, {20, 70}, {10, 74}});
  EXPECT_FALSE(Drop<UnifiedTest>(test.id(), "lead").ok());
}

TEST_F(ResearchTests, WhoHasLeftTheAllianceSitsNoLaterTest) {
  ThirdSchoolLeaves();
  UnifiedTest test = NewTest();
  EXPECT_EQ(FieldsOf(Make(test, "lead").status()), "unifiedTest.participants[2].organisationId") << "today";
  test.set_planned_on("2024-07-01");
  EXPECT_EQ(FieldsOf(Make(test, "lead").status()), "unifiedTest.participants[2].organisationId");
  test.set_planned_on("2024-06-30");
  const UnifiedTest made = Must(Make(test, "lead"));
  UnifiedTest moved;
  moved.set_id(made.id());
  moved.set_planned_on("2024-07-05");
  EXPECT_TRUE(Edit(moved, "lead").ok()) << "who is in it once stays";
}

// Entering a result locks it and then its test; sharing must not do it the other way round.
TEST_F(ResearchTests, SharingAndCorrectingLockInOneOrder) {
  const auto deadlocks = [&] {
    return research_.Query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        ->Integer(0, 0);
  };
  const int64_t before = deadlocks();
  for (int round = 0; round < 10; ++round) {
    const UnifiedTest test = Analysed(NewTest(), "2024-01-10", {{10, 66}, {20, 70}, {10, 74}});
    const auto last = research_.Query(absl::StrCat("SELECT id FROM test_result WHERE unified_test_id = '",
                                                   test.id(), "' ORDER BY id DESC LIMIT 1"));
    TestResult corrected;
    corrected.set_id(last->Text(0, 0));
    corrected.set_mean_score(60);
    std::atomic<bool> sharing{true};
    std::vector<std::thread> writers;
    for (int i = 0; i < 3; ++i)
      writers.emplace_back([&] {
        while (sharing) EXPECT_FALSE(Edit(corrected, "lead").ok());
      });
    Must(Move<UnifiedTest>("Share", test.id(), "lead"));
    sharing = false;
    for (std::thread& writer : writers) writer.join();
  }
  EXPECT_EQ(deadlocks(), before);
}

TEST_F(ResearchTests, OnlyPartiesAndSchoolsOfThePlaceSitIt) {
  const std::string outside = School("凤县第三小学", far_id_).id();
  registry::CreateOrganisationRequest office;
  office.mutable_organisation()->set_name("渭滨区教育体育局");
  office.mutable_organisation()->set_kind(registry::ORGANISATION_KIND_EDUCATION_BUREAU);
  office.mutable_organisation()->set_jurisdiction_id(near_id_);
  const auto bureau = service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", office);
  ASSERT_TRUE(bureau.ok()) << Explain(bureau.status());
  research_.CatchUp();
  UnifiedTest test = NewTest();
  test.add_participants()->set_organisation_id(outside);
  EXPECT_EQ(FieldsOf(Make(test, "lead").status()), "unifiedTest.participants[3].organisationId");
  test.mutable_participants(3)->set_organisation_id(base::RandomId());
  EXPECT_EQ(FieldsOf(Make(test, "lead").status()), "unifiedTest.participants[3].organisationId");

  // A bureau tests the schools of its county without any alliance; they read the test and enter their
  // results.
  UnifiedTest local = NewTest();
  local.clear_alliance_id();
  local.set_organisation_id(bureau->id());
  local.set_jurisdiction_id(near_id_);
  EXPECT_EQ(FieldsOf(Make(local, "near").status()),
            "unifiedTest.participants[1].organisationId unifiedTest.participants[2].organisationId");
  local.mutable_participants()->DeleteSubrange(1, 2);
  // No school shows its test to a whole place, no county to another one, and no alliance's test is a place's.
  for (const auto& [organiser, place, alliance] : {std::make_tuple(near_school_, near_id_, std::string()),
                                                   std::make_tuple(bureau->id(), city_id_, std::string()),
                                                   std::make_tuple(bureau->id(), far_id_, std::string()),
                                                   std::make_tuple(near_school_, near_id_, alliance_id_)}) {
    UnifiedTest wrong = local;
    wrong.set_organisation_id(organiser);
    wrong.set_jurisdiction_id(place);
    wrong.set_alliance_id(alliance);
    EXPECT_THAT(FieldsOf(Make(wrong, "operator").status()),
                ::testing::HasSubstr("unifiedTest.jurisdictionId"))
        << organiser << " " << place << " " << alliance;
  }
  const UnifiedTest held = Held(local, "2024-01-10", "near");
  EXPECT_TRUE(Look<UnifiedTest>(held.id(), "lead").ok()) << "a school of the county";
  EXPECT_TRUE(absl::IsNotFound(Look<UnifiedTest>(held.id(), "member").status()));
  TestResult result = NewResult(held.id(), near_school_, 30, 71);
  EXPECT_EQ(FieldsOf(Make(result, "lead").status()), "testResult.organisationId");
  result.set_organisation_id(bureau->id());
  Must(Make(result, "lead"));
  EXPECT_EQ(Listed("near"), 1);
  UnifiedTest emptied;
  emptied.set_id(held.id());
  emptied.add_participants()->set_organisation_id(bureau->id());
  EXPECT_EQ(FieldsOf(Edit(emptied, "near").status()),
            "unifiedTest.participants unifiedTest.participants[0].organisationId");
}

// The analysis and the entry of results lock the test: each result is in the figures, or refused.
TEST_F(ResearchTests, NoResultComesBetweenTheFigures) {
  UnifiedTest wanted = NewTest();
  constexpr int kSchools = 16;
  std::vector<std::string> schools;
  wanted.clear_participants();
  for (int i = 0; i < kSchools; ++i) {
    schools.push_back(School(absl::StrCat("村小", i), near_id_).id());
    Join(alliance_id_, schools.back(), registry::MEMBERSHIP_ROLE_MEMBER);
    wanted.add_participants()->set_organisation_id(schools.back());
  }
  research_.CatchUp();
  const UnifiedTest held = Held(wanted);
  Must(Make(NewResult(held.id(), schools[0], 20, 60), "lead"));
  std::atomic<int> entered{1};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 2; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 1 + writer; i < kSchools; i += 2)
        if (Make(NewResult(held.id(), schools[i], 20, 60), "lead").ok()) ++entered;
    });
  }
  while (entered < 4) absl::SleepFor(absl::Milliseconds(1));
  const UnifiedTest analysed = Must(Move<UnifiedTest>("Analyse", held.id(), "lead"));
  for (std::thread& writer : writers) writer.join();
  ASSERT_EQ(analysed.analyses_size(), 1);
  EXPECT_EQ(analysed.analyses(0).school_count(), entered);
  EXPECT_EQ(research_.Query("SELECT count(*) FROM test_result")->Integer(0, 0), entered);
}

class Improvements : public ResearchTests {
 protected:
  // Grade 8 monitored in one year, the same pupils in grade 9 tested in the next. By hand, with the figures
  // of improvement_test.cc: near gains 38/15 deviations of the field, far nothing, third loses 38/15.
  void TestTwice() {
    UnifiedTest before = NewTest(type::v1::GRADE_8, "2022-2023");
    before.set_purpose(research::TEST_PURPOSE_QUALITY_MONITORING);
    before.set_monitoring_body("市教育局");
    before.set_legal_basis("国家义务教育质量监测方案(2021年修订版)");
    baseline_ = Analysed(before, "2023-01-10", {{10, 66}, {20, 70}, {10, 74}}).id();
    UnifiedTest after = NewTest();
    after.set_term("2023-2024-1");
    outcome_ = Analysed(after, "2024-01-10", {{20, 76}, {20, 70}, {20, 64}}).id();
  }
  absl::StatusOr<research::ImprovementComputation> Compute(research::UnitKind kind, const std::string& unit,
                                                           const std::string& token) {
    research::ComputeImprovementRequest request;
    request.set_unit_kind(kind);
    request.set_unit_id(unit);
    request.set_baseline_test_id(baseline_);
    request.set_outcome_test_id(outcome_);
    return research_.Call<research::ImprovementComputation>(
        "ImprovementCoefficientService/ComputeImprovement", request, token);
  }
  absl::StatusOr<research::ImprovementCoefficient> Record(research::UnitKind kind, const std::string& unit,
                                                          const std::string& token,
                                                          const std::string& request_id = "") {
    research::RecordImprovementRequest request;
    request.set_unit_kind(kind);
    request.set_unit_id(unit);
    request.set_baseline_test_id(baseline_);
    request.set_outcome_test_id(outcome_);
    request.set_request_id(request_id);
    return research_.Call<research::ImprovementCoefficient>("ImprovementCoefficientService/RecordImprovement",
                                                            request, token);
  }

  // The same baseline, organised by the bureau of the city: each school sees its own result alone.
  void TestTwiceByTheCityAndTheLead() {
    registry::CreateOrganisationRequest office;
    office.mutable_organisation()->set_name("宝鸡市教育局");
    office.mutable_organisation()->set_kind(registry::ORGANISATION_KIND_EDUCATION_BUREAU);
    office.mutable_organisation()->set_jurisdiction_id(city_id_);
    const auto bureau =
        service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", office);
    ASSERT_TRUE(bureau.ok()) << Explain(bureau.status());
    research_.CatchUp();
    TestTwice();
    UnifiedTest monitored = NewTest(type::v1::GRADE_8, "2022-2023");
    monitored.set_purpose(research::TEST_PURPOSE_QUALITY_MONITORING);
    monitored.set_monitoring_body("市教育局");
    monitored.set_legal_basis("国家义务教育质量监测方案(2021年修订版)");
    monitored.set_organisation_id(bureau->id());
    baseline_ = Held(monitored, "2023-01-10", "city").id();
    const std::map<std::string, double> means = {{near_school_, 66}, {far_school_, 70}, {third_school_, 74}};
    for (const auto& [school, mean] : means) {
      TestResult result = NewResult(baseline_, school, school == far_school_ ? 20 : 10, mean);
      result.set_organisation_id(bureau->id());
      Must(Make(result, "city"));
    }
    Must(Move<UnifiedTest>("Analyse", baseline_, "city"));
  }

  std::string baseline_, outcome_;
};

TEST_F(Improvements, ASchoolSeesItsOwnMoveInTheField) {
  TestTwice();
  const auto own = Must(Compute(research::UNIT_KIND_ORGANISATION, third_school_, "third"));
  EXPECT_EQ(own.definition_version(), "lianqiao-1");
  ASSERT_EQ(own.cells_size(), 1);
  EXPECT_DOUBLE_EQ(own.value(), -38.0 / 15);
  EXPECT_EQ(own.cells(0).school_id(), third_school_);
  EXPECT_EQ(own.cells(0).outcome_field_deviation(), 5);
  EXPECT_EQ(own.unreported_school_count(), 0);
  EXPECT_DOUBLE_EQ(Must(Compute(research::UNIT_KIND_ORGANISATION, near_school_, "lead")).value(), 38.0 / 15);
}

TEST_F(Improvements, AUnitIsTheSchoolsThatTheCallerSees) {
  TestTwice();
  const auto whole = Must(Compute(research::UNIT_KIND_ALLIANCE, alliance_id_, "lead"));
  EXPECT_EQ(whole.cells_size(), 3);
  EXPECT_NEAR(whole.value(), 0, 1e-12);
  EXPECT_EQ(whole.unreported_school_count(), 0);
  // far gains nothing, third loses: 20·0 + 20·(−38/15), by 40.
  const auto county = Must(Compute(research::UNIT_KIND_JURISDICTION, far_id_, "far"));
  EXPECT_EQ(county.cells_size(), 2);
  EXPECT_DOUBLE_EQ(county.value(), -19.0 / 15);
  const auto part = Must(Compute(research::UNIT_KIND_ALLIANCE, alliance_id_, "member"));
  EXPECT_EQ(part.cells_size(), 1);
  EXPECT_EQ(part.unreported_school_count(), 2);
  EXPECT_EQ(FieldsOf(Record(research::UNIT_KIND_ALLIANCE, alliance_id_, "member").status()), "baselineTestId")
      << "what is kept must be the whole";
  const auto none = Must(Compute(research::UNIT_KIND_ORGANISATION, near_school_, "member"));
  EXPECT_FALSE(none.has_value());
  EXPECT_EQ(none.unreported_school_count(), 1);
}

TEST_F(Improvements, ABaselineOutOfSightIsNoWhole) {
  TestTwiceByTheCityAndTheLead();
  const auto part = Must(Compute(research::UNIT_KIND_ALLIANCE, alliance_id_, "lead"));
  EXPECT_EQ(part.cells_size(), 1) << "its own";
  EXPECT_EQ(part.unreported_school_count(), 2) << "the lead sees all of the outcome, and no more";
  EXPECT_EQ(FieldsOf(Record(research::UNIT_KIND_ALLIANCE, alliance_id_, "lead").status()), "baselineTestId");
  EXPECT_EQ(research_.Query("SELECT count(*) FROM improvement_coefficient")->Integer(0, 0), 0);
  const auto whole = Must(Record(research::UNIT_KIND_ALLIANCE, alliance_id_, "city"));
  EXPECT_NEAR(whole.value(), 0, 1e-12);
  EXPECT_EQ(whole.school_count(), 3);
}

// Every party reads the coefficient of its alliance, and no party the results of the others.
TEST_F(Improvements, APartyReadsTheCoefficientAndNoSchoolsFigures) {
  TestTwiceByTheCityAndTheLead();
  const auto made = Must(Record(research::UNIT_KIND_ALLIANCE, alliance_id_, "city"));
  for (const char* token : {"city", "lead", "member", "third"}) {
    const auto seen = Must(Look<research::ImprovementCoefficient>(made.id(), token));
    EXPECT_TRUE(seen.has_value()) << token;
    EXPECT_EQ(seen.school_count(), 3);
    EXPECT_EQ(seen.cell_count(), 3);
    EXPECT_EQ(seen.excluded_count(), 0);
    EXPECT_EQ(seen.cells_size() + seen.excluded_size(), 0) << token;
    for (const std::string& school : {near_school_, far_school_, third_school_})
      EXPECT_EQ(seen.ShortDebugString().find(school), std::string::npos) << token;
  }
  EXPECT_EQ(research_
                .Query("SELECT count(*) FROM revision WHERE kind = 'improvement_coefficient' AND"
                       " position(convert_to('" +
                       third_school_ + "', 'UTF8') IN state) > 0")
                ->Integer(0, 0),
            0);
  const auto own = Must(Record(research::UNIT_KIND_ORGANISATION, third_school_, "third"));
  EXPECT_EQ(own.cells_size(), 1) << "its own figures";
  EXPECT_EQ(own.school_count(), 1);
}

TEST_F(Improvements, AnAllianceOfTwoSchoolsThatCountHasNoCoefficient) {
  const std::string two = Alliance(registry::ALLIANCE_TYPE_CROSS_COUNTY, city_id_);
  Join(two, near_school_, registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  Join(two, far_school_, registry::MEMBERSHIP_ROLE_MEMBER);
  research_.CatchUp();
  TestTwice();
  EXPECT_EQ(Must(Compute(research::UNIT_KIND_ALLIANCE, two, "lead")).cells_size(), 2);
  EXPECT_EQ(FieldsOf(Record(research::UNIT_KIND_ALLIANCE, two, "lead").status()), "unitId")
      << "each would know the other's";
}

// Parties are counties here, and a campus stands for its school.
TEST_F(Improvements, SchoolsOfMemberCountiesAndCampusesCountInTheirAlliance) {
  registry::CreateOrganisationRequest campus = NewSchool("凤县第二小学东校区", far_id_);
  campus.mutable_organisation()->set_kind(registry::ORGANISATION_KIND_CAMPUS);
  campus.mutable_organisation()->set_parent_organisation_id(third_school_);
  const auto made = service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", campus);
  ASSERT_TRUE(made.ok()) << Explain(made.status());
  research_.CatchUp();
  third_school_ = made->id();
  TestTwice();
  EXPECT_EQ(Must(Compute(research::UNIT_KIND_ALLIANCE, county_alliance_id_, "lead")).cells_size(), 3);
  EXPECT_EQ(Must(Compute(research::UNIT_KIND_ALLIANCE, alliance_id_, "lead")).cells_size(), 3);
  EXPECT_EQ(
      Must(Compute(research::UNIT_KIND_ALLIANCE, county_alliance_id_, "member")).unreported_school_count(), 2)
      << "not silently left out";
}

TEST_F(Improvements, WhatIsRecordedKeepsItsFiguresAndStands) {
  TestTwice();
  const std::string request_id = base::RandomId();
  const auto made = Must(Record(research::UNIT_KIND_JURISDICTION, far_id_, "city", request_id));
  EXPECT_EQ(made.origin(), research::COEFFICIENT_ORIGIN_COMPUTED);
  EXPECT_EQ(made.improvement_definition_id(), ::lianqiao::research::kImprovementDefinitionId);
  EXPECT_DOUBLE_EQ(made.value(), -19.0 / 15);
  EXPECT_EQ(made.term(), "2023-2024-1");
  EXPECT_EQ(made.school_count(), 2);
  EXPECT_EQ(made.cell_count(), 2);
  EXPECT_FALSE(made.computed_on().empty());
  EXPECT_EQ(Must(Record(research::UNIT_KIND_JURISDICTION, far_id_, "city", request_id)).id(), made.id());
  EXPECT_EQ(research_.Query("SELECT count(*) FROM improvement_coefficient")->Integer(0, 0), 1);
  const auto seen = Must(Look<research::ImprovementCoefficient>(made.id(), "far"));
  EXPECT_EQ(seen.cell_count(), 2);
  EXPECT_EQ(seen.cells_size(), 0) << "of no single school";
  EXPECT_TRUE(absl::IsNotFound(Look<research::ImprovementCoefficient>(made.id(), "near").status()));
  research::ImprovementCoefficient better;
  better.set_id(made.id());
  better.set_value(3.03);
  EXPECT_EQ(FieldsOf(Edit(better, "city").status()), "improvementCoefficient.value");
  research::ImprovementCoefficient noted;
  noted.set_id(made.id());
  noted.set_note("期末评价");
  EXPECT_EQ(Must(Edit(noted, "city")).note(), "期末评价");
  EXPECT_EQ(FieldsOf(Record(research::UNIT_KIND_JURISDICTION, far_id_, "third").status()), "baselineTestId")
      << "does not see the other school's result";
  // The test may be opened again; the record says what it was computed from.
  Must(Move<UnifiedTest>("Reopen", outcome_, "lead", "更正"));
  EXPECT_EQ(FieldsOf(Compute(research::UNIT_KIND_JURISDICTION, far_id_, "city").status()), "outcomeTestId");
  EXPECT_DOUBLE_EQ(Must(Look<research::ImprovementCoefficient>(made.id(), "far")).value(), -19.0 / 15);
}

TEST_F(Improvements, OnlyTwoTestsOfOneCohortAreCompared) {
  baseline_ =
      Analysed(NewTest(type::v1::GRADE_9, "2022-2023"), "2023-01-10", {{10, 66}, {20, 70}, {10, 74}}).id();
  outcome_ = Analysed(NewTest(), "2024-01-10", {{20, 76}, {20, 70}, {20, 64}}).id();
  EXPECT_EQ(FieldsOf(Compute(research::UNIT_KIND_ALLIANCE, alliance_id_, "lead").status()), "outcomeTestId")
      << "grade 9 of the year before has left";
  outcome_ =
      Analysed(NewTest(type::v1::GRADE_9, "2022-2023"), "2022-12-10", {{20, 76}, {20, 70}, {20, 64}}).id();
  EXPECT_EQ(FieldsOf(Compute(research::UNIT_KIND_ALLIANCE, alliance_id_, "lead").status()), "outcomeTestId")
      << "was held before the baseline";
  outcome_ = base::RandomId();
  EXPECT_EQ(FieldsOf(Compute(research::UNIT_KIND_ALLIANCE, alliance_id_, "lead").status()), "outcomeTestId");
  baseline_ = Must(Make(NewTest(), "lead")).id();
  EXPECT_EQ(FieldsOf(Compute(research::UNIT_KIND_ALLIANCE, alliance_id_, "lead").status()), "baselineTestId")
      << "has not been analysed";
}

TEST_F(Improvements, OurDefinitionIsThereAsTheProgramComputes) {
  const auto definition =
      Must(Look<research::ImprovementDefinition>(::lianqiao::research::kImprovementDefinitionId, "member"));
  EXPECT_EQ(definition.version(), ::lianqiao::research::kImprovementVersion);
  EXPECT_EQ(definition.words(), ::lianqiao::research::kImprovementWords);
  EXPECT_EQ(definition.formula(), ::lianqiao::research::kImprovementFormula);
  EXPECT_EQ(definition.origin(), research::DEFINITION_ORIGIN_BUILT_IN);
  // Row, history and feed say the same.
  const auto state =
      research_.Query("SELECT encode(state, 'hex') FROM revision WHERE kind = 'improvement_definition'");
  ASSERT_TRUE(state.ok() && state->rows() == 1) << state.status();
  std::string bytes;
  const std::string hex = state->Text(0, 0);
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  research::ImprovementDefinition stored;
  ASSERT_TRUE(stored.ParseFromString(bytes));
  EXPECT_EQ(stored.SerializeAsString(), definition.SerializeAsString());
  sync::v1::ListChangesRequest request;
  request.add_kinds("improvement_definition");
  const auto changes =
      research_.Call<sync::v1::ListChangesResponse>("/lianqiao.sync.v1.FeedService/ListChanges", request);
  ASSERT_TRUE(changes.ok()) << Explain(changes.status());
  EXPECT_EQ(changes->changes_size(), 1);
}

TEST_F(Improvements, ImportedValuesGoByTheDefinitionsOfOthers) {
  research::ImprovementDefinition definition;
  definition.set_version("wenshan-2021");
  definition.set_origin(research::DEFINITION_ORIGIN_EXTERNAL);
  definition.set_name("文山市学区办学提升系数");
  definition.set_words("出处未载明计算办法");
  definition.set_source("文山市教育体育局,2022-05-11");
  EXPECT_TRUE(absl::IsPermissionDenied(Make(definition, "city").status())) << "the platform's own";
  const std::string external = Must(Make(definition)).id();
  definition.set_version("lianqiao-2");
  EXPECT_EQ(FieldsOf(Make(definition).status()), "improvementDefinition.version");

  research::ImprovementCoefficient value;
  value.set_unit_kind(research::UNIT_KIND_ALLIANCE);
  value.set_unit_id(alliance_id_);
  value.set_origin(research::COEFFICIENT_ORIGIN_IMPORTED);
  value.set_improvement_definition_id(::lianqiao::research::kImprovementDefinitionId);
  value.set_value(3.03);
  value.set_term("2021-2022-1");
  value.set_source("文山市教育体育局");
  EXPECT_EQ(FieldsOf(Make(value, "city").status()), "improvementCoefficient.improvementDefinitionId");
  value.set_improvement_definition_id(external);
  const auto made = Must(Make(value, "city"));
  EXPECT_EQ(Must(Look<research::ImprovementCoefficient>(made.id(), "member")).value(), 3.03);
  EXPECT_TRUE(absl::IsPermissionDenied(Edit(made, "member").status()));
  value.set_origin(research::COEFFICIENT_ORIGIN_COMPUTED);
  value.set_improvement_definition_id(::lianqiao::research::kImprovementDefinitionId);
  EXPECT_EQ(FieldsOf(Make(value, "city").status()), "improvementCoefficient.origin");
}

}  // namespace
}  // namespace lianqiao::conformance
