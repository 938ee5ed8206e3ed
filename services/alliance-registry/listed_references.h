// SPDX-License-Identifier: Apache-2.0
// Organisations and jurisdictions named inside lists (parties of an agreement, owners of tasks, seats of a
// body): kept as jsonb, so that no foreign key holds them. A fact names those that do not exist.
#pragma once

#include <string>

#include "libs/resource/facts.h"

namespace lianqiao::registry {

// Rows: position in the list from 0, field, kind. `organisation` and `jurisdiction` are the
// fields of an entry; empty: it has none.
resource::FactQuery UnknownReferences(const std::string& list, const std::string& organisation,
                                      const std::string& jurisdiction);

// A violation for each of them.
void RefuseUnknown(const std::string& list, const resource::Facts& facts, resource::Violations* violations);

}  // namespace lianqiao::registry
