// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/support_team_rules.h"

#include "libs/resource/record_content.h"
#include "services/teacher-exchange/course_rules.h"
#include "services/teacher-exchange/ethics_veto.h"

namespace lianqiao::exchange {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Facts;
using resource::Violations;
using v1::SupportTeam;

namespace {

// As with assignments: what was approved stays, what was assessed does as a whole.
void CheckApprovedContent(const SupportTeam& before, const SupportTeam& after, const Facts& facts,
                          Violations* violations) {
  if (!resource::IsEdit(facts) || before.state() == v1::ASSIGNMENT_STATE_NOMINATED) return;
  if (before.state() == v1::ASSIGNMENT_STATE_ASSESSED) return RefuseIfAssessed(before, after, {}, violations);
  const auto refuse = [&](const char* field, bool changed) { RefuseIfApproved(field, changed, violations); };
  refuse("leaderTeacherId", before.leader_teacher_id() != after.leader_teacher_id());
  refuse("allianceId", before.alliance_id() != after.alliance_id());
  refuse("tasks", before.tasks() != after.tasks());
  refuse("plannedFrom", before.planned_from() != after.planned_from());
  refuse("plannedUntil", before.planned_until() != after.planned_until());
  RefuseRewrittenDays(before, after, violations);
}

// As of members: whoever has left by the first day leads nobody, nor to a later last day.
void CheckLeader(const std::string& needed_on, const Facts& facts, Violations* violations) {
  for (const resource::FactRow& leader : facts.rows("leader")) {
    const std::string left_on = leader.Text("left_on");
    if (!left_on.empty() && (left_on < needed_on || left_on < facts.today()))
      violations->push_back(RefuseRule("leaderTeacherId", "教师已离任", "has left the service"));
  }
}

}  // namespace

resource::FactQuery LeaderFacts() {
  return {"leader",
          "SELECT t.left_on FROM teacher t WHERE t.id = $1::uuid",
          {"leader_teacher_id"},
          {"ApproveSupportTeam", "ExtendSupportTeam"},
          true};
}

Violations CheckSupportTeamDeletion(const SupportTeam& record, const Facts& facts) {
  return CheckCourseDeletion(record);
}

Violations CheckSupportTeam(const SupportTeam* before, const SupportTeam& after, const Facts& facts) {
  Violations violations;
  CheckCourse(before, after, facts, &violations);
  if (before != nullptr) CheckApprovedContent(*before, after, facts, &violations);
  const bool approves = IsStep<SupportTeam>(facts, "Approve");
  const bool extends = IsStep<SupportTeam>(facts, "Extend");
  if (approves || extends || IsBroughtBack(before, after)) CheckEthics("leaderTeacherId", facts, &violations);
  if (approves || extends)
    CheckLeader(extends ? after.planned_until() : after.planned_from(), facts, &violations);
  if (after.sending_organisation_id() == after.host_school_id())
    violations.push_back(
        RefuseRule("hostSchoolId", "须与派出单位不同", "must differ from the sending organisation"));
  if (approves) {
    if (after.leader_teacher_id().empty())
      violations.push_back(Refuse("leaderTeacherId", ErrorReason::FIELD_REQUIRED));
    if (after.tasks().empty()) violations.push_back(Refuse("tasks", ErrorReason::FIELD_REQUIRED));
    if (after.planned_from().empty())
      violations.push_back(Refuse("plannedFrom", ErrorReason::FIELD_REQUIRED));
  }
  if (IsStep<SupportTeam>(facts, "Assess") && after.outcome().empty())
    violations.push_back(Refuse("outcome", ErrorReason::FIELD_REQUIRED));
  return violations;
}

}  // namespace lianqiao::exchange
