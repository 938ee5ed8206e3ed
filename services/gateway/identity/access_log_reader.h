// SPDX-License-Identifier: Apache-2.0
// Pages of identity's access log, newest first. For ListAccessLog.
#pragma once

#include "absl/status/statusor.h"
#include "lianqiao/identity/v1/access_log.pb.h"
#include "libs/postgres/database.h"

namespace lianqiao::identity {

// INVALID_ARGUMENT for a page token that belongs to other parameters.
absl::StatusOr<v1::ListAccessLogResponse> ReadAccessLog(postgres::Statements& statements,
                                                        const v1::ListAccessLogRequest& request);

}  // namespace lianqiao::identity
