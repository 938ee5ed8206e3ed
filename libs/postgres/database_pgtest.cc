// SPDX-License-Identifier: Apache-2.0
// Values, statements and errors against a real server.
#include <cmath>
#include <limits>

#include "libs/postgres/pgtest.h"

namespace lianqiao::postgres {
namespace {

class DatabaseTest : public PostgresTest {
 protected:
  Database database{Options()};
};

TEST_F(DatabaseTest, EveryKindOfValueComesBackAsItWent) {
  const absl::Time time = absl::FromUnixMicros(1714978089123456);
  const std::string text = "宝鸡 'quoted' \"double\" \\ back\nline";
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes.push_back(static_cast<char>(c));
  const std::vector<std::string> array = {"", "NULL", "a,b", "{}", "\"", "\\", "太白县", " x "};
  Parameters parameters;
  parameters.Text(text)
      .Null()
      .Integer(std::numeric_limits<int64_t>::min())
      .Boolean(true)
      .Double(0.1)
      .Bytes(bytes);
  parameters.Time(time).TextArray(array).TextArray({}).Boolean(false).Time(absl::InfiniteFuture());
  const absl::StatusOr<Result> result =
      Fetch(database,
            "SELECT $1::text, $2::text, $3::bigint, $4::boolean, $5::float8, $6::bytea, $7::timestamptz, "
            "$8::text[], $9::text[], $10::boolean, $11::timestamptz",
            parameters);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->rows(), 1);
  EXPECT_EQ(result->columns(), 11);
  EXPECT_EQ(result->Text(0, 0), text);
  EXPECT_EQ(result->Size(0, 0), text.size());
  EXPECT_STREQ(result->Value(0, 0), text.c_str());
  EXPECT_FALSE(result->IsNull(0, 0));
  EXPECT_TRUE(result->IsNull(0, 1));
  EXPECT_EQ(result->Integer(0, 2), std::numeric_limits<int64_t>::min());
  EXPECT_TRUE(result->Boolean(0, 3));
  EXPECT_EQ(result->Double(0, 4), 0.1);
  EXPECT_EQ(result->Bytes(0, 5), bytes);
  EXPECT_EQ(result->Time(0, 6), time);
  EXPECT_EQ(result->TextArray(0, 7), array);
  EXPECT_TRUE(result->TextArray(0, 8).empty());
  EXPECT_FALSE(result->Boolean(0, 9));
  EXPECT_EQ(result->Time(0, 10), absl::InfiniteFuture());
}

TEST_F(DatabaseTest, DoublesAndTimesSurviveTheServerExactly) {
  for (double value :
       {1.0 / 3, 1e300, 5e-324, 123456789.123456789, -0.0, -std::numeric_limits<double>::infinity()}) {
    const absl::StatusOr<Result> result = Fetch(database, "SELECT $1::float8", Parameters().Double(value));
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->Double(0, 0), value);
  }
  for (int64_t microseconds :
       {int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{-2208988800000001}, int64_t{7258118399999999}}) {
    const absl::Time time = absl::FromUnixMicros(microseconds);
    const absl::StatusOr<Result> result = Fetch(database, "SELECT $1::timestamptz", Parameters().Time(time));
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->Time(0, 0), time);
  }
}

TEST_F(DatabaseTest, TheServersZoneDoesNotShiftTimes) {
  Database owner([this] {
    Database::Options options = Options();
    options.connection = database_.superuser_connection();
    return options;
  }());
  ASSERT_TRUE(Sql(owner, "ALTER ROLE school_book SET timezone = 'Asia/Shanghai'").ok());
  ASSERT_TRUE(Sql(owner, "ALTER ROLE school_book SET datestyle = 'German'").ok());
  Database fresh(Options());
  EXPECT_EQ(Value(fresh, "SELECT '2024-05-06T07:08:09Z'::timestamptz"), "2024-05-06 07:08:09+00");
  ASSERT_TRUE(Sql(owner, "ALTER ROLE school_book RESET ALL").ok());
}

