// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "libs/base/status.h"
#include "libs/postgres/database.h"
#include "libs/postgres/error.h"
#include "libs/postgres/migrate.h"
#include "libs/postgres/result_data.h"

namespace lianqiao::postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Parse(const std::string& text) {
  return ParseArray(text.data(), text.size());
}

Result OneCell(const char* text) {
  auto data = std::make_shared<Result::Data>();
  data->rows = data->columns = 1;
  data->cells.push_back({text, static_cast<int>(std::strlen(text))});
  return Result(data);
}

absl::Time ReadTime(const char* text) {
  return OneCell(text).Time(0, 0);
}

std::string WrittenTime(absl::Time time) {
  return *Parameters().Time(time).values()[0];
}

absl::Time At(const char* text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

TEST(Array, QuotesOnlyWhatNeedsQuotes) {
  EXPECT_EQ(ArrayLiteral({}), "{}");
  EXPECT_EQ(ArrayLiteral({"a", "0190-b"}), "{a,0190-b}");
  EXPECT_EQ(ArrayLiteral({"", "null", "NULLS", "a b"}), R"({"","null",NULLS,"a b"})");
  EXPECT_EQ(ArrayLiteral({R"(a"b\c)", "{x,y}"}), R"({"a\"b\\c","{x,y}"})");
  EXPECT_EQ(ArrayLiteral({"宝鸡市"}), "{宝鸡市}");
}

TEST(Array, ParsesWhatPostgresqlPrints) {
  EXPECT_THAT(Parse("{}"), IsEmpty());
  EXPECT_THAT(Parse("{a}"), ElementsAre("a"));
  EXPECT_THAT(Parse(R"({a,"b c","",d})"), ElementsAre("a", "b c", "", "d"));
  EXPECT_THAT(Parse(R"({"a\"b\\c","{x,y}","NULL"})"), ElementsAre(R"(a"b\c)", "{x,y}", "NULL"));
  EXPECT_THAT(Parse("{宝鸡市,\"太白 县\"}"), ElementsAre("宝鸡市", "太白 县"));
}

TEST(Array, ReadsBackEveryByteButNul) {
  std::vector<std::string> values = {"", "null", "NULL", ","};
  for (int c = 1; c < 256; ++c) values.push_back({static_cast<char>(c), 'x', static_cast<char>(c)});
  EXPECT_EQ(Parse(ArrayLiteral(values)), values);
}

TEST(Time, IsReadToTheMicrosecond) {
  EXPECT_EQ(ReadTime("2024-05-06 07:08:09+00"), At("2024-05-06T07:08:09Z"));
  EXPECT_EQ(ReadTime("2024-05-06 07:08:09.5+00"), At("2024-05-06T07:08:09.5Z"));
  EXPECT_EQ(ReadTime("2024-02-29 23:59:59.123456+00"), At("2024-02-29T23:59:59.123456Z"));
  EXPECT_EQ(ReadTime("0001-01-01 00:00:00.000001+00"), At("0001-01-01T00:00:00.000001Z"));
  EXPECT_EQ(ReadTime("infinity"), absl::InfiniteFuture());
  EXPECT_EQ(ReadTime("-infinity"), absl::InfinitePast());
}

TEST(Time, IsWrittenToTheMicrosecondAlsoBefore1970) {
  EXPECT_EQ(WrittenTime(At("2024-05-06T07:08:09.123456Z")), "2024-05-06 07:08:09.123456+00");
  EXPECT_EQ(WrittenTime(At("1969-12-31T23:59:59.999999Z")), "1969-12-31 23:59:59.999999+00");
  EXPECT_EQ(WrittenTime(At("2024-05-06T07:08:09Z") + absl::Nanoseconds(999)),
            "2024-05-06 07:08:09.000000+00");
  EXPECT_EQ(WrittenTime(absl::InfiniteFuture()), "infinity");
}

TEST(Double, IsWrittenShortestAndReadsBackTheSame) {
  EXPECT_EQ(*Parameters().Double(0.1).values()[0], "0.1");
  EXPECT_EQ(*Parameters().Double(-std::numeric_limits<double>::infinity()).values()[0], "-Infinity");
  for (double value : {0.1, 1.0 / 3, 1e300, 5e-324, -0.0, std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(OneCell(Parameters().Double(value).values()[0]->c_str()).Double(0, 0), value);
  }
  EXPECT_TRUE(std::isnan(OneCell("NaN").Double(0, 0)));
}

TEST(Bytes, AreHexBothWays) {
  const std::string raw("\x00\xff\x10 a", 5);
  const Parameters parameters = Parameters().Bytes(raw);
  EXPECT_EQ(*parameters.values()[0], "\\x00ff102061");
  EXPECT_EQ(OneCell(parameters.values()[0]->c_str()).Bytes(0, 0), raw);
}

TEST(Identifier, DoublesItsQuotes) {
  EXPECT_EQ(QuoteIdentifier("registry"), "\"registry\"");
  EXPECT_EQ(QuoteIdentifier("a\"; DROP TABLE b; --"), "\"a\"\"; DROP TABLE b; --\"");
}

TEST(ServerError, IsTakenFromTheVerboseMessage) {
  const ServerError error = ParseServerError(
      "ERROR:  23505: duplicate key value\nDETAIL:  Key (name)=(x\nCONSTRAINT NAME:  forged) already "
      "exists.\n"
      "SCHEMA NAME:  s\nTABLE NAME:  t\nCONSTRAINT NAME:  t_name_key\nLOCATION:  _bt_check_unique, "
      "nbtinsert.c:664\n");
  EXPECT_EQ(error.sqlstate, "23505");
  EXPECT_EQ(error.constraint, "t_name_key");
  EXPECT_EQ(error.message, "ERROR:  23505: duplicate key value");
}

TEST(ServerError, WithoutStateHasNone) {
  const ServerError error = ParseServerError("server closed the connection unexpectedly\n");
  EXPECT_EQ(error.sqlstate, "");
  EXPECT_EQ(error.constraint, "");
}

struct Mapping {
  const char* sqlstate;
  absl::StatusCode code;
  bool repeatable;
};

class SqlstateTest : public ::testing::TestWithParam<Mapping> {};

TEST_P(SqlstateTest, MapsToItsCodeAndStaysReadable) {
  const absl::Status status = StatusOf({GetParam().sqlstate, "some_key", "text"}, "query");
  EXPECT_EQ(status.code(), GetParam().code);
  EXPECT_EQ(Repeatable(status), GetParam().repeatable);
  const std::optional<DatabaseError> error = DatabaseErrorOf(status);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->sqlstate, GetParam().sqlstate);
  EXPECT_EQ(error->constraint, "some_key");
}

INSTANTIATE_TEST_SUITE_P(Classes, SqlstateTest,
                         ::testing::Values(Mapping{"23505", absl::StatusCode::kAlreadyExists, false},
                                           Mapping{"23503", absl::StatusCode::kFailedPrecondition, false},
                                           Mapping{"23502", absl::StatusCode::kInvalidArgument, false},
                                           Mapping{"22P02", absl::StatusCode::kInvalidArgument, false},
                                           Mapping{"40001", absl::StatusCode::kAborted, true},
                                           Mapping{"40P01", absl::StatusCode::kAborted, true},
                                           Mapping{"55P03", absl::StatusCode::kAborted, true},
                                           Mapping{"57014", absl::StatusCode::kDeadlineExceeded, false},
                                           Mapping{"53100", absl::StatusCode::kResourceExhausted, false},
                                           Mapping{"57P01", absl::StatusCode::kUnavailable, true},
                                           Mapping{"08006", absl::StatusCode::kUnavailable, true},
                                           Mapping{"25006", absl::StatusCode::kUnavailable, true},
                                           Mapping{"42P05", absl::StatusCode::kUnavailable, true},
                                           Mapping{"42P01", absl::StatusCode::kInternal, false},
                                           Mapping{"XX000", absl::StatusCode::kInternal, false}));

TEST(DatabaseError, IsAbsentFromForeignStatuses) {
  EXPECT_FALSE(DatabaseErrorOf(absl::OkStatus()).has_value());
  EXPECT_FALSE(DatabaseErrorOf(absl::AbortedError("other")).has_value());
  EXPECT_FALSE(Repeatable(absl::AbortedError("other")));
}

class ReadMigrationsTest : public ::testing::Test {
 protected:
  ReadMigrationsTest() {
    char folder[] = "/tmp/lianqiao-migrations-XXXXXX";
    folder_ = ::mkdtemp(folder);
  }
  ~ReadMigrationsTest() override { std::filesystem::remove_all(folder_); }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
  }

  std::string folder_;
};

TEST_F(ReadMigrationsTest, TakesSqlFilesInOrder) {
  Write("0002_add_school.sql", "two");
  Write("0001_create_feed.sql", "one");
  Write("README.md", "not a migration");
  const auto migrations = ReadMigrations(folder_);
  ASSERT_TRUE(migrations.ok()) << migrations.status();
  ASSERT_EQ(migrations->size(), 2u);
  EXPECT_EQ((*migrations)[0].name, "0001_create_feed");
  EXPECT_EQ((*migrations)[1].sql, "two");
}

TEST_F(ReadMigrationsTest, RefusesAGapARepetitionAndABadName) {
  Write("0001_create_feed.sql", "");
  Write("0003_add_school.sql", "");
  EXPECT_THAT(ReadMigrations(folder_).status().message(), HasSubstr("must start with 0002_"));
  Write("0002_add_school.sql", "");
  EXPECT_TRUE(ReadMigrations(folder_).ok());
  Write("0003_add_term.sql", "");
  EXPECT_EQ(ReadMigrations(folder_).status().code(), absl::StatusCode::kInvalidArgument);
  std::filesystem::remove(folder_ + "/0003_add_term.sql");
  Write("0004-bad.sql", "");
  EXPECT_EQ(ReadMigrations(folder_).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ReadMigrationsTest, RefusesAMissingFolder) {
  EXPECT_EQ(ReadMigrations(folder_ + "/none").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace lianqiao::postgres
