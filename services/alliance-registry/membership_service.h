// SPDX-License-Identifier: Apache-2.0
// Memberships: rules and facts.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::registry {

void AddMemberships(resource::Service& service);

}  // namespace lianqiao::registry
