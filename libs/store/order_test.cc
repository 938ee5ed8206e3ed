// SPDX-License-Identifier: Apache-2.0
#include "libs/store/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/store/filter_specimen.h"

namespace lianqiao::store {
namespace {

using ::testing::HasSubstr;

const contract::Resource& Kind() {
  return Specimen::Get().resource();
}

std::string OrderBy(const std::string& text) {
  const absl::StatusOr<Order> order = ParseOrder(Kind(), text);
  return order.ok() ? OrderSql(*order, "r") : std::string(order.status().message());
}

std::string Keyset(const std::string& text, const OrderValues& last) {
  const absl::StatusOr<Order> order = ParseOrder(Kind(), text);
  EXPECT_TRUE(order.ok() && Fits(*order, last)) << text;
  postgres::Parameters parameters;
  std::string sql = KeysetSql(*order, "r", last, &parameters);
  for (const auto& value : parameters.values()) absl::StrAppend(&sql, " | ", value.value_or("NULL"));
  return sql;
}

TEST(Order, EndsInTheIdInTheDirectionOfTheLastField) {
  EXPECT_EQ(OrderBy(""), "r.id");
  EXPECT_EQ(OrderBy(" id desc "), "r.id DESC");
  EXPECT_EQ(OrderBy("name"), "r.name COLLATE \"C\", r.id");
  EXPECT_EQ(OrderBy("name desc"), "r.name COLLATE \"C\" DESC, r.id DESC");
  EXPECT_EQ(OrderBy("name desc, id"), "r.name COLLATE \"C\" DESC, r.id");
  EXPECT_EQ(OrderBy("joinedOn asc,create_time desc"), "r.joined_on, r.create_time DESC, r.id DESC");
}

TEST(Order, SaysWhichFieldsItTakes) {
  for (const char* bad :
       {"nothing", "ratio", "teacher", "tags", "external_ids", "name; DROP TABLE specimen", "etag"}) {
    EXPECT_THAT(OrderBy(bad), HasSubstr("is not a valid order")) << bad;
  }
  EXPECT_THAT(OrderBy("ratio"), HasSubstr("id, create_time, update_time, name, nick_name, state"));
  EXPECT_THAT(OrderBy("ratio"), ::testing::Not(HasSubstr("teacher")));
  // Every table has one, none has an index on it: a list by it would read the whole table.
  EXPECT_THAT(OrderBy("delete_time"), HasSubstr("is not a valid order"));
  EXPECT_THAT(OrderBy("name down"), HasSubstr("expected \"field\" or \"field desc\""));
  EXPECT_THAT(OrderBy("name,"), HasSubstr("expected"));
  EXPECT_THAT(OrderBy("name, name desc"), HasSubstr("twice"));
  EXPECT_THAT(OrderBy("id, name"), HasSubstr("nothing can follow id"));
  EXPECT_THAT(OrderBy("name, budget, score, state"), HasSubstr("at most 3"));
  EXPECT_THAT(OrderBy(std::string(300, 'a')), HasSubstr("too long"));
  EXPECT_EQ(base::FailureOf(ParseOrder(Kind(), "x").status()).violations(0).field(), "orderBy");
}

TEST(Keyset, IsOneRowComparisonInOneDirection) {
  EXPECT_EQ(Keyset("", {"i"}), "((r.id) > ($1::uuid)) | i");
  EXPECT_EQ(Keyset("name", {"n", "i"}), "((r.name COLLATE \"C\", r.id) > ($1::text, $2::uuid)) | n | i");
  EXPECT_EQ(Keyset("create_time desc", {"t", "i"}),
            "((r.create_time, r.id) < ($1::timestamptz, $2::uuid)) | t | i");
  // Absent values come first when descending: none is left after a present one.
  EXPECT_EQ(Keyset("joined_on desc", {"d", "i"}), "((r.joined_on, r.id) < ($1::date, $2::uuid)) | d | i");
}

TEST(Keyset, SpellsOutMixedDirectionsAndAbsentValues) {
  EXPECT_EQ(Keyset("name desc, id", {"n", "i"}),
            "(r.name COLLATE \"C\" <= $1::text AND (r.name COLLATE \"C\" < $1::text OR (r.name COLLATE \"C\" "
            "= $1::text "
            "AND (r.id > $2::uuid)))) | n | i");
  EXPECT_EQ(Keyset("joined_on", {"d", "i"}),
            "(r.joined_on > $1::date OR r.joined_on IS NULL OR (r.joined_on = $1::date AND (r.id > "
            "$2::uuid))) | d | i");
  EXPECT_EQ(Keyset("joined_on", {std::nullopt, "i"}), "(r.joined_on IS NULL AND (r.id > $1::uuid)) | i");
  EXPECT_EQ(Keyset("joined_on desc", {std::nullopt, "i"}),
            "(r.joined_on IS NOT NULL OR (r.joined_on IS NULL AND (r.id < $1::uuid))) | i");
}

TEST(Keyset, TakesTheValuesOfARecord) {
  const auto record = Specimen::Get().Make(
      "id: 'i' name: 'n' budget: 7 create_time { seconds: 1 nanos: 5000 } state: SPECIMEN_STATE_ACTIVE "
      "score: 0.5");
  EXPECT_EQ(PlaceOf(*ParseOrder(Kind(), "name, budget, create_time"), *record),
            (OrderValues{"n", "7", "1970-01-01 00:00:01.000005+00", "i"}));
  EXPECT_EQ(PlaceOf(*ParseOrder(Kind(), "state, score, joined_on"), *record),
            (OrderValues{"SPECIMEN_STATE_ACTIVE", "0.5", std::nullopt, "i"}));
}

TEST(Keyset, FitsOnlyItsOwnOrder) {
  const Order order = *ParseOrder(Kind(), "joined_on");
  EXPECT_TRUE(Fits(order, {std::nullopt, "i"}));
  EXPECT_FALSE(Fits(order, {"d"}));
  EXPECT_FALSE(Fits(order, {"d", std::nullopt}));
}

}  // namespace
}  // namespace lianqiao::store
