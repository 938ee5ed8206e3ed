// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/unified_test_rules.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "libs/resource/record_content.h"
#include "services/teaching-research/school_facts.h"
#include "services/teaching-research/step_dates.h"

namespace lianqiao::research {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using v1::TestResult;
using v1::UnifiedTest;

int StepsTaken(v1::UnifiedTestState state) {
  switch (state) {
    case v1::UNIFIED_TEST_STATE_SET:
    case v1::UNIFIED_TEST_STATE_CANCELLED:
      return 1;
    case v1::UNIFIED_TEST_STATE_HELD:
      return 2;
    case v1::UNIFIED_TEST_STATE_ANALYSED:
      return 3;
    case v1::UNIFIED_TEST_STATE_SHARED:
      return 4;
    default:
      return 0;
  }
}

bool IsHistory(const UnifiedTest& test) {
  return test.purpose() == v1::TEST_PURPOSE_HISTORICAL_IMPORT;
}

void CheckPurpose(const UnifiedTest* before, const UnifiedTest& test, const Facts& facts,
                  Violations* violations) {
  if (!StageHasGrade(test.stage(), test.grade()))
    violations->push_back(RefuseRule("grade", "不属于所填学段", "does not belong to the stage"));
  if (test.purpose() == v1::TEST_PURPOSE_TEACHING_ANALYSIS &&
      !MayBeTestedTogether(test.stage(), test.grade()))
    violations->push_back(RefuseRule(
        "purpose", "小学和初中非毕业年级不得组织区域或跨校统一考试,仅可为依法开展的质量监测或历史数据导入",
        "tests over several schools are banned in primary and non-graduating junior grades: only quality"
        " monitoring with a legal basis, or a historical import"));
  if (test.purpose() == v1::TEST_PURPOSE_QUALITY_MONITORING) {
    if (test.monitoring_body().empty())
      violations->push_back(Refuse("monitoringBody", ErrorReason::FIELD_REQUIRED));
    if (test.legal_basis().empty()) violations->push_back(Refuse("legalBasis", ErrorReason::FIELD_REQUIRED));
  } else if (!test.monitoring_body().empty() || !test.legal_basis().empty()) {
    violations->push_back(RefuseRule(test.monitoring_body().empty() ? "legalBasis" : "monitoringBody",
                                     "仅质量监测填写", "belongs to quality monitoring only"));
  }
  if (!IsHistory(test)) return;
  if (before == nullptr && !facts.imports())
    violations->push_back(RefuseRule("purpose", "历史数据须由有导入权限的来源系统批量导入",
                                     "history comes from who may import, by a batch upsert"));
  if (test.held_on().empty()) violations->push_back(Refuse("heldOn", ErrorReason::FIELD_REQUIRED));
  if (test.evidence().empty()) violations->push_back(Refuse("evidence", ErrorReason::FIELD_REQUIRED));
}

void CheckCourse(const UnifiedTest* before, const UnifiedTest& after, const Facts& facts,
                 Violations* violations) {
  const int taken = StepsTaken(after.state());
  CheckStepDates({{"preparedOn", after.prepared_on(), taken >= 1 || IsHistory(after)},
                  {"heldOn", after.held_on(), taken >= 2 || IsHistory(after)},
                  {"analysedOn", after.analysed_on(), taken >= 3},
                  {"sharedOn", after.shared_on(), taken >= 4}},
                 facts.today(), violations);
  if (!after.term().empty() && after.term().rfind(after.school_year(), 0) != 0)
    violations->push_back(RefuseRule("term", "不属于所填学年", "does not belong to the school year"));
  const bool stands = before != nullptr && StepsTaken(before->state()) >= 3;
  if (stands && resource::IsEdit(facts) &&
      resource::ContentDiffers(*before, after, {"state", "title", "conclusions"}))
    violations->push_back(RefuseRule("state", "已分析的测试,须先退回录入方可更改",
                                     "what was analysed stands: reopen it before changing it"));
  // Else an imported test could be held once more, now.
  const bool rewrites = before != nullptr && !facts.imports() &&
                        (before->held_on() != after.held_on() ||
                         (resource::IsEdit(facts) &&
                          resource::ContentDiffers(*before, after, {"state", "title", "conclusions"})));
  if (rewrites && IsHistory(after))
    violations->push_back(RefuseRule("purpose", "历史测试的内容只能由导入更改",
                                     "what is history is changed by an import only"));
  if (!facts.rows("stray").empty())
    violations->push_back(RefuseRule("participants", "已有结果的学校和学科不得移出",
                                     "schools and subjects with results cannot be taken out"));
}

bool SameParticipants(const UnifiedTest& one, const UnifiedTest& other) {
  return one.participants_size() == other.participants_size() &&
         std::equal(one.participants().begin(), one.participants().end(), other.participants().begin(),
                    [](const v1::TestParticipant& a, const v1::TestParticipant& b) {
                      return a.organisation_id() == b.organisation_id();
                    });
}

// Who was a participant once stays one, also after it has left the alliance.
void CheckParticipants(const UnifiedTest* before, const UnifiedTest& after, const Facts& facts,
                       Violations* violations) {
  RefuseRepeated(after.participants(), "participants", violations);
  if (before != nullptr && SameParticipants(*before, after)) return;
  for (const FactRow& row : facts.rows("participants")) {
    const std::string field = absl::StrCat("participants[", row.Integer("position"), "].organisationId");
    if (!row.Boolean("found"))
      violations->push_back(
          Refuse(field, ErrorReason::REFERENCE_NOT_FOUND, {{"kind", "organisation"}, {"kind_zh", "机构"}}));
    else if (!IsSchoolKind(row.Text("kind")))
      violations->push_back(RefuseRule(field, "须为学校", "is no school"));
    else if (!row.Boolean("allied") && !row.Boolean("in_place"))
      violations->push_back(
          RefuseRule(field, "当时既不是该联盟成员,也不在组织单位所属辖区内",
                     "is neither a party of the alliance then nor in the organiser's place"));
  }
}

// A place's schools read a test that its authority holds for them; an alliance's test is its parties'.
void CheckPlace(const UnifiedTest* before, const UnifiedTest& after, const Facts& facts,
                Violations* violations) {
  if (before != nullptr || after.jurisdiction_id().empty()) return;  // Immutable.
  if (!after.alliance_id().empty())
    violations->push_back(Refuse("jurisdictionId", ErrorReason::FIELD_CONFLICT, {{"other", "allianceId"}}));
  const auto& place = facts.rows("place");
  if (!place.empty() && !place[0].Boolean("within"))
    violations->push_back(RefuseRule("jurisdictionId", "须为组织测试的教育行政部门或其直属单位所辖",
                                     "must be a place of the education authority that organises the test"));
}

const char* ClosedText(const FactRow& test, const Facts& facts) {
  if (facts.method() == "ShareUnifiedTest") return nullptr;
  const std::string state = test.Text("state");
  if (state == "UNIFIED_TEST_STATE_DRAFTED" || state == "UNIFIED_TEST_STATE_SET") return "尚未开考";
  if (state == "UNIFIED_TEST_STATE_CANCELLED") return "测试已取消";
  // History comes with its states: as long as no figures rest on them, results may still arrive.
  return state != "UNIFIED_TEST_STATE_HELD" && test.Boolean("analysed") ? "测试已分析,须先退回录入" : nullptr;
}

void CheckOpen(const Facts& facts, Violations* violations) {
  for (const FactRow& test : facts.rows("test")) {
    const char* text = ClosedText(test, facts);
    if (text != nullptr)
      violations->push_back(RefuseRule(
          "unifiedTestId", text, "results are entered after the test was held and before its analysis"));
  }
}

void CheckBelongs(const TestResult& result, const Facts& facts, Violations* violations) {
  for (const FactRow& test : facts.rows("test")) {
    if (test.Text("organisation_id") != result.organisation_id())
      violations->push_back(RefuseRule("organisationId", "须为该测试的组织单位", "is not the organiser"));
    if (!test.Boolean("participates"))
      violations->push_back(
          RefuseRule("schoolId", "不在该测试的参测学校中", "is no participant of the test"));
    const std::vector<std::string> subjects = test.TextArray("subjects");
    if (std::find(subjects.begin(), subjects.end(), type::v1::Subject_Name(result.subject())) ==
        subjects.end())
      violations->push_back(RefuseRule("subject", "该测试没有此学科", "is no subject of the test"));
  }
}

// The deviation of scores between 0 and f with mean m is at most √(m·(f − m)); over n − 1 a little more.
bool DeviationIsPossible(const TestResult& result) {
  const double n = static_cast<double>(result.tested_count());
  if (n < 2) return result.standard_deviation() == 0;
  const double widest = result.mean_score() * (result.full_score() - result.mean_score()) * n / (n - 1);
  constexpr double kRounding = 0.01;
  return result.standard_deviation() <= std::sqrt(std::max(widest, 0.0)) + kRounding;
}

void CheckFigures(const TestResult& result, Violations* violations) {
  if (result.has_full_score() && result.mean_score() > result.full_score())
    violations->push_back(RefuseRule("meanScore", "高于满分", "is above the full score"));
  else if (result.has_full_score() && result.has_standard_deviation() && !DeviationIsPossible(result))
    violations->push_back(RefuseRule("standardDeviation", "在该平均分和满分下不可能",
                                     "is impossible with this mean and full score"));
  if (result.has_pass_share() && result.has_excellent_share() &&
      result.excellent_share() > result.pass_share())
    violations->push_back(RefuseRule("excellentShare", "高于及格率", "is above the pass share"));
}

}  // namespace

