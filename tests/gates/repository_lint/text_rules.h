// SPDX-License-Identifier: Apache-2.0
// Rules about how a file is written: sizes, licence line, leftovers. Used by the repository linter only.
#pragma once

#include "tests/gates/repository_lint/tree.h"

namespace lianqiao::repository_lint {

inline constexpr int kFileLinesMax = 500;
inline constexpr int kTestFileLinesMax = 800;
inline constexpr int kFunctionLinesMax = 70;
inline constexpr int kLineColumnsMax = 110;

// Length of the file, of its lines and of its functions.
Findings CheckSizes(const File& file);

// The licence line at the top and, in headers, #pragma once.
Findings CheckHead(const File& file);

// Words that mark unfinished work.
Findings CheckLeftovers(const File& file);

}  // namespace lianqiao::repository_lint
