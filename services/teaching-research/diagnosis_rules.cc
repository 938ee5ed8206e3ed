// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/diagnosis_rules.h"

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
using v1::DiagnosisFinding;
using v1::DiagnosisVisit;

void CheckReach(const DiagnosisVisit& visit, const Facts& facts, Violations* violations) {
  if (visit.organisation_id() == visit.school_id())
    violations->push_back(RefuseRule("schoolId", "不得是派出单位自身", "is the visiting body itself"));
  for (const FactRow& row : facts.rows("reach")) {
    if (!IsSchoolKind(row.Text("kind")))
      violations->push_back(RefuseRule("schoolId", "须为学校", "is no school"));
    if (!visit.alliance_id().empty() && !row.Boolean("allied"))
      violations->push_back(RefuseRule("allianceId", "派出单位和被访学校不都是该联盟成员",
                                       "the visiting body and the school are not both its parties"));
    if (visit.alliance_id().empty() && !row.Boolean("in_place"))
      violations->push_back(RefuseRule("allianceId", "学校不在派出单位所属辖区内,须填写共同所在联盟",
                                       "the school lies outside the place of the visiting body: name the"
                                       " alliance that both are in"));
  }
}

void CheckTeam(const DiagnosisVisit& visit, Violations* violations) {
  const int named = visit.member_ids_size() + (visit.leader_id().empty() ? 0 : 1);
  if (visit.team_size() < named)
    violations->push_back(RefuseRule("teamSize", "少于所列人员", "is less than the people named"));
  for (int i = 0; i < visit.member_ids_size(); ++i) {
    bool repeated = visit.member_ids(i) == visit.leader_id();
    for (int j = 0; j < i; ++j) repeated = repeated || visit.member_ids(i) == visit.member_ids(j);
    if (repeated)
      violations->push_back(RefuseRule(absl::StrCat("memberIds[", i, "]"), "人员重复", "is named twice"));
  }
}

bool IsReported(v1::DiagnosisVisitState state) {
  return state == v1::DIAGNOSIS_VISIT_STATE_REPORTED || state == v1::DIAGNOSIS_VISIT_STATE_ACKNOWLEDGED;
}

void CheckCourse(const DiagnosisVisit* before, const DiagnosisVisit& after, const Facts& facts,
                 Violations* violations) {
  const bool reported = IsReported(after.state());
  const bool held = reported || after.state() == v1::DIAGNOSIS_VISIT_STATE_HELD;
  CheckStepDates(
      {{"visitedOn", after.visited_on(), held},
       {"reportedOn", after.reported_on(), reported},
       {"acknowledgedOn", after.acknowledged_on(), after.state() == v1::DIAGNOSIS_VISIT_STATE_ACKNOWLEDGED}},
      facts.today(), violations);
  if (facts.method() == "ReportDiagnosisVisit" && after.summary().empty() && facts.rows("findings").empty())
    violations->push_back(RefuseRule("summary", "反馈须有总体评价或至少一条意见",
                                     "a report has a summary or at least one finding"));
  if (before != nullptr && IsReported(before->state()) && resource::IsEdit(facts) &&
      resource::ContentDiffers(*before, after, {"state"}))
    violations->push_back(RefuseRule("state", "已反馈的内容不可更改,须先退回修改",
                                     "what was reported stands: reopen it before changing it"));
}

// A source system keeps its own papers and may correct them.
void CheckVisitOpen(const Facts& facts, Violations* violations) {
  for (const FactRow& visit : facts.rows("visit")) {
    const std::string state = visit.Text("state");
    const bool not_held =
        state == "DIAGNOSIS_VISIT_STATE_PLANNED" || state == "DIAGNOSIS_VISIT_STATE_CANCELLED";
    if (not_held || (!facts.imports() && state != "DIAGNOSIS_VISIT_STATE_HELD"))
      violations->push_back(RefuseRule("diagnosisVisitId", "仅已开展且尚未反馈的视导可录入意见",
                                       "findings are entered after the visit and before its report"));
  }
}

}  // namespace

resource::FactQuery VisitReachFacts() {
  return {"reach",
          absl::StrCat("SELECT school.kind, ", AlliedSql("$3::uuid"), " AS allied, ", InPlaceSql(),
                       " AS in_place FROM registry_organisation body, registry_organisation school"
                       " WHERE body.id = $1::uuid AND school.id = $2::uuid"),
          {"organisation_id", "school_id", "alliance_id"},
          {"CreateDiagnosisVisit", "BatchUpsertDiagnosisVisits"}};
}

resource::FactQuery VisitFindingFacts() {
  return {"findings",
          "SELECT 1 AS found FROM diagnosis_finding f WHERE f.diagnosis_visit_id = $1::uuid"
          " AND f.delete_time IS NULL LIMIT 1",
          {"id"},
          {"ReportDiagnosisVisit"}};
}

void TakeReportBack(DiagnosisVisit* visit, const Facts& facts) {
  if (facts.method() == "ReopenDiagnosisVisit") visit->clear_reported_on();
}

Violations CheckDiagnosisVisit(const DiagnosisVisit* before, const DiagnosisVisit& after,
                               const Facts& facts) {
  Violations violations;
  if (before == nullptr) CheckReach(after, facts, &violations);
  CheckTeam(after, &violations);
  CheckCourse(before, after, facts, &violations);
  return violations;
}

resource::FactQuery FindingVisitFacts() {
  return {"visit", "SELECT v.state FROM diagnosis_visit v WHERE v.id = $1::uuid", {"diagnosis_visit_id"}, {}};
}

Violations CheckDiagnosisFinding(const DiagnosisFinding* before, const DiagnosisFinding& after,
                                 const Facts& facts) {
  Violations violations;
  CheckVisitOpen(facts, &violations);
  if (after.kind() == v1::FINDING_KIND_PROBLEM && after.advice().empty())
    violations.push_back(Refuse("advice", ErrorReason::FIELD_REQUIRED));
  if (after.kind() == v1::FINDING_KIND_STRENGTH && !after.suggested_due_on().empty())
    violations.push_back(RefuseRule("suggestedDueOn", "仅问题填写", "belongs to problems only"));
  return violations;
}

Violations CheckDiagnosisFindingDeletion(const DiagnosisFinding& record, const Facts& facts) {
  Violations violations;
  CheckVisitOpen(facts, &violations);
  return violations;
}

Violations CheckDiagnosisVisitDeletion(const DiagnosisVisit& record, const Facts& facts) {
  if (record.state() == v1::DIAGNOSIS_VISIT_STATE_PLANNED) return {};
  return {RefuseRule("state", "已开展或已取消的视导不得删除", "was held or cancelled: its record stays")};
}

}  // namespace lianqiao::research
