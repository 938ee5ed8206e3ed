// SPDX-License-Identifier: Apache-2.0
// A database that was moved, promoted or read back begins a new epoch at the next start, once.
#include "libs/feed/epoch.h"

#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/resource/engine.h"
#include "libs/testing/postgres.h"

namespace lianqiao::conformance {
namespace {

class Epoch : public ::testing::Test {
 protected:
  static postgres::Database::Options As(const std::string& connection, const std::string& schema) {
    postgres::Database::Options options;
    options.connection = connection;
    options.search_path = schema;
    options.workers = 4;
    options.name = "test";
    return options;
  }

  static std::string Value(postgres::Database& database, const std::string& sql) {
    std::string value;
    const absl::Status status = database.Run(Soon(), [&](postgres::Session& session) -> absl::Status {
      ASSIGN_OR_RETURN(const postgres::Result result, session.Execute({"test", sql, false}, {}));
      if (result.rows() > 0 && !result.IsNull(0, 0)) value = result.Text(0, 0);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << sql << ": " << status;
    return value;
  }
  std::string Sql(const std::string& sql) { return Value(runtime_, sql); }

  std::string Start() {
    std::string reason;
    const absl::Status status = runtime_.Run(Soon(), [&](postgres::Session& session) -> absl::Status {
      ASSIGN_OR_RETURN(reason, feed::RenewEpoch(session, absl::Now()));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return reason;
  }

  static absl::Time Soon() { return absl::Now() + absl::Seconds(30); }

  testing::TestDatabase database_{"engine_alone", resource::WithEngine({})};
  postgres::Database runtime_{As(database_.connection(), database_.schema())};
};

TEST_F(Epoch, StaysWhileNothingMovesAndIsNewOnceWhenSomethingDid) {
  const std::string created = Sql("SELECT epoch FROM feed_meta");
  EXPECT_EQ(Start(), "") << "nothing was known yet";
  EXPECT_EQ(Start(), "");
  EXPECT_EQ(Sql("SELECT count(*) FROM feed_meta"), "1");
  Sql("UPDATE feed_meta SET buckets = 8, history_horizon = '2025-01-02T00:00:00Z'");
  const std::pair<const char*, const char*> moves[] = {
      {"system_identifier", "moved to another cluster"},
      {"timeline", "promoted on timeline 00000001"},
      {"object_ids", "read back from a dump"},
  };
  std::string last = created;
  for (const auto& [column, reason] : moves) {
    Sql(absl::StrCat("UPDATE feed_origin SET ", column, " = '7'"));
    EXPECT_EQ(Start(), reason);
    EXPECT_EQ(Start(), "");
    const std::string now = Sql("SELECT epoch FROM feed_meta ORDER BY started_at DESC LIMIT 1");
    EXPECT_NE(now, last);
    EXPECT_EQ(Sql("SELECT reason FROM feed_meta ORDER BY started_at DESC LIMIT 1"), reason);
    last = now;
  }
  EXPECT_EQ(Sql("SELECT count(*) FROM feed_meta"), "4");
  EXPECT_EQ(Sql("SELECT count(DISTINCT (buckets, token_secret, history_horizon)) FROM feed_meta"), "1")
      << "cursors and page tokens stay readable";
}

TEST_F(Epoch, IsNewWhenTheTablesWereMadeAnewInTheSameCluster) {
  Start();
  postgres::Database owner(As(database_.owner_connection(), database_.schema()));
  Value(owner, "CREATE TABLE kept AS SELECT * FROM feed_meta");
  Value(owner, "DROP TABLE feed_meta");
  Value(owner, "CREATE TABLE feed_meta AS SELECT * FROM kept");
  EXPECT_EQ(Start(), "read back from a dump");
}

TEST_F(Epoch, IsNewerThanTheLastOneWhateverTheClockSays) {
  Start();
  Sql("UPDATE feed_meta SET started_at = now() + interval '1 year', reason = 'another clock'");
  Sql("UPDATE feed_origin SET timeline = '7'");
  EXPECT_NE(Start(), "");
  EXPECT_EQ(Sql("SELECT reason FROM feed_meta ORDER BY started_at DESC LIMIT 1"),
            "promoted on timeline 00000001");
}

TEST_F(Epoch, IsBegunByOneOfManyThatStartAtOnce) {
  Start();
  Sql("UPDATE feed_origin SET system_identifier = '7'");
  std::vector<std::thread> processes;
  for (int i = 0; i < 4; ++i) processes.emplace_back([this] { Start(); });
  for (std::thread& process : processes) process.join();
  EXPECT_EQ(Sql("SELECT count(*) FROM feed_meta"), "2");
}

TEST_F(Epoch, OfAServerThatDoesNotSayWhereItIsStaysAndTheServiceStarts) {
  Start();
  Sql("UPDATE feed_origin SET system_identifier = '7'");
  postgres::Database superuser(As(database_.superuser_connection(), database_.schema()));
  Value(superuser, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
  EXPECT_EQ(Start(), "");
  EXPECT_EQ(Sql("SELECT count(*) FROM feed_meta"), "1");
  Value(superuser, "GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC");
  EXPECT_EQ(Start(), "moved to another cluster");
}

}  // namespace
}  // namespace lianqiao::conformance
