// SPDX-License-Identifier: Apache-2.0
// The shorter methods of the feed over all services. All on the loop, each answers once.
#pragma once

#include <string>

#include "services/gateway/sync/call.h"

namespace lianqiao::gateway::sync {

inline constexpr char kGetFeed[] = "/lianqiao.sync.v1.FeedService/GetFeed";
inline constexpr char kGetDigest[] = "/lianqiao.sync.v1.DigestService/GetDigest";
inline constexpr char kListRevisions[] = "/lianqiao.sync.v1.RevisionService/ListRevisions";
inline constexpr char kGetRevision[] = "/lianqiao.sync.v1.RevisionService/GetRevision";

void GetFeed(const CallPointer& call, const std::string& bytes, rpc::Done done);
void GetDigest(const CallPointer& call, const std::string& bytes, rpc::Done done);
// To the service that owns the kind, as it is.
void ListRevisions(const CallPointer& call, const std::string& bytes, rpc::Done done);
void GetRevision(const CallPointer& call, const std::string& bytes, rpc::Done done);

}  // namespace lianqiao::gateway::sync
