// SPDX-License-Identifier: Apache-2.0
#include "libs/store/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/limits.h"
#include "libs/store/filter_specimen.h"

namespace lianqiao::store {
namespace {

using ::testing::HasSubstr;

constexpr char kId[] = "00000000-0000-7000-8000-000000000001";

const contract::Resource& Kind() {
  return Specimen::Get().resource();
}

// "SQL | parameter | parameter", or the English text of the refusal.
std::string Sql(const std::string& text) {
  const absl::StatusOr<Filter> filter = ParseFilter(Kind(), text);
  if (!filter.ok()) return std::string(filter.status().message());
  postgres::Parameters parameters;
  std::string sql = FilterSql(*filter, "r", &parameters);
  for (const auto& value : parameters.values()) absl::StrAppend(&sql, " | ", value.value_or("NULL"));
  return sql;
}

bool Match(const std::string& text, const std::string& record) {
  const absl::StatusOr<Filter> filter = ParseFilter(Kind(), text);
  EXPECT_TRUE(filter.ok()) << text << ": " << filter.status();
  return filter.ok() && Matches(*filter, *Specimen::Get().Make(record));
}

base::Violation Refusal(const std::string& text) {
  const absl::StatusOr<Filter> filter = ParseFilter(Kind(), text);
  EXPECT_FALSE(filter.ok()) << text;
  if (filter.ok()) return {};
  EXPECT_EQ(filter.status().code(), absl::StatusCode::kInvalidArgument);
  const base::Failure failure = base::FailureOf(filter.status());
  EXPECT_EQ(failure.violations_size(), 1);
  EXPECT_EQ(failure.violations(0).field(), "filter");
  EXPECT_EQ(failure.violations(0).reason(), base::ErrorReason::FILTER_INVALID);
  return failure.violations(0);
}

TEST(Filter, ThatIsEmptyHoldsForAll) {
  EXPECT_EQ(Sql(""), "TRUE");
  EXPECT_EQ(Sql(" \t\n"), "TRUE");
  EXPECT_TRUE(Match("", "name: 'a'"));
}

TEST(Filter, BecomesSqlWithParametersOfTheColumnsType) {
  EXPECT_EQ(Sql("name = \"太白\""), "(r.name = $1::text) | 太白");
  EXPECT_EQ(Sql("nickName != 'a'"), "(r.nick_name <> $1::text) | a");
  EXPECT_EQ(Sql("name >= 'a'"), "(r.name COLLATE \"C\" >= $1::text) | a");
  EXPECT_EQ(Sql("state = ACTIVE"), "(r.state = $1::text) | SPECIMEN_STATE_ACTIVE");
  EXPECT_EQ(Sql("state = \"SPECIMEN_STATE_ENDED\""), "(r.state = $1::text) | SPECIMEN_STATE_ENDED");
  EXPECT_EQ(Sql("joined_on < 2024-02-29"), "(r.joined_on < $1::date) | 2024-02-29");
  EXPECT_EQ(Sql(absl::StrCat("id = ", kId)), absl::StrCat("(r.id = $1::uuid) | ", kId));
  EXPECT_EQ(Sql("school_id = 'ABCDEF00-0000-7000-8000-000000000001'"),
            "(r.school_id = $1::uuid) | abcdef00-0000-7000-8000-000000000001");
  EXPECT_EQ(Sql("pupil_count <= -5"), "(r.pupil_count <= $1::integer) | -5");
  EXPECT_EQ(Sql("budget=9223372036854775807"), "(r.budget = $1::bigint) | 9223372036854775807");
  EXPECT_EQ(Sql("ratio > 0.5"), "(r.ratio > $1::double precision) | 0.5");
  EXPECT_EQ(Sql("boarding = true"), "(r.boarding = $1::boolean) | t");
  EXPECT_EQ(Sql("create_time > 2024-01-01T08:00:00.5+08:00"),
            "(r.create_time > $1::timestamptz) | 2024-01-01 00:00:00.500000+00");
}

TEST(Filter, HasPresenceNullAndWildcards) {
  EXPECT_EQ(Sql("budget = null"), "(r.budget IS NULL)");
  EXPECT_EQ(Sql("budget != null"), "(NOT (r.budget IS NULL))");
  EXPECT_EQ(Sql("budget:*"), "(NOT (r.budget IS NULL))");
  EXPECT_EQ(Sql("tags:*"), "(cardinality(r.tags) > 0)");
  EXPECT_EQ(Sql("name:*"), "(r.name <> $1::text) | ");
  EXPECT_EQ(Sql("name:\"50%_\\\\\""), "(r.name COLLATE \"C\" ILIKE $1::text) | %50\\%\\_\\\\%");
  EXPECT_EQ(Sql("tags:'a,b'"), "(r.tags @> $1::text[]) | {\"a,b\"}");
  EXPECT_EQ(Sql("states:ACTIVE"), "(r.states @> $1::text[]) | {SPECIMEN_STATE_ACTIVE}");
  EXPECT_EQ(Sql("grades:7"), "(r.grades @> $1::integer[]) | {7}");
  EXPECT_EQ(Sql("name = 'a*'"),
            "(r.name COLLATE \"C\" >= $1::text AND r.name COLLATE \"C\" < $2::text) | a | b");
  EXPECT_EQ(Sql("name = '太*'"),
            "(r.name COLLATE \"C\" >= $1::text AND r.name COLLATE \"C\" < $2::text) | 太 | 夫");
  EXPECT_EQ(Sql("name = '\x7f*'"),
            "(r.name COLLATE \"C\" >= $1::text AND r.name COLLATE \"C\" < $2::text) | \x7f | \u0080");
  EXPECT_EQ(Sql("name = 'a\U0010FFFF*'"),
            "(r.name COLLATE \"C\" >= $1::text AND r.name COLLATE \"C\" < $2::text) | a\U0010FFFF | b");
  EXPECT_EQ(Sql("name = '\uD7FF*'"),
            "(r.name COLLATE \"C\" >= $1::text AND r.name COLLATE \"C\" < $2::text) | \uD7FF | \uE000");
  EXPECT_EQ(Sql("name = '*'"), "(r.name COLLATE \"C\" >= $1::text) | ");
  EXPECT_EQ(Sql("name = '*_a'"), "(r.name COLLATE \"C\" LIKE $1::text) | %\\_a");
  EXPECT_EQ(Sql("name != '*a*'"), "(NOT (r.name COLLATE \"C\" LIKE $1::text)) | %a%");
  EXPECT_EQ(Sql("name = '\\*'"), "(r.name = $1::text) | *");
  EXPECT_EQ(Sql("external_id(\"baoji\", 'x')"),
            "EXISTS (SELECT 1 FROM external_id AS carried WHERE carried.kind = $1::text AND carried.system = "
            "$2::text "
            "AND carried.value = $3::text AND carried.id = r.id) | specimen | baoji | x");
}

TEST(Filter, BindsOrTighterThanAnd) {
  EXPECT_EQ(Sql("boarding = true AND name = 'a' OR name = 'b'"),
            "((r.boarding = $1::boolean) AND ((r.name = $2::text) OR (r.name = $3::text))) | t | a | b");
  EXPECT_EQ(
      Sql("(boarding = true AND name = 'a') OR -name = 'b'"),
      "(((r.boarding = $1::boolean) AND (r.name = $2::text)) OR (NOT (r.name = $3::text))) | t | a | b");
  EXPECT_EQ(Sql("NOT (name = 'a')"), "(NOT (r.name = $1::text)) | a");
}

struct RefusedText {
  const char* text;
  const char* position;
  const char* detail;
};

constexpr RefusedText kRefusedTexts[] = {
    {"name = \"a\" state = ACTIVE", "12", "write AND"},
    {"name = 'a' and state = ACTIVE", "12", "write AND"},
    {"Baoji", "1", "no field Baoji"},
    {"name = abc", "8", "text in quotes"},
    {"  名称 = 'a'", "3", "put text in double or single quotes"},
    {"name = 'a", "8", "never closed"},
    {"name = 'a\\n'", "10", "backslash"},
    {"name = 'a\\", "10", "backslash"},
    {"name = 'a*b'", "8", "wildcard"},
    {"name = '***'", "8", "wildcard"},
    {"nam = 'a'", "1", "no field nam"},
    {"etag = 'a'", "1", "etag cannot be filtered"},
    {"partner = 'a'", "1", "partner cannot be filtered"},
    {"seal:*", "1", "seal cannot be filtered"},
    {"note = 'a'", "1", "note cannot be filtered"},
    {"external_ids:*", "1", "external_id(\"system\", \"value\")"},
    {"externalIds.system = 'a'", "1", "inside another"},
    {"teacher = 'a'", "1", "personal"},
    {"state > ACTIVE", "7", "only be compared by"},
    {"boarding >= true", "10", "only be compared by"},
    {"state = UNKNOWN", "9", "/v1/vocabulary"},
    {"state:ACTIVE", "7", "use = with state"},
    {"joined_on = 2023-02-29", "13", "YYYY-MM-DD"},
    {"id = 7", "6", "an id (UUID)"},
    {"pupil_count = 1.5", "15", "32-bit integer"},
    {"pupil_count = 4294967296", "15", "32-bit integer"},
    {"pupil_count = '1'", "15", "32-bit integer"},
    {"budget = 9223372036854775808", "10", "an integer"},
    {"ratio = nan", "9", "a number"},
    {"ratio = 1e999", "9", "a number"},
    {"ratio = inf", "9", "a number"},
    {"boarding = yes", "12", "true or false"},
    {"create_time > 2024-01-01", "15", "RFC 3339"},
    {"create_time > '2024-01-01T00:00:00.1234567Z'", "15", "RFC 3339"},
    {"create_time > '0000-01-01T00:00:00Z'", "15", "RFC 3339"},
    {"name = null", "8", "always has a value"},
    {"budget < null", "8", "null can only"},
    {"pupil_count:*", "13", "always has a value"},
    {"tags = 'a'", "6", "is a list"},
    {"tags:a", "6", "text in quotes"},
    {"name =", "7", "text in quotes"},
    {"name", "5", "expected one of ="},
    {"name ! 'a'", "6", "cannot stand here"},
    {"(name = 'a'", "12", "closing parenthesis"},
    {"name = 'a')", "11", "expected AND"},
    {"()", "2", "expected a field name"},
    {"NOT NOT name = 'a'", "5", "expected a field name"},
    {"name = 'a' AND", "15", "expected a field name"},
    {"AND", "1", "expected a field name"},
    {"lower(name) = 'a'", "1", "no such function"},
    {"external_id('a')", "16", "expected external_id"},
    {"external_id('a', b)", "18", "expected external_id"},
    {"external_id('a', 'b'", "21", "expected external_id"},
    {"name = 'a'; DROP TABLE specimen", "11", "cannot stand here"},
};

TEST(Filter, SaysWhereAndWhyItIsRefusedInBothLanguages) {
  for (const auto& c : kRefusedTexts) {
    const base::Violation violation = Refusal(c.text);
    EXPECT_EQ(violation.arguments().at("position"), c.position) << c.text;
    const std::string english =
        base::Describe(violation.reason(), violation.arguments(), base::Language::kEnglish);
    const std::string chinese =
        base::Describe(violation.reason(), violation.arguments(), base::Language::kChinese);
    EXPECT_THAT(english, HasSubstr(c.detail)) << c.text;
    EXPECT_THAT(english, ::testing::Not(HasSubstr("{"))) << c.text;
    EXPECT_THAT(chinese, ::testing::Not(HasSubstr("{"))) << c.text;
    EXPECT_THAT(chinese, HasSubstr("个字符")) << c.text;
  }
}

TEST(Filter, OnPersonalFieldsNeedsTheRightToReadThem) {
  EXPECT_FALSE(ParseFilter(Kind(), "teacher = 'a'").ok());
  EXPECT_TRUE(ParseFilter(Kind(), "teacher = 'a'", {.personal = true}).ok());
}

TEST(Filter, IsBoundedInLengthConditionsAndDepth) {
  const auto conditions = [](int count) {
    return absl::StrJoin(std::vector<std::string>(count, "budget:*"), " AND ");
  };
  EXPECT_TRUE(ParseFilter(Kind(), conditions(base::kFilterTermsMax)).ok());
  EXPECT_THAT(Sql(conditions(base::kFilterTermsMax + 1)), HasSubstr("more than 64 conditions"));
  const auto nested = [](size_t depth) {
    return std::string(depth, '(') + "budget:*" + std::string(depth, ')');
  };
  EXPECT_TRUE(ParseFilter(Kind(), nested(base::kFilterDepthMax)).ok());
  EXPECT_THAT(Sql(nested(base::kFilterDepthMax + 1)), HasSubstr("nested more than 16 deep"));
  EXPECT_THAT(Sql(std::string(4096, '(')), HasSubstr("nested more than 16 deep"));
  EXPECT_THAT(Sql(std::string(4096, '-')), HasSubstr("expected a field name"));
  EXPECT_THAT(Sql(std::string(4097, ' ')), HasSubstr("longer than 4096 bytes"));
}

TEST(Filter, RefusesTextThatIsNotUtf8OrHoldsNul) {
  EXPECT_THAT(Sql("name = '\xff'"), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(Sql("name = '\xed\xa0\x80'"), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(Sql(std::string("name = 'a\0'", 11)), HasSubstr("holds a NUL"));
}

TEST(Filter, ComparesTextInTheNormalFormThatIsStored) {
  EXPECT_EQ(Sql("name = 'e\u0301'"), "(r.name = $1::text) | \u00e9");
  EXPECT_TRUE(Match("name = 'e\u0301'", "name: '\u00e9'"));
}

// What a value holds never changes the SQL: it is the same as for a harmless one.
TEST(Filter, InjectionStringsStayInTheirParameters) {
  const std::string kTexts[] = {"' OR '1'='1",
                                "'; DROP TABLE specimen; --",
                                "\") OR TRUE --",
                                "') OR (SELECT pg_sleep(10)) IS NOT NULL OR ('",
                                "$1",
                                "$1::text) OR TRUE OR (r.name = $1",
                                "/* */ UNION SELECT * FROM client",
                                "\\",
                                "\\'; --",
                                "%' ESCAPE '",
                                "E'\\x27'",
                                "{1,2}\"}",
                                "$$; DROP TABLE specimen; $$",
                                "U&'\\0027'",
                                "ʼ OR 1=1",
                                "＇ OR 1=1",
                                "\n;\r\n--",
                                "COPY specimen TO PROGRAM 'id'"};
  for (const std::string& text : kTexts) {
    std::string quoted = "\"";
    for (char c : text) {
      if (c == '"' || c == '\\' || c == '*') quoted.push_back('\\');
      quoted.push_back(c);
    }
    quoted.push_back('"');
    for (const std::string shape : {"name = ", "name < ", "name:", "tags:", "NOT nick_name != "}) {
      const absl::StatusOr<Filter> hostile = ParseFilter(Kind(), shape + quoted);
      const absl::StatusOr<Filter> harmless = ParseFilter(Kind(), shape + "\"x\"");
      ASSERT_TRUE(hostile.ok() && harmless.ok()) << shape << quoted << hostile.status();
      postgres::Parameters parameters;
      postgres::Parameters expected;
      EXPECT_EQ(FilterSql(*hostile, "r", &parameters), FilterSql(*harmless, "r", &expected)) << text;
      EXPECT_EQ(parameters.size(), expected.size());
    }
    // Outside quotes it is no filter at all.
    EXPECT_FALSE(ParseFilter(Kind(), text).ok()) << text;
    EXPECT_FALSE(ParseFilter(Kind(), "name = 'a' " + text).ok()) << text;
    EXPECT_FALSE(ParseFilter(Kind(), "budget = " + text).ok()) << text;
    EXPECT_FALSE(ParseFilter(Kind(), "state = " + quoted).ok()) << text;
    EXPECT_FALSE(ParseFilter(Kind(), "id = " + quoted).ok()) << text;
    EXPECT_FALSE(ParseFilter(Kind(), "joined_on = " + quoted).ok()) << text;
    EXPECT_FALSE(ParseFilter(Kind(), "create_time = " + quoted).ok()) << text;
  }
}

TEST(Matches, FollowsSqlOnAbsentValues) {
  const std::string absent = "name: 'a'";
  EXPECT_FALSE(Match("budget = 1", absent));
  EXPECT_FALSE(Match("budget != 1", absent));
  EXPECT_FALSE(Match("NOT budget = 1", absent));
  EXPECT_TRUE(Match("budget = null", absent));
  EXPECT_FALSE(Match("budget:*", absent));
  EXPECT_TRUE(Match("budget:*", "budget: 0"));
  EXPECT_TRUE(Match("budget = 1 OR name = 'a'", absent));
  EXPECT_FALSE(Match("budget = 1 AND name = 'a'", absent));
  EXPECT_TRUE(Match("NOT (budget = 1 AND name = 'b')", absent));
  EXPECT_FALSE(Match("NOT (budget = 1 AND name = 'a')", absent));
  EXPECT_FALSE(Match("joined_on < 2024-01-01", absent));
  EXPECT_FALSE(Match("nick_name:''", absent));
  EXPECT_TRUE(Match("nick_name:''", "nick_name: ''"));
  EXPECT_TRUE(Match("NOT tags:'a'", absent));
}

TEST(Matches, ComparesEveryKindOfField) {
  EXPECT_TRUE(Match("name:'TAI bai'", "name: 'the Tai Bai school'"));
  EXPECT_FALSE(Match("name:'É'", "name: 'é'"));  // Only ASCII letters are folded.
  EXPECT_TRUE(Match("name = '太白*' AND name = '*学' AND name = '*白*'", "name: '太白中学'"));
  EXPECT_FALSE(Match("name = 'ab*'", "name: 'a'"));
  EXPECT_TRUE(Match("name < '中' AND name > 'z'", "name: 'é'"));
  EXPECT_TRUE(Match("state = ENDED AND former_state = null", "state: SPECIMEN_STATE_ENDED"));
  EXPECT_TRUE(Match("state:*", "state: SPECIMEN_STATE_ENDED"));
  EXPECT_FALSE(Match("state:*", "name: 'a'"));
  EXPECT_TRUE(Match("joined_on >= 2024-02-29", "joined_on: '2024-02-29'"));
  EXPECT_TRUE(Match("pupil_count > -1 AND pupil_count < 1", ""));
  EXPECT_TRUE(Match("ratio <= 1e3 AND score > .5", "ratio: 1000 score: 0.75"));
  EXPECT_TRUE(Match("boarding = false AND rural = true", "rural: true"));
  EXPECT_TRUE(Match("tags:'b' AND states:ENDED AND grades:9",
                    "tags: 'a' tags: 'b' states: SPECIMEN_STATE_ENDED grades: 7 grades: 9"));
  EXPECT_TRUE(Match("create_time = 1970-01-01T00:00:01.000002Z", "create_time { seconds: 1 nanos: 2999 }"));
  EXPECT_TRUE(
      Match("external_id('a', '1')", "external_ids { system: 'b' } external_ids { system: 'a' id: '1' }"));
  EXPECT_FALSE(Match("external_id('a', '2')",
                     "external_ids { system: 'a' id: '1' } external_ids { system: 'b' id: '2' }"));
}

TEST(Filter, SurvivesTenThousandMutatedTexts) {
  const std::string kPieces[] = {"name",
                                 "state",
                                 "tags",
                                 "budget",
                                 "create_time",
                                 "external_id",
                                 "=",
                                 "!=",
                                 "<",
                                 ">=",
                                 ":",
                                 "*",
                                 "(",
                                 ")",
                                 ",",
                                 "-",
                                 "AND",
                                 "OR",
                                 "NOT",
                                 "null",
                                 "true",
                                 "'a'",
                                 "\"b*\"",
                                 "'",
                                 "\"",
                                 "\\",
                                 "ACTIVE",
                                 "2024-01-01",
                                 "2024-01-01T00:00:00Z",
                                 "1",
                                 "-1.5e9",
                                 "太白",
                                 "\xff",
                                 "\xe5\xa4",
                                 "\u0301",
                                 "\U0010FFFF",
                                 " ",
                                 "  ",
                                 "\t",
                                 "'\\*'",
                                 "$1",
                                 ";",
                                 "--",
                                 "%"};
  const std::string kGood[] = {
      "name = \"a*\" AND (state = ACTIVE OR NOT tags:'x')", "create_time > 2024-01-01T00:00:00Z",
      "external_id(\"a\", \"b\") OR budget != null", "-(joined_on <= 2024-01-01) AND nickName:'é'"};
  std::mt19937 random(20240229);
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  int parsed = 0;
  for (int i = 0; i < 10000; ++i) {
    std::string text;
    if (i % 2 == 0) {
      for (size_t n = below(12); n > 0; --n)
        absl::StrAppend(&text, kPieces[below(std::size(kPieces))], below(3) ? " " : "");
    } else {
      text = kGood[below(std::size(kGood))];
      for (size_t n = 1 + below(3); n > 0 && !text.empty(); --n) {
        const size_t at = below(text.size());
        switch (below(4)) {
          case 0:
            text[at] = static_cast<char>(random());
            break;
          case 1:
            text.erase(at, 1 + below(4));
            break;
          case 2:
            text.insert(at, kPieces[below(std::size(kPieces))]);
            break;
          default:
            text.insert(at, text.substr(below(text.size()), below(8)));
        }
      }
    }
    const absl::StatusOr<Filter> filter = ParseFilter(Kind(), text);
    if (!filter.ok()) {
      Refusal(text);
      continue;
    }
    ++parsed;
    postgres::Parameters parameters;
    const std::string sql = FilterSql(*filter, "r", &parameters);
    for (unsigned char c : sql) ASSERT_LT(c, 0x80) << text;
    Matches(*filter, *Specimen::Get().Make("name: 'a'"));
  }
  EXPECT_GT(parsed, 300);  // Else the texts are too wild to test anything but the first word.
}

}  // namespace
}  // namespace lianqiao::store
