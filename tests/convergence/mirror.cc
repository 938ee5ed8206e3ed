// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/mirror.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/feed/rpc_source.h"
#include "libs/feed/verify.h"

namespace lianqiao::convergence {
namespace {

constexpr absl::Duration kStatementLimit = absl::Seconds(60);

std::unique_ptr<postgres::Database> Pool(const std::string& connection, int workers) {
  postgres::Database::Options options;
  options.connection = connection;
  options.workers = workers;
  options.name = "mirror";
  return std::make_unique<postgres::Database>(options);
}

}  // namespace

// One process of it, from its start to its death.
class Mirror::Life {
 public:
  Life(const Mirror& mirror, int page_size)
      : client_(mirror.installation_->client(mirror.options_.gateway)), source_(Source(mirror)) {
    database_ = Pool(mirror.connection_, 4);
    feed::Consumer::Options options;
    options.source = &source_;
    options.database = database_.get();
    options.tables = mirror.tables_.get();
    options.partitions = 3;
    options.page_size = page_size;
    options.snapshot_batch_records = 10;
    options.pause_min = absl::Milliseconds(5);
    options.pause_max = absl::Milliseconds(100);
    consumer_ = std::make_unique<feed::Consumer>(options);
  }
  ~Life() {
    consumer_->Stop();
    if (thread_.joinable()) thread_.join();
    source_.Cancel();
    database_->Drain(absl::Seconds(10));
  }

  void Follow() {
    thread_ = std::thread([this] {
      status_ = consumer_->Follow();
      ended_ = true;
    });
  }
  bool ended() const { return ended_; }
  // Why it gave up; after its end only.
  const absl::Status& status() const { return status_; }
  feed::Consumer& consumer() { return *consumer_; }
  feed::Source& source() { return source_; }
  postgres::Database& database() { return *database_; }

 private:
  feed::RpcSource::Options Source(const Mirror& mirror) const {
    feed::RpcSource::Options options;
    options.client = client_.get();
    options.contract = mirror.installation_->shared_contract();
    options.authorize = [token = "Bearer " + mirror.options_.name](absl::Time) { return token; };
    options.call_limit = absl::Seconds(20);
    return options;
  }

