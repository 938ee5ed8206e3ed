// SPDX-License-Identifier: Apache-2.0
// How long a caller is willing to wait: Grpc-Timeout ("5S", "250m") or X-Server-Timeout (seconds). For
// http_front.cc.
#pragma once

#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"

namespace lianqiao::gateway {

// Leaves *timeout alone if neither header is there; the shorter of both counts.
void TimeoutOf(std::string_view grpc_timeout, std::string_view server_timeout, absl::Duration* timeout,
               std::vector<base::Violation>* violations);

}  // namespace lianqiao::gateway
