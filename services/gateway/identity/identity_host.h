// SPDX-License-Identifier: Apache-2.0
// Everything that identity needs inside the gateway process, in the order in which it must start and stop:
// migrations, pools, access log, server, engine, gRPC on a unix socket. Used by the gateway's main and by
// tests.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/access/access_log.h"
#include "libs/contract/contract.h"
#include "libs/postgres/database.h"
#include "libs/postgres/migrate.h"
#include "libs/resource/engine.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "libs/runtime/following.h"
#include "libs/runtime/jobs.h"
#include "services/gateway/identity/bootstrap.h"
#include "services/gateway/identity/identity_server.h"
#include "services/gateway/identity/registry_follower.h"

namespace lianqiao::identity {

// The engine's and identity's own, for the schema of identity.
std::vector<postgres::Migration> IdentityMigrations();

class IdentityHost {
 public:
  struct Options {
    std::string owner_connection;  // Empty: the schema is migrated already.
    std::string connection;        // libpq string of the runtime role.
    std::string schema = "identity";
    std::string runtime_role;
    std::vector<std::string> listen;  // The first is where services and the gateway itself call.
    std::string master_key_file;
    int readers = 4;
    int writers = 4;
    absl::Duration access_log_retention = access::kAccessLogRetention;
    // gRPC address of alliance-registry, which is followed: grants name its records. Empty: what they name is
    // not checked. It needs bootstrap.secrets_folder, where identity's own credentials lie.
    std::string registry;
    BootstrapOptions bootstrap;  // Without server and client; without operator_file nothing is made.
    // Gets every pool's options before it is opened, to observe it; may be null.
    std::function<void(postgres::Database::Options*)> observe_pool;
    rpc::Observe observe;
    const base::Clock* clock = &base::Clock::System();
  };
  static absl::StatusOr<std::unique_ptr<IdentityHost>> Start(Options options);
  ~IdentityHost();

  IdentityServer& server() { return *server_; }
  access::AccessLog& access_log() { return *access_log_; }
  int port(size_t index) const { return rpc_->port(index); }
  std::vector<std::string> methods() const { return rpc_->methods(); }
  int running() const { return rpc_->running(); }
  const runtime::Following* following() const { return following_.get(); }  // Null: nobody is followed.
  std::vector<std::pair<std::string, const postgres::Database*>> pools() const;
  void Drain(absl::Duration limit);

 private:
  explicit IdentityHost(Options options) : options_(std::move(options)) {}
  std::unique_ptr<postgres::Database> Open(const std::string& name, int workers) const;
  absl::Status FollowRegistry();
  absl::Status Run();

  const Options options_;
  // In the order of use: each may use those before it.
  std::unique_ptr<postgres::Database> reads_;
  std::unique_ptr<postgres::Database> writes_;
  std::unique_ptr<postgres::Database> polls_;  // Of its own: a list of a long log must not stop the platform.
  std::unique_ptr<postgres::Database> log_writes_;  // Of its own: a flood of refusals must not hold up calls.
  std::unique_ptr<access::AccessLog> access_log_;
  std::unique_ptr<IdentityServer> server_;
  std::unique_ptr<postgres::Database> projection_;
  std::unique_ptr<OwnToken> token_;
  std::unique_ptr<runtime::Following> following_;
  std::unique_ptr<resource::Engine> engine_;
  std::unique_ptr<rpc::Server> rpc_;
  std::unique_ptr<runtime::Jobs> jobs_;
};

}  // namespace lianqiao::identity
