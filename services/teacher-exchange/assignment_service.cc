// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/assignment_service.h"

#include "lianqiao/exchange/v1/support_team.pb.h"
#include "services/teacher-exchange/assignment_rules.h"
#include "services/teacher-exchange/assignment_snapshot.h"
#include "services/teacher-exchange/course_rules.h"
#include "services/teacher-exchange/support_team_rules.h"

namespace lianqiao::exchange {

void AddAssignments(resource::Service& service) {
  resource::Resource<v1::Assignment>(service)
      .facts(TeacherFacts())
      .facts(SchoolFacts())
      .facts(OtherAssignmentFacts())
      .facts(EthicsFacts())
      .facts(QuotaFacts())
      .facts(TeamFacts())
      .derives(TakeSnapshot)
      .rules(CheckAssignment)
      .on("ExtendAssignment", Extend<v1::Assignment, v1::ExtendAssignmentRequest>);
  resource::Resource<v1::SupportTeam>(service)
      .rules(CheckSupportTeam)
      .on("ExtendSupportTeam", Extend<v1::SupportTeam, v1::ExtendSupportTeamRequest>);
}

}  // namespace lianqiao::exchange
