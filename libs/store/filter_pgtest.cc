// SPDX-License-Identifier: Apache-2.0
// Filters and orders against PostgreSQL: what SQL selects, Matches selects; pages add up to the whole list.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/store/codec.h"
#include "libs/store/filter.h"
#include "libs/store/filter_specimen.h"
#include "libs/store/order.h"
#include "libs/store/page_token.h"
#include "libs/testing/postgres.h"

namespace lianqiao::store {
namespace {

constexpr char kSchema[] = R"sql(
CREATE TABLE specimen (
  id uuid PRIMARY KEY, revision bigint NOT NULL, create_time timestamptz NOT NULL, update_time timestamptz,
  delete_time timestamptz, external_ids jsonb NOT NULL DEFAULT '[]', name text NOT NULL DEFAULT '',
  nick_name text,
  state text NOT NULL DEFAULT 'SPECIMEN_STATE_UNSPECIFIED', former_state text, joined_on date, school_id uuid,
  pupil_count integer NOT NULL DEFAULT 0, budget bigint, ratio double precision NOT NULL DEFAULT 0,
  score double precision, boarding boolean NOT NULL DEFAULT false, rural boolean,
  tags text[] NOT NULL DEFAULT '{}', states text[] NOT NULL DEFAULT '{}', grades integer[] NOT NULL
  DEFAULT '{}', teacher text NOT NULL DEFAULT '', note text NOT NULL DEFAULT '',
  seal bytea NOT NULL DEFAULT '',
  partner jsonb, hidden boolean NOT NULL DEFAULT false);
CREATE INDEX specimen_name_order ON specimen (name COLLATE "C", id);
CREATE INDEX specimen_joined_on_order ON specimen (joined_on, id);
CREATE INDEX specimen_school_id ON specimen (school_id, id);
CREATE INDEX specimen_tags ON specimen USING gin (tags);
CREATE TABLE external_id (kind text, system text, value text, id uuid, PRIMARY KEY (kind, system, value));
)sql";

const char* const kTexts[] = {"",   "a",   "A",        "ab", "b",  "a%",           "a_b",     "太白",
                              "太", "太*", "太白中学", "é",  "\\", "' OR TRUE --", "$1\"::x", "\U0001F600"};
const char* const kDates[] = {"1999-12-31", "2024-02-28", "2024-02-29", "2024-03-01"};
const char* const kStates[] = {"SPECIMEN_STATE_UNSPECIFIED", "SPECIMEN_STATE_ACTIVE", "SPECIMEN_STATE_ENDED"};
const char* const kDoubles[] = {"0", "-0.5", "0.1", "0.30000000000000004", "1e300"};
const char* const kSeconds[] = {"2024-01-01T00:00:00Z", "2024-01-01T08:00:00.000001+08:00",
                                "2024-01-01T00:00:01Z"};

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\' || c == '*') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

class FilterDatabase : public ::testing::Test {
 protected:
  FilterDatabase() : database_("specimens", {{"0001_create_specimen", kSchema}}), pool_(Options(database_)) {}

  static postgres::Database::Options Options(const testing::TestDatabase& database) {
    postgres::Database::Options options;
    options.connection = database.connection();
    options.search_path = database.schema();
    options.workers = 1;
    options.name = "test";
    return options;
  }

  size_t Below(size_t n) { return static_cast<size_t>(random_() % n); }
  template <typename T, size_t n>
  T Any(const T (&values)[n]) {
    return values[Below(n)];
  }
  bool Seldom() { return Below(4) == 0; }

