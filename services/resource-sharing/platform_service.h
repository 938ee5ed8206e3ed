// SPDX-License-Identifier: Apache-2.0
// Platforms, the clouds above them, and what those count.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::resources {

void AddPlatforms(resource::Service& service);

}  // namespace lianqiao::resources
