// SPDX-License-Identifier: Apache-2.0
// Everything that teacher-exchange adds to the engine, for its main and its tests.
#pragma once

#include "libs/runtime/main.h"

namespace lianqiao::exchange {

runtime::Definition ExchangeDefinition();

}  // namespace lianqiao::exchange
