// SPDX-License-Identifier: Apache-2.0
// What preparation groups, their members and synchronous plans must satisfy. Pure.
#pragma once

#include "lianqiao/research/v1/plan_deviation.pb.h"
#include "lianqiao/research/v1/preparation_group.pb.h"
#include "lianqiao/research/v1/preparation_group_member.pb.h"
#include "lianqiao/research/v1/synchronous_plan.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::research {

resource::Violations CheckPreparationGroup(const v1::PreparationGroup* before,
                                           const v1::PreparationGroup& after, const resource::Facts& facts);

// Facts: "group" (state, formed_on, dissolved_on), "members" (the others: teacher_ref, role, from_on, to_on).
resource::Violations CheckPreparationGroupMember(const v1::PreparationGroupMember* before,
                                                 const v1::PreparationGroupMember& after,
                                                 const resource::Facts& facts);

// Facts: "group" (alliance_id), only where a group is named.
resource::Violations CheckSynchronousPlan(const v1::SynchronousPlan* before, const v1::SynchronousPlan& after,
                                          const resource::Facts& facts);

// What schools agreed on stays, with the deviations noted from it.
resource::Violations CheckSynchronousPlanDeletion(const v1::SynchronousPlan& record,
                                                  const resource::Facts& facts);

// Facts: "plan" (state).
resource::Violations CheckPlanDeviation(const v1::PlanDeviation* before, const v1::PlanDeviation& after,
                                        const resource::Facts& facts);

}  // namespace lianqiao::research
