// SPDX-License-Identifier: Apache-2.0
// Posts that an exchange is to fill.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::exchange {

void AddVacancies(resource::Service& service);

}  // namespace lianqiao::exchange
