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
  if (before.state() == v1::ASSIGNMENT_STATE_ASSESSED) {
    if (resource::ContentDiffers(before, after, {}))
      violations->push_back(
          RefuseRule("state", "已经考核,不得修改", "was assessed: nothing of it is changed any more"));
    return;
  }
  const auto refuse = [&](const char* field, bool changed) {
    if (changed)
      violations->push_back(
          RefuseRule(field, "已经批准,不得修改;请延期,或撤回、召回后重新提名",
                     "was approved: extend it, or withdraw or recall it and nominate anew"));
  };
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
