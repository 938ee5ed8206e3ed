// SPDX-License-Identifier: Apache-2.0
// A full read of all services: StartSnapshot and ReadSnapshot.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "services/gateway/sync/call.h"
#include "services/gateway/sync/merged_cursor.h"
#include "services/gateway/sync/outlet.h"

namespace lianqiao::gateway::sync {

inline constexpr char kStartSnapshot[] = "/lianqiao.sync.v1.FeedService/StartSnapshot";
inline constexpr char kReadSnapshot[] = "/lianqiao.sync.v1.FeedService/ReadSnapshot";

// All on the loop.
void StartSnapshot(const CallPointer& call, const std::string& bytes, rpc::Done done);

// Begins at every service that is asked; what both methods stand on. A copy of less than everything would
// pass for one of everything, so a service that is away fails it.
struct Snapshot {
  v1::StartSnapshotResponse answer;  // Estimate and diverged buckets only.
  Cursor cursor;
  std::vector<std::pair<std::string, std::string>> entries;  // (service, its token)
};
void BeginSnapshot(const CallPointer& call, const v1::StartSnapshotRequest& request,
                   std::function<void(absl::StatusOr<Snapshot>)> then);

std::shared_ptr<StreamWork> ReadSnapshot(const CallPointer& call, const std::string& bytes,
                                         std::shared_ptr<rpc::ServerStream> stream);

}  // namespace lianqiao::gateway::sync