  // First column of every row; a failure is a row too, so that no comparison passes by it.
  std::vector<std::string> Rows(const std::string& sql, const postgres::Parameters& parameters = {}) {
    std::vector<std::string> rows;
    const absl::Status status = pool_.Run(absl::Now() + absl::Seconds(60), [&](postgres::Session& session) {
      const absl::StatusOr<postgres::Result> result = session.Execute({"test", sql, false}, parameters);
      if (!result.ok()) return result.status();
      for (int i = 0; i < result->rows(); ++i) rows.push_back(result->Text(i, 0));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status << "\n" << sql;
    if (!status.ok()) rows.push_back(status.ToString());
    return rows;
  }

  std::string RandomRecord() {
    std::string text =
        absl::StrCat("id: '", base::RandomId(), "' revision: 1 name: '", Escaped(Any(kTexts)),
                     "' pupil_count: ", Below(3), " ratio: ", Any(kDoubles), " boarding: ", Seldom());
    absl::StrAppend(&text, " create_time { seconds: 170406720", Below(2), " nanos: ", Below(2) * 1000, " }");
    absl::StrAppend(&text, " state: ", Any(kStates));
    if (Seldom()) absl::StrAppend(&text, " nick_name: '", Escaped(Any(kTexts)), "'");
    if (Seldom()) absl::StrAppend(&text, " former_state: ", Any(kStates));
    if (!Seldom()) absl::StrAppend(&text, " joined_on: '", Any(kDates), "'");
    if (Seldom()) absl::StrAppend(&text, " school_id: '", kSchools[Below(2)], "'");
    if (Seldom()) absl::StrAppend(&text, " budget: ", Below(3));
    if (!Seldom()) absl::StrAppend(&text, " score: ", Any(kDoubles));
    if (!Seldom()) absl::StrAppend(&text, " rural: ", Seldom());
    for (size_t n = Below(3); n > 0; --n) {
      absl::StrAppend(&text, " tags: '", Escaped(Any(kTexts)), "' states: ", Any(kStates),
                      " grades: ", Below(3));
    }
    if (Seldom()) absl::StrAppend(&text, " external_ids { system: 's' id: '", records_.size(), "' }");
    return text;
  }
  static std::string Escaped(const std::string& text) {
    std::string escaped;
    for (char c : text) {
      if (c == '\'' || c == '\\') escaped.push_back('\\');
      escaped.push_back(c);
    }
    return escaped;
  }

  void Insert(const contract::Message& record) {
    postgres::Parameters parameters;
    std::vector<std::string> names;
    std::vector<std::string> values;
    for (const Field& field : Kind().fields) {
      if (field.column == contract::Column::kNone || field.column == contract::Column::kJsonb) continue;
      const std::optional<std::string> value = EncodeField(record, field);
      names.push_back(field.name);
      value.has_value() ? parameters.Text(*value) : parameters.Null();
      values.push_back(absl::StrCat("$", parameters.size(), "::", SqlType(field)));
    }
    Rows(absl::StrCat("INSERT INTO specimen (", absl::StrJoin(names, ", "), ") VALUES (",
                      absl::StrJoin(values, ", "), ")"),
         parameters);
  }

  void InsertRandom(int count) {
    for (int i = 0; i < count; ++i) {
      auto record = Specimen::Get().Make(RandomRecord());
      Insert(*record);
      const std::string id = record->GetReflection()->GetString(*record, Kind().id->descriptor);
      const auto& ids = Kind().external_ids->descriptor;
      if (record->GetReflection()->FieldSize(*record, ids) > 0) {
        postgres::Parameters parameters;
        parameters.Text(absl::StrCat(i)).Text(id);
        Rows("INSERT INTO external_id VALUES ('specimen', 's', $1, $2::uuid)", parameters);
      }
      records_[id] = std::move(record);
    }
  }

  std::string RandomCondition() {
    static const char* const kSigns[] = {"=", "!=", "<", "<=", ">", ">="};
    static const char* const kTextFields[] = {"name", "nick_name"};
    static const char* const kNullable[] = {"nickName", "former_state", "joined_on", "school_id",
                                            "budget",   "score",        "rural",     "delete_time"};
    switch (Below(14)) {
      case 0:
        return absl::StrCat(Any(kTextFields), " ", Any(kSigns), " ", Quoted(Any(kTexts)));
      case 1:
        return absl::StrCat(Any(kTextFields), ":", Quoted(Any(kTexts)));
      case 2: {
        const std::string quoted = Quoted(Any(kTexts));
        const std::string inner = quoted.substr(1, quoted.size() - 2);
        const size_t ends = 1 + Below(3);
        return absl::StrCat(Any(kTextFields), Below(2) ? " = '" : " != '", ends & 1 ? "*" : "", Single(inner),
                            ends & 2 ? "*" : "", "'");
      }
      case 3:
        return absl::StrCat(Below(2) ? "state" : "former_state", Below(2) ? " = " : " != ", Any(kStates));
      case 4:
        return absl::StrCat("joined_on ", Any(kSigns), " ", Any(kDates));
      case 5:
        return absl::StrCat("school_id ", Below(2) ? "= " : "!= ", kSchools[Below(2)]);
      case 6:
        return absl::StrCat(Below(2) ? "pupil_count " : "budget ", Any(kSigns), " ", Below(4));
      case 7:
        return absl::StrCat(Below(2) ? "ratio " : "score ", Any(kSigns), " ", Any(kDoubles));
      case 8:
        return absl::StrCat(Below(2) ? "boarding " : "rural ",
                            Below(2) ? "= " : "!= ", Below(2) ? "true" : "false");
      case 9:
        return absl::StrCat("create_time ", Any(kSigns), " ", Any(kSeconds));
      case 10:
        return absl::StrCat("tags:", Quoted(Any(kTexts)));
      case 11:
        return Below(2) ? absl::StrCat("states:", Any(kStates)) : absl::StrCat("grades:", Below(4));
      case 12:
        return absl::StrCat("external_id('s', '", Below(records_.size()), "')");
      default: {
        static const char* const kShapes[] = {" = null", " != null", ":*"};
        return Seldom() ? std::string(Below(2) ? "tags:*" : "name:*")
                        : absl::StrCat(Any(kNullable), Any(kShapes));
      }
    }
  }
  static std::string Single(const std::string& text) {
    std::string single;
    for (char c : text) single += c == '\'' ? "\\'" : std::string(1, c);
    return single;
  }

  std::string RandomFilter(int depth) {
    if (depth == 0 || Below(3) == 0) return RandomCondition();
    const std::string left = RandomFilter(depth - 1);
    switch (Below(4)) {
      case 0:
        return absl::StrCat(Below(2) ? "NOT (" : "-(", left, ")");
      case 1:
        return absl::StrCat("(", left, ") AND (", RandomFilter(depth - 1), ")");
      case 2:
        return absl::StrCat("(", left, ") OR (", RandomFilter(depth - 1), ")");
      default:
        return absl::StrCat(RandomCondition(), " AND ", RandomCondition(), " OR ", RandomCondition());
    }
  }

  static const contract::Resource& Kind() { return Specimen::Get().resource(); }

  const std::string kSchools[2] = {base::RandomId(), base::RandomId()};
  std::mt19937 random_{20240229};
  std::map<std::string, std::unique_ptr<contract::Message>> records_;
  testing::TestDatabase database_;
  postgres::Database pool_;
};

TEST_F(FilterDatabase, SelectsTheSameRowsInSqlAndInMemory) {
  InsertRandom(80);
  int some = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string text = RandomFilter(3);
    const absl::StatusOr<Filter> filter = ParseFilter(Kind(), text);
    ASSERT_TRUE(filter.ok()) << text << ": " << filter.status();
    std::set<std::string> expected;
    for (const auto& [id, record] : records_) {
      if (Matches(*filter, *record)) expected.insert(id);
    }
    postgres::Parameters parameters;
    const std::string sql = "SELECT id FROM specimen AS r WHERE " + FilterSql(*filter, "r", &parameters);
    const std::vector<std::string> rows = Rows(sql, parameters);
    ASSERT_EQ(std::set<std::string>(rows.begin(), rows.end()), expected) << text << "\n" << sql;
    some += !expected.empty() && expected.size() < records_.size();
  }
  EXPECT_GT(some, 700);  // Filters that select all or none prove little.
}

TEST_F(FilterDatabase, NeverReachesRowsBehindTheConditionBesideIt) {
  InsertRandom(20);
  Rows("UPDATE specimen SET hidden = pupil_count <> 0");
  const std::vector<std::string> visible = Rows("SELECT id FROM specimen WHERE NOT hidden");
  const std::set<std::string> allowed(visible.begin(), visible.end());
  ASSERT_FALSE(allowed.empty());
  ASSERT_LT(allowed.size(), records_.size());
  std::vector<std::string> texts = {"name:* OR NOT name:*", "create_time != null OR name = 'a'",
                                    "-(budget = 1) OR budget = null"};
  for (const char* text :
       {"' OR '1'='1", "'; DROP TABLE specimen; --", "x\") OR TRUE --", "$1) OR (TRUE", "%", "\\"}) {
    texts.push_back("NOT name = " + Quoted(text));
    texts.push_back("name:" + Quoted(text) + " OR NOT tags:" + Quoted(text));
  }
  for (int i = 0; i < 100; ++i) texts.push_back(RandomFilter(3));
  for (const std::string& text : texts) {
    const absl::StatusOr<Filter> filter = ParseFilter(Kind(), text);
    ASSERT_TRUE(filter.ok()) << text << ": " << filter.status();
    for (const bool before : {true, false}) {
      postgres::Parameters parameters;
      const std::string sql = FilterSql(*filter, "r", &parameters);
      for (const std::string& id :
           Rows(absl::StrCat("SELECT id FROM specimen AS r WHERE ", before ? "NOT hidden AND " : "", sql,
                             before ? "" : " AND NOT hidden"),
                parameters)) {
        EXPECT_TRUE(allowed.contains(id)) << text;
      }
    }
  }
  EXPECT_THAT(Rows("SELECT count(*) FROM specimen"), ::testing::ElementsAre("20"));
}

TEST_F(FilterDatabase, PagesOfEveryOrderAddUpToTheWholeList) {
  InsertRandom(60);
  const TokenKey key("a secret of the installation");
  for (const char* order_by :
       {"", "id desc", "name", "name desc", "name desc, id", "nick_name", "nick_name desc",
        "nick_name desc, id", "nick_name, joined_on desc", "joined_on, budget desc, score",
        "joined_on desc, budget desc, score desc", "state desc, score, id desc",
        "create_time desc, pupil_count", "pupil_count, joined_on"}) {
    const absl::StatusOr<Order> order = ParseOrder(Kind(), order_by);
    ASSERT_TRUE(order.ok()) << order.status();
    const std::string by = " ORDER BY " + OrderSql(*order, "r");
    const std::vector<std::string> all = Rows("SELECT id FROM specimen AS r" + by);
    PageBinding binding;
    binding.order_by = order_by;
    std::vector<std::string> paged = Rows(absl::StrCat("SELECT id FROM specimen AS r", by, " LIMIT 7"));
    while (paged.size() <= all.size()) {
      const std::string token = MakePageToken(key, binding, PlaceOf(*order, *records_.at(paged.back())));
      const absl::StatusOr<OrderValues> last = ReadPageToken(key, binding, *order, token);
      ASSERT_TRUE(last.ok()) << last.status();
      postgres::Parameters parameters;
      const std::string after = KeysetSql(*order, "r", *last, &parameters);
      const auto page =
          Rows(absl::StrCat("SELECT id FROM specimen AS r WHERE ", after, by, " LIMIT 7"), parameters);
      if (page.empty()) break;
      paged.insert(paged.end(), page.begin(), page.end());
    }
    EXPECT_EQ(paged, all) << order_by;
  }
}

TEST_F(FilterDatabase, UsesTheIndexes) {
  Rows(
      "INSERT INTO specimen (id, revision, create_time, name, joined_on, school_id, tags) "
      "SELECT gen_random_uuid(), 1, now(), md5(n::text), date '2000-01-01' + n % 9000, gen_random_uuid(), "
      "ARRAY[md5((n + 1)::text)] FROM generate_series(1, 20000) AS n");
  postgres::Database::Options owner = Options(database_);
  owner.connection = database_.owner_connection();
  postgres::Database analyser(owner);
  ASSERT_TRUE(analyser
                  .Run(absl::Now() + absl::Seconds(30),
                       [](postgres::Session& session) {
                         return session.Execute({"analyse", "ANALYZE specimen", false}, {}).status();
                       })
                  .ok());
  const std::string id = base::RandomId();
  for (const std::string& text : std::vector<std::string>{
           "id = " + id, "school_id = " + id, "name = 'abc*'", "name >= 'fffe'", "joined_on = 2024-02-29",
           "tags:'abc'", "external_id('s', 'x')", "joined_on = 2000-01-05 AND NOT name = 'a'"}) {
    postgres::Parameters parameters;
    const std::string sql = FilterSql(*ParseFilter(Kind(), text), "r", &parameters);
    const std::string plan =
        absl::StrJoin(Rows("EXPLAIN SELECT id FROM specimen AS r WHERE " + sql, parameters), "\n");
    EXPECT_THAT(plan, ::testing::Not(::testing::HasSubstr("Seq Scan on specimen"))) << text << "\n" << plan;
  }
  for (const auto& [order_by, last] :
       std::vector<std::pair<std::string, OrderValues>>{{"", {id}},
                                                        {"name", {"8000", id}},
                                                        {"name desc", {"8000", id}},
                                                        {"name desc, id", {"8000", id}},
                                                        {"joined_on", {"2014-01-01", id}},
                                                        {"joined_on", {std::nullopt, id}},
                                                        {"joined_on desc", {"2014-01-01", id}}}) {
    const Order order = *ParseOrder(Kind(), order_by);
    postgres::Parameters parameters;
    const std::string after = KeysetSql(order, "r", last, &parameters);
    const std::string plan =
        absl::StrJoin(Rows(absl::StrCat("EXPLAIN SELECT id FROM specimen AS r WHERE ", after, " ORDER BY ",
                                        OrderSql(order, "r"), " LIMIT 100"),
                           parameters),
                      "\n");
    EXPECT_THAT(plan, ::testing::Not(::testing::HasSubstr("Seq Scan on specimen"))) << order_by << "\n"
                                                                                    << plan;
    if (order_by != "joined_on" || !last[0].has_value()) {
      EXPECT_THAT(plan, ::testing::HasSubstr("Index Cond")) << order_by << "\n" << plan;
    }
  }
}

}  // namespace
}  // namespace lianqiao::store
