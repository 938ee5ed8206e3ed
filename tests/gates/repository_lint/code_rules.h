// SPDX-License-Identifier: Apache-2.0
// Rules about what C++ may use where: layers and banned calls. Used by the repository linter only.
#pragma once

#include "tests/gates/repository_lint/layers.h"
#include "tests/gates/repository_lint/tree.h"

namespace lianqiao::repository_lint {

// Includes that go up in the table of libs/README.md or across services.
Findings CheckIncludes(const File& file, const Layers& layers);

// Calls for which the suite has something better; each with the replacement and the reason.
Findings CheckBans(const File& file);

}  // namespace lianqiao::repository_lint
