// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/installation.h"

#include <filesystem>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/bulk/exports.h"
#include "libs/bulk/imports.h"
#include "libs/feed/epoch.h"
#include "libs/resource/foreign_scope.h"
#include "libs/runtime/following.h"
#include "libs/testing/cluster.h"
#include "tests/convergence/report.h"

namespace lianqiao::convergence {
namespace {

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

}  // namespace

// In the order of making; taken down in reverse.
struct Installation::Service {
  std::unique_ptr<postgres::Database> reads;
  std::unique_ptr<postgres::Database> writes;
  std::unique_ptr<postgres::Database> projections;
  std::vector<std::unique_ptr<runtime::Following>> followings;
  std::unique_ptr<resource::Engine> engine;
  std::unique_ptr<sync::FeedService> feed;
  std::unique_ptr<bulk::Exports> exports;
  std::unique_ptr<bulk::Imports> imports;
  std::unique_ptr<rpc::Server> server;
  std::atomic<bool> stopped{false};
  std::atomic<int> idle_rounds{0};
  std::thread jobs;
};

Installation::Installation(const Subject& subject, const std::string& original, uint32_t seed,
                           Installation* followed)
    : subject_(subject), followed_(followed), name_(NewName()), proxy_(ServerFolder(), seed) {
  std::vector<std::string> packages = subject.definition().packages;
  packages.push_back(sync::kPackage);
  auto contract = contract::Contract::Load(packages);
  Require(contract.status(), "contract");
  contract_ = *contract;
  authenticator_.Add("operator", access::testing::MakeOperator());
  testing::Cluster::Instance().Administer(
      absl::StrCat("CREATE DATABASE ", name_, " TEMPLATE ", original, " OWNER ", subject.schema, "_owner"));
  administrator_ = Pool("postgres", false, "administrator", 2);
  if (!subject.definition().content.has_value()) return;
  auto content = content::DiskStore::Make({.folder = content_folder()});
  Require(content.status(), "a folder for files");
  content_ = *std::move(content);
}

Installation::~Installation() {
  StopGateway();
  Stop();
  administrator_.reset();
  content_.reset();
  std::filesystem::remove_all(content_folder());
  for (const std::string& database : databases_)
    testing::Cluster::Instance().Administer(
        absl::StrCat("DROP DATABASE IF EXISTS ", database, " WITH (FORCE)"));
  testing::Cluster::Instance().Administer(absl::StrCat("DROP DATABASE IF EXISTS ", name_, " WITH (FORCE)"));
}

std::string Installation::Connection(const std::string& role, bool through_proxy) const {
  if (!through_proxy) return testing::Cluster::Instance().Connection(role, name_);
  return absl::StrCat("host=", proxy_.folder(), " user=", role, " dbname=", name_);
}

std::unique_ptr<postgres::Database> Installation::Pool(const std::string& role, bool through_proxy,
                                                       const char* name, int workers) const {
  postgres::Database::Options options;
  options.connection = Connection(role, through_proxy);
  options.search_path = subject_.schema;
  options.workers = workers;
  options.name = name;
  return std::make_unique<postgres::Database>(options);
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
  gateway_ = std::make_unique<Gateway>(subject_.package, socket(), proxy_.folder(), &authenticator_);
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

// As libs/runtime/process.h does it, with the token of an operator.
void Installation::Follow(Service* service) {
  const runtime::Definition definition = subject_.definition();
  if (followed_ == nullptr) return;
  service->projections = Pool(subject_.schema, true, "projection",
                              runtime::Following::kWorkers * static_cast<int>(definition.follows.size()));
  for (const runtime::Follow& follow : definition.follows) {
    runtime::Following::Options options;
    options.address = followed_->socket();
    options.authorize = [](absl::Time) { return std::string("Bearer operator"); };
    options.database = service->projections.get();
    options.moved = resource::StampWhatHangsOn(contract_, follow.package);
    auto following = runtime::Following::Start(follow, std::move(options));
    Require(following.status(), "follow");
    service->followings.push_back(*std::move(following));
  }
}

void Installation::MakeEngine(Service* service) {
  resource::Engine::Options options;
  options.contract = contract_;
  options.reads = service->reads.get();
  options.writes = service->writes.get();
  options.authenticator = &authenticator_;
  options.clock = &clock_;
  options.on_commit = [service] { service->feed->OnCommit(); };
  for (const auto& following : service->followings) options.followed.push_back(following->followed());
  service->engine = std::make_unique<resource::Engine>(options);
  const runtime::Definition definition = subject_.definition();
  definition.add(*service->engine);
  if (content_ != nullptr) definition.content->add(*service->engine, content_.get());
  service->feed = std::make_unique<sync::FeedService>(service->engine.get(),
                                                      sync::FeedService::Options{.service = subject_.name});
  // What a process that died has begun, the next one takes up at once.
  service->exports =
      std::make_unique<bulk::Exports>(service->feed.get(), bulk::Exports::Options{.lease = absl::Seconds(1)});
  service->exports->Bind();
  service->imports = std::make_unique<bulk::Imports>(service->feed.get());
  service->imports->Bind();
}

void Installation::BeginEpoch(Service* service) {
  absl::Status epoch = absl::UnavailableError("");
  for (int tries = 0; tries < 20 && !epoch.ok(); ++tries) {
    epoch = service->writes->Run(absl::Now() + kPatience, [](postgres::Session& session) {
      return feed::RenewEpoch(session, absl::Now()).status();
    });
  }
  Require(epoch, "epoch");
}

void Installation::Start() {
  const std::lock_guard life(life_mutex_);
  if (service_ != nullptr) return;
  auto service = std::make_unique<Service>();
  service->reads = Pool(subject_.schema, true, "read", 4);
  service->writes = Pool(subject_.schema, true, "write", 6);
  Follow(service.get());
  MakeEngine(service.get());
  rpc::Server::Options server;
  server.listen = {"127.0.0.1:0", socket()};
  server.reflection = false;
  service->server = std::make_unique<rpc::Server>(server);
  Require(service->engine->Bind(service->server.get()), "bind");
  BeginEpoch(service.get());
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
  for (const auto& following : service_->followings) following->Stop();
  // What still reads for calls that have gone uses the feed.
  service_->reads->Drain(absl::Seconds(30));
  service_->writes->Drain(absl::Seconds(30));
  if (service_->projections != nullptr) service_->projections->Drain(absl::Seconds(30));
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

bool Installation::CatchUp(absl::Duration limit) {
  const std::lock_guard life(life_mutex_);
  const absl::Time end = absl::Now() + limit;
  for (const auto& following : service_->followings) {
    absl::Status status = absl::UnavailableError("");
    while (!status.ok() && absl::Now() < end) {
      // Whoever waits for a position waits for everything that is committed.
      if (following->projection().lag().ready)
        status = following->projection().Wait(0, std::numeric_limits<int64_t>::max(), end);
      if (!status.ok()) absl::SleepFor(absl::Milliseconds(5));
    }
    if (!status.ok()) return false;
  }
  return true;
}

void Installation::PassDay() {
  clock_.Advance(absl::Hours(24));
  if (followed_ != nullptr) followed_->PassDay();
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
        const auto run = [&](const std::string& sql) {
          return session.Execute({"dump", sql, false}, {}).status();
        };
        RETURN_IF_ERROR(run("SET default_transaction_isolation = 'repeatable read'"));
        const std::string copy = absl::StrReplaceAll(R"sql(DO $$
          DECLARE t record;
          BEGIN
            DROP SCHEMA IF EXISTS kept CASCADE;
            CREATE SCHEMA kept;
            FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'OWN' LOOP
              EXECUTE format('CREATE TABLE kept.%1$I AS TABLE OWN.%1$I', t.tablename);
            END LOOP;
          END $$)sql",
                                                     {{"OWN", subject_.schema}});
        const absl::Status copied = run(copy);
        RETURN_IF_ERROR(run("SET default_transaction_isolation = 'read committed'"));
        return copied;
      });
  dumped_ = status.ok();
}

void Installation::Restore() {
  Stop();
  ++life_;
  Sql(absl::StrReplaceAll(R"sql(DO $$
    DECLARE t record;
    BEGIN
      SET LOCAL session_replication_role = replica;
      FOR t IN SELECT table_name, string_agg(quote_ident(column_name), ',') AS columns
          FROM information_schema.columns WHERE table_schema = 'OWN' AND is_generated = 'NEVER'
          AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = 'kept')
          GROUP BY table_name LOOP
        EXECUTE format('DELETE FROM OWN.%I', t.table_name);
        EXECUTE format('INSERT INTO OWN.%1$I (%2$s) SELECT %2$s FROM kept.%1$I', t.table_name, t.columns);
      END LOOP;
      INSERT INTO OWN.feed_meta
        (epoch, buckets, reason, token_secret, started_at, history_horizon)
        SELECT gen_random_uuid(), buckets, 'restored', token_secret,
               greatest(now(), started_at + interval '1 microsecond'), history_horizon
        FROM OWN.feed_meta ORDER BY started_at DESC LIMIT 1;
      DROP SCHEMA kept CASCADE;
    END $$)sql",
                          {{"OWN", subject_.schema}}));
  dumped_ = false;
  Start();
}

}  // namespace lianqiao::convergence
