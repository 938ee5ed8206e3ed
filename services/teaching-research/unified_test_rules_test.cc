// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/unified_test_rules.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "services/teaching-research/school_facts.h"

namespace lianqiao::research {
namespace {

using Columns = std::map<std::string, std::string>;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using type::v1::Grade;
using type::v1::Stage;
using Names = std::vector<std::string>;

Names Fields(const Violations& violations) {
  Names fields;
  for (const auto& violation : violations) fields.push_back(violation.field());
  return fields;
}

Facts By(const std::string& method) {
  Facts facts;
  facts.set_method(method);
  facts.set_today("2026-11-26");
  return facts;
}

// By who may import the record: a source that keeps its own papers.
Facts Import(const std::string& method) {
  Facts facts = By(method);
  facts.set_imports(true);
  return facts;
}

v1::UnifiedTest NewTest(v1::TestPurpose purpose, Stage stage, Grade grade,
                        v1::UnifiedTestState state = v1::UNIFIED_TEST_STATE_DRAFTED) {
  v1::UnifiedTest test;
  test.set_title("期末联考");
  test.set_purpose(purpose);
  test.set_stage(stage);
  test.set_grade(grade);
  test.set_school_year("2025-2026");
  test.set_state(state);
  test.add_subjects(type::v1::SUBJECT_CHINESE);
  test.add_participants()->set_organisation_id("school");
  if (purpose == v1::TEST_PURPOSE_QUALITY_MONITORING) {
    test.set_monitoring_body("市教育局");
    test.set_legal_basis("国家义务教育质量监测方案(2021年修订版)");
  }
  if (purpose == v1::TEST_PURPOSE_HISTORICAL_IMPORT) {
    test.set_held_on("2022-01-10");
    test.add_evidence()->set_title("典型经验材料");
  }
  return test;
}

v1::UnifiedTest SeniorTest(v1::UnifiedTestState state) {
  return NewTest(v1::TEST_PURPOSE_TEACHING_ANALYSIS, type::v1::STAGE_SENIOR, type::v1::GRADE_10, state);
}

// Over every stage and grade there is: the ban of 2021-08-30.
TEST(UnifiedTestRules, TestsTogetherAreForSeniorStagesAndTheJuniorGraduatingGrade) {
  for (int stage_number = 1; stage_number < type::v1::Stage_descriptor()->value_count(); ++stage_number) {
    for (int grade_number = 1; grade_number < type::v1::Grade_descriptor()->value_count(); ++grade_number) {
      const Stage stage = static_cast<Stage>(stage_number);
      const Grade grade = static_cast<Grade>(grade_number);
      if (!StageHasGrade(stage, grade)) continue;
      const bool senior = stage == type::v1::STAGE_SENIOR || stage == type::v1::STAGE_VOCATIONAL;
      const bool graduating = stage == type::v1::STAGE_JUNIOR && grade == type::v1::GRADE_9;
      const Names refused = senior || graduating ? Names() : Names({"purpose"});
      const std::string where = type::v1::Stage_Name(stage) + " " + type::v1::Grade_Name(grade);
      EXPECT_EQ(MayBeTestedTogether(stage, grade), senior || graduating) << where;
      EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, NewTest(v1::TEST_PURPOSE_TEACHING_ANALYSIS, stage, grade),
                                        By("CreateUnifiedTest"))),
                refused)
          << where;
      EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, NewTest(v1::TEST_PURPOSE_QUALITY_MONITORING, stage, grade),
                                        By("CreateUnifiedTest"))),
                Names())
          << where;
      const auto history = NewTest(v1::TEST_PURPOSE_HISTORICAL_IMPORT, stage, grade);
      EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, history, Import("BatchUpsertUnifiedTests"))), Names())
          << where;
      for (const char* method : {"CreateUnifiedTest", "BatchUpsertUnifiedTests"})
        EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, history, By(method))), Names({"purpose"}))
            << where << " whoever holds it now would call it history";
    }
  }
}

