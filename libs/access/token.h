// SPDX-License-Identifier: Apache-2.0
// Access tokens: JWTs signed with ES256 by identity, verified by every service itself. gRPC-free.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/access/token_cache.h"
#include "libs/access/token_key.h"

namespace lianqiao::access {

// What issuer and verifier must agree on.
struct TokenProfile {
  std::string issuer = "lianqiao";
  std::string audience = "lianqiao-platform";
};

inline constexpr absl::Duration kTokenLifetime = absl::Minutes(10);

struct IssuedToken {
  std::string token;
  TokenClaims claims;
};

// A token for the client, signed by `key`.
absl::StatusOr<IssuedToken> IssueToken(const TokenProfile& profile, const SigningKey& key,
                                       const std::string& client_id, absl::Time now);

// Thread-safe. Verified tokens are kept by their sha256 until they expire, so only the first use of a token
// pays for a signature.
class TokenVerifier {
 public:
  explicit TokenVerifier(TokenProfile profile, size_t cached_tokens_max = 65536);

  // Replaces all keys: tokens of a key that is gone are refused from now on. INVALID_ARGUMENT (and no change)
  // if one is no point on P-256.
  absl::Status SetKeys(const std::vector<PublicKey>& keys);

  // UNAUTHENTICATED, with the cause in `cause` if given: for the log, never for the caller. `expired`, if
  // given, gets the claims of a token that we signed and whose time is over.
  absl::StatusOr<std::shared_ptr<const TokenClaims>> Verify(const std::string& token, absl::Time now,
                                                            std::string* cause = nullptr,
                                                            TokenClaims* expired = nullptr);

 private:
  struct KeySet {
    std::unordered_map<std::string, KeyHandle> by_id;
  };
  std::shared_ptr<const KeySet> keys() const;
  std::string VerifyNew(const std::string& token, absl::Time now, TokenClaims* claims) const;

  const TokenProfile profile_;
  mutable std::mutex mutex_;
  std::shared_ptr<const KeySet> keys_;  // Guarded by mutex_; the set itself never changes.
  TokenCache cache_;
};

}  // namespace lianqiao::access