TEST_F(DatabaseTest, PreparedStatementsRunManyTimesAndCountTheirRows) {
  const Query insert = {"insert_school", "INSERT INTO school VALUES ($1, $2)"};
  const Query rename = {"rename_schools",
                        "UPDATE school SET name = name || $1 WHERE id > $2 RETURNING id, name"};
  ASSERT_TRUE(Run(database, [&](Session& session) {
                for (int id = 10; id < 20; ++id) {
                  const auto result =
                      session.Execute(insert, Parameters().Integer(id).Text("school " + std::to_string(id)));
                  EXPECT_EQ(result->affected_rows(), 1);
                }
                const auto result = session.Execute(rename, Parameters().Text("!").Integer(14));
                EXPECT_EQ(result->affected_rows(), 5);
                EXPECT_EQ(result->rows(), 5);
                EXPECT_EQ(result->Text(4, 1), "school 19!");
                return result.status();
              }).ok());
}

TEST_F(DatabaseTest, AResultOutlivesItsConnection) {
  std::optional<Database> other(std::in_place, Options());
  const absl::StatusOr<Result> result = Fetch(*other, "SELECT name FROM school ORDER BY id");
  ASSERT_TRUE(result.ok()) << result.status();
  other.reset();
  EXPECT_EQ(result->Text(1, 0), "second");
}

TEST_F(DatabaseTest, ASecondTextUnderOneNameIsRefused) {
  EXPECT_TRUE(Run(database, [&](Session& session) {
                EXPECT_TRUE(session.Execute({"pick", "SELECT 1"}, Parameters()).ok());
                EXPECT_EQ(session.Execute({"pick", "SELECT 2"}, Parameters()).status().code(),
                          absl::StatusCode::kInternal);
                EXPECT_TRUE(session.Execute({"pick", "SELECT 1"}, Parameters()).ok());
                return absl::OkStatus();
              }).ok());
}

TEST_F(DatabaseTest, AValueCannotBecomeSql) {
  const std::string hostile = "x'); DROP TABLE school; --";
  EXPECT_TRUE(Sql(database, "INSERT INTO school VALUES (3, $1)", Parameters().Text(hostile)).ok());
  EXPECT_EQ(Value(database, "SELECT name FROM school WHERE id = 3"), hostile);
  EXPECT_FALSE(Sql(database, "SELECT 1; DELETE FROM campus").ok()) << "a second statement must not run";
}

TEST_F(DatabaseTest, TextWithANulOrBrokenUtf8IsRefusedNotCutShort) {
  const absl::Status nul = Sql(database, "SELECT $1::text", Parameters().Text(std::string("a\0b", 3)));
  EXPECT_EQ(nul.code(), absl::StatusCode::kInvalidArgument);
  const absl::Status broken = Sql(database, "SELECT $1::text", Parameters().Text("\xff\xfe"));
  EXPECT_EQ(broken.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Sqlstate(broken), "22021");
}

TEST_F(DatabaseTest, ViolationsNameTheirConstraint) {
  struct Case {
    const char* sql;
    absl::StatusCode code;
    const char* sqlstate;
    const char* constraint;
  };
  for (const Case& c : {
           Case{"INSERT INTO school VALUES (3, 'first')", absl::StatusCode::kAlreadyExists, "23505",
                "school_name_unique"},
           Case{"INSERT INTO campus VALUES (1, 99)", absl::StatusCode::kFailedPrecondition, "23503",
                "campus_school_known"},
           Case{"INSERT INTO school VALUES (3, '')", absl::StatusCode::kInvalidArgument, "23514",
                "school_name_given"},
           Case{"INSERT INTO campus VALUES (1, NULL)", absl::StatusCode::kInvalidArgument, "23502", ""},
           Case{"SELECT 'x'::int", absl::StatusCode::kInvalidArgument, "22P02", ""},
           Case{"SELECT 1 / 0", absl::StatusCode::kInvalidArgument, "22012", ""},
           Case{"SELECT * FROM nothing", absl::StatusCode::kInternal, "42P01", ""},
           Case{"CREATE TABLE mine ()", absl::StatusCode::kInternal, "42501", ""},
       }) {
    const absl::Status status = Sql(database, c.sql);
    EXPECT_EQ(status.code(), c.code) << c.sql << ": " << status;
    const std::optional<DatabaseError> error = DatabaseErrorOf(status);
    ASSERT_TRUE(error.has_value()) << c.sql;
    EXPECT_EQ(error->sqlstate, c.sqlstate) << c.sql;
    EXPECT_EQ(error->constraint, c.constraint) << c.sql;
  }
}

