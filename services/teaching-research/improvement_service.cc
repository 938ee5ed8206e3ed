// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/improvement_service.h"

#include "absl/strings/str_cat.h"
#include "lianqiao/research/v1/unified_test.pb.h"
#include "services/teaching-research/improvement.h"
#include "services/teaching-research/improvement_rules.h"

namespace lianqiao::research {

using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Reading;
using resource::Writing;
using v1::ComputeImprovementRequest;
using v1::ImprovementCoefficient;
using v1::ImprovementComputation;

namespace {

// One of the tests as the caller may read it.
struct TestHead {
  int cohort_year = 0;
  std::string term, held_on;
};

// Schools of the unit ($2 its kind, $3 its id) among rows with this id; members of an alliance as of the day
// in $4.
std::string InUnitSql(const std::string& school_id) {
  return absl::StrCat("CASE $2 WHEN 'UNIT_KIND_ORGANISATION' THEN ", school_id,
                      " = $3::uuid WHEN 'UNIT_KIND_ALLIANCE' THEN EXISTS (SELECT 1 FROM registry_membership m"
                      " WHERE m.alliance_id = $3::uuid AND m.organisation_id = ",
                      school_id,
                      " AND m.state NOT IN ('MEMBERSHIP_STATE_PROPOSED', 'MEMBERSHIP_STATE_AGREED',"
                      " 'MEMBERSHIP_STATE_WITHDRAWN') AND (m.joined_on IS NULL OR m.joined_on <= $4::date)"
                      " AND CASE WHEN m.left_on IS NULL THEN m.state <> 'MEMBERSHIP_STATE_ENDED'"
                      " ELSE m.left_on >= $4::date END)"
                      " ELSE EXISTS (SELECT 1 FROM registry_organisation o WHERE o.id = ",
                      school_id, " AND o.sync_scope && ARRAY[$3::uuid]) END");
}

absl::Status RefuseTest(const char* field, const char* zh, const char* en) {
  return base::FailIfAny(absl::StatusCode::kFailedPrecondition, {base::RefuseRule(field, zh, en)});
}

template <typename Call>
absl::StatusOr<TestHead> ReadTest(Call& call, const char* field, const std::string& id) {
  static const NamedQuery query{"improvement_test",
                                "SELECT t.state, t.school_year, t.grade, t.term, t.held_on"
                                " FROM {visible:unified_test t} WHERE t.id = $1::uuid"};
  ASSIGN_OR_RETURN(const Result rows, call.Query(query, Parameters().Text(id)));
  if (rows.rows() == 0)
    return base::FailIfAny({base::Refuse(field, base::ErrorReason::REFERENCE_NOT_FOUND,
                                         {{"kind", "unified_test"}, {"kind_zh", "统一测试"}})});
  const std::string state = rows.Text(0, 0);
  if (state != "UNIFIED_TEST_STATE_ANALYSED" && state != "UNIFIED_TEST_STATE_SHARED")
    return RefuseTest(field, "测试尚未分析", "has not been analysed");
  type::v1::Grade grade = type::v1::GRADE_UNSPECIFIED;
  type::v1::Grade_Parse(rows.Text(0, 2), &grade);
  return TestHead{CohortYear(rows.Text(0, 1), grade), rows.Text(0, 3), rows.Text(0, 4)};
}

template <typename Call>
absl::StatusOr<TestFigures> ReadFigures(Call& call, const std::string& test_id, const std::string& unit_kind,
                                        const std::string& unit_id, const std::string& day) {
  static const NamedQuery fields{
      "improvement_fields",
      "SELECT a->>'subject', (a->>'mean_score')::double precision,"
      " (a->>'standard_deviation')::double precision"
      " FROM {visible:unified_test t} CROSS JOIN LATERAL jsonb_array_elements(t.analyses) a"
      " WHERE t.id = $1::uuid AND (a->>'standard_deviation')::double precision > 0"};
  static const NamedQuery results{
      "improvement_results",
      absl::StrCat("SELECT r.school_id, r.subject, r.tested_count, r.mean_score FROM {visible:test_result r}"
                   " WHERE r.unified_test_id = $1::uuid AND ",
                   InUnitSql("r.school_id"))};
  TestFigures figures;
  ASSIGN_OR_RETURN(const Result analyses, call.Query(fields, Parameters().Text(test_id)));
  for (int i = 0; i < analyses.rows(); ++i) {
    type::v1::Subject subject = type::v1::SUBJECT_UNSPECIFIED;
    type::v1::Subject_Parse(analyses.Text(i, 0), &subject);
    figures.fields[subject] = {analyses.Double(i, 1), analyses.Double(i, 2)};
  }
  Parameters p;
  p.Text(test_id).Text(unit_kind).Text(unit_id);
  if (day.empty())
    p.Null();
  else
    p.Text(day);
  ASSIGN_OR_RETURN(const Result rows, call.Query(results, std::move(p)));
  for (int i = 0; i < rows.rows(); ++i) {
    SchoolFigures school;
    school.school_id = rows.Text(i, 0);
    type::v1::Subject_Parse(rows.Text(i, 1), &school.subject);
    school.tested_count = rows.Integer(i, 2);
    school.mean_score = rows.Double(i, 3);
    figures.results.push_back(std::move(school));
  }
  return figures;
}

// Participants of the outcome test in the unit without a visible result in one of the test's subjects.
template <typename Call>
absl::StatusOr<int> UnreportedSchools(Call& call, const std::string& test_id, const std::string& unit_kind,
                                      const std::string& unit_id, const std::string& day) {
  static const NamedQuery query{
      "improvement_unreported",
      absl::StrCat("SELECT count(*) FROM {visible:unified_test t} CROSS JOIN LATERAL"
                   " (SELECT (e->>'organisation_id')::uuid AS id FROM jsonb_array_elements(t.participants) e)"
                   " p WHERE t.id = $1::uuid AND ",
                   InUnitSql("p.id"),
                   " AND EXISTS (SELECT 1 FROM unnest(t.subjects) s (subject) WHERE NOT EXISTS"
                   " (SELECT 1 FROM {visible:test_result r} WHERE r.unified_test_id = t.id"
                   " AND r.school_id = p.id AND r.subject = s.subject))")};
  Parameters p;
  p.Text(test_id).Text(unit_kind).Text(unit_id);
  if (day.empty())
    p.Null();
  else
    p.Text(day);
  ASSIGN_OR_RETURN(const Result rows, call.Query(query, std::move(p)));
  return static_cast<int>(rows.Integer(0, 0));
}

struct Computed {
  ImprovementComputation computation;
  TestHead outcome;
};

// For both requests, by the reading and by the writing method.
template <typename Call, typename Request>
absl::StatusOr<Computed> Compute(Call& call, const Request& request) {
  Computed computed;
  ASSIGN_OR_RETURN(const TestHead before, ReadTest(call, "baselineTestId", request.baseline_test_id()));
  ASSIGN_OR_RETURN(computed.outcome, ReadTest(call, "outcomeTestId", request.outcome_test_id()));
  if (before.cohort_year == 0 || before.cohort_year != computed.outcome.cohort_year)
    return RefuseTest("outcomeTestId", "两次测试不是同一届学生", "is of another cohort than the baseline");
  const std::string& day = computed.outcome.held_on;
  if (!before.held_on.empty() && !day.empty() && before.held_on >= day)
    return RefuseTest("outcomeTestId", "须晚于基线测试", "was not held after the baseline");
  const std::string unit_kind = v1::UnitKind_Name(request.unit_kind());
  ASSIGN_OR_RETURN(const TestFigures baseline,
                   ReadFigures(call, request.baseline_test_id(), unit_kind, request.unit_id(), day));
  ASSIGN_OR_RETURN(const TestFigures outcome,
                   ReadFigures(call, request.outcome_test_id(), unit_kind, request.unit_id(), day));
  Improvement improvement = Improve(baseline, outcome);
  ImprovementComputation& answer = computed.computation;
  answer.set_definition_version(kImprovementVersion);
  if (improvement.value.has_value()) answer.set_value(*improvement.value);
  for (v1::ImprovementCell& cell : improvement.cells) *answer.add_cells() = std::move(cell);
  for (v1::ExcludedCell& cell : improvement.excluded) *answer.add_excluded() = std::move(cell);
  ASSIGN_OR_RETURN(const int unreported,
                   UnreportedSchools(call, request.outcome_test_id(), unit_kind, request.unit_id(), day));
  answer.set_unreported_school_count(unreported);
  return computed;
}

absl::StatusOr<ImprovementComputation> ComputeImprovement(Reading& reading,
                                                          const ComputeImprovementRequest& request) {
  ASSIGN_OR_RETURN(Computed computed, Compute(reading, request));
  return std::move(computed.computation);
}

absl::StatusOr<ImprovementCoefficient> RecordImprovement(Writing& writing,
                                                         const v1::RecordImprovementRequest& request) {
  ASSIGN_OR_RETURN(Computed computed, Compute(writing, request));
  ImprovementComputation& computation = computed.computation;
  if (computation.unreported_school_count() > 0)
    return RefuseTest("outcomeTestId", "该对象尚有学校的结果未录入或不可见",
                      "results of some schools of the unit are missing or out of sight");
  if (!computation.has_value())
    return RefuseTest("outcomeTestId", "没有可计入的学校和学科", "no school and subject counts");
  ImprovementCoefficient coefficient;
  coefficient.set_unit_kind(request.unit_kind());
  coefficient.set_unit_id(request.unit_id());
  coefficient.set_origin(v1::COEFFICIENT_ORIGIN_COMPUTED);
  coefficient.set_improvement_definition_id(kImprovementDefinitionId);
  coefficient.set_value(computation.value());
  coefficient.set_term(computed.outcome.term);
  coefficient.set_baseline_test_id(request.baseline_test_id());
  coefficient.set_outcome_test_id(request.outcome_test_id());
  coefficient.mutable_cells()->Swap(computation.mutable_cells());
  coefficient.mutable_excluded()->Swap(computation.mutable_excluded());
  coefficient.set_computed_on(writing.today());
  RETURN_IF_ERROR(writing.Create(&coefficient));
  return coefficient;
}

}  // namespace

void AddImprovements(resource::Service& service) {
  resource::Resource<v1::ImprovementDefinition>(service).rules(CheckImprovementDefinition);
  resource::Resource<ImprovementCoefficient>(service)
      .facts(CoefficientDefinitionFacts())
      .rules(CheckImprovementCoefficient)
      .on("ComputeImprovement", ComputeImprovement)
      .on("RecordImprovement", RecordImprovement);
}

}  // namespace lianqiao::research