bool MayBeTestedTogether(type::v1::Stage stage, type::v1::Grade grade) {
  if (stage == type::v1::STAGE_SENIOR || stage == type::v1::STAGE_VOCATIONAL) return true;
  return stage == type::v1::STAGE_JUNIOR && grade == type::v1::GRADE_9;
}

// Parties of the day of the test; before it has one, of today.
constexpr char kDay[] = "coalesce($4::date, $5::date, (now() AT TIME ZONE 'Asia/Shanghai')::date)";

resource::FactQuery TestParticipantFacts() {
  return {"participants",
          absl::StrCat("SELECT entry.number - 1 AS position, school.id IS NOT NULL AS found, school.kind, ",
                       PartySql("$2::uuid", "body", kDay, true), " AND ",
                       PartySql("$2::uuid", "school", kDay, true), " AS allied, ", InPlaceSql(),
                       " AS in_place FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY"
                       " AS entry (value, number) LEFT JOIN registry_organisation school"
                       " ON school.id = (entry.value->>'organisation_id')::uuid"
                       " LEFT JOIN registry_organisation body ON body.id = $3::uuid"),
          {"participants", "alliance_id", "organisation_id", "held_on", "planned_on"},
          {}};
}

resource::FactQuery TestPlaceFacts() {
  return {"place",
          absl::StrCat("SELECT place.sync_scope && ARRAY[body.jurisdiction_id] AND ", kIsAuthoritySql,
                       " AS within FROM registry_jurisdiction place JOIN registry_organisation body"
                       " ON body.id = $2::uuid WHERE place.id = $1::uuid"),
          {"jurisdiction_id", "organisation_id"},
          {"CreateUnifiedTest", "BatchUpsertUnifiedTests"}};
}

