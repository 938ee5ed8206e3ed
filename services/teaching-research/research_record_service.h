// SPDX-License-Identifier: Apache-2.0
// Research projects, class placements, diagnosis visits and practice models: their rules and facts.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::research {

void AddResearchRecords(resource::Service& service);

}  // namespace lianqiao::research
