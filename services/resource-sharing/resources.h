// SPDX-License-Identifier: Apache-2.0
// Everything that resource-sharing adds to the engine, for its main and its tests.
#pragma once

#include "libs/runtime/main.h"

namespace lianqiao::resources {

runtime::Definition ResourcesDefinition();

}  // namespace lianqiao::resources
