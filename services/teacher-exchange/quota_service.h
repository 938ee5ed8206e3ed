// SPDX-License-Identifier: Apache-2.0
// Quotas, their settlement, and how they stand on a day.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::exchange {

void AddQuotas(resource::Service& service);

}  // namespace lianqiao::exchange
