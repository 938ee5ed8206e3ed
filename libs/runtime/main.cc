// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/main.h"

#include <signal.h>

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/access/access_log.h"
#include "libs/access/authenticator.h"
#include "libs/access/credentials.h"
#include "libs/access/grant_follower.h"
#include "libs/base/log.h"
#include "libs/resource/engine.h"
#include "libs/rpc/client.h"
#include "libs/runtime/jobs.h"
#include "libs/runtime/metrics_server.h"
#include "libs/runtime/service_metrics.h"
#include "libs/runtime/signals.h"

ABSL_FLAG(std::string, database, "", "libpq connection string of the runtime role");
ABSL_FLAG(std::string, owner_database, "", "libpq connection string of the owner role, for migrations; empty: none are applied");
ABSL_FLAG(std::string, schema, "", "the service's schema");
ABSL_FLAG(std::string, runtime_role, "", "role that is granted the tables; default: the schema's name");
ABSL_FLAG(std::string, listen, "", "gRPC address: unix:/path or 127.0.0.1:port");
ABSL_FLAG(std::string, metrics_listen, "", "address of /metrics, /healthz and /readyz on loopback");
ABSL_FLAG(std::string, identity, "", "gRPC address of identity");
ABSL_FLAG(std::string, credentials, "", "file with the service's own client_id and client_secret");
ABSL_FLAG(bool, migrate_only, false, "apply migrations and exit");
ABSL_FLAG(int32_t, readers, 6, "connections for reads");
ABSL_FLAG(int32_t, writers, 16, "connections for writes");
ABSL_FLAG(int32_t, drain_seconds, 20, "how long running calls may take at shutdown");

namespace lianqiao::runtime {
namespace {

int Fail(const std::string& event, const absl::Status& status) {
  base::Log(base::Severity::kError, event, {{"status", status.ToString()}});
  return 1;
}

absl::Status CheckFlags() {
  const std::pair<const char*, std::string> needed[] = {{"--database", absl::GetFlag(FLAGS_database)},
                                                        {"--schema", absl::GetFlag(FLAGS_schema)},
                                                        {"--listen", absl::GetFlag(FLAGS_listen)},
                                                        {"--identity", absl::GetFlag(FLAGS_identity)},
                                                        {"--credentials", absl::GetFlag(FLAGS_credentials)}};
  for (const auto& [name, value] : needed) {
    const bool optional = absl::GetFlag(FLAGS_migrate_only) && std::string(name) != "--schema";
    if (value.empty() && !optional) return absl::InvalidArgumentError(absl::StrCat(name, " is required"));
  }
  const std::string listen = absl::GetFlag(FLAGS_listen);
  const bool local = absl::StartsWith(listen, "unix:") || absl::StartsWith(listen, "127.0.0.1:");
  if (!listen.empty() && !local)
    return absl::InvalidArgumentError("--listen must be unix: or 127.0.0.1: (the public edge is HAProxy, see deploy/)");
  return absl::OkStatus();
}

absl::Status ApplyMigrations(const Definition& definition) {
  const std::string owner = absl::GetFlag(FLAGS_owner_database);
  if (owner.empty()) return absl::OkStatus();
  const std::string schema = absl::GetFlag(FLAGS_schema);
  const std::string role = absl::GetFlag(FLAGS_runtime_role).empty() ? schema : absl::GetFlag(FLAGS_runtime_role);
  return postgres::Migrate(owner, schema, role, resource::WithEngine(definition.migrations));
}

postgres::Database::Options Pool(const std::string& name, int workers, ServiceMetrics* metrics) {
  postgres::Database::Options options;
  options.connection = absl::GetFlag(FLAGS_database);
  options.search_path = absl::GetFlag(FLAGS_schema);
  options.workers = workers;
  options.name = name;
  options.observe_query = metrics->ObserveQueries();
  return options;
}

// Everything of a running service, in the order of its making; taken down in reverse.
class Process {
 public:
  explicit Process(const Definition& definition) : metrics_(definition.name) {}
  absl::Status Start(const Definition& definition, const Signals& signals);
  void Stop();

