// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/improvement.h"

#include "absl/strings/numbers.h"

namespace lianqiao::research {

const char kImprovementVersion[] = "lianqiao-1";
const char kImprovementDefinitionId[] = "00000000-0000-7000-8000-000000000101";
const char kImprovementWords[] =
    "同一届学生先后两次统一测试。某校某学科在每次测试中的位置,是该校平均分与全体参测学生平均分之差除以全体"
    "标准差;后一次的位置减去前一次的位置,即为该校该学科的增值。对象(学校、联盟或辖区)的提升系数,是其各校"
    "各学科增值按后一次参测人数加权的平均数:0 表示与全体同步,正值表示相对进步,单位为标准差。参测不足10人"
    "的学校、参测学校不足3所或缺少标准差的学科不计。系数不是名次,不涉及任何教师和学生个人。";
const char kImprovementFormula[] =
    "z(t,s,k) = (mean(t,s,k) - M(t,k)) / S(t,k); gain(s,k) = z(outcome,s,k) - z(baseline,s,k); "
    "coefficient = sum(n(outcome,s,k) * gain(s,k)) / sum(n(outcome,s,k)); "
    "M(t,k) = sum(n*mean) / sum(n); S(t,k)^2 = sum(n*(sd^2 + (mean-M)^2)) / sum(n); n >= 10; schools >= 3";

namespace {

using Key = std::pair<std::string, type::v1::Subject>;

// What one school has in one subject, in either test.
struct Pair {
  const SchoolFigures* baseline = nullptr;
  const SchoolFigures* outcome = nullptr;
};

const FieldFigures* FieldOf(const TestFigures& test, type::v1::Subject subject) {
  const auto found = test.fields.find(subject);
  return found == test.fields.end() ? nullptr : &found->second;
}

v1::ExclusionReason ReasonToExclude(const Pair& pair, const FieldFigures* before, const FieldFigures* after) {
  if (pair.outcome == nullptr) return v1::EXCLUSION_REASON_NO_OUTCOME;
  if (pair.baseline == nullptr) return v1::EXCLUSION_REASON_NO_BASELINE;
  if (pair.baseline->tested_count < kSmallestGroup || pair.outcome->tested_count < kSmallestGroup)
    return v1::EXCLUSION_REASON_SMALL_GROUP;
  if (before == nullptr || after == nullptr) return v1::EXCLUSION_REASON_NO_FIELD;
  return v1::EXCLUSION_REASON_UNSPECIFIED;
}

v1::ImprovementCell CellOf(const Key& key, const Pair& pair, const FieldFigures& before,
                           const FieldFigures& after) {
  v1::ImprovementCell cell;
  cell.set_school_id(key.first);
  cell.set_subject(key.second);
  cell.set_tested_count(pair.outcome->tested_count);
  cell.set_baseline_mean(pair.baseline->mean_score);
  cell.set_baseline_field_mean(before.mean_score);
  cell.set_baseline_field_deviation(before.standard_deviation);
  cell.set_outcome_mean(pair.outcome->mean_score);
  cell.set_outcome_field_mean(after.mean_score);
  cell.set_outcome_field_deviation(after.standard_deviation);
  const double was = (cell.baseline_mean() - before.mean_score) / before.standard_deviation;
  const double is = (cell.outcome_mean() - after.mean_score) / after.standard_deviation;
  cell.set_gain(is - was);
  return cell;
}

}  // namespace

Improvement Improve(const TestFigures& baseline, const TestFigures& outcome) {
  std::map<Key, Pair> pairs;
  for (const SchoolFigures& result : baseline.results)
    pairs[{result.school_id, result.subject}].baseline = &result;
  for (const SchoolFigures& result : outcome.results)
    pairs[{result.school_id, result.subject}].outcome = &result;
  Improvement improvement;
  double weighted = 0;
  double weights = 0;
  for (const auto& [key, pair] : pairs) {
    const FieldFigures* before = FieldOf(baseline, key.second);
    const FieldFigures* after = FieldOf(outcome, key.second);
    const v1::ExclusionReason reason = ReasonToExclude(pair, before, after);
    if (reason != v1::EXCLUSION_REASON_UNSPECIFIED) {
      v1::ExcludedCell& excluded = improvement.excluded.emplace_back();
      excluded.set_school_id(key.first);
      excluded.set_subject(key.second);
      excluded.set_reason(reason);
      continue;
    }
    improvement.cells.push_back(CellOf(key, pair, *before, *after));
    const v1::ImprovementCell& cell = improvement.cells.back();
    weighted += static_cast<double>(cell.tested_count()) * cell.gain();
    weights += static_cast<double>(cell.tested_count());
  }
  if (weights > 0) improvement.value = weighted / weights;
  return improvement;
}

int CohortYear(const std::string& school_year, type::v1::Grade grade) {
  int begins = 0;
  if (grade < type::v1::GRADE_1 || !absl::SimpleAtoi(absl::string_view(school_year).substr(0, 4), &begins))
    return 0;
  return begins - (grade - type::v1::GRADE_1);
}

}  // namespace lianqiao::research