TEST(UnifiedTestRules, TheGradeBelongsToTheStage) {
  const auto test = NewTest(v1::TEST_PURPOSE_TEACHING_ANALYSIS, type::v1::STAGE_SENIOR, type::v1::GRADE_3);
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, By("CreateUnifiedTest"))), Names({"grade"}))
      << "a banned grade does not become free by another stage";
}

TEST(UnifiedTestRules, MonitoringHasABodyAndALegalBasisAndNothingElseHas) {
  auto test = NewTest(v1::TEST_PURPOSE_QUALITY_MONITORING, type::v1::STAGE_PRIMARY, type::v1::GRADE_4);
  test.clear_monitoring_body();
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, By("CreateUnifiedTest"))), Names({"monitoringBody"}));
  test.clear_legal_basis();
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, By("CreateUnifiedTest"))),
            Names({"monitoringBody", "legalBasis"}));
  auto senior = SeniorTest(v1::UNIFIED_TEST_STATE_DRAFTED);
  senior.set_legal_basis("方案");
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, senior, By("CreateUnifiedTest"))), Names({"legalBasis"}));
  senior.set_monitoring_body("市教育局");
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, senior, By("CreateUnifiedTest"))), Names({"monitoringBody"}));
}

TEST(UnifiedTestRules, HistoryLiesInThePastAndNamesItsDocument) {
  auto test = NewTest(v1::TEST_PURPOSE_HISTORICAL_IMPORT, type::v1::STAGE_PRIMARY, type::v1::GRADE_3);
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, Import("BatchUpsertUnifiedTests"))), Names());
  test.set_held_on("2026-11-27");
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, Import("BatchUpsertUnifiedTests"))), Names({"heldOn"}));
  test.clear_held_on();
  test.clear_evidence();
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, Import("BatchUpsertUnifiedTests"))),
            Names({"heldOn", "evidence"}));
}

TEST(UnifiedTestRules, HistoryIsNotHeldOnceMore) {
  const auto before = NewTest(v1::TEST_PURPOSE_HISTORICAL_IMPORT, type::v1::STAGE_PRIMARY, type::v1::GRADE_3);
  auto after = before;
  after.set_held_on("2026-11-26");
  for (const char* method : {"UpdateUnifiedTest", "BatchUpsertUnifiedTests", "HoldUnifiedTest"})
    EXPECT_EQ(Fields(CheckUnifiedTest(&before, after, By(method))), Names({"purpose"})) << method;
  EXPECT_EQ(Fields(CheckUnifiedTest(&before, after, Import("BatchUpsertUnifiedTests"))), Names());
  after = before;
  after.add_participants()->set_organisation_id("other");
  EXPECT_EQ(Fields(CheckUnifiedTest(&before, after, By("UpdateUnifiedTest"))), Names({"purpose"}));
  after = before;
  after.set_conclusions("加强阅读教学");
  EXPECT_EQ(Fields(CheckUnifiedTest(&before, after, By("UpdateUnifiedTest"))), Names());
  after = before;
  after.set_state(v1::UNIFIED_TEST_STATE_SET);
  after.set_prepared_on("2022-01-09");
  EXPECT_EQ(Fields(CheckUnifiedTest(&before, after, By("PrepareUnifiedTest"))), Names());
}

TEST(UnifiedTestRules, WhatWasAnalysedIsNotDeleted) {
  for (int number = 1; number < v1::UnifiedTestState_descriptor()->value_count(); ++number) {
    const auto test = SeniorTest(static_cast<v1::UnifiedTestState>(number));
    const bool stands =
        test.state() == v1::UNIFIED_TEST_STATE_ANALYSED || test.state() == v1::UNIFIED_TEST_STATE_SHARED;
    EXPECT_EQ(Fields(CheckUnifiedTestDeletion(test, By("DeleteUnifiedTest"))),
              stands ? Names({"state"}) : Names())
        << number;
  }
}

