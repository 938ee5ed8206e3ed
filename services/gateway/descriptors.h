// SPDX-License-Identifier: Apache-2.0
// How many connections the operating system lets this process have.
#pragma once

#include "absl/status/statusor.h"

namespace lianqiao::gateway {

// Raises the soft limit of open files to the hard one (Debian's soft limit is 1,024) and gives the number of
// connections that fits: `wanted`, or fewer with a warning in the log, besides what the rest of the process
// needs. FAILED_PRECONDITION if not even a few fit.
absl::StatusOr<int> ConnectionsThatFit(int wanted);

}  // namespace lianqiao::gateway
