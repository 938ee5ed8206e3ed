// SPDX-License-Identifier: Apache-2.0
// The client that a job works for. For libs/bulk only.
#pragma once

#include <string>

#include "libs/access/authenticator.h"

namespace lianqiao::bulk {

// With its grants of now; no token, no acting person. Blocks for at most 10 s. UNAUTHENTICATED for a disabled
// or unknown client, UNAVAILABLE while identity cannot be asked.
absl::StatusOr<access::Caller> FindClient(access::Authenticator* authenticator, const std::string& client_id);

}  // namespace lianqiao::bulk
