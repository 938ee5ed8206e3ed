// SPDX-License-Identifier: Apache-2.0
// Everything that alliance-registry adds to the engine, for its main and its tests.
#pragma once

#include "libs/runtime/main.h"

namespace lianqiao::registry {

runtime::Definition RegistryDefinition();

}  // namespace lianqiao::registry
