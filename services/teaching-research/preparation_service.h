// SPDX-License-Identifier: Apache-2.0
// Preparation groups, their members, synchronous plans and where schools leave them: rules and facts.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::research {

void AddPreparation(resource::Service& service);

}  // namespace lianqiao::research
