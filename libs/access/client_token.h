// SPDX-License-Identifier: Apache-2.0
// Access tokens by client credentials over gRPC: how a process that has an id and a secret of its own comes
// by what it calls others with. For the grant follower, consumers of the feed and the `lianqiao` command.
#pragma once

#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/access/credentials.h"
#include "libs/rpc/client.h"

namespace lianqiao::access {

inline constexpr char kIssueToken[] = "/lianqiao.identity.v1.TokenService/IssueToken";

struct HeldToken {
  std::string authorization;                   // "Bearer …"; empty: none.
  absl::Time renew_at = absl::InfinitePast();  // Half its life, so that identity may be away for the other.
  absl::Time expires = absl::InfinitePast();
};

// The call's request and what its answer means.
std::string TokenRequest(const Credentials& credentials);
absl::StatusOr<HeldToken> ReadToken(const std::string& answer, absl::Time now);

// Holds a token and renews it when it is asked for. Thread-safe; asking identity blocks.
class ClientToken {
 public:
  ClientToken(rpc::Client* identity, Credentials credentials)
      : identity_(identity), credentials_(std::move(credentials)) {}

  // UNAUTHENTICATED if identity refuses the secret; if it cannot be reached, the old token as long as it
  // runs.
  absl::StatusOr<std::string> Authorization(absl::Time deadline);
  // A callee did not take it: the next one is new.
  void Refused(const std::string& authorization);

 private:
  rpc::Client* const identity_;  // Outlives this.
  const Credentials credentials_;
  std::mutex mutex_;
  HeldToken token_;  // Guarded by mutex_, which is held while identity is asked: one call for all.
};

}  // namespace lianqiao::access
