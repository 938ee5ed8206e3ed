// SPDX-License-Identifier: Apache-2.0
// Package lianqiao.sync.v1 inside the gateway process, for all services behind it: a gRPC server on a unix
// socket that the gateway calls like any upstream. Used by the gateway and by tests.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/access/authenticator.h"
#include "libs/postgres/database.h"
#include "libs/rpc/server.h"
#include "services/gateway/sync/call.h"
#include "services/gateway/sync/job_groups.h"
#include "services/gateway/sync/outlet.h"

namespace lianqiao::gateway::sync {

class SyncHost {
 public:
  struct Options {
    std::string listen;  // "unix:/path" or loopback.
    std::vector<ServiceAddress> services;
    access::Authenticator* authenticator = nullptr;  // Outlives the host.
    // libpq string and schema of identity, where groups of jobs are kept. Empty: imports and exports of
    // several services are UNAVAILABLE.
    std::string connection;
    std::string schema = "identity";
    // Gets the pool's options before it is opened, to observe it; may be null.
    std::function<void(postgres::Database::Options*)> observe_pool;
    rpc::Observe observe;
    Timing timing;
    Services::Open open;  // Null: real streams to the services.
  };
  static absl::StatusOr<std::unique_ptr<SyncHost>> Start(Options options);
  ~SyncHost();

  int port() const { return rpc_->port(0); }
  std::vector<std::string> methods() const { return rpc_->methods(); }
  const postgres::Database* pool() const { return database_.get(); }  // Null without a connection.
  // For metrics. Thread-safe.
  int watchers() const { return watchers_; }
  const std::vector<ServiceAddress>& services() const { return options_.services; }
  int64_t batches(size_t service) const { return batches_[service]; }
  // Ends open streams with UNAVAILABLE, finishes running calls within the limit.
  void Drain(absl::Duration limit);

 private:
  using Method = void (*)(const CallPointer&, const std::string&, rpc::Done);
  // Begins what runs for a stream, on the loop.
  using Begin = std::function<std::shared_ptr<StreamWork>(const CallPointer&, const std::string&,
                                                          std::shared_ptr<rpc::ServerStream>)>;
  struct Work {
    std::shared_ptr<StreamWork> work;
    bool watches = false;
  };
  explicit SyncHost(Options options);
  absl::Status Run();
  void OpenDatabase();
  void BindMethods();
  void BindJobs();
  void Bind(const char* path, Method method);
  void BindStream(const char* path, bool watches, Begin begin);
  // Answers on the loop.
  void Authenticate(const std::shared_ptr<const rpc::CallContext>& context,
                    std::function<void(absl::StatusOr<CallPointer>)> then);
  void Open(const CallPointer& call, const std::shared_ptr<rpc::ServerStream>& stream, bool watches,
            const Begin& begin);
  std::shared_ptr<StreamWork> Watch(const CallPointer& call, const std::string& bytes,
                                    std::shared_ptr<rpc::ServerStream> stream);
  void Sweep();

  const Options options_;
  std::unique_ptr<postgres::Database> database_;
  std::unique_ptr<JobGroups> groups_;
  const std::shared_ptr<Hub> hub_;
  std::vector<Work> works_;  // On the loop: streams under way.
  std::atomic<int> watchers_{0};
  std::vector<std::atomic<int64_t>> batches_;  // With changes, by service.
  std::unique_ptr<rpc::Server> rpc_;
};

}  // namespace lianqiao::gateway::sync