  const std::shared_ptr<rpc::Client> client_;
  feed::RpcSource source_;
  std::unique_ptr<postgres::Database> database_;
  std::unique_ptr<feed::Consumer> consumer_;
  absl::Status status_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

Mirror::Mirror(Installation* installation, Options options, Reach reach, Report* report)
    : installation_(installation),
      options_(std::move(options)),
      reach_(std::move(reach)),
      report_(report),
      random_(options_.seed),
      connection_(installation->MakeDatabase(options_.name)) {
  installation_->authenticator().Add(options_.name, reach_.Caller(installation->subject().name));
  std::vector<feed::CopiedKind> kinds;
  for (const auto& resource : installation_->contract().resources()) kinds.push_back({resource->kind, {}});
  feed::TableOptions shape;
  shape.consumer = options_.name;
  auto tables = feed::Tables::Make(installation_->shared_contract(), kinds, shape);
  Require(tables.status(), "a mirror's tables");
  tables_ = *std::move(tables);
  std::vector<std::string> ddl = feed::StateTables(shape.consumer, shape.state_prefix).Ddl();
  for (std::string& statement : tables_->Ddl()) ddl.push_back(std::move(statement));
  const auto database = Pool(connection_, 1);
  Require(database->Run(absl::Now() + kStatementLimit,
                        [&](postgres::Session& session) {
                          for (const std::string& sql : ddl)
                            RETURN_IF_ERROR(session.Execute({"mirror_ddl", sql, false}, {}).status());
                          return absl::OkStatus();
                        }),
          "a mirror's tables");
}

void Mirror::Start() {
  stopped_ = false;
  thread_ = std::thread([this] { Run(); });
}

void Mirror::Stop() {
  stopped_ = true;
  if (thread_.joinable()) thread_.join();
}

void Mirror::Run() {
  while (!stopped_) {
    Life life(*this, 1 + Random(50));
    life.Follow();
    const absl::Time end = absl::Now() + absl::Milliseconds(50 + Random(1500));
    while (!stopped_ && !life.ended() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(5));
    if (life.ended() && !life.status().ok()) {
      report_->Add({"Unexpected", absl::StrCat(options_.name, ": ", life.status().ToString()), "", ""});
      return;
    }
    // Now and then as a process dies: whatever it was doing in its database is undone.
    if (Random(3) == 0)
      installation_->Sql(
          absl::StrCat("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '",
                       installation_->database(), "_", options_.name, "'"));
  }
}

std::vector<std::pair<std::string, postgres::Result>> Mirror::ReadAll(const std::string& sql) {
  std::vector<std::pair<std::string, postgres::Result>> all;
  const auto database = Pool(connection_, 1);
  const auto read = [&](postgres::Session& session) -> absl::Status {
    all.clear();
    for (const auto& [kind, table] : tables_->all()) {
      const std::string statement = absl::StrReplaceAll(sql, {{"$TABLE", table.name()}});
      ASSIGN_OR_RETURN(postgres::Result rows, session.Execute({"rows_" + kind, statement, false}, {}));
      all.emplace_back(kind, std::move(rows));
    }
    return absl::OkStatus();
  };
  absl::Status status = absl::UnavailableError("");
  for (const absl::Time end = absl::Now() + kStatementLimit; !status.ok() && absl::Now() < end;)
    status = database->Run(end, read);
  Require(status, "a mirror's rows");
  return all;
}

std::map<Key, int64_t> Mirror::Held() {
  std::map<Key, int64_t> held;
  for (const auto& [kind, rows] : ReadAll("SELECT id, revision FROM $TABLE")) {
    for (int i = 0; i < rows.rows(); ++i) held[{kind, rows.Text(i, 0)}] = rows.Integer(i, 1);
  }
  return held;
}

void Mirror::CheckErased(const std::string& pattern) {
  for (const auto& [kind, rows] :
       ReadAll(absl::StrCat("SELECT id FROM $TABLE t WHERE t::text ~ '", pattern, "'"))) {
    for (int i = 0; i < rows.rows(); ++i)
      report_->Add(
          {"Erased", options_.name + ": a row tells of somebody who is erased", kind, rows.Text(i, 0)});
  }
}

void Mirror::Check(const std::map<Key, int64_t>& expected, absl::Duration limit) {
  const auto fail = [&](const std::string& name, const std::string& text, const Key& key) {
    report_->Add({name, absl::StrCat(options_.name, ": ", text), key.first, key.second});
  };
  std::map<Key, int64_t> held;
  for (const absl::Time end = absl::Now() + limit; absl::Now() < end;) {
    Life life(*this, 500);
    const absl::Status status = life.consumer().CatchUp(limit);
    if (!status.ok()) return fail("Unexpected", status.ToString(), {});
    held = Held();
    if (held == expected) break;
  }
  for (const auto& [key, revision] : expected) {
    const auto found = held.find(key);
    const int64_t has = found == held.end() ? 0 : found->second;
    if (has != revision)
      fail("Converged", absl::StrCat("the mirror has revision ", has, " of ", revision), key);
  }
  for (const auto& [key, revision] : held) {
    if (expected.count(key) == 0)
      fail("Converged", absl::StrCat("the mirror has revision ", revision, " of what it may not have"), key);
  }
  Life life(*this, 500);
  const auto verified = feed::Verify({.consumer = &life.consumer(),
                                      .source = &life.source(),
                                      .database = &life.database(),
                                      .tables = tables_.get(),
                                      .observe = nullptr});
  if (!verified.ok()) return fail("Digest", verified.status().ToString(), {});
  for (const feed::Difference& one : verified->differences)
    fail("Digest", absl::StrCat("--verify finds revision ", one.held, " of ", one.published),
         {one.kind, one.id});
}

}  // namespace lianqiao::convergence
