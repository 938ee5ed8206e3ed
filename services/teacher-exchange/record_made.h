// SPDX-License-Identifier: Apache-2.0
// What is asked of whoever makes a record, by its own method or in a batch. Pure.
#pragma once

#include "libs/resource/facts.h"

namespace lianqiao::exchange {

// A source with the right to import tells of what was, and is not asked.
inline bool IsMadeHere(const void* before, const resource::Facts& facts) {
  return before == nullptr && !facts.imports();
}

}  // namespace lianqiao::exchange
