// SPDX-License-Identifier: Apache-2.0
// What a membership must satisfy: one party, a role that its alliance knows, its dates, and the shape of the
// alliance while that is in force. Pure.
#pragma once

#include "lianqiao/registry/v1/membership.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::registry {

// Facts: "alliance" (type, model, state), "party" (this membership's party), "parties" (the others: active or
// suspended), "parent_parties"; the last three with the columns of kPartyColumns.
resource::Violations CheckMembership(const v1::Membership* before, const v1::Membership& after,
                                     const resource::Facts& facts);

}  // namespace lianqiao::registry
