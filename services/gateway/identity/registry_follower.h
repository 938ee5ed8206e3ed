// SPDX-License-Identifier: Apache-2.0
// What identity follows of alliance-registry, so that a grant's scope and a client's organisation are records
// that are there, and the token with which it does so. Used by IdentityHost.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/access/client_token.h"
#include "libs/base/clock.h"
#include "libs/runtime/following.h"
#include "services/gateway/identity/identity_server.h"

namespace lianqiao::identity {

// The name of identity's own client, and of its file of credentials beside those of the services.
inline constexpr char kOwnClient[] = "identity";

// Jurisdictions, organisations and alliances, with what merges made of them.
runtime::Follow RegistryFollow();

// The token of identity's own client, made in this process. Thread-safe.
class OwnToken {
 public:
  OwnToken(IdentityServer* server, std::string credentials_file,
           const base::Clock* clock = &base::Clock::System())
      : server_(server), file_(std::move(credentials_file)), clock_(clock) {}

  // UNAVAILABLE as long as the file is not there or is not good any more: it is read again every time.
  absl::StatusOr<std::string> Authorization(absl::Time deadline);
  void Refused(const std::string& authorization);

 private:
  IdentityServer* const server_;  // Outlives this.
  const std::string file_;
  const base::Clock* const clock_;
  std::mutex mutex_;
  access::HeldToken token_;  // Guarded by mutex_, which is held while the token is made.
};

}  // namespace lianqiao::identity