TEST_F(DatabaseTest, AStatementThatTheServerCancelsIsDeadlineExceeded) {
  const absl::Status status = Run(database, [](Session& session) {
    EXPECT_TRUE(Sql(session, "SET statement_timeout = 20").ok());
    return Sql(session, "SELECT pg_sleep(5)").status();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Sqlstate(status), "57014");
}

// What ends a transaction can itself be cut off by the transaction's time limit.
TEST_F(DatabaseTest, ASessionThatWasLeftInAnAbortedTransactionIsReplaced) {
  Database::Options options = Options();
  options.workers = 1;
  Database one(options);
  EXPECT_FALSE(Run(one, [](Session& session) {
                 EXPECT_TRUE(Sql(session, "BEGIN").ok());
                 return Sql(session, "SELECT 1 / 0").status();
               }).ok());
  for (int i = 0; i < 3; ++i) {
    const absl::Status status =
        Transact(one, [](Statements& transaction) { return Sql(transaction, "SELECT 1").status(); });
    EXPECT_TRUE(status.ok()) << status;
  }
}

// A time limit can pass between PREPARE and the server's word that it is done: then the server has the
// statement and we do not know it. Every later use on that connection failed as an internal error.
TEST_F(DatabaseTest, ASessionThatHoldsAStatementUnawaresIsReplaced) {
  Database::Options options = Options();
  options.workers = 1;
  Database one(options);
  const Query query{"counted", "SELECT 2"};
  ASSERT_TRUE(Sql(one, "PREPARE counted AS SELECT 1").ok());
  std::string value;
  EXPECT_TRUE(Transact(one, [&](Statements& transaction) -> absl::Status {
                const auto result = transaction.Execute(query, {});
                if (result.ok()) value = result->Text(0, 0);
                return result.status();
              }).ok());
  EXPECT_EQ(value, "2");
  ASSERT_TRUE(Sql(one, "PREPARE another AS SELECT 1").ok());
  const auto read = [&](Session& session) { return session.Execute({"another", "SELECT 3"}, {}).status(); };
  EXPECT_TRUE(absl::IsUnavailable(Run(one, read))) << "to be tried again";
  EXPECT_TRUE(Run(one, read).ok());
}

TEST_F(DatabaseTest, SessionsCarryTheTimeoutsThatBoundThem) {
  EXPECT_EQ(Value(database, "SHOW statement_timeout"), "30s");
  EXPECT_EQ(Value(database, "SHOW lock_timeout"), "2s");
  EXPECT_EQ(Value(database, "SHOW idle_in_transaction_session_timeout"), "1min");
  EXPECT_EQ(Value(database, "SHOW search_path"), "school_book");
}

TEST_F(DatabaseTest, EveryStatementIsObservedWithItsOutcome) {
  std::vector<std::pair<std::string, bool>> seen;
  Database::Options options = Options();
  options.workers = 1;
  options.observe_query = [&](const std::string& name, double seconds, bool failed) {
    EXPECT_GE(seconds, 0);
    EXPECT_LT(seconds, 5);
    seen.emplace_back(name, failed);
  };
  {
    Database observed(options);
    EXPECT_TRUE(Run(observed, [](Session& session) {
                  (void)session.Execute({"good", "SELECT 1"}, Parameters());
                  (void)session.Execute({"bad", "SELECT 1 / 0"}, Parameters());
                  return session.Transact([](Statements& statements) {
                    return statements.Execute({"inside", "SELECT 1"}, Parameters()).status();
                  });
                }).ok());
  }
  const std::vector<std::pair<std::string, bool>> expected = {
      {"good", false}, {"bad", true}, {"inside", false}, {"commit", false}};
  EXPECT_EQ(seen, expected);
}

}  // namespace
}  // namespace lianqiao::postgres