resource::FactQuery StrayResultFacts() {
  return {"stray",
          "SELECT 1 AS found FROM test_result r WHERE r.unified_test_id = $1::uuid AND r.delete_time IS NULL"
          " AND (r.subject <> ALL ($2::text[]) OR NOT EXISTS (SELECT 1 FROM jsonb_array_elements($3::jsonb) e"
          " WHERE (e->>'organisation_id')::uuid = r.school_id)) LIMIT 1",
          {"id", "subjects", "participants"},
          {"UpdateUnifiedTest", "BatchUpsertUnifiedTests"}};
}

Violations CheckUnifiedTest(const UnifiedTest* before, const UnifiedTest& after, const Facts& facts) {
  Violations violations;
  CheckPurpose(before, after, facts, &violations);
  CheckCourse(before, after, facts, &violations);
  CheckParticipants(before, after, facts, &violations);
  CheckPlace(before, after, facts, &violations);
  for (int i = 0; i < after.subjects_size(); ++i) {
    for (int j = 0; j < i; ++j) {
      if (after.subjects(i) == after.subjects(j))
        violations.push_back(RefuseRule(absl::StrCat("subjects[", i, "]"), "学科重复", "is named twice"));
    }
  }
  return violations;
}

void ClearAnalysis(UnifiedTest* test, const Facts& facts) {
  if (StepsTaken(test->state()) < 3) test->clear_analyses();
  if (facts.method() == "ReopenUnifiedTest") test->clear_analysed_on();
}

resource::FactQuery ResultTestFacts() {
  return {"test",
          "SELECT t.state, t.organisation_id, t.subjects, t.analyses <> '[]' AS analysed,"
          " EXISTS (SELECT 1 FROM jsonb_array_elements(t.participants) e"
          " WHERE (e->>'organisation_id')::uuid = $2::uuid) AS participates"
          " FROM unified_test t WHERE t.id = $1::uuid",
          {"unified_test_id", "school_id"},
          {}};
}

Violations CheckTestResult(const TestResult* before, const TestResult& after, const Facts& facts) {
  Violations violations;
  CheckOpen(facts, &violations);
  CheckBelongs(after, facts, &violations);
  CheckFigures(after, &violations);
  return violations;
}

Violations CheckUnifiedTestDeletion(const UnifiedTest& record, const Facts& facts) {
  if (StepsTaken(record.state()) < 3) return {};
  return {RefuseRule("state", "已分析的测试不得删除", "has been analysed: its record stays")};
}

Violations CheckTestResultDeletion(const TestResult& record, const Facts& facts) {
  Violations violations;
  CheckOpen(facts, &violations);
  return violations;
}

}  // namespace lianqiao::research
