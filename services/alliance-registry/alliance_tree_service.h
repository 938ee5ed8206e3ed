// SPDX-License-Identifier: Apache-2.0
// Questions along the tree of alliances: an alliance with children and members, a party with its alliances.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::registry {

void AddAllianceTree(resource::Service& service);

}  // namespace lianqiao::registry
