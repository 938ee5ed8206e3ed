// SPDX-License-Identifier: Apache-2.0
// ImportRecords over all services: to one of them as it is, or divided by the kinds of its lines.
#pragma once

#include <memory>
#include <string>

#include "services/gateway/sync/call.h"
#include "services/gateway/sync/outlet.h"

namespace lianqiao::gateway::sync {

inline constexpr char kImportRecords[] = "/lianqiao.sync.v1.ImportService/ImportRecords";

// On the loop. `first` is the caller's first message.
std::shared_ptr<StreamWork> ImportRecords(const CallPointer& call, const std::string& first,
                                          std::shared_ptr<rpc::ServerStream> stream);

}  // namespace lianqiao::gateway::sync
