// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/installation.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/bulk/exports.h"
#include "libs/bulk/imports.h"
#include "libs/feed/epoch.h"
#include "libs/testing/cluster.h"
#include "services/alliance-registry/registry.h"
#include "tests/convergence/report.h"

namespace lianqiao::convergence {
namespace {

constexpr char kSchema[] = "alliance_registry";
constexpr absl::Duration kJobPause = absl::Milliseconds(20);
// What one statement or job may take before the harness gives up: long, on a busy machine.
constexpr absl::Duration kPatience = absl::Seconds(60);

std::string NewName() {
  static std::atomic<int> count{0};
  return absl::StrCat("history_", ++count);
}

std::string ServerFolder() {
  const std::string connection = testing::Cluster::Instance().Connection("postgres", "postgres");
  const size_t from = connection.find("host=") + 5;
  return connection.substr(from, connection.find(' ', from) - from);
}

std::unique_ptr<postgres::Database> Pool(const std::string& connection, const char* name, int workers) {
  postgres::Database::Options options;
  options.connection = connection;
  options.search_path = kSchema;
  options.workers = workers;
  options.name = name;
  return std::make_unique<postgres::Database>(options);
}

}  // namespace

// In the order of making; taken down in reverse.
struct Installation::Service {
  std::unique_ptr<postgres::Database> reads;
  std::unique_ptr<postgres::Database> writes;
  std::unique_ptr<resource::Engine> engine;
  std::unique_ptr<sync::FeedService> feed;
  std::unique_ptr<bulk::Exports> exports;
  std::unique_ptr<bulk::Imports> imports;
  std::unique_ptr<rpc::Server> server;
  std::atomic<bool> stopped{false};
  std::atomic<int> idle_rounds{0};
  std::thread jobs;
};

Installation::Installation(const std::string& original, uint32_t seed)
    : name_(NewName()), proxy_(ServerFolder(), seed) {
  const runtime::Definition definition = ::lianqiao::registry::RegistryDefinition();
  std::vector<std::string> packages = definition.packages;
  packages.push_back(sync::kPackage);
  auto contract = contract::Contract::Load(packages);
  Require(contract.status(), "contract");
  contract_ = *contract;
  authenticator_.Add("operator", access::testing::MakeOperator());
  testing::Cluster::Instance().Administer(
      absl::StrCat("CREATE DATABASE ", name_, " TEMPLATE ", original, " OWNER ", kSchema, "_owner"));
  administrator_ = Pool(Connection("postgres", false), "administrator", 2);
}

Installation::~Installation() {
  StopGateway();
  Stop();
  administrator_.reset();
  for (const std::string& database : databases_)
    testing::Cluster::Instance().Administer(
        absl::StrCat("DROP DATABASE IF EXISTS ", database, " WITH (FORCE)"));
  testing::Cluster::Instance().Administer(absl::StrCat("DROP DATABASE IF EXISTS ", name_, " WITH (FORCE)"));
}

std::string Installation::Connection(const std::string& role, bool through_proxy) const {
  if (!through_proxy) return testing::Cluster::Instance().Connection(role, name_);
  return absl::StrCat("host=", proxy_.folder(), " user=", role, " dbname=", name_);
}

std::string Installation::socket() const {
  return absl::StrCat("unix:", proxy_.folder(), "/service");
}

std::shared_ptr<rpc::Client> Installation::client(bool through_gateway) const {
  const std::lock_guard lock(mutex_);
  return through_gateway ? gateway_client_ : client_;
}

int Installation::http_port() const {
  const std::lock_guard lock(mutex_);
  return http_port_;
}

void Installation::StartGateway() {
  if (gateway_ != nullptr) return;
  gateway_ = std::make_unique<Gateway>(socket(), proxy_.folder(), &authenticator_);
  const std::lock_guard lock(mutex_);
  gateway_client_ = gateway_->client();
  http_port_ = gateway_->http_port();
}

void Installation::StopGateway() {
  gateway_.reset();
}

std::string Installation::MakeDatabase(const std::string& name) {
  const std::string full = absl::StrCat(name_, "_", name);
  testing::Cluster::Instance().Administer("CREATE DATABASE " + full);
  databases_.push_back(full);
  return testing::Cluster::Instance().Connection("postgres", full);
}

void Installation::Start() {
  const std::lock_guard life(life_mutex_);
  if (service_ != nullptr) return;
  auto service = std::make_unique<Service>();
  service->reads = Pool(Connection(kSchema, true), "read", 4);
  service->writes = Pool(Connection(kSchema, true), "write", 6);
  resource::Engine::Options options;
  options.contract = contract_;
  options.reads = service->reads.get();
  options.writes = service->writes.get();
  options.authenticator = &authenticator_;
  options.clock = &clock_;
  options.on_commit = [service = service.get()] { service->feed->OnCommit(); };
  service->engine = std::make_unique<resource::Engine>(options);
  const runtime::Definition definition = ::lianqiao::registry::RegistryDefinition();
  definition.add(*service->engine);
  service->feed = std::make_unique<sync::FeedService>(service->engine.get(),
                                                      sync::FeedService::Options{.service = "registry"});
  // What a process that died has begun, the next one takes up at once.
  service->exports =
      std::make_unique<bulk::Exports>(service->feed.get(), bulk::Exports::Options{.lease = absl::Seconds(1)});
  service->exports->Bind();
  service->imports = std::make_unique<bulk::Imports>(service->feed.get());
  service->imports->Bind();
  rpc::Server::Options server;
  server.listen = {"127.0.0.1:0", socket()};
  server.reflection = false;
  service->server = std::make_unique<rpc::Server>(server);
  Require(service->engine->Bind(service->server.get()), "bind");
  absl::Status epoch = absl::UnavailableError("");
  for (int tries = 0; tries < 20 && !epoch.ok(); ++tries) {
    epoch = service->writes->Run(absl::Now() + kPatience, [](postgres::Session& session) {
      return feed::RenewEpoch(session, absl::Now()).status();
    });
  }
  Require(epoch, "epoch");
  Require(service->server->Start(), "start");
  service->exports->Start();
  service->jobs = std::thread([this, service = service.get()] { RunJobs(service); });
  const std::string address = absl::StrCat("127.0.0.1:", service->server->port(0));
  {
    const std::lock_guard lock(mutex_);
    client_ = std::make_shared<rpc::Client>(rpc::Client::Options{address, 2});
  }
  service_ = std::move(service);
  running_ = true;
}

void Installation::Stop() {
  const std::lock_guard life(life_mutex_);
  if (service_ == nullptr) return;
  running_ = false;
  service_->stopped = true;
  service_->jobs.join();
  // As when a process dies: nobody waits for calls under way, but this process must not outlive its own.
  service_->server->Drain(absl::ZeroDuration());
  service_->server.reset();
  // What still reads for calls that have gone uses the feed.
  service_->reads->Drain(absl::Seconds(30));
  service_->writes->Drain(absl::Seconds(30));
  service_.reset();
}

// As libs/runtime/jobs.h does them, without its pauses.
void Installation::RunJobs(Service* service) {
  while (!service->stopped) {
    const auto soon = absl::Now() + absl::Seconds(10);
    const auto done = service->engine->RestampSome(soon);
    const auto more = service->engine->RunDaily(soon);
    const bool idle = done.ok() && *done == 0 && more.ok() && !*more;
    if (idle) ++service->idle_rounds;
    if (idle || !done.ok() || !more.ok()) absl::SleepFor(kJobPause);
  }
}

bool Installation::Settle(absl::Duration limit) {
  const std::lock_guard life(life_mutex_);
  const int enough = service_->idle_rounds + 2;  // The one under way may have begun before the last write.
  for (const absl::Time end = absl::Now() + limit; absl::Now() < end;) {
    if (service_->idle_rounds >= enough) return true;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return false;
}

absl::Status Installation::Purge(absl::Time now) {
  const std::lock_guard life(life_mutex_);
  if (service_ == nullptr) return absl::UnavailableError("not running");
  feed::Retention retention;
  retention.feed_days = 1;
  return service_->writes->Run(absl::Now() + absl::Seconds(10), [&](postgres::Session& session) {
    return feed::PurgeSome(session, retention, now).status();
  });
}

postgres::Result Installation::Sql(const std::string& sql) {
  absl::StatusOr<postgres::Result> result = absl::UnavailableError("not run");
  for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
    const absl::Status status = administrator_->Run(end, [&](postgres::Session& session) {
      result = session.Execute({"convergence", sql, false}, {});
      return result.status();
    });
    if (status.ok()) return *std::move(result);
    if (!absl::IsUnavailable(status) && !absl::IsUnknown(status)) Require(status, sql);
    absl::SleepFor(absl::Milliseconds(20));
  }
  Require(result.status(), sql);
  return *std::move(result);
}

void Installation::Dump() {
  // A DO block is one statement, so under READ COMMITTED too everything is read in one snapshot each;
  // REPEATABLE READ makes it one for all of them.
  const absl::Status status =
      administrator_->Run(absl::Now() + kPatience, [&](postgres::Session& session) -> absl::Status {
        const auto run = [&](const char* sql) { return session.Execute({"dump", sql, false}, {}).status(); };
        RETURN_IF_ERROR(run("SET default_transaction_isolation = 'repeatable read'"));
        const absl::Status copied = run(R"sql(DO $$
          DECLARE t record;
          BEGIN
            DROP SCHEMA IF EXISTS kept CASCADE;
            CREATE SCHEMA kept;
            FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'alliance_registry' LOOP
              EXECUTE format('CREATE TABLE kept.%1$I AS TABLE alliance_registry.%1$I', t.tablename);
            END LOOP;
          END $$)sql");
        RETURN_IF_ERROR(run("SET default_transaction_isolation = 'read committed'"));
        return copied;
      });
  dumped_ = status.ok();
}

void Installation::Restore() {
  Stop();
  ++life_;
  Sql(R"sql(DO $$
    DECLARE t record;
    BEGIN
      SET LOCAL session_replication_role = replica;
      FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' LOOP
        EXECUTE format('DELETE FROM alliance_registry.%I', t.tablename);
        EXECUTE format('INSERT INTO alliance_registry.%1$I SELECT * FROM kept.%1$I', t.tablename);
      END LOOP;
      INSERT INTO alliance_registry.feed_meta
        (epoch, buckets, reason, token_secret, started_at, history_horizon)
        SELECT gen_random_uuid(), buckets, 'restored', token_secret,
               greatest(now(), started_at + interval '1 microsecond'), history_horizon
        FROM alliance_registry.feed_meta ORDER BY started_at DESC LIMIT 1;
      DROP SCHEMA kept CASCADE;
    END $$)sql");
  dumped_ = false;
  Start();
}

}  // namespace lianqiao::convergence
