// SPDX-License-Identifier: Apache-2.0
// Resource items with their editions, reviews, uses and ratings.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::resources {

void AddItems(resource::Service& service);

}  // namespace lianqiao::resources