TEST(UnifiedTestRules, EveryDateWaitsForItsStep) {
  struct Case {
    v1::UnifiedTestState state;
    Names refused;
  };
  const Case cases[] = {{v1::UNIFIED_TEST_STATE_DRAFTED, {"preparedOn", "heldOn", "analysedOn", "sharedOn"}},
                        {v1::UNIFIED_TEST_STATE_SET, {"heldOn", "analysedOn", "sharedOn"}},
                        {v1::UNIFIED_TEST_STATE_CANCELLED, {"heldOn", "analysedOn", "sharedOn"}},
                        {v1::UNIFIED_TEST_STATE_HELD, {"analysedOn", "sharedOn"}},
                        {v1::UNIFIED_TEST_STATE_ANALYSED, {"sharedOn"}},
                        {v1::UNIFIED_TEST_STATE_SHARED, {}}};
  for (const Case& known : cases) {
    auto test = SeniorTest(known.state);
    test.set_prepared_on("2026-01-01");
    test.set_held_on("2026-01-10");
    test.set_analysed_on("2026-01-20");
    test.set_shared_on("2026-01-21");
    EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, By("BatchUpsertUnifiedTests"))), known.refused)
        << v1::UnifiedTestState_Name(known.state);
  }
  auto test = SeniorTest(v1::UNIFIED_TEST_STATE_HELD);
  test.set_prepared_on("2026-01-10");
  test.set_held_on("2026-01-09");
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, By("HoldUnifiedTest"))), Names({"heldOn"}));
  test.set_held_on("2026-11-27");
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, By("HoldUnifiedTest"))), Names({"heldOn"}));
}

TEST(UnifiedTestRules, TheTermBelongsToTheYear) {
  auto test = SeniorTest(v1::UNIFIED_TEST_STATE_DRAFTED);
  test.set_term("2025-2026-1");
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, By("CreateUnifiedTest"))), Names());
  test.set_term("2024-2025-2");
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, By("CreateUnifiedTest"))), Names({"term"}));
}

TEST(UnifiedTestRules, ListsNameEverythingOnce) {
  auto test = SeniorTest(v1::UNIFIED_TEST_STATE_DRAFTED);
  test.add_participants()->set_organisation_id("school");
  test.add_subjects(type::v1::SUBJECT_CHINESE);
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, By("CreateUnifiedTest"))),
            Names({"participants[1].organisationId", "subjects[1]"}));
}

Facts Participant(const std::string& found, const std::string& kind, const std::string& allied,
                  const std::string& in_place) {
  Facts facts = By("UpdateUnifiedTest");
  facts.Add("participants", {FactRow(Columns{{"position", "0"},
                                             {"found", found},
                                             {"kind", "ORGANISATION_KIND_" + kind},
                                             {"allied", allied},
                                             {"in_place", in_place}})});
  return facts;
}

TEST(UnifiedTestRules, WhoSitsItBelongsToTheAllianceOrThePlace) {
  const auto test = SeniorTest(v1::UNIFIED_TEST_STATE_DRAFTED);
  const Names refused = {"participants[0].organisationId"};
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, Participant("t", "SCHOOL", "t", "f"))), Names());
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, Participant("t", "SCHOOL", "f", "t"))), Names());
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, Participant("t", "SCHOOL", "f", "f"))), refused);
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, Participant("t", "PARTNER", "t", "f"))), refused);
  EXPECT_EQ(Fields(CheckUnifiedTest(nullptr, test, Participant("f", "", "", ""))), refused);
  EXPECT_EQ(Fields(CheckUnifiedTest(&test, test, Participant("t", "SCHOOL", "f", "f"))), Names())
      << "who was in it once stays";
  auto other = test;
  other.mutable_participants(0)->set_organisation_id("other");
  EXPECT_EQ(Fields(CheckUnifiedTest(&test, other, Participant("t", "SCHOOL", "f", "f"))), refused);
}

