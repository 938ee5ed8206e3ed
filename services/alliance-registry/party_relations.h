// SPDX-License-Identifier: Apache-2.0
// How the parties of one alliance must relate to each other (county, stage, affiliation, zone, township,
// side). Pure; used by alliance_shape only.
#pragma once

#include <vector>

#include "services/alliance-registry/party.h"

namespace lianqiao::registry {

// `relations` are bits of alliance_shape's Relation; `complete` is false while parties are still missing.
resource::Violations CheckRelations(unsigned relations, const std::vector<Party>& parties,
                                    const std::vector<Party>& parent, bool complete);

}  // namespace lianqiao::registry
