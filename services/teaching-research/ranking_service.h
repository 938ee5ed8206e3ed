// SPDX-License-Identifier: Apache-2.0
// Ranking records: rules, facts, and moves of rank.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::research {

void AddRankings(resource::Service& service);

}  // namespace lianqiao::research
