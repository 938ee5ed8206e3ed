// SPDX-License-Identifier: Apache-2.0
// What an alliance must satisfy whenever it is written, and more when it comes into force. Pure.
#pragma once

#include "lianqiao/registry/v1/alliance.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::registry {

// Facts: "parent" (type, state of the parent alliance), and for ActivateAlliance "parties" and
// "parent_parties" (columns of kPartyColumns).
resource::Violations CheckAlliance(const v1::Alliance* before, const v1::Alliance& after,
                                   const resource::Facts& facts);

// In force: active, under assessment or renewed.
bool IsInForce(v1::AllianceState state);
bool HasEnded(v1::AllianceState state);

}  // namespace lianqiao::registry
