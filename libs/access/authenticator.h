// SPDX-License-Identifier: Apache-2.0
// From a call's metadata to its Caller. Used by libs/resource for every method that is not public, and by the
// gateway for its limits.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/access/caller.h"
#include "libs/access/grant_cache.h"
#include "libs/access/token.h"
#include "libs/base/clock.h"
#include "libs/rpc/call.h"

namespace lianqiao::access {

class Authenticator {
 public:
  using Done = std::function<void(absl::StatusOr<Caller>)>;
  virtual ~Authenticator() = default;
  // Never blocks. Answers once: at once, on this thread, for a client whose grants are known; later and from
  // another thread for one that has to be fetched. UNAUTHENTICATED without a valid token or for a disabled
  // client; INVALID_ARGUMENT for an acting person that is not opaque; UNAVAILABLE while identity has been out
  // of reach for too long.
  virtual void Authenticate(std::shared_ptr<const rpc::CallContext> context, Done done) = 0;
  // A client that called before and whose work goes on without it: with its grants of now, no token and no
  // acting person. Answers as Authenticate does.
  virtual void Find(const std::string& client_id, Done done) = 0;
};

// The token in "Bearer <token>", empty if the header is anything else.
std::string BearerToken(const std::string& authorization);

// Acting person and role from the metadata into the caller, checked.
absl::Status SetActingPerson(const rpc::CallContext& context, Caller* caller);

class TokenAuthenticator : public Authenticator {
 public:
  // Fetches one client's grants without blocking; answers a disabled client for an unknown id.
  using Fetch = std::function<void(const std::string& client_id,
                                   std::function<void(absl::StatusOr<ClientGrants>)> done)>;

  // Both must outlive it, and it the fetches under way.
  TokenAuthenticator(TokenVerifier* verifier, GrantCache* grants, Fetch fetch,
                     const base::Clock& clock = base::Clock::System());

  // Told of every call whose token we signed but that is over, or whose client is disabled. Before the first
  // call; must not block.
  using Denied = std::function<void(const rpc::CallContext&, const TokenClaims&)>;
  void SetDenied(Denied denied) { denied_ = std::move(denied); }

  void Authenticate(std::shared_ptr<const rpc::CallContext> context, Done done) override;
  void Find(const std::string& client_id, Done done) override;

 private:
  using Waiting = std::vector<std::function<void(const absl::Status&)>>;
  void Complete(const rpc::CallContext& context, const TokenClaims& claims,
                std::shared_ptr<const ClientGrants> client, const Done& done) const;
  // One fetch per client at a time; `then` runs when the client is in the cache or could not be fetched.
  void FetchOnce(const std::string& client_id, std::function<void(const absl::Status&)> then);

  TokenVerifier* const verifier_;
  GrantCache* const grants_;
  const Fetch fetch_;
  const base::Clock& clock_;
  Denied denied_;
  std::mutex mutex_;
  std::unordered_map<std::string, Waiting> fetching_;
};

}  // namespace lianqiao::access
