// SPDX-License-Identifier: Apache-2.0
// What is shared and used in a place, an alliance and a period (I13).
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::resources {

void AddStatistics(resource::Service& service);

}  // namespace lianqiao::resources
