// SPDX-License-Identifier: Apache-2.0
// What joint activities and their parties must satisfy. Pure.
#pragma once

#include "lianqiao/research/v1/activity_party.pb.h"
#include "lianqiao/research/v1/joint_activity.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::research {

// Whether activities of this type may be one of these exchanges (seed 000 says what each consists of).
bool BelongsTo(v1::JointActivityType type, v1::JointActivityCategory category);

// Facts: "authority" (id of the place that verifies), "terms" (ids of those in which the first day lies),
// "alliance" (ended_on).
void FillJointActivity(v1::JointActivity* activity, const resource::Facts& facts);
resource::Violations CheckJointActivity(const v1::JointActivity* before, const v1::JointActivity& after,
                                        const resource::Facts& facts);
resource::Violations CheckJointActivityDeletion(const v1::JointActivity& activity,
                                                const resource::Facts& facts);

// Facts: "activity" (state, starts_on).
void FillActivityParty(v1::ActivityParty* party, const resource::Facts& facts);
resource::Violations CheckActivityParty(const v1::ActivityParty* before, const v1::ActivityParty& after,
                                        const resource::Facts& facts);
resource::Violations CheckActivityPartyDeletion(const v1::ActivityParty& party, const resource::Facts& facts);

}  // namespace lianqiao::research
