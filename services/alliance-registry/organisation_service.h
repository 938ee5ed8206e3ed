// SPDX-License-Identifier: Apache-2.0
// Organisations: rules, facts and the methods that restructure them.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::registry {

void AddOrganisations(resource::Service& service);

}  // namespace lianqiao::registry
