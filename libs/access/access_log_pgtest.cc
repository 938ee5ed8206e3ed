// SPDX-License-Identifier: Apache-2.0
#include "libs/access/access_log.h"

#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "lianqiao/identity/v1/access_log.pb.h"
#include "libs/access/access_log_forwarder.h"
#include "libs/rpc/server.h"
#include "libs/testing/postgres.h"

namespace lianqiao::access {
namespace {

class AccessLogTest : public ::testing::Test {
 protected:
  std::unique_ptr<postgres::Database> Open() {
    postgres::Database::Options options;
    options.connection = test_.connection();
    options.search_path = test_.schema();
    options.workers = 1;
    options.name = "write";
    return std::make_unique<postgres::Database>(options);
  }
  // One value of one row.
  static std::string Ask(postgres::Database& database, const std::string& sql) {
    std::string answer;
    const absl::Status status =
        database.Run(absl::Now() + absl::Seconds(10), [&](postgres::Session& session) -> absl::Status {
          auto result = session.Execute({"test_" + std::to_string(std::hash<std::string>()(sql)), sql}, {});
          if (!result.ok()) return result.status();
          answer = result->rows() > 0 && result->columns() > 0 ? result->Text(0, 0) : "";
          return absl::OkStatus();
        });
    return status.ok() ? answer : status.ToString();
  }
  testing::TestDatabase test_{"access", AccessLogMigrations()};
};

AccessEntry Entry(const std::string& method) {
  rpc::CallContext context;
  context.method = method;
  context.request_id = "r-1";
  AccessEntry entry = MakeAccessEntry(AccessEvent::kCallDenied, context, nullptr);
  entry.record_ids = {"a", "b"};
  return entry;
}

TEST_F(AccessLogTest, KeepsEverythingThatWasRecordedInBatches) {
  auto database = Open();
  AccessLog log({.database = database.get()});
  for (int i = 0; i < 1700; ++i) log.Record(Entry("/a/" + std::to_string(i)));
  ASSERT_TRUE(log.Flush(absl::Now() + absl::Seconds(20)));
  EXPECT_EQ(Ask(*database, "SELECT count(*)::text || ' ' || count(DISTINCT method)::text FROM access_log"),
            "1700 1700");
  EXPECT_EQ(
      Ask(*database, "SELECT event || ' ' || array_length(record_ids, 1)::text FROM access_log LIMIT 1"),
      "ACCESS_EVENT_CALL_DENIED 2");
  EXPECT_EQ(log.dropped(), 0);
}

TEST_F(AccessLogTest, StoresWhateverAStrangerSends) {
  auto database = Open();
  AccessLog log({.database = database.get()});
  AccessEntry entry = Entry("'; DROP TABLE access_log; --");
  entry.client_id = std::string("a\0b\r\n\x1b[31m", 10);
  entry.peer = "\xff\xfe{,\"}";
  entry.request_id = std::string(1000, 'x') + "联";
  log.Record(entry);
  ASSERT_TRUE(log.Flush(absl::Now() + absl::Seconds(20)));
  EXPECT_EQ(Ask(*database, "SELECT client_id FROM access_log"), "a?b???[31m");
  EXPECT_EQ(Ask(*database, "SELECT peer FROM access_log"), "\?\?{,\"}");
  EXPECT_EQ(Ask(*database, "SELECT length(request_id)::text FROM access_log"), "256");
}

TEST_F(AccessLogTest, TheServiceCannotChangeOrDeleteWhatItLogged) {
  auto database = Open();
  AccessLog log({.database = database.get()});
  log.Record(Entry("/a"));
  ASSERT_TRUE(log.Flush(absl::Now() + absl::Seconds(20)));
  Ask(*database, "UPDATE access_log SET method = 'b'");
  Ask(*database, "DELETE FROM access_log");
  Ask(*database, "TRUNCATE access_log");
  EXPECT_EQ(Ask(*database, "SELECT method FROM access_log"), "/a");
}

TEST_F(AccessLogTest, WaitsForADatabaseThatIsAwayAndCountsWhatDoesNotFit) {
  auto database = Open();
  AccessLog log({.database = database.get(), .queue_max = 50, .batch_max = 10});
  log.Record(Entry("/before"));
  ASSERT_TRUE(log.Flush(absl::Now() + absl::Seconds(20)));
  testing::TestDatabase::StopServer();
  for (int i = 0; i < 100; ++i) log.Record(Entry("/during"));
  EXPECT_FALSE(log.Flush(absl::Now() + absl::Milliseconds(300)));
  EXPECT_GE(log.dropped(), 40);
  testing::TestDatabase::StartServer();
  ASSERT_TRUE(log.Flush(absl::Now() + absl::Seconds(30)));
  const int64_t stored = std::stoll(Ask(*database, "SELECT count(*)::text FROM access_log"));
  EXPECT_EQ(stored + log.dropped(), 101);
}

// What identity does with a batch, as far as a forwarder can tell.
class Receiver {
 public:
  explicit Receiver(int failures) : failures_(failures) {
    server_.Bind("/lianqiao.identity.v1.AccessLogService/AppendAccessLog",
                 [this](std::shared_ptr<const rpc::CallContext>, const std::string& bytes,
                        const rpc::Done& done) { done(Receive(bytes)); });
    EXPECT_TRUE(server_.Start().ok());
    server_.SetServing(true);
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(server_.port(0)); }
  size_t methods() {
    const std::lock_guard lock(mutex_);
    return methods_.size();
  }

