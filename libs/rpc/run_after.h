// SPDX-License-Identifier: Apache-2.0
// A moment later, without a thread that waits for it.
#pragma once

#include <functional>

#include "absl/time/time.h"

namespace lianqiao::rpc {

// Runs `then` on a thread of gRPC after the delay, never before it returns: for answers that are known at
// once, whose receiver may hold a lock as it asks. It must not block.
void RunAfter(absl::Duration delay, std::function<void()> then);

}  // namespace lianqiao::rpc
