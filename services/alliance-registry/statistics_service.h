// SPDX-License-Identifier: Apache-2.0
// Counts over the registry for a jurisdiction and a day.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::registry {

void AddStatistics(resource::Service& service);

}  // namespace lianqiao::registry
