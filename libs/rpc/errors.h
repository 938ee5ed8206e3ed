// SPDX-License-Identifier: Apache-2.0
// A failed absl::Status as google.rpc.Status with AIP-193 details (ErrorInfo, BadRequest, LocalizedMessage,
// RetryInfo, RequestInfo) in the caller's language, and back. Used by the server, the client and the gateway.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "libs/base/status.h"

namespace lianqiao::rpc {

inline constexpr char kErrorDomain[] = "lianqiao";

google::rpc::Status ToRpcStatus(const absl::Status& status, base::Language language,
                                const std::string& request_id);
absl::Status FromRpcStatus(const google::rpc::Status& status);
// A status that ToRpcStatus gives back unchanged, details and all: for a proxy passing on what a service
// said.
absl::Status Verbatim(const google::rpc::Status& status);

}  // namespace lianqiao::rpc
