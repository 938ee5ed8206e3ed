// SPDX-License-Identifier: Apache-2.0
// ListChanges over all services: one page, one cursor.
#pragma once

#include <string>

#include "services/gateway/sync/call.h"

namespace lianqiao::gateway::sync {

inline constexpr char kListChanges[] = "/lianqiao.sync.v1.FeedService/ListChanges";

// On the loop. Answers once.
void ListChanges(const CallPointer& call, const std::string& bytes, rpc::Done done);

}  // namespace lianqiao::gateway::sync
