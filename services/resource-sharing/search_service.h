// SPDX-License-Identifier: Apache-2.0
// Finding published resource items by words, and what a search box proposes.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::resources {

void AddSearch(resource::Service& service);

}  // namespace lianqiao::resources
