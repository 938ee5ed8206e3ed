// SPDX-License-Identifier: Apache-2.0
// Counts over the exchange of a place in a period.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::exchange {

void AddStatistics(resource::Service& service);

}  // namespace lianqiao::exchange
