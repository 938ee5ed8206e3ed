// SPDX-License-Identifier: Apache-2.0
// Counts over joint activities for a place, an alliance and a time.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::research {

void AddActivityStatistics(resource::Service& service);

}  // namespace lianqiao::research
