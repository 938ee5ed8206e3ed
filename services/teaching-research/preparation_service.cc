// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/preparation_service.h"

#include "services/teaching-research/preparation_rules.h"

namespace lianqiao::research {

void AddPreparation(resource::Service& service) {
  resource::Resource<v1::PreparationGroup>(service).rules(CheckPreparationGroup);
  resource::Resource<v1::PreparationGroupMember>(service)
      .facts({"group",
              "SELECT g.state, g.formed_on, g.dissolved_on FROM preparation_group g WHERE g.id = $1::uuid",
              {"preparation_group_id"},
              {}})
      .facts({"members",
              "SELECT m.teacher_ref, m.role, m.from_on, m.to_on FROM preparation_group_member m"
              " WHERE m.preparation_group_id = $1::uuid AND m.id <> $2::uuid AND m.delete_time IS NULL",
              {"preparation_group_id", "id"},
              {}})
      .rules(CheckPreparationGroupMember);
  resource::Resource<v1::SynchronousPlan>(service)
      .facts({"group",
              "SELECT g.alliance_id FROM preparation_group g WHERE g.id = $1::uuid",
              {"preparation_group_id"},
              {},
              true})
      .rules(CheckSynchronousPlan)
      .deletion_rules(CheckSynchronousPlanDeletion);
  resource::Resource<v1::PlanDeviation>(service)
      .facts({"plan",
              "SELECT p.state FROM synchronous_plan p WHERE p.id = $1::uuid",
              {"synchronous_plan_id"},
              {}})
      .rules(CheckPlanDeviation);
}

}  // namespace lianqiao::research
