// SPDX-License-Identifier: Apache-2.0
// Cooperation projects, money, governing bodies and role holders: rules only.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::registry {

void AddProjects(resource::Service& service);
void AddGovernance(resource::Service& service);

}  // namespace lianqiao::registry
