// SPDX-License-Identifier: Apache-2.0
// A service that another one follows: its feed over gRPC into tables of the follower's own schema, for its
// engine's references, with metrics. Used by Process, by the gateway for identity, and by tests.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/feed/projection.h"
#include "libs/feed/rpc_source.h"
#include "libs/postgres/database.h"
#include "libs/resource/engine.h"
#include "libs/rpc/client.h"
#include "libs/runtime/main.h"
#include "libs/runtime/service_metrics.h"

namespace lianqiao::runtime {

// The rights that a follower needs: `<permission>.changes` of each kind, on the whole platform, and `.scopes`
// where scopes come too.
absl::StatusOr<std::vector<std::string>> PermissionsToFollow(const Follow& follow);
// The text of its migration.
absl::StatusOr<std::vector<std::string>> FollowingDdl(const Follow& follow);

class Following {
 public:
  // Workers that its pool needs.
  static constexpr int kWorkers = 3;
  struct Options {
    std::string address;  // Of the followed service: unix:/path or host:port.
    // "Bearer …" of the follower; may block until the deadline. UNAVAILABLE as long as there is none.
    std::function<absl::StatusOr<std::string>(absl::Time deadline)> authorize;
    std::function<void(const std::string&)> refused;  // The token was not taken. May be null.
    postgres::Database* database = nullptr;           // Of its own; outlives it.
    feed::ScopeMover moved;                           // Where scopes come too. May be null.
  };
  // Begins to follow at once, and goes on trying while the service is away.
  static absl::StatusOr<std::unique_ptr<Following>> Start(const Follow& follow, Options options);
  // Answers who waits. Before the engine goes.
  void Stop() { projection_->Stop(); }

  // Whether a first snapshot has been read to its end, by this process or another one: until then references
  // are refused as not yet visible. May block for a second.
  bool IsReady() const;
  resource::Followed followed() const { return {package_, contract_, projection_.get()}; }
  feed::Projection& projection() const { return *projection_; }
  // Lasts as long as the metrics are collected.
  void Watch(ServiceMetrics* metrics) const;

 private:
  Following() = default;

  std::string package_;
  std::shared_ptr<const contract::Contract> contract_;
  std::unique_ptr<rpc::Client> client_;
  std::unique_ptr<feed::RpcSource> source_;
  std::unique_ptr<feed::RpcSource> questions_;
  std::unique_ptr<feed::Projection> projection_;
  postgres::Database* database_ = nullptr;
  mutable std::atomic<bool> ready_{false};
};

}  // namespace lianqiao::runtime
