// SPDX-License-Identifier: Apache-2.0
// Teachers, their ethics results, and how many may be asked to rotate.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::exchange {

void AddTeachers(resource::Service& service);

}  // namespace lianqiao::exchange
