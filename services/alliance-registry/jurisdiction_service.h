// SPDX-License-Identifier: Apache-2.0
// Jurisdictions: rules, facts and the methods that restructure the tree.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::registry {

void AddJurisdictions(resource::Service& service);

}  // namespace lianqiao::registry
