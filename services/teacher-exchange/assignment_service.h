// SPDX-License-Identifier: Apache-2.0
// Assignments and the teams whose members they are.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::exchange {

void AddAssignments(resource::Service& service);

}  // namespace lianqiao::exchange