TEST(UnifiedTestRules, WhatHasResultsIsNotTakenOut) {
  const auto test = SeniorTest(v1::UNIFIED_TEST_STATE_HELD);
  Facts facts = By("UpdateUnifiedTest");
  facts.Add("stray", {FactRow(Columns{{"found", "1"}})});
  EXPECT_EQ(Fields(CheckUnifiedTest(&test, test, facts)), Names({"participants"}));
}

TEST(UnifiedTestRules, WhatWasAnalysedStandsButItsConclusions) {
  for (int number = 1; number < v1::UnifiedTestState_descriptor()->value_count(); ++number) {
    const auto before = SeniorTest(static_cast<v1::UnifiedTestState>(number));
    const bool stands =
        before.state() == v1::UNIFIED_TEST_STATE_ANALYSED || before.state() == v1::UNIFIED_TEST_STATE_SHARED;
    auto after = before;
    after.add_subjects(type::v1::SUBJECT_MATHEMATICS);
    EXPECT_EQ(Fields(CheckUnifiedTest(&before, after, By("UpdateUnifiedTest"))),
              stands ? Names({"state"}) : Names())
        << v1::UnifiedTestState_Name(before.state());
    EXPECT_EQ(Fields(CheckUnifiedTest(&before, after, By("BatchUpsertUnifiedTests"))),
              stands ? Names({"state"}) : Names());
    EXPECT_EQ(Fields(CheckUnifiedTest(&before, after, Import("BatchUpsertUnifiedTests"))), Names());
    after = before;
    after.set_conclusions("加强阅读教学");
    EXPECT_EQ(Fields(CheckUnifiedTest(&before, after, By("UpdateUnifiedTest"))), Names());
  }
}

TEST(UnifiedTestRules, OnlyWhatWasAnalysedHasAnAnalysis) {
  for (int number = 0; number < v1::UnifiedTestState_descriptor()->value_count(); ++number) {
    auto test = SeniorTest(static_cast<v1::UnifiedTestState>(number));
    test.add_analyses()->set_subject(type::v1::SUBJECT_CHINESE);
    test.set_analysed_on("2026-01-20");
    ClearAnalysis(&test, By("UpdateUnifiedTest"));
    const bool analysed =
        test.state() == v1::UNIFIED_TEST_STATE_ANALYSED || test.state() == v1::UNIFIED_TEST_STATE_SHARED;
    EXPECT_EQ(test.analyses_size(), analysed ? 1 : 0) << v1::UnifiedTestState_Name(test.state());
    EXPECT_EQ(test.analysed_on(), "2026-01-20") << "a date that a client sends is refused, not dropped";
  }
  auto reopened = SeniorTest(v1::UNIFIED_TEST_STATE_HELD);
  reopened.add_analyses()->set_subject(type::v1::SUBJECT_CHINESE);
  reopened.set_analysed_on("2026-01-20");
  ClearAnalysis(&reopened, By("ReopenUnifiedTest"));
  EXPECT_EQ(reopened.analyses_size(), 0);
  EXPECT_EQ(reopened.analysed_on(), "");
}

Facts OfTest(const std::string& state, const std::string& analysed, const std::string& method,
             const std::map<std::string, std::string>& changed = {}) {
  std::map<std::string, std::string> row = {{"state", "UNIFIED_TEST_STATE_" + state},
                                            {"organisation_id", "organiser"},
                                            {"subjects", "{SUBJECT_CHINESE,SUBJECT_ENGLISH}"},
                                            {"analysed", analysed},
                                            {"participates", "t"}};
  for (const auto& [name, value] : changed) row[name] = value;
  Facts facts = By(method);
  facts.Add("test", {FactRow(row)});
  return facts;
}

