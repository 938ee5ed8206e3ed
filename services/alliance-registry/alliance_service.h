// SPDX-License-Identifier: Apache-2.0
// Alliances: rules, facts, renewal and merger. Everything else about them is the engine's.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::registry {

void AddAlliances(resource::Service& service);

}  // namespace lianqiao::registry
