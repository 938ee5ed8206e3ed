// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identity/identity_host.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/feed/epoch.h"

// Made by CMake from migrations/*.sql.
std::vector<lianqiao::postgres::Migration> LianqiaoIdentityMigrations();

namespace lianqiao::identity {

std::vector<postgres::Migration> IdentityMigrations() {
  return resource::WithEngine(LianqiaoIdentityMigrations());
}

std::unique_ptr<postgres::Database> IdentityHost::Open(const std::string& name, int workers) const {
  postgres::Database::Options options;
  options.connection = options_.connection;
  options.search_path = options_.schema;
  options.workers = workers;
  options.name = name;
  if (options_.observe_pool) options_.observe_pool(&options);
  return std::make_unique<postgres::Database>(std::move(options));
}

std::vector<std::pair<std::string, const postgres::Database*>> IdentityHost::pools() const {
  std::vector<std::pair<std::string, const postgres::Database*>> pools = {
      {"identity_read", reads_.get()},
      {"identity_write", writes_.get()},
      {"identity_poll", polls_.get()},
      {"identity_log", log_writes_.get()}};
  if (projection_ != nullptr) pools.emplace_back("identity_projection", projection_.get());
  return pools;
}

absl::StatusOr<std::unique_ptr<IdentityHost>> IdentityHost::Start(Options options) {
  std::unique_ptr<IdentityHost> host(new IdentityHost(std::move(options)));
  RETURN_IF_ERROR(host->Run());
  return host;
}

// The service may be away, and our own credentials may not be made yet: it is tried until they are there.
absl::Status IdentityHost::FollowRegistry() {
  if (options_.registry.empty()) return absl::OkStatus();
  if (options_.bootstrap.secrets_folder.empty())
    return absl::InvalidArgumentError(
        "to follow alliance-registry identity needs a folder for its own credentials: --service_secret_dir");
  projection_ = Open("identity_projection", runtime::Following::kWorkers);
  token_ = std::make_unique<OwnToken>(
      server_.get(), absl::StrCat(options_.bootstrap.secrets_folder, "/", kOwnClient, ".json"),
      options_.clock);
  runtime::Following::Options options;
  options.address = options_.registry;
  options.authorize = [this](absl::Time deadline) { return token_->Authorization(deadline); };
  options.refused = [this](const std::string& token) { token_->Refused(token); };
  options.database = projection_.get();
  ASSIGN_OR_RETURN(following_, runtime::Following::Start(RegistryFollow(), std::move(options)));
  return absl::OkStatus();
}

absl::Status IdentityHost::Run() {
  if (!options_.owner_connection.empty()) {
    RETURN_IF_ERROR(postgres::Migrate(options_.owner_connection, options_.schema, options_.runtime_role,
                                      IdentityMigrations()));
  }
  reads_ = Open("identity_read", options_.readers);
  writes_ = Open("identity_write", options_.writers);
  polls_ = Open("identity_poll", 1);
  log_writes_ = Open("identity_log", 1);
  access_log_ = std::make_unique<access::AccessLog>(access::AccessLog::Options{
      .database = log_writes_.get(), .clock = options_.clock, .retention = options_.access_log_retention});
  ASSIGN_OR_RETURN(server_, IdentityServer::Start({.reads = reads_.get(),
                                                   .writes = writes_.get(),
                                                   .polls = polls_.get(),
                                                   .access_log = access_log_.get(),
                                                   .master_key_file = options_.master_key_file,
                                                   .clock = options_.clock}));
  RETURN_IF_ERROR(FollowRegistry());
  ASSIGN_OR_RETURN(auto contract, contract::Contract::Load({"lianqiao.identity.v1"}));
  std::vector<resource::Followed> followed;
  if (following_ != nullptr) followed.push_back(following_->followed());
  engine_ =
      std::make_unique<resource::Engine>(resource::Engine::Options{.contract = std::move(contract),
                                                                   .reads = reads_.get(),
                                                                   .writes = writes_.get(),
                                                                   .authenticator = server_->authenticator(),
                                                                   .access_log = access_log_.get(),
                                                                   .clock = options_.clock,
                                                                   .on_commit = nullptr,
                                                                   .followed = std::move(followed)});
  RETURN_IF_ERROR(writes_->Run(absl::Now() + absl::Seconds(30), [this](postgres::Session& session) {
    return feed::RenewEpoch(session, options_.clock->Now()).status();
  }));
  server_->AddTo(engine_.get());
  rpc_ = std::make_unique<rpc::Server>(
      rpc::Server::Options{.listen = options_.listen, .behind_gateway = true, .observe = options_.observe});
  RETURN_IF_ERROR(engine_->Bind(rpc_.get()));
  RETURN_IF_ERROR(rpc_->Start());
  rpc_->SetServing(true);
  jobs_ = std::make_unique<runtime::Jobs>(runtime::Jobs::Options{
      .engine = engine_.get(), .reads = reads_.get(), .observe_head = [](int, int64_t) {}});
  if (options_.bootstrap.operator_file.empty()) return absl::OkStatus();
  const std::string& address = options_.listen.front();
  const bool any_port = address.size() > 2 && address.compare(address.size() - 2, 2, ":0") == 0;
  rpc::Client client(rpc::Client::Options{
      .target = any_port ? address.substr(0, address.size() - 1) + std::to_string(rpc_->port(0)) : address,
      .channels = 1});
  BootstrapOptions bootstrap = options_.bootstrap;
  bootstrap.server = server_.get();
  bootstrap.client = &client;
  if (following_ != nullptr) {
    ASSIGN_OR_RETURN(bootstrap.own_permissions, runtime::PermissionsToFollow(RegistryFollow()));
  }
  return Bootstrap(bootstrap);
}

void IdentityHost::Drain(absl::Duration limit) {
  if (server_ != nullptr) server_->Close();
  if (rpc_ != nullptr) rpc_->Drain(limit);
}

IdentityHost::~IdentityHost() {
  Drain(absl::Seconds(2));
  // Who waits for it is answered while the server is still there.
  if (following_ != nullptr) following_->Stop();
  jobs_.reset();
  rpc_.reset();
  // What is still queued there uses the engine and the server.
  if (reads_ != nullptr) reads_->Drain(absl::Seconds(2));
  if (writes_ != nullptr) writes_->Drain(absl::Seconds(2));
  if (polls_ != nullptr) polls_->Drain(absl::Seconds(2));
  engine_.reset();
  following_.reset();
  token_.reset();
  server_.reset();
}

}  // namespace lianqiao::identity
