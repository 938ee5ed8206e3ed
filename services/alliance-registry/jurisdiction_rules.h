// SPDX-License-Identifier: Apache-2.0
// What must be true of a jurisdiction: its kind, level, code and place in the tree agree. Pure.
#pragma once

#include "lianqiao/registry/v1/jurisdiction.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::registry {

// Facts: "parent" (level, division_code) of the jurisdiction above.
resource::FactQuery JurisdictionParentFacts();
resource::Violations CheckJurisdiction(const v1::Jurisdiction* before, const v1::Jurisdiction& after,
                                       const resource::Facts& facts);

// "JURISDICTION_LEVEL_COUNTY" as stored -> the enum; UNSPECIFIED for anything else.
v1::JurisdictionLevel LevelOf(const std::string& stored);

}  // namespace lianqiao::registry