 private:
  ServiceMetrics metrics_;
  std::unique_ptr<postgres::Database> reads_;
  std::unique_ptr<postgres::Database> writes_;
  std::unique_ptr<rpc::Client> identity_;
  std::unique_ptr<access::TokenVerifier> verifier_;
  std::unique_ptr<access::GrantCache> grants_;
  std::unique_ptr<access::GrantFollower> follower_;
  std::unique_ptr<access::TokenAuthenticator> authenticator_;
  std::unique_ptr<access::AccessLog> access_log_;
  std::unique_ptr<resource::Engine> engine_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<Jobs> jobs_;
  std::unique_ptr<MetricsServer> metrics_server_;
};

absl::Status Process::Start(const Definition& definition, const Signals& signals) {
  ASSIGN_OR_RETURN(const auto contract, contract::Contract::Load(definition.packages));
  reads_ = std::make_unique<postgres::Database>(Pool("read", absl::GetFlag(FLAGS_readers), &metrics_));
  writes_ = std::make_unique<postgres::Database>(Pool("write", absl::GetFlag(FLAGS_writers), &metrics_));
  identity_ = std::make_unique<rpc::Client>(rpc::Client::Options{absl::GetFlag(FLAGS_identity), 1});
  verifier_ = std::make_unique<access::TokenVerifier>(access::TokenProfile());
  grants_ = std::make_unique<access::GrantCache>(verifier_.get());
  access::GrantFollower::Options follow;
  follow.identity = identity_.get();
  ASSIGN_OR_RETURN(follow.credentials, WaitForCredentials(absl::GetFlag(FLAGS_credentials), signals));
  follow.grants = grants_.get();
  follower_ = std::make_unique<access::GrantFollower>(follow);
  authenticator_ = std::make_unique<access::TokenAuthenticator>(verifier_.get(), grants_.get(), follower_->Fetch());
  access::AccessLog::Options log;
  log.database = writes_.get();
  access_log_ = std::make_unique<access::AccessLog>(log);
  resource::Engine::Options engine;
  engine.contract = contract;
  engine.reads = reads_.get();
  engine.writes = writes_.get();
  engine.authenticator = authenticator_.get();
  engine.access_log = access_log_.get();
  engine_ = std::make_unique<resource::Engine>(engine);
  definition.add(*engine_);
  rpc::Server::Options server;
  server.listen = {absl::GetFlag(FLAGS_listen)};
  server.observe = metrics_.ObserveCalls();
  server_ = std::make_unique<rpc::Server>(server);
  RETURN_IF_ERROR(engine_->Bind(server_.get()));
  RETURN_IF_ERROR(server_->Start());
  jobs_ = std::make_unique<Jobs>(engine_.get());
  metrics_.WatchPool("read", reads_.get());
  metrics_.WatchPool("write", writes_.get());
  metrics_.WatchGauge("lianqiao_access_log_dropped", "Access log entries that could not be kept",
                      [log = access_log_.get()] { return static_cast<double>(log->dropped()); });
  metrics_.WatchGauge("lianqiao_grants_fresh", "1 while identity was heard of within 30 s",
                      [grants = grants_.get()] { return grants->fresh() ? 1.0 : 0.0; });
  if (absl::GetFlag(FLAGS_metrics_listen).empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(metrics_server_,
                   MetricsServer::Start(absl::GetFlag(FLAGS_metrics_listen), [this] { return metrics_.Collect(); },
                                        {{"database", [this] { return reads_->load().connected > 0; }},
                                         {"identity", [this] { return grants_->fresh(); }}}));
  return absl::OkStatus();
}

void Process::Stop() {
  const absl::Duration limit = absl::Seconds(absl::GetFlag(FLAGS_drain_seconds));
  jobs_.reset();
  server_->SetServing(false);
  server_->Drain(limit);
  reads_->Drain(limit);
  writes_->Drain(limit);
}

}  // namespace

int Main(int argc, char** argv, const Definition& definition) {
  absl::SetProgramUsageMessage(absl::StrCat(definition.name, ": a service of Lianqiao. See README.md."));
  absl::ParseCommandLine(argc, argv);
  base::SetLogService(definition.name);
  Signals signals;  // Before any thread, so that all of them leave the signals to us.
  if (const absl::Status status = CheckFlags(); !status.ok()) return Fail("bad_flags", status);
  if (const absl::Status status = ApplyMigrations(definition); !status.ok()) return Fail("migration_failed", status);
  if (absl::GetFlag(FLAGS_migrate_only)) return 0;
  Process process(definition);
  if (const absl::Status status = process.Start(definition, signals); !status.ok()) return Fail("start_failed", status);
  base::Log(base::Severity::kInfo, "serving", {{"listen", absl::GetFlag(FLAGS_listen)}});
  signals.Wait();
  base::Log(base::Severity::kInfo, "draining");
  process.Stop();
  base::Log(base::Severity::kInfo, "stopped");
  return 0;
}

}  // namespace lianqiao::runtime
