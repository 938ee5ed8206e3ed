// SPDX-License-Identifier: Apache-2.0
// WatchChanges over all services: one stream to each, one to the caller.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "services/gateway/sync/call.h"
#include "services/gateway/sync/outlet.h"

namespace lianqiao::gateway::sync {

inline constexpr char kWatchChanges[] = "/lianqiao.sync.v1.FeedService/WatchChanges";

// Asks whether the caller's token is still good; `then` runs on the loop.
using CheckCaller = std::function<void(std::function<void(const absl::Status&)> then)>;

// On the loop, as everything of it. It lives as long as its streams; sweep it until it has finished.
// `observe_batch` is told of every batch with changes, by service.
std::shared_ptr<StreamWork> StartWatch(const CallPointer& call, const std::string& bytes,
                                       std::shared_ptr<rpc::ServerStream> stream, CheckCaller check_caller,
                                       std::function<void(size_t service)> observe_batch);

}  // namespace lianqiao::gateway::sync
