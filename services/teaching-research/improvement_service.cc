// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/improvement_service.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "lianqiao/research/v1/unified_test.pb.h"
#include "services/teaching-research/improvement.h"
#include "services/teaching-research/improvement_rules.h"
#include "services/teaching-research/school_facts.h"

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

// Schools of the unit ($2 its kind, $3 its id) among rows with this id; parties of an alliance as of the day
// in $4, with the schools of member counties and the campuses of members.
std::string InUnitSql(const std::string& school_id) {
  return absl::StrCat("EXISTS (SELECT 1 FROM registry_organisation o WHERE o.id = ", school_id,
                      " AND CASE $2 WHEN 'UNIT_KIND_ORGANISATION' THEN o.id = $3::uuid"
                      " WHEN 'UNIT_KIND_ALLIANCE' THEN ",
                      PartySql("$3::uuid", "o", "$4::date", false),
                      " ELSE o.sync_scope && ARRAY[$3::uuid] END)");
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

// Whose schools are asked for, as of a day.
struct Unit {
  std::string kind, id, day;
};

Parameters OfUnit(const std::string& test_id, const Unit& unit) {
  return Parameters().Text(test_id).Text(unit.kind).Text(unit.id).Text(unit.day);
}

template <typename Call>
absl::StatusOr<TestFigures> ReadFigures(Call& call, const std::string& test_id, const Unit& unit) {
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
  ASSIGN_OR_RETURN(const Result rows, call.Query(results, OfUnit(test_id, unit)));
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

// Participants of the test in the unit without a visible result in one of the test's subjects. A school that
// sat only one of the two tests is no part of this: it is excluded by name.
template <typename Call>
absl::StatusOr<std::set<std::string>> UnreportedSchools(Call& call, const std::string& test_id,
                                                        const Unit& unit) {
  static const NamedQuery query{
      "improvement_unreported",
      absl::StrCat("SELECT p.id FROM {visible:unified_test t} CROSS JOIN LATERAL"
                   " (SELECT (e->>'organisation_id')::uuid AS id FROM jsonb_array_elements(t.participants) e)"
                   " p WHERE t.id = $1::uuid AND ",
                   InUnitSql("p.id"),
                   " AND EXISTS (SELECT 1 FROM unnest(t.subjects) s (subject) WHERE NOT EXISTS"
                   " (SELECT 1 FROM {visible:test_result r} WHERE r.unified_test_id = t.id"
                   " AND r.school_id = p.id AND r.subject = s.subject))")};
  ASSIGN_OR_RETURN(const Result rows, call.Query(query, OfUnit(test_id, unit)));
  std::set<std::string> schools;
  for (int i = 0; i < rows.rows(); ++i) schools.insert(rows.Text(i, 0));
  return schools;
}

struct Computed {
  ImprovementComputation computation;
  TestHead outcome;
  bool baseline_is_whole = false;
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
  const Unit unit{v1::UnitKind_Name(request.unit_kind()), request.unit_id(),
                  day.empty() ? call.today() : day};
  ASSIGN_OR_RETURN(const TestFigures baseline, ReadFigures(call, request.baseline_test_id(), unit));
  ASSIGN_OR_RETURN(const TestFigures outcome, ReadFigures(call, request.outcome_test_id(), unit));
  Improvement improvement = Improve(baseline, outcome);
  ImprovementComputation& answer = computed.computation;
  answer.set_definition_version(kImprovementVersion);
  if (improvement.value.has_value()) answer.set_value(*improvement.value);
  for (v1::ImprovementCell& cell : improvement.cells) *answer.add_cells() = std::move(cell);
  for (v1::ExcludedCell& cell : improvement.excluded) *answer.add_excluded() = std::move(cell);
  ASSIGN_OR_RETURN(std::set<std::string> unreported,
                   UnreportedSchools(call, request.baseline_test_id(), unit));
  computed.baseline_is_whole = unreported.empty();
  ASSIGN_OR_RETURN(std::set<std::string> of_outcome,
                   UnreportedSchools(call, request.outcome_test_id(), unit));
  unreported.merge(of_outcome);
  answer.set_unreported_school_count(static_cast<int>(unreported.size()));
  return computed;
}

absl::StatusOr<ImprovementComputation> ComputeImprovement(Reading& reading,
                                                          const ComputeImprovementRequest& request) {
  ASSIGN_OR_RETURN(Computed computed, Compute(reading, request));
  return std::move(computed.computation);
}

int SchoolCount(const ImprovementComputation& computation) {
  std::set<std::string> schools;
  for (const v1::ImprovementCell& cell : computation.cells()) schools.insert(cell.school_id());
  return static_cast<int>(schools.size());
}

// What a coefficient keeps of its figures. Of a school all of them: they are its own. Many read that of an
// alliance or a place who may not see the results of every school in it (domain §1.13), so it only says how
// much there was.
void KeepFigures(ImprovementComputation* computation, ImprovementCoefficient* coefficient) {
  coefficient->set_school_count(SchoolCount(*computation));
  coefficient->set_cell_count(computation->cells_size());
  coefficient->set_excluded_count(computation->excluded_size());
  if (coefficient->unit_kind() != v1::UNIT_KIND_ORGANISATION) return;
  coefficient->mutable_cells()->Swap(computation->mutable_cells());
  coefficient->mutable_excluded()->Swap(computation->mutable_excluded());
}

absl::StatusOr<ImprovementCoefficient> RecordImprovement(Writing& writing,
                                                         const v1::RecordImprovementRequest& request) {
  ASSIGN_OR_RETURN(Computed computed, Compute(writing, request));
  ImprovementComputation& computation = computed.computation;
  if (computation.unreported_school_count() > 0)
    return RefuseTest(computed.baseline_is_whole ? "outcomeTestId" : "baselineTestId",
                      "该对象尚有学校的结果未录入或不可见",
                      "results of some schools of the unit are missing or out of sight");
  if (!computation.has_value())
    return RefuseTest("outcomeTestId", "没有可计入的学校和学科", "no school and subject counts");
  // Of two schools each would read the other's gain out of the mean and its own.
  if (request.unit_kind() == v1::UNIT_KIND_ALLIANCE && SchoolCount(computation) < kSmallestField)
    return RefuseTest("unitId", "计入的学校不足3所,由系数可推知他校结果",
                      "fewer than three schools count: each would learn the result of the other");
  ImprovementCoefficient coefficient;
  coefficient.set_unit_kind(request.unit_kind());
  coefficient.set_unit_id(request.unit_id());
  coefficient.set_origin(v1::COEFFICIENT_ORIGIN_COMPUTED);
  coefficient.set_improvement_definition_id(kImprovementDefinitionId);
  coefficient.set_value(computation.value());
  coefficient.set_term(computed.outcome.term);
  coefficient.set_baseline_test_id(request.baseline_test_id());
  coefficient.set_outcome_test_id(request.outcome_test_id());
  KeepFigures(&computation, &coefficient);
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
