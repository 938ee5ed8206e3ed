// SPDX-License-Identifier: Apache-2.0
// Rules over the whole tree: what is missing, what belongs nowhere. Used by the repository linter only.
#pragma once

#include <vector>

#include "tests/gates/repository_lint/tree.h"

namespace lianqiao::repository_lint {

// Folders of libs, services, deploy, tests and tools without a README.md.
Findings CheckReadmes(const std::vector<File>& files);

// NNNN_verb_object.sql, each number once in its folder.
Findings CheckMigrations(const std::vector<File>& files);

// .cc and .proto files that no CMakeLists.txt of their folder or above names.
Findings CheckTargets(const std::vector<File>& files);

// More than one file that touches gRPC's internals.
Findings CheckInternals(const std::vector<File>& files);

}  // namespace lianqiao::repository_lint
