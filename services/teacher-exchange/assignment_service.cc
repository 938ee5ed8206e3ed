// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/assignment_service.h"

#include "lianqiao/exchange/v1/support_team.pb.h"
#include "services/teacher-exchange/assignment_rules.h"
#include "services/teacher-exchange/assignment_snapshot.h"
#include "services/teacher-exchange/course_rules.h"
#include "services/teacher-exchange/ethics_veto.h"
#include "services/teacher-exchange/support_team_rules.h"

namespace lianqiao::exchange {

void AddAssignments(resource::Service& service) {
  resource::Resource<v1::Assignment>(service)
      .facts(TeacherFacts())
      .facts(SchoolFacts())
      .facts(OtherAssignmentFacts())
      .facts(EthicsFacts("teacher_id", {"ApproveAssignment", "ExtendAssignment", "UndeleteAssignment"}))
      .facts(QuotaFacts())
      .facts(TeamFacts())
      .facts(TeamSenderFacts())
      .facts(FilledVacancyFacts())
      .derives(TakeSnapshot)
      .rules(CheckAssignment)
      .deletion_rules(CheckAssignmentDeletion)
      .on("ExtendAssignment", Extend<v1::Assignment, v1::ExtendAssignmentRequest>);
  resource::Resource<v1::SupportTeam>(service)
      .facts(EthicsFacts("leader_teacher_id",
                         {"ApproveSupportTeam", "ExtendSupportTeam", "UndeleteSupportTeam"}))
      .facts(LeaderFacts())
      .rules(CheckSupportTeam)
      .deletion_rules(CheckSupportTeamDeletion)
      .on("ExtendSupportTeam", Extend<v1::SupportTeam, v1::ExtendSupportTeamRequest>);
}

}  // namespace lianqiao::exchange
