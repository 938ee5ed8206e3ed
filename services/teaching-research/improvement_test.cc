// SPDX-License-Identifier: Apache-2.0
// The arithmetic of analyses and of the improvement coefficient, against values worked out by hand, and the
// rules of definitions and coefficients.
#include "services/teaching-research/improvement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "services/teaching-research/improvement_rules.h"

namespace lianqiao::research {
namespace {

using Columns = std::map<std::string, std::string>;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using type::v1::Subject;
using type::v1::SUBJECT_CHINESE;
using type::v1::SUBJECT_MATHEMATICS;
using Names = std::vector<std::string>;

Names Fields(const Violations& violations) {
  Names fields;
  for (const auto& violation : violations) fields.push_back(violation.field());
  return fields;
}

SchoolFigures School(const std::string& id, int64_t tested, double mean,
                     std::optional<double> deviation = std::nullopt, Subject subject = SUBJECT_CHINESE) {
  SchoolFigures figures;
  figures.school_id = id;
  figures.subject = subject;
  figures.tested_count = tested;
  figures.mean_score = mean;
  figures.standard_deviation = deviation;
  return figures;
}

// n 10, 20, 10; means 66, 70, 74: M = (660 + 1400 + 740) / 40 = 70;
// S² = (10·(1 + 16) + 20·(1 + 0) + 10·(1 + 16)) / 40 = 360 / 40 = 9.
const std::vector<SchoolFigures> kBaseline = {School("a", 10, 66, 1), School("b", 20, 70, 1),
                                              School("c", 10, 74, 1)};
// n 20 each; means 76, 70, 64: M = 70; S² = 1 + (36 + 0 + 36) / 3 = 25.
const std::vector<SchoolFigures> kOutcome = {School("a", 20, 76, 1), School("b", 20, 70, 1),
                                             School("c", 20, 64, 1)};

TEST(TestAnalysis, MeanAndDeviationAreThoseOfAllPupils) {
  const auto analyses = AnalyseSubjects(kBaseline);
  ASSERT_EQ(analyses.size(), 1);
  EXPECT_EQ(analyses[0].subject(), SUBJECT_CHINESE);
  EXPECT_EQ(analyses[0].school_count(), 3);
  EXPECT_EQ(analyses[0].tested_count(), 40);
  EXPECT_DOUBLE_EQ(analyses[0].mean_score(), 70);
  EXPECT_DOUBLE_EQ(analyses[0].standard_deviation(), 3);
  EXPECT_FALSE(analyses[0].has_pass_share());
  EXPECT_DOUBLE_EQ(AnalyseSubjects(kOutcome)[0].standard_deviation(), 5);
}

// Six pupils of two scores each, taken apart and put together again: {1,3}, {2,2}, {5,5} have the deviation
// of {1,3,2,2,5,5}: mean 3, Σ(x−3)² = 4+0+1+1+4+4 = 14, S = √(14/6). Ten times each, so that groups count.
TEST(TestAnalysis, SchoolsTogetherAreAsTheirPupilsTogether) {
  const auto analyses =
      AnalyseSubjects({School("a", 20, 2, 1), School("b", 20, 2, 0), School("c", 20, 5, 0)});
  EXPECT_DOUBLE_EQ(analyses[0].mean_score(), 3);
  EXPECT_DOUBLE_EQ(analyses[0].standard_deviation(), std::sqrt(14.0 / 6.0));
}

TEST(TestAnalysis, SharesAreWeightedAndAllOrNone) {
  std::vector<SchoolFigures> results = kBaseline;
  const double passed[] = {0.5, 0.8, 1.0};  // (5 + 16 + 10) / 40
  for (int i = 0; i < 3; ++i) results[i].pass_share = passed[i];
  results[0].excellent_share = 0.1;
  const auto analyses = AnalyseSubjects(results);
  EXPECT_DOUBLE_EQ(analyses[0].pass_share(), 0.775);
  EXPECT_FALSE(analyses[0].has_excellent_share()) << "two schools did not report it";
}

TEST(TestAnalysis, SmallGroupsCountNowhere) {
  std::vector<SchoolFigures> results = kBaseline;
  results.push_back(School("d", 9, 0, 0));
  EXPECT_DOUBLE_EQ(AnalyseSubjects(results)[0].mean_score(), 70);
  EXPECT_EQ(AnalyseSubjects(results)[0].school_count(), 3);
  EXPECT_EQ(AnalyseSubjects(results)[0].tested_count(), 40);
  results.back().tested_count = 10;
  EXPECT_DOUBLE_EQ(AnalyseSubjects(results)[0].mean_score(), 56);  // 2800 / 50
}

TEST(TestAnalysis, AFieldOfTwoHasNoFigures) {
  const auto analyses = AnalyseSubjects({kBaseline[0], kBaseline[1], School("d", 9, 70, 1)});
  ASSERT_EQ(analyses.size(), 1);
  EXPECT_EQ(analyses[0].school_count(), 2);
  EXPECT_EQ(analyses[0].tested_count(), 0);
  EXPECT_FALSE(analyses[0].has_mean_score());
  EXPECT_FALSE(analyses[0].has_standard_deviation());
}

TEST(TestAnalysis, ADeviationThatOneSchoolLacksIsNotKnown) {
  std::vector<SchoolFigures> results = kBaseline;
  results[2].standard_deviation.reset();
  EXPECT_TRUE(AnalyseSubjects(results)[0].has_mean_score());
  EXPECT_FALSE(AnalyseSubjects(results)[0].has_standard_deviation());
}

TEST(TestAnalysis, EverySubjectStandsByItself) {
  std::vector<SchoolFigures> results = kBaseline;
  results.insert(results.begin(), School("a", 5, 30, 1, SUBJECT_MATHEMATICS));
  const auto analyses = AnalyseSubjects(results);
  ASSERT_EQ(analyses.size(), 2);
  EXPECT_EQ(analyses[0].subject(), SUBJECT_CHINESE);
  EXPECT_EQ(analyses[1].subject(), SUBJECT_MATHEMATICS);
  EXPECT_EQ(analyses[1].school_count(), 0);
  EXPECT_TRUE(AnalyseSubjects({}).empty());
}

TestFigures Figures(double mean, double deviation, std::vector<SchoolFigures> results) {
  return {{{SUBJECT_CHINESE, {mean, deviation}}}, std::move(results)};
}

// a: (76 − 70)/5 − (66 − 70)/3 = 1.2 + 4/3 = 38/15; b: 0; c: −38/15.
TEST(Improvement, GainIsTheMoveInTheField) {
  const Improvement whole = Improve(Figures(70, 3, kBaseline), Figures(70, 5, kOutcome));
  ASSERT_EQ(whole.cells.size(), 3);
  EXPECT_DOUBLE_EQ(whole.cells[0].gain(), 38.0 / 15);
  EXPECT_DOUBLE_EQ(whole.cells[1].gain(), 0);
  EXPECT_DOUBLE_EQ(whole.cells[2].gain(), -38.0 / 15);
  EXPECT_NEAR(*whole.value, 0, 1e-12) << "the field moves with itself";
  EXPECT_TRUE(whole.excluded.empty());
  const v1::ImprovementCell& cell = whole.cells[0];
  EXPECT_EQ(cell.school_id(), "a");
  EXPECT_EQ(cell.subject(), SUBJECT_CHINESE);
  EXPECT_EQ(cell.tested_count(), 20);
  EXPECT_EQ(cell.baseline_mean(), 66);
  EXPECT_EQ(cell.baseline_field_mean(), 70);
  EXPECT_EQ(cell.baseline_field_deviation(), 3);
  EXPECT_EQ(cell.outcome_mean(), 76);
  EXPECT_EQ(cell.outcome_field_mean(), 70);
  EXPECT_EQ(cell.outcome_field_deviation(), 5);
  const Improvement one = Improve(Figures(70, 3, {kBaseline[0]}), Figures(70, 5, {kOutcome[0]}));
  EXPECT_DOUBLE_EQ(*one.value, 38.0 / 15);
}

// 30 pupils gain 1, 10 pupils lose 2: (30 − 20) / 40 = 0.25. The baseline's numbers do not weigh.
TEST(Improvement, TheOutcomesPupilsAreTheWeights) {
  const Improvement improvement = Improve(Figures(50, 10, {School("a", 500, 50), School("b", 10, 60)}),
                                          Figures(50, 10, {School("a", 30, 60), School("b", 10, 40)}));
  EXPECT_DOUBLE_EQ(*improvement.value, (30 * 1.0 + 10 * -2.0) / 40);
}

TEST(Improvement, TheScaleOfATestDoesNotMatter) {
  const auto scaled = [](const SchoolFigures& figures) {
    SchoolFigures other = figures;
    other.mean_score = 1.5 * figures.mean_score;
    return other;
  };
  const Improvement improvement =
      Improve(Figures(70, 3, {kBaseline[0]}), Figures(105, 7.5, {scaled(kOutcome[0])}));
  EXPECT_DOUBLE_EQ(*improvement.value, 38.0 / 15);
}

TEST(Improvement, WhatCannotBeComparedIsNamed) {
  const Improvement improvement =
      Improve(Figures(70, 3,
                      {School("a", 10, 66), School("b", 9, 70), School("c", 10, 70), School("e", 20, 70),
                       School("a", 20, 70, 1, SUBJECT_MATHEMATICS)}),
              Figures(70, 5,
                      {School("a", 10, 76), School("b", 10, 70), School("c", 9, 70), School("d", 20, 70),
                       School("a", 20, 70, 1, SUBJECT_MATHEMATICS)}));
  ASSERT_EQ(improvement.cells.size(), 1);
  EXPECT_DOUBLE_EQ(*improvement.value, 38.0 / 15);
  std::vector<std::string> excluded;
  for (const auto& cell : improvement.excluded)
    excluded.push_back(cell.school_id() + " " + v1::ExclusionReason_Name(cell.reason()));
  EXPECT_EQ(excluded, Names({"a EXCLUSION_REASON_NO_FIELD", "b EXCLUSION_REASON_SMALL_GROUP",
                             "c EXCLUSION_REASON_SMALL_GROUP", "d EXCLUSION_REASON_NO_BASELINE",
                             "e EXCLUSION_REASON_NO_OUTCOME"}));
}

TEST(Improvement, NothingThatCountsIsNoValue) {
  EXPECT_FALSE(Improve(TestFigures(), TestFigures()).value.has_value());
  EXPECT_FALSE(Improve(TestFigures(), Figures(70, 5, kOutcome)).value.has_value());
}

TEST(Improvement, ACohortIsKnownByTheYearOfItsFirstGrade) {
  EXPECT_EQ(CohortYear("2021-2022", type::v1::GRADE_1), 2021);
  EXPECT_EQ(CohortYear("2021-2022", type::v1::GRADE_7), 2015);
  EXPECT_EQ(CohortYear("2022-2023", type::v1::GRADE_8), 2015);
  EXPECT_NE(CohortYear("2022-2023", type::v1::GRADE_7), 2015);
  EXPECT_EQ(CohortYear("2024-2025", type::v1::GRADE_10), 2015);
  EXPECT_EQ(CohortYear("", type::v1::GRADE_7), 0);
  EXPECT_EQ(CohortYear("2021-2022", type::v1::GRADE_UNSPECIFIED), 0);
  EXPECT_EQ(CohortYear("2021-2022", type::v1::GRADE_KINDERGARTEN_SENIOR), 0);
}

TEST(ImprovementDefinitionRules, OurVersionsAreThoseThatWeComputeBy) {
  struct Case {
    v1::DefinitionOrigin origin;
    const char* version;
    Names refused;
  };
  const Case cases[] = {{v1::DEFINITION_ORIGIN_BUILT_IN, "lianqiao-1", {}},
                        {v1::DEFINITION_ORIGIN_BUILT_IN, "lianqiao-2", {"origin"}},
                        {v1::DEFINITION_ORIGIN_BUILT_IN, "wenshan-2021", {"origin"}},
                        {v1::DEFINITION_ORIGIN_EXTERNAL, "wenshan-2021", {}},
                        {v1::DEFINITION_ORIGIN_EXTERNAL, "lianqiao-1", {"version"}},
                        {v1::DEFINITION_ORIGIN_EXTERNAL, "lianqiao-wenshan", {"version"}}};
  for (const Case& known : cases) {
    v1::ImprovementDefinition definition;
    definition.set_origin(known.origin);
    definition.set_version(known.version);
    EXPECT_EQ(Fields(CheckImprovementDefinition(nullptr, definition, Facts())), known.refused)
        << known.version;
  }
  v1::ImprovementDefinition definition;
  definition.set_origin(v1::DEFINITION_ORIGIN_EXTERNAL);
  definition.set_version("wenshan-2021");
  definition.set_valid_from("2021-09-01");
  definition.set_valid_to("2021-08-31");
  EXPECT_EQ(Fields(CheckImprovementDefinition(nullptr, definition, Facts())), Names({"validTo"}));
}

v1::ImprovementCoefficient Coefficient(v1::CoefficientOrigin origin) {
  v1::ImprovementCoefficient coefficient;
  coefficient.set_origin(origin);
  coefficient.set_value(3.03);
  if (origin == v1::COEFFICIENT_ORIGIN_IMPORTED) coefficient.set_source("文山市教育体育局");
  return coefficient;
}

Facts By(const std::string& method, const std::string& definition_origin) {
  Facts facts;
  facts.set_method(method);
  facts.Add("definition", {FactRow(Columns{{"origin", "DEFINITION_ORIGIN_" + definition_origin}})});
  return facts;
}

TEST(ImprovementCoefficientRules, ComputedAndImportedAreNeverMixed) {
  const auto computed = Coefficient(v1::COEFFICIENT_ORIGIN_COMPUTED);
  const auto imported = Coefficient(v1::COEFFICIENT_ORIGIN_IMPORTED);
  EXPECT_EQ(Fields(CheckImprovementCoefficient(nullptr, computed, By("RecordImprovement", "BUILT_IN"))),
            Names());
  EXPECT_EQ(Fields(CheckImprovementCoefficient(nullptr, computed, By("RecordImprovement", "EXTERNAL"))),
            Names({"improvementDefinitionId"}));
  EXPECT_EQ(
      Fields(CheckImprovementCoefficient(nullptr, imported, By("CreateImprovementCoefficient", "EXTERNAL"))),
      Names());
  EXPECT_EQ(
      Fields(CheckImprovementCoefficient(nullptr, imported, By("CreateImprovementCoefficient", "BUILT_IN"))),
      Names({"improvementDefinitionId"}));
}

TEST(ImprovementCoefficientRules, NobodySendsAComputedValue) {
  const auto computed = Coefficient(v1::COEFFICIENT_ORIGIN_COMPUTED);
  for (const char* method : {"CreateImprovementCoefficient", "BatchUpsertImprovementCoefficients"})
    EXPECT_EQ(Fields(CheckImprovementCoefficient(nullptr, computed, By(method, "BUILT_IN"))),
              Names({"origin"}))
        << method;
}

TEST(ImprovementCoefficientRules, AComputedValueIsNotChanged) {
  const auto before = Coefficient(v1::COEFFICIENT_ORIGIN_COMPUTED);
  auto after = before;
  after.set_value(9.99);
  for (const char* method : {"UpdateImprovementCoefficient", "BatchUpsertImprovementCoefficients"})
    EXPECT_EQ(Fields(CheckImprovementCoefficient(&before, after, By(method, "BUILT_IN"))), Names({"value"}));
  after = before;
  after.set_note("用于期末评价");
  EXPECT_EQ(
      Fields(CheckImprovementCoefficient(&before, after, By("UpdateImprovementCoefficient", "BUILT_IN"))),
      Names());
}

TEST(ImprovementCoefficientRules, AnImportedValueNamesItsSourceAndNoTests) {
  auto imported = Coefficient(v1::COEFFICIENT_ORIGIN_IMPORTED);
  imported.clear_source();
  const Facts facts = By("CreateImprovementCoefficient", "EXTERNAL");
  EXPECT_EQ(Fields(CheckImprovementCoefficient(nullptr, imported, facts)), Names({"source"}));
  imported.add_evidence()->set_title("典型经验材料");
  EXPECT_EQ(Fields(CheckImprovementCoefficient(nullptr, imported, facts)), Names());
  imported.set_outcome_test_id("test");
  EXPECT_EQ(Fields(CheckImprovementCoefficient(nullptr, imported, facts)), Names({"outcomeTestId"}));
  imported.set_baseline_test_id("test");
  EXPECT_EQ(Fields(CheckImprovementCoefficient(nullptr, imported, facts)), Names({"baselineTestId"}));
}

}  // namespace
}  // namespace lianqiao::research