 private:
  static rpc::Server::Options Loopback() {
    rpc::Server::Options options;
    options.listen = {"127.0.0.1:0"};
    return options;
  }
  // Keeps the entries each time; the first answers are lost, as after a cut.
  absl::StatusOr<rpc::Reply> Receive(const std::string& bytes) {
    identity::v1::AppendAccessLogRequest request;
    EXPECT_TRUE(request.ParseFromString(bytes));
    EXPECT_LE(request.entries_size(), 500);
    const std::lock_guard lock(mutex_);
    for (const auto& entry : request.entries()) methods_[entry.id()] = entry.method();
    if (failures_-- > 0) return absl::UnavailableError("cut");
    return rpc::Reply{};
  }

  std::mutex mutex_;
  int failures_;
  std::map<std::string, std::string> methods_;
  rpc::Server server_{Loopback()};
};

TEST_F(AccessLogTest, IsSentOnToIdentityUntilItIsThere) {
  auto database = Open();
  Receiver receiver(3);
  rpc::Client client(rpc::Client::Options{receiver.address(), 1});
  AccessLog log({.database = database.get(), .forward = Forward::kToIdentity});
  for (int i = 0; i < 700; ++i) log.Record(Entry("/a/" + std::to_string(i)));
  ASSERT_TRUE(log.Flush(absl::Now() + absl::Seconds(20)));
  const std::string waiting = "SELECT count(*)::text FROM access_log WHERE forward_time IS NULL";
  EXPECT_EQ(Ask(*database, waiting), "700");
  AccessLogForwarder forwarder({.database = database.get(),
                                .identity = &client,
                                .authorization = [] { return std::string("Bearer t"); },
                                .pause = absl::Milliseconds(20)});
  const absl::Time limit = absl::Now() + absl::Seconds(30);
  while (absl::Now() < limit && Ask(*database, waiting) != "0") absl::SleepFor(absl::Milliseconds(20));
  EXPECT_EQ(Ask(*database, waiting), "0");
  EXPECT_EQ(receiver.methods(), 700u);
}

// Whatever age it is asked for: half a year stays, and what identity does not have yet.
TEST_F(AccessLogTest, OldEntriesGoAndNoneThatMustStay) {
  auto database = Open();
  const auto add = [&](const std::string& method, int days, const std::string& forward_time) {
    Ask(*database, "INSERT INTO access_log SELECT gen_random_uuid(), now() - interval '" +
                       std::to_string(days) + " days', 'ACCESS_EVENT_EXPORT', '', '', '', '', '" + method +
                       "', '', '', '{}', '', '', '', '', " + forward_time + " FROM generate_series(1, 1500)");
  };
  add("/older", 401, "now()");
  add("/waits", 401, "NULL");
  add("/younger", 399, "now()");
  const std::string methods = "SELECT string_agg(DISTINCT method, ' ' ORDER BY method) FROM access_log";
  EXPECT_EQ(Ask(*database, methods), "/older /waits /younger");
  const auto until = [&](const std::string& expected) {
    const absl::Time limit = absl::Now() + absl::Seconds(20);
    while (absl::Now() < limit && Ask(*database, methods) != expected) absl::SleepFor(absl::Milliseconds(50));
    return Ask(*database, methods);
  };
  {
    AccessLog log({.database = database.get()});
    EXPECT_EQ(until("/waits /younger"), "/waits /younger");
  }
  add("/half a year", 183, "now()");
  AccessLog log({.database = database.get(), .retention = absl::Hours(1)});
  EXPECT_EQ(until("/half a year /waits"), "/half a year /waits");
  EXPECT_EQ(Ask(*database, "SELECT access_log_purge(now() + interval '1 day', 100000)::text"), "0");
  EXPECT_EQ(Ask(*database, "SELECT count(*)::text FROM access_log"), "3000");
}

TEST_F(AccessLogTest, IdentitysOwnEntriesWaitForNobody) {
  auto database = Open();
  AccessLog log({.database = database.get()});
  log.Record(Entry("/a"));
  ASSERT_TRUE(log.Flush(absl::Now() + absl::Seconds(20)));
  EXPECT_EQ(Ask(*database, "SELECT (forward_time = time)::text FROM access_log"), "true");
}

}  // namespace
}  // namespace lianqiao::access
