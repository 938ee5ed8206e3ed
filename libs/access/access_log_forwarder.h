// SPDX-License-Identifier: Apache-2.0
// Sends what a service recorded in its own access log on to identity, where it is read: batch after batch, in
// the background, as often as it takes. What is stored waits through any outage; identity knows an entry by
// its id, so one that is sent twice stands there once. For runtime.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/database.h"
#include "libs/rpc/client.h"

namespace lianqiao::access {

class AccessLogForwarder {
 public:
  struct Options {
    postgres::Database* database = nullptr;          // Of the service; outlives the forwarder.
    rpc::Client* identity = nullptr;                 // Outlives the forwarder.
    std::function<std::string()> authorization;      // "Bearer …" of the service; empty: none yet.
    absl::Duration pause = absl::Milliseconds(500);  // When there is nothing to send, or identity is away.
  };
  explicit AccessLogForwarder(Options options);
  ~AccessLogForwarder();  // Ends after the batch under way.

 private:
  void Run();
  absl::StatusOr<bool> SendSome();  // Whether there may be more.

  const Options options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;  // Last: starts when everything else is there.
};

}  // namespace lianqiao::access
