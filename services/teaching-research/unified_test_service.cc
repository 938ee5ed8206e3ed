// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/unified_test_service.h"

#include <map>
#include <string>
#include <vector>

#include "lianqiao/research/v1/test_result.pb.h"
#include "lianqiao/research/v1/unified_test.pb.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/resource/wrong_state.h"
#include "services/teaching-research/test_analysis.h"
#include "services/teaching-research/unified_test_rules.h"

namespace lianqiao::research {

using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Writing;
using type::v1::TransitionRequest;
using v1::TestResult;
using v1::UnifiedTest;

namespace {

std::optional<double> Optional(const Result& rows, int row, int column) {
  if (rows.IsNull(row, column)) return std::nullopt;
  return rows.Double(row, column);
}

// Everything entered for the test that the caller may read; the organiser reads all.
absl::StatusOr<std::vector<SchoolFigures>> ResultsOf(Writing& writing, const std::string& test_id) {
  static const NamedQuery query{
      "results_of_test",
      "SELECT r.school_id, r.subject, r.tested_count, r.mean_score, r.standard_deviation, r.pass_share,"
      " r.excellent_share FROM {visible:test_result r} WHERE r.unified_test_id = $1::uuid"
      " ORDER BY r.school_id, r.subject"};
  ASSIGN_OR_RETURN(const Result rows, writing.Query(query, Parameters().Text(test_id)));
  std::vector<SchoolFigures> results;
  for (int i = 0; i < rows.rows(); ++i) {
    SchoolFigures figures;
    figures.school_id = rows.Text(i, 0);
    type::v1::Subject_Parse(rows.Text(i, 1), &figures.subject);
    figures.tested_count = rows.Integer(i, 2);
    figures.mean_score = rows.Double(i, 3);
    figures.standard_deviation = Optional(rows, i, 4);
    figures.pass_share = Optional(rows, i, 5);
    figures.excellent_share = Optional(rows, i, 6);
    results.push_back(std::move(figures));
  }
  return results;
}

std::string DayOf(const TransitionRequest& request, const Writing& writing) {
  return request.effective_on().empty() ? writing.today() : request.effective_on();
}

absl::StatusOr<UnifiedTest> AnalyseUnifiedTest(Writing& writing, const TransitionRequest& request) {
  ASSIGN_OR_RETURN(UnifiedTest test, writing.Load<UnifiedTest>(request.id(), request.etag()));
  if (test.state() != v1::UNIFIED_TEST_STATE_HELD) return resource::WrongState(test.state(), "HELD");
  ASSIGN_OR_RETURN(const std::vector<SchoolFigures> results, ResultsOf(writing, test.id()));
  if (results.empty())
    return base::FailIfAny(
        absl::StatusCode::kFailedPrecondition,
        {base::RefuseRule("id", "尚未录入任何结果", "has no results that could be analysed")});
  test.clear_analyses();
  for (v1::SubjectAnalysis& analysis : AnalyseSubjects(results)) *test.add_analyses() = std::move(analysis);
  test.set_state(v1::UNIFIED_TEST_STATE_ANALYSED);
  test.set_analysed_on(DayOf(request, writing));
  RETURN_IF_ERROR(writing.Update(&test));
  return test;
}

// Results of the test that become everybody's with its sharing. Compulsory grades that were monitored, or
// tested before the ban, are not compared among schools.
absl::StatusOr<std::vector<std::string>> ResultsToShare(Writing& writing, const std::string& test_id) {
  static const NamedQuery query{
      "results_to_share",
      "SELECT r.id FROM {visible:test_result r} JOIN {visible:unified_test t} ON t.id = r.unified_test_id"
      " WHERE t.id = $1::uuid AND t.purpose = 'TEST_PURPOSE_TEACHING_ANALYSIS' AND t.alliance_id IS NOT NULL"
      " AND r.shared_alliance_id IS NULL ORDER BY r.id"};
  ASSIGN_OR_RETURN(const Result rows, writing.Query(query, Parameters().Text(test_id)));
  std::vector<std::string> ids;
  for (int i = 0; i < rows.rows(); ++i) ids.push_back(rows.Text(i, 0));
  return ids;
}

// Locks results before their test, as whoever enters one does. One that came in between, when the test was
// opened and analysed again meanwhile, is found once the test is held and nothing comes any more. A test has
// up to 15,000 results: they are read and written together.
absl::StatusOr<UnifiedTest> ShareUnifiedTest(Writing& writing, const TransitionRequest& request) {
  std::map<std::string, TestResult> results;
  const auto load = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(std::vector<std::string> ids, ResultsToShare(writing, request.id()));
    std::erase_if(ids, [&](const std::string& id) { return results.count(id) > 0; });
    ASSIGN_OR_RETURN(std::vector<TestResult> loaded, writing.LoadMany<TestResult>(ids));
    for (TestResult& result : loaded) results[result.id()] = std::move(result);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(load());
  ASSIGN_OR_RETURN(UnifiedTest test, writing.Load<UnifiedTest>(request.id(), request.etag()));
  if (test.state() != v1::UNIFIED_TEST_STATE_ANALYSED) return resource::WrongState(test.state(), "ANALYSED");
  RETURN_IF_ERROR(load());
  test.set_state(v1::UNIFIED_TEST_STATE_SHARED);
  test.set_shared_on(DayOf(request, writing));
  RETURN_IF_ERROR(writing.Update(&test));
  std::vector<google::protobuf::Message*> shared;
  for (auto& [id, result] : results) {
    result.set_shared_alliance_id(test.alliance_id());
    shared.push_back(&result);
  }
  RETURN_IF_ERROR(writing.UpdateMany(shared));
  return test;
}

}  // namespace

void AddUnifiedTests(resource::Service& service) {
  resource::Resource<UnifiedTest>(service)
      .facts(TestParticipantFacts())
      .facts(TestPlaceFacts())
      .facts(StrayResultFacts())
      .derives(ClearAnalysis)
      .rules(CheckUnifiedTest)
      .deletion_rules(CheckUnifiedTestDeletion)
      .on("AnalyseUnifiedTest", AnalyseUnifiedTest)
      .on("ShareUnifiedTest", ShareUnifiedTest);
  resource::Resource<TestResult>(service)
      .facts(ResultTestFacts())
      .rules(CheckTestResult)
      .deletion_rules(CheckTestResultDeletion);
}

}  // namespace lianqiao::research
