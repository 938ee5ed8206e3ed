// SPDX-License-Identifier: Apache-2.0
// Grants of all clients in memory, as identity last told them. Fed by GrantFollower in services and directly
// by identity in the gateway. Thread-safe, gRPC-free.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/access/caller.h"
#include "libs/access/token.h"

namespace lianqiao::identity::v1 {
class ListGrantChangesResponse;
}

namespace lianqiao::access {

class GrantCache {
 public:
  // Keys that arrive with the grants go to `verifier`, which must outlive the cache. Without news for
  // `stale_after` nothing that is remembered may be trusted.
  explicit GrantCache(TokenVerifier* verifier, absl::Duration stale_after = absl::Seconds(30));

  // Takes over an answer of identity and counts as news. INVALID_ARGUMENT (nothing changed) for a bad key.
  absl::Status Apply(const identity::v1::ListGrantChangesResponse& changes);
  // A client that was fetched alone; does nothing if the client is known by now, for then that is newer.
  void Add(ClientGrants client);

  std::shared_ptr<const ClientGrants> Find(const std::string& client_id) const;  // Null if unknown.
  bool fresh() const;
  // What to ask for next.
  std::string epoch() const;
  int64_t version() const;

 private:
  using Clients = std::unordered_map<std::string, std::shared_ptr<const ClientGrants>>;

  TokenVerifier* const verifier_;
  const absl::Duration stale_after_;
  mutable std::mutex mutex_;
  Clients clients_;
  std::vector<std::string> key_ids_;
  std::string epoch_;
  int64_t version_ = 0;
  int64_t heard_nanoseconds_ = -1;  // Steady clock; -1: never.
};

}  // namespace lianqiao::access
