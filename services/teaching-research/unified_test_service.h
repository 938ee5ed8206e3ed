// SPDX-License-Identifier: Apache-2.0
// Unified tests and their results: rules, facts, analysis and sharing.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::research {

void AddUnifiedTests(resource::Service& service);

}  // namespace lianqiao::research
