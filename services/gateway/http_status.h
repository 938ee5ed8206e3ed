// SPDX-License-Identifier: Apache-2.0
// HTTP statuses: reason phrases, and which status a gRPC code becomes (AIP-193, google/rpc/code.proto).
#pragma once

#include "absl/status/status.h"

namespace lianqiao::gateway {

const char* HttpReason(int status);
int HttpStatusOf(absl::StatusCode code);
// "NOT_FOUND"
const char* CodeName(absl::StatusCode code);

}  // namespace lianqiao::gateway
