// SPDX-License-Identifier: Apache-2.0
// Migrations: applied once, in order, by one process; and what the runtime role may do afterwards.
#include "libs/postgres/migrate.h"

#include <gmock/gmock.h>

#include <future>

#include "libs/postgres/pgtest.h"

namespace lianqiao::postgres {
namespace {

using ::testing::HasSubstr;

class MigrateTest : public PostgresTest {
 protected:
  absl::Status Apply(const std::vector<Migration>& migrations) {
    return Migrate(database_.owner_connection(), database_.schema(), database_.schema(), migrations);
  }

  std::vector<Migration> With(const std::string& name, const std::string& sql) const {
    std::vector<Migration> migrations = Migrations();
    migrations.push_back({name, sql});
    return migrations;
  }

  Database database{Options()};
  Database owner{[this] {
    Database::Options options = Options();
    options.connection = database_.owner_connection();
    return options;
  }()};
};

TEST_F(MigrateTest, AppliesEachMigrationOnceAndRecordsIt) {
  const std::vector<Migration> migrations =
      With("0002_add_term", "CREATE TABLE term (id int); INSERT INTO term VALUES (1)");
  ASSERT_TRUE(Apply(migrations).ok());
  ASSERT_TRUE(Apply(migrations).ok());
  EXPECT_EQ(Value(database, "SELECT count(*) FROM term"), "1");
  EXPECT_EQ(Value(owner, "SELECT string_agg(name, ',' ORDER BY name) FROM schema_migration"),
            "0001_create_tables,0002_add_term");
  EXPECT_EQ(Value(owner, "SELECT length(checksum) FROM schema_migration LIMIT 1"), "64");
}

TEST_F(MigrateTest, RefusesAnAppliedMigrationThatWasChanged) {
  std::vector<Migration> migrations = Migrations();
  migrations[0].sql += " ";
  const absl::Status status = Apply(migrations);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("0001_create_tables was changed"));
}

TEST_F(MigrateTest, RefusesADatabaseThatIsAheadAndAMigrationSlippedInBefore) {
  ASSERT_TRUE(Apply(With("0002_add_term", "CREATE TABLE term (id int)")).ok());
  const absl::Status ahead = Apply(Migrations());
  EXPECT_EQ(ahead.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(ahead.message(), HasSubstr("0002_add_term"));
  std::vector<Migration> slipped = Migrations();
  slipped.push_back({"0002_add_other", "CREATE TABLE other (id int)"});
  slipped.push_back({"0003_add_term", "CREATE TABLE term (id int)"});
  EXPECT_EQ(Apply(slipped).code(), absl::StatusCode::kFailedPrecondition);
}

// The engine's migrations and a service's own are two histories: either may grow while the other stands.
TEST_F(MigrateTest, EachHistoryGrowsByItself) {
  const Migration engine_first = {"0002_create_feed", "CREATE TABLE feed (id int)", "engine"};
  const Migration engine_second = {"0003_add_head", "CREATE TABLE head (id int)", "engine"};
  const Migration own = {"0010_create_place", "CREATE TABLE place (id int)"};
  const Migration own_second = {"0011_add_term", "CREATE TABLE term (id int)"};
  const auto apply = [this](std::vector<Migration> more) {
    std::vector<Migration> all = Migrations();
    all.insert(all.end(), more.begin(), more.end());
    return Apply(all);
  };
  ASSERT_TRUE(apply({engine_first, own}).ok());
  ASSERT_TRUE(apply({engine_first, engine_second, own}).ok()) << "a database of the last version";
  ASSERT_TRUE(apply({engine_first, engine_second, own, own_second}).ok());
  EXPECT_EQ(Value(database, "SELECT to_regclass('head') IS NOT NULL AND to_regclass('term') IS NOT NULL"),
            "t");
  EXPECT_EQ(apply({engine_first, own, own_second}).code(), absl::StatusCode::kFailedPrecondition)
      << "an older program";
  const Migration slipped = {"0001_add_other", "CREATE TABLE other (id int)", "engine"};
  EXPECT_EQ(apply({slipped, engine_first, engine_second, own, own_second}).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(MigrateTest, AFailedMigrationLeavesNothingAndNamesItself) {
  const absl::Status status = Apply(With("0002_add_term", "CREATE TABLE term (id int); SELECT 1 / 0"));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("0002_add_term failed with SQLSTATE 22012"));
  EXPECT_EQ(Value(database, "SELECT to_regclass('term') IS NULL"), "t");
  EXPECT_TRUE(Apply(With("0002_add_term", "CREATE TABLE term (id int)")).ok());
}

TEST_F(MigrateTest, ConcurrentStartsApplyEverythingOnce) {
  const std::vector<Migration> migrations =
      With("0002_add_term", "SELECT pg_sleep(0.3); CREATE TABLE term (id int); INSERT INTO term VALUES (1)");
  std::vector<std::future<absl::Status>> starts;
  for (int i = 0; i < 4; ++i) {
    starts.push_back(std::async(std::launch::async, [&] { return Apply(migrations); }));
  }
  for (auto& start : starts) {
    const absl::Status status = start.get();
    EXPECT_TRUE(status.ok()) << status;
  }
  EXPECT_EQ(Value(database, "SELECT count(*) FROM term"), "1");
}

TEST_F(MigrateTest, AMarkedMigrationRunsOutsideATransactionEvenWhileAnotherStartWaits) {
  const std::vector<Migration> migrations =
      With("0002_index_campus",
           "-- no transaction\nCREATE INDEX CONCURRENTLY campus_school ON campus (school_id)");
  auto other = std::async(std::launch::async, [&] { return Apply(migrations); });
  EXPECT_TRUE(Apply(migrations).ok());
  EXPECT_TRUE(other.get().ok());
  EXPECT_EQ(Value(owner, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'campus_school'::regclass"),
            "t");
  const absl::Status unmarked = Apply([&] {
    std::vector<Migration> more = migrations;
    more.push_back({"0003_index_again", "CREATE INDEX CONCURRENTLY campus_again ON campus (school_id)"});
    return more;
  }());
  EXPECT_THAT(unmarked.message(), HasSubstr("25001"));
}

TEST_F(MigrateTest, TheRuntimeRoleReadsAndWritesButDefinesNothing) {
  EXPECT_TRUE(Sql(database, "INSERT INTO school VALUES (3, 'third')").ok());
  EXPECT_TRUE(Sql(database, "UPDATE school SET name = 'x' WHERE id = 3").ok());
  EXPECT_TRUE(Sql(database, "DELETE FROM school WHERE id = 3").ok());
  EXPECT_EQ(Value(database, "SELECT count(*) FROM school"), "2");
  for (const char* sql :
       {"CREATE TABLE mine (id int)", "DROP TABLE campus", "ALTER TABLE school ADD COLUMN x int",
        "TRUNCATE campus", "CREATE INDEX ON school (name)", "CREATE SCHEMA mine",
        "SELECT * FROM schema_migration", "INSERT INTO schema_migration VALUES ('0009_x_y', '')"}) {
    const absl::Status status = Sql(database, sql);
    EXPECT_EQ(Sqlstate(status), "42501") << sql << ": " << status;
  }
}

TEST_F(MigrateTest, AMigrationsRevokeStays) {
  const std::vector<Migration> migrations =
      With("0002_add_log", "CREATE TABLE log (id int); REVOKE UPDATE, DELETE ON log FROM school_book");
  ASSERT_TRUE(Apply(migrations).ok());
  ASSERT_TRUE(Apply(migrations).ok());
  EXPECT_TRUE(Sql(database, "INSERT INTO log VALUES (1)").ok());
  EXPECT_EQ(Sqlstate(Sql(database, "DELETE FROM log")), "42501");
}

TEST_F(MigrateTest, TheRuntimeRoleOfOneSchemaSeesNoOther) {
  ASSERT_TRUE(Migrate(database_.superuser_connection(), "other_book", "",
                      {{"0001_create_secret", "CREATE TABLE secret (id int)"}})
                  .ok());
  EXPECT_EQ(Sqlstate(Sql(database, "SELECT * FROM other_book.secret")), "42501");
  EXPECT_EQ(Sqlstate(Sql(owner, "SELECT * FROM other_book.secret")), "42501");
}

TEST_F(MigrateTest, AnOwnerWithoutTheRightToMakeItsSchemaIsToldSo) {
  const absl::Status status = Migrate(database_.connection(), "new_book", "", {});
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(Sqlstate(status), "42501");
}

}  // namespace
}  // namespace lianqiao::postgres
