// SPDX-License-Identifier: Apache-2.0
// What a filing must satisfy. Pure.
#pragma once

#include "lianqiao/registry/v1/filing.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::registry {

// Facts: "document" (alliance_id and state of the paper named), "authority" (one row if the authority is the
// alliance's managing jurisdiction or lies above it).
resource::Violations CheckFiling(const v1::Filing* before, const v1::Filing& after,
                                 const resource::Facts& facts);

// What was handed in stays, so that it cannot come back beside a paper that was changed meanwhile.
resource::Violations CheckFilingDeletion(const v1::Filing& record, const resource::Facts& facts);

}  // namespace lianqiao::registry
