// SPDX-License-Identifier: Apache-2.0
// Improvement coefficients: rules, and their computation from unified tests.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::research {

void AddImprovements(resource::Service& service);

}  // namespace lianqiao::research