v1::TestResult Result() {
  v1::TestResult result;
  result.set_organisation_id("organiser");
  result.set_school_id("school");
  result.set_subject(type::v1::SUBJECT_CHINESE);
  result.set_tested_count(40);
  result.set_full_score(100);
  result.set_mean_score(70);
  return result;
}

TEST(TestResultRules, ResultsAreEnteredBetweenTestAndAnalysis) {
  const v1::TestResult result = Result();
  for (const std::string method : {"CreateTestResult", "UpdateTestResult", "BatchUpsertTestResults",
                                   "DeleteTestResult", "UndeleteTestResult"}) {
    for (const std::string state : {"DRAFTED", "SET", "HELD", "ANALYSED", "SHARED", "CANCELLED"}) {
      for (const std::string analysed : {"t", "f"}) {
        const bool over = state == "ANALYSED" || state == "SHARED";
        const bool open = state == "HELD" || (over && analysed == "f");
        const Names expected = open ? Names() : Names({"unifiedTestId"});
        const Facts facts = OfTest(state, analysed, method);
        EXPECT_EQ(Fields(CheckTestResult(nullptr, result, facts)), expected) << method << state << analysed;
        EXPECT_EQ(Fields(CheckTestResultDeletion(result, facts)), expected) << method << state << analysed;
      }
    }
  }
  EXPECT_EQ(Fields(CheckTestResult(&result, result, OfTest("SHARED", "t", "ShareUnifiedTest"))), Names());
}

TEST(TestResultRules, AResultBelongsToItsTest) {
  const v1::TestResult result = Result();
  const auto check = [&](const std::string& name, const std::string& value) {
    return Fields(CheckTestResult(nullptr, result, OfTest("HELD", "f", "CreateTestResult", {{name, value}})));
  };
  EXPECT_EQ(check("participates", "f"), Names({"schoolId"}));
  EXPECT_EQ(check("organisation_id", "other"), Names({"organisationId"}));
  EXPECT_EQ(check("subjects", "{SUBJECT_MATHEMATICS}"), Names({"subject"}));
}

TEST(TestResultRules, FiguresArePossible) {
  const Facts facts = OfTest("HELD", "f", "CreateTestResult");
  const auto check = [&](void (*edit)(v1::TestResult*)) {
    v1::TestResult result = Result();
    edit(&result);
    return Fields(CheckTestResult(nullptr, result, facts));
  };
  EXPECT_EQ(check([](auto* r) { r->set_mean_score(100); }), Names());
  EXPECT_EQ(check([](auto* r) { r->set_mean_score(100.5); }), Names({"meanScore"}));
  EXPECT_EQ(check([](auto* r) {
              r->clear_full_score();
              r->set_mean_score(120);
            }),
            Names());
  // Half of 40 pupils with 0 and half with 100: mean 50, deviation 50 (50.6 over n − 1).
  EXPECT_EQ(check([](auto* r) {
              r->set_mean_score(50);
              r->set_standard_deviation(50.6);
            }),
            Names());
  EXPECT_EQ(check([](auto* r) {
              r->set_mean_score(50);
              r->set_standard_deviation(51);
            }),
            Names({"standardDeviation"}));
  EXPECT_EQ(check([](auto* r) {
              r->set_mean_score(100);
              r->set_standard_deviation(5);
            }),
            Names({"standardDeviation"}));
  EXPECT_EQ(check([](auto* r) {
              r->set_tested_count(1);
              r->set_standard_deviation(0);
            }),
            Names());
  EXPECT_EQ(check([](auto* r) {
              r->set_tested_count(1);
              r->set_standard_deviation(1);
            }),
            Names({"standardDeviation"}));
  EXPECT_EQ(check([](auto* r) {
              r->set_pass_share(0.4);
              r->set_excellent_share(0.4);
            }),
            Names());
  EXPECT_EQ(check([](auto* r) {
              r->set_pass_share(0.4);
              r->set_excellent_share(0.5);
            }),
            Names({"excellentShare"}));
}

}  // namespace
}  // namespace lianqiao::research
