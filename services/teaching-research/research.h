// SPDX-License-Identifier: Apache-2.0
// Everything that teaching-research adds to the engine, for its main and its tests.
#pragma once

#include "libs/runtime/main.h"

namespace lianqiao::research {

runtime::Definition ResearchDefinition();

}  // namespace lianqiao::research
