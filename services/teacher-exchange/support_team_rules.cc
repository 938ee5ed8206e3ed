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
}

}  // namespace

Violations CheckSupportTeamDeletion(const SupportTeam& record, const Facts& facts) {
  return CheckCourseDeletion(record);
}

Violations CheckSupportTeam(const SupportTeam* before, const SupportTeam& after, const Facts& facts) {
  Violations violations;
  CheckCourse(before, after, facts, &violations);
  if (before != nullptr) CheckApprovedContent(*before, after, facts, &violations);
  if (IsStep<SupportTeam>(facts, "Approve") || IsBroughtBack(before, after))
    CheckEthics("leaderTeacherId", facts, &violations);
  if (after.sending_organisation_id() == after.host_school_id())
    violations.push_back(
        RefuseRule("hostSchoolId", "须与派出单位不同", "must differ from the sending organisation"));
  if (IsStep<SupportTeam>(facts, "Approve")) {
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
