// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/support_team_rules.h"

#include "services/teacher-exchange/course_rules.h"

namespace lianqiao::exchange {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Facts;
using resource::Violations;
using v1::SupportTeam;

Violations CheckSupportTeam(const SupportTeam* before, const SupportTeam& after, const Facts& facts) {
  Violations violations;
  CheckCourse(before, after, facts, &violations);
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
