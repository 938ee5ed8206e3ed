// SPDX-License-Identifier: Apache-2.0
// OAuth2 client credentials: a client's secret for an access token. Behind POST /oauth2/token and
// TokenService.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"
#include "libs/access/access_log.h"
#include "libs/access/minute_gate.h"
#include "libs/access/token.h"
#include "services/gateway/identity/directory.h"
#include "services/gateway/identity/guess_limiter.h"
#include "services/gateway/identity/secret.h"

namespace lianqiao::identity {

struct TokenRequest {
  std::string client_id;
  std::string client_secret;
  std::string scope;    // Tokens carry no rights: anything but empty is refused.
  std::string address;  // Of the caller; guesses are counted by it. Empty: one of our own processes.
  std::string method;   // For the access log.
  std::string request_id;
  std::string trace_id;
};

struct TokenAnswer {
  absl::Status status;
  // RFC 6749 §5.2, set with a failed status: invalid_client, invalid_scope; empty for what it does not name
  // (RATE_LIMITED with retry advice, OVERLOADED, UNAVAILABLE).
  std::string oauth_error;
  std::string access_token;
  int expires_in = 0;  // Seconds.
};

class TokenEndpoint {
 public:
  struct Options {
    access::TokenProfile profile = {};
    const Directory* directory = nullptr;  // All outlive the endpoint.
    const access::MasterKey* master_key = nullptr;
    access::AccessLog* access_log = nullptr;  // May be null.
    const base::Clock* clock = &base::Clock::System();
  };
  explicit TokenEndpoint(Options options);

  // Never blocks; `done` runs once, on this thread or another. A wrong secret, an unknown client and a
  // disabled one are told apart neither by text nor by time.
  void Issue(TokenRequest request, std::function<void(TokenAnswer)> done);

 private:
  void Finish(const TokenRequest& request, const std::string& secret_id,
              const std::function<void(TokenAnswer)>& done);
  // INTERNAL if there is no key or it cannot be opened.
  absl::StatusOr<std::shared_ptr<const access::SigningKey>> CurrentKey(absl::Time now);
  void Log(access::AccessEvent event, const TokenRequest& request, const std::string& token_id,
           const absl::Status& status);
  void Refuse(const TokenRequest& request, absl::Status status, const std::string& oauth_error,
              const std::function<void(TokenAnswer)>& done);
  // For what costs the caller nothing: one entry of the access log per address and minute.
  void RefuseCheaply(const TokenRequest& request, absl::Status status, const std::string& oauth_error,
                     const std::function<void(TokenAnswer)>& done);
  static void Answer(absl::Status status, const std::string& oauth_error,
                     const std::function<void(TokenAnswer)>& done);

  const Options options_;
  GuessLimiter guesses_;
  access::MinuteGate refusals_;
  RecentSecrets recent_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const access::SigningKey>> keys_;  // Opened, by id.
  SecretChecker checker_;  // Last: its thread uses everything above.
};

}  // namespace lianqiao::identity
