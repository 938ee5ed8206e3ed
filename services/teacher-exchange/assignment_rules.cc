// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/assignment_rules.h"

#include "absl/strings/str_cat.h"
#include "libs/resource/record_content.h"
#include "services/teacher-exchange/course_rules.h"
#include "services/teacher-exchange/personal_numbers.h"
#include "services/teacher-exchange/weekly_share.h"

namespace lianqiao::exchange {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using v1::Assignment;

namespace {

constexpr int kWholeWeek = 100;

bool Approves(const Facts& facts) {
  return IsStep<Assignment>(facts, "Approve");
}

// A place of a quota that is taken, or was until the time was over.
bool TakesPlace(v1::AssignmentState state) {
  return state == v1::ASSIGNMENT_STATE_APPROVED || IsOnPost(state) ||
         state == v1::ASSIGNMENT_STATE_COMPLETED || state == v1::ASSIGNMENT_STATE_ASSESSED;
}

// Whether it counts already, so that nothing is taken anew: a deleted one does not.
bool Counted(const Assignment* before) {
  return before != nullptr && !before->has_delete_time();
}

void CheckForm(const Assignment& assignment, Violations* violations) {
  const bool rotates = assignment.type() == v1::ASSIGNMENT_TYPE_ROTATION;
  const bool has_kind = assignment.rotation_kind() != v1::ROTATION_KIND_UNSPECIFIED;
  if (rotates && !has_kind) violations->push_back(Refuse("rotationKind", ErrorReason::FIELD_REQUIRED));
  if (!rotates && has_kind)
    violations->push_back(Refuse("rotationKind", ErrorReason::FIELD_CONFLICT, {{"other", "type"}}));
  if (assignment.from_school_id() == assignment.to_school_id())
    violations->push_back(
        RefuseRule("toSchoolId", "须与派出学校不同", "must differ from the sending school"));
  const v1::HostRole role = assignment.host_role();
  const bool leads = role == v1::HOST_ROLE_PRINCIPAL || role == v1::HOST_ROLE_VICE_PRINCIPAL;
  if (assignment.type() == v1::ASSIGNMENT_TYPE_CADRE_DISPATCH && !leads)
    violations->push_back(RefuseRule("hostRole", "选派干部须任校长或副校长",
                                     "must be principal or vice principal in a cadre dispatch"));
  if (assignment.type() == v1::ASSIGNMENT_TYPE_CONCURRENT_VICE_PRINCIPAL &&
      role != v1::HOST_ROLE_VICE_PRINCIPAL)
    violations->push_back(RefuseRule("hostRole", "须为副校长", "must be vice principal"));
  if (assignment.type() == v1::ASSIGNMENT_TYPE_SHADOWING && role != v1::HOST_ROLE_TRAINEE)
    violations->push_back(RefuseRule("hostRole", "跟岗学习须为跟岗学员", "must be trainee in shadowing"));
}

// Of the team, and only in types in which people go as one.
void CheckTeam(const Assignment& assignment, const Facts& facts, Violations* violations) {
  const v1::AssignmentType type = assignment.type();
  if (assignment.support_team_id().empty()) {
    if (type == v1::ASSIGNMENT_TYPE_TEAM_SUPPORT && Approves(facts))
      violations->push_back(Refuse("supportTeamId", ErrorReason::FIELD_REQUIRED));
    return;
  }
  if (type != v1::ASSIGNMENT_TYPE_TEAM_SUPPORT && type != v1::ASSIGNMENT_TYPE_SECONDED_TEAM &&
      type != v1::ASSIGNMENT_TYPE_ROTATION)
    violations->push_back(Refuse("supportTeamId", ErrorReason::FIELD_CONFLICT, {{"other", "type"}}));
  for (const FactRow& team : facts.rows("team")) {
    if (team.Text("host_school_id") != assignment.to_school_id())
      violations->push_back(
          RefuseRule("supportTeamId", "团队进驻的是另一所学校", "is at another host school"));
  }
}

// What was approved is not made another by a mere change: dates go on by an extension, the rest anew.
void CheckApprovedContent(const Assignment& before, const Assignment& after, const Facts& facts,
                          Violations* violations) {
  if (!resource::IsEdit(facts) || before.state() == v1::ASSIGNMENT_STATE_NOMINATED) return;
  const auto refuse = [&](const char* field, bool changed) {
    if (changed)
      violations->push_back(
          RefuseRule(field, "已经批准,不得修改;请延期,或撤回、召回后重新提名",
                     "was approved: extend it, or withdraw or recall it and nominate anew"));
  };
  refuse("hostRole", before.host_role() != after.host_role());
  refuse("weeklySharePercent", before.weekly_share_percent() != after.weekly_share_percent());
  refuse("plannedFrom", before.planned_from() != after.planned_from());
  refuse("plannedUntil", before.planned_until() != after.planned_until());
}

void CheckRank(const Assignment& assignment, Violations* violations) {
  const v1::AssignmentType type = assignment.type();
  if (type == v1::ASSIGNMENT_TYPE_CADRE_DISPATCH && assignment.cadre_rank() < v1::CADRE_RANK_MID_LEVEL)
    violations->push_back(RefuseRule("teacherId", "选派干部须为中层及以上干部",
                                     "must be a cadre of mid-level or above on that day"));
  if (type == v1::ASSIGNMENT_TYPE_CONCURRENT_VICE_PRINCIPAL &&
      assignment.cadre_rank() < v1::CADRE_RANK_VICE_PRINCIPAL)
    violations->push_back(
        RefuseRule("teacherId", "须为校级领导", "must be a vice principal or principal on that day"));
  if (type == v1::ASSIGNMENT_TYPE_RESERVE_CADRE_TRAINING && !assignment.reserve_cadre())
    violations->push_back(RefuseRule("teacherId", "须为校级后备干部", "must be a reserve cadre on that day"));
}

void CheckApproval(const Assignment& assignment, const Facts& facts, Violations* violations) {
  if (assignment.planned_from().empty())
    violations->push_back(Refuse("plannedFrom", ErrorReason::FIELD_REQUIRED));
  if (assignment.planned_until().empty() && assignment.type() == v1::ASSIGNMENT_TYPE_POST_EXCHANGE)
    violations->push_back(Refuse("plannedUntil", ErrorReason::FIELD_REQUIRED));
  CheckRank(assignment, violations);
  for (const FactRow& teacher : facts.rows("teacher")) {
    const std::string left_on = teacher.Text("left_on");
    if (!left_on.empty() && (left_on < assignment.planned_from() || left_on < facts.today()))
      violations->push_back(RefuseRule("teacherId", "教师已离任", "has left the service"));
  }
  // Says no more than that: whoever asks may not read ethics results.
  for (const FactRow& ethics : facts.rows("ethics")) {
    if (ethics.Text("outcome") == "ETHICS_OUTCOME_FAILED")
      violations->push_back(RefuseRule("teacherId", "未通过任职前审核,请向主管教育局核实",
                                       "does not pass the checks before a post; ask the bureau in charge"));
  }
}

// By whom the teacher is sent: the school where the teacher is. An import tells of days gone by.
void CheckSender(const Assignment* before, const Assignment& after, const Facts& facts,
                 Violations* violations) {
  const bool nominates = before == nullptr && after.state() == v1::ASSIGNMENT_STATE_NOMINATED;
  if (!nominates && !Approves(facts)) return;
  for (const FactRow& teacher : facts.rows("teacher")) {
    if (!teacher.Boolean("at_school"))
      violations->push_back(
          RefuseRule("fromSchoolId", "教师不在该校", "is not the school where the teacher is"));
  }
}

void CheckShare(const Assignment* before, const Assignment& after, const Facts& facts,
                Violations* violations) {
  Share own;
  Share was;
  const bool current = after.state() == v1::ASSIGNMENT_STATE_APPROVED || IsOnPost(after.state());
  // What has ended is history: it is written as it was.
  if (!TakesShare(after, facts.today(), &own) || !current) return;
  if (Counted(before) && TakesShare(*before, facts.today(), &was) && was == own) return;
  const Busiest busiest = BusiestDay(own, SharesOf(facts.rows("others"), facts.today()));
  if (busiest.percent <= kWholeWeek) return;
  violations->push_back(
      RefuseRule("weeklySharePercent",
                 absl::StrCat(busiest.day, busiest.day.empty() ? "" : " 起", "各项任职合计占每周 ",
                              busiest.percent, "%,超过 100%"),
                 absl::StrCat("makes ", busiest.percent, " % of the week together with other assignments",
                              busiest.day.empty() ? "" : " from ", busiest.day)));
}

// A quota is for one kind of exchange and for one side.
void CheckFitsQuota(const Assignment& assignment, const FactRow& quota, Violations* violations) {
  if (quota.Text("type") != v1::AssignmentType_Name(assignment.type()))
    violations->push_back(RefuseRule("quotaId", "名额的交流类型不同", "is for another type of exchange"));
  const std::string alliance_id = quota.Text("alliance_id");
  if (!alliance_id.empty() && alliance_id != assignment.alliance_id())
    violations->push_back(RefuseRule("quotaId", "名额属于另一联盟", "is another alliance's"));
  if (!quota.Boolean("of_this_side"))
    violations->push_back(
        RefuseRule("quotaId", "派出学校不属于承担该名额的一方", "is not for the side of the sending school"));
}

void CheckQuota(const Assignment* before, const Assignment& after, const Facts& facts,
                Violations* violations) {
  const auto& rows = facts.rows("quota");
  if (rows.empty()) return;
  const bool named = before == nullptr || before->quota_id() != after.quota_id() ||
                     before->alliance_id() != after.alliance_id();
  if (named || Approves(facts)) CheckFitsQuota(after, rows[0], violations);
  const bool had_place = Counted(before) && TakesPlace(before->state()) && !named;
  // An import brings what was: also more than was planned.
  const bool imports =
      facts.imports() || (before == nullptr && after.state() != v1::ASSIGNMENT_STATE_NOMINATED);
  if (had_place || imports || !TakesPlace(after.state())) return;
  if (rows[0].Integer("taken") >= rows[0].Integer("planned_count"))
    violations->push_back(RefuseRule("quotaId", "名额已满", "has no place left"));
}

}  // namespace

resource::FactQuery OtherAssignmentFacts() {
  return {"others",
          absl::StrCat("SELECT ", kShareColumns,
                       " FROM assignment a WHERE a.teacher_id = $1::uuid AND a.id <> $2::uuid"
                       " AND a.delete_time IS NULL AND a.state NOT IN ('ASSIGNMENT_STATE_NOMINATED',"
                       " 'ASSIGNMENT_STATE_WITHDRAWN')"),
          {"teacher_id", "id"},
          {}};
}

resource::FactQuery EthicsFacts() {
  return {"ethics",
          "SELECT e.outcome FROM ethics_result e WHERE e.teacher_id = $1::uuid AND e.delete_time IS NULL"
          " AND e.outcome <> 'ETHICS_OUTCOME_UNSPECIFIED' ORDER BY e.year DESC LIMIT 1",
          {"teacher_id"},
          {"ApproveAssignment"}};
}

resource::FactQuery QuotaFacts() {
  // The place of the sending school and all above it.
  const std::string within =
      "EXISTS (WITH RECURSIVE place (id, parent_id) AS (SELECT j.id, j.parent_id FROM registry_jurisdiction j"
      " WHERE j.id = o.jurisdiction_id UNION SELECT p.id, p.parent_id FROM registry_jurisdiction p"
      " JOIN place ON p.id = place.parent_id) SELECT 1 FROM place WHERE place.id = ";
  return {
      "quota",
      absl::StrCat("SELECT q.planned_count, q.type, q.alliance_id, (SELECT count(*) FROM assignment a"
                   " WHERE a.quota_id = q.id AND a.id <> $3::uuid AND a.delete_time IS NULL AND a.state IN ",
                   kTakesPlace, ") AS taken, (q.jurisdiction_id IS NULL OR ", within,
                   "q.jurisdiction_id)) AND (q.side = 'QUOTA_SIDE_UNSPECIFIED' OR EXISTS"
                   " (SELECT 1 FROM registry_membership m WHERE m.alliance_id = q.alliance_id"
                   " AND m.state IN ('MEMBERSHIP_STATE_ACTIVE', 'MEMBERSHIP_STATE_SUSPENDED')"
                   " AND m.side = replace(q.side, 'QUOTA_SIDE', 'MEMBERSHIP_SIDE')"
                   " AND (m.organisation_id IN (o.id, o.parent_organisation_id) OR ",
                   within,
                   "m.jurisdiction_id)))) AS of_this_side"
                   " FROM quota q, registry_organisation o"
                   " WHERE q.id = $1::uuid AND o.id = $2::uuid"),
      {"quota_id", "from_school_id", "id"},
      {}};
}

resource::FactQuery TeamFacts() {
  return {"team",
          "SELECT s.host_school_id FROM support_team s WHERE s.id = $1::uuid",
          {"support_team_id"},
          {},
          true};
}

Violations CheckAssignment(const Assignment* before, const Assignment& after, const Facts& facts) {
  Violations violations;
  RefusePersonalNumbers(after, &violations);
  CheckForm(after, &violations);
  CheckCourse(before, after, facts, &violations);
  CheckTeam(after, facts, &violations);
  if (before != nullptr) CheckApprovedContent(*before, after, facts, &violations);
  CheckSender(before, after, facts, &violations);
  if (Approves(facts)) CheckApproval(after, facts, &violations);
  CheckShare(before, after, facts, &violations);
  CheckQuota(before, after, facts, &violations);
  return violations;
}

}  // namespace lianqiao::exchange
