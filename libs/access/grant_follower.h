// SPDX-License-Identifier: Apache-2.0
// Keeps a GrantCache up to date from identity over gRPC, with the service's own credentials. One per process
// of a service; the gateway, which serves identity itself, needs none.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/access/authenticator.h"
#include "libs/access/credentials.h"
#include "libs/access/grant_cache.h"
#include "libs/rpc/client.h"

namespace lianqiao::access {

class GrantFollower {
 public:
  struct Options {
    rpc::Client* identity = nullptr;                 // Outlives the follower.
    Credentials credentials;                         // The service's own.
    GrantCache* grants = nullptr;                    // Outlives the follower.
    absl::Duration wait = absl::Seconds(5);          // How long identity holds a request without news.
    absl::Duration pause = absl::Milliseconds(200);  // After a failure.
    absl::Duration renew_pause =
        absl::Seconds(5);  // After a token was not renewed and the old one still runs.
  };
  explicit GrantFollower(Options options);
  ~GrantFollower();

  // True as soon as grants are there.
  bool WaitFresh(absl::Time deadline);
  // For TokenAuthenticator.
  TokenAuthenticator::Fetch Fetch();
  // "Bearer …" of the service itself, for calls to other services; empty before the first token.
  std::string authorization() const;

 private:
  void Follow();
  absl::Status RenewToken();
  absl::Status GetToken();
  absl::Status Poll();
  // Waits for the answer; a stop cancels the call.
  absl::StatusOr<std::string> Call(const std::string& path, std::string request, bool with_token,
                                   absl::Time deadline);
  bool Pause();  // False once stopped.

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::string authorization_;
  absl::Time renew_at_ = absl::InfinitePast();
  absl::Time expires_ = absl::InfinitePast();  // Of the token that is held.
  std::thread thread_;                         // Last: starts when everything else is there.
};

}  // namespace lianqiao::access
