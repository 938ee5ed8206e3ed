// SPDX-License-Identifier: Apache-2.0
// Hostile text wherever a text can stand: stored as it is or refused, never executed, never a 5xx.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/e2e/platform.h"

namespace lianqiao::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kHostile[] = {
    "'",
    "''",
    "\"",
    "\\",
    "\\'",
    "';",
    "';--",
    "' OR '1'='1",
    "' OR 1=1 --",
    "\" OR \"\"=\"",
    "') OR ('a'='a",
    "1; DROP TABLE organisation",
    "'; DROP TABLE organisation; --",
    "'); DROP SCHEMA alliance_registry CASCADE; --",
    "'; DELETE FROM alliance_registry.change; --",
    "'; UPDATE organisation SET name = 'x'; --",
    "'; TRUNCATE organisation CASCADE; --",
    "' UNION SELECT client_secret FROM identity.secret --",
    "' UNION ALL SELECT NULL,NULL,NULL --",
    "'||(SELECT version())||'",
    "'||pg_sleep(10)||'",
    "1 AND (SELECT pg_sleep(10)) IS NULL",
    "'; COPY organisation TO '/tmp/x'; --",
    "'; COPY organisation FROM PROGRAM 'id'; --",
    "'; SET ROLE postgres; --",
    "'; ALTER ROLE alliance_registry SUPERUSER; --",
    "'; COMMIT; --",
    "'; ROLLBACK; --",
    "$$; SELECT 1; $$",
    "$1",
    "$1 OR TRUE",
    ":1",
    "%s%s%n",
    "%",
    "_",
    "%'",
    "*",
    "name = \"x\" OR TRUE",
    "name = \"x\" OR id != \"\"",
    "name : \"\" OR name != \"\"",
    "NOT name = \"\"",
    ") OR (scope IS NOT NULL",
    "name = \"a\") OR (TRUE",
    "name = \"a\" --",
    "name = \"a\" /* */ OR 1 = 1",
    "scope && ARRAY['00000000-0000-7000-8000-000000000001'::uuid]",
    "id; SELECT 1",
    "id desc; DROP TABLE organisation",
    "(CASE WHEN TRUE THEN id ELSE name END)",
    "name desc nulls first",
    "{\"a\":1}",
    "[1,2]",
    "{a,b}",
    "NULL",
    "\\x00",
    "\\u0000",
    "<script>alert(1)</script>",
    "${jndi:ldap://127.0.0.1/a}",
    "../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "|id",
    "`id`",
    "$(id)",
    "a\tb",
    "a\nb",
    "\xE2\x80\xAE"
    "abc",
    "\xEF\xBC\x87 OR 1=1",  // A full-width apostrophe.
    "' OR 'x'='x' \xE2\x80\x94",
    "E'\\x27'",
    "U&'\\0027'",
    "0x27",
    "1e400",
    "-1",
    "9223372036854775808",
};

class Injection : public ::testing::Test {
 protected:
  // Literal or refused; answers that say so.
  void ExpectHarmless(const HttpAnswer& answer, const std::string& text) {
    EXPECT_GE(answer.status, 200) << text << ": " << answer.failure;
    EXPECT_LT(answer.status, 500) << text << ": " << answer.body;
    if (answer.status != 200) {
      EXPECT_EQ(WhyNotError(answer, answer.status, answer.json().Text("/error/status")), "") << text;
    }
  }

  std::string Schema() {
    return platform_.Sql(
        "SELECT string_agg(format('%s.%s.%s:%s', table_schema, table_name, column_name, data_type), ',' "
        "ORDER "
        "BY table_schema, table_name, ordinal_position) FROM information_schema.columns WHERE table_schema "
        "IN "
        "('alliance_registry', 'identity')");
  }
  std::string Roles() {
    return platform_.Sql(
        "SELECT string_agg(rolname || rolsuper || rolcreatedb, ',' ORDER BY rolname) FROM pg_roles");
  }
  int64_t Rows() {
    return platform_.Count(
        "SELECT (SELECT count(*) FROM alliance_registry.organisation) + (SELECT count(*) FROM "
        "alliance_registry.jurisdiction) + (SELECT count(*) FROM identity.client)");
  }

  Platform& platform_ = Platform::Shared();
  HttpClient operator_ = platform_.Operator();
  Places places_ = MakePlaces(operator_);
};

TEST_F(Injection, AsAValueItIsStoredAndFoundAgainOrRefused) {
  const std::string schema = Schema();
  const std::string roles = Roles();
  int64_t rows = Rows();
  int stored = 0;
  for (const std::string text : kHostile) {
    const HttpAnswer made = operator_.Post("/v1/organisations", SchoolBody(text, places_.near_id));
    ExpectHarmless(made, text);
    if (made.status != 200) continue;
    ++stored;
    ++rows;
    const HttpAnswer got = operator_.Get("/v1/organisations/" + made.json().Text("/id"));
    EXPECT_EQ(got.json().Text("/name"), text);
    const std::string quoted = absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"*", "\\*"}});
    const HttpAnswer found = operator_.Get(
        "/v1/organisations?filter=" +
        Escaped(absl::StrCat("jurisdiction_id = \"", places_.near_id, "\" AND name = \"", quoted, "\"")));
    EXPECT_EQ(found.json().Size("/organisations"), 1u) << text << ": " << found.body;
    EXPECT_EQ(found.json().Text("/organisations/0/name"), text);
  }
  EXPECT_GT(stored, 50);
  EXPECT_EQ(Rows(), rows);
  EXPECT_EQ(Schema(), schema);
  EXPECT_EQ(Roles(), roles);
}

TEST_F(Injection, AsFilterOrderTokenMaskPathOrHeaderItNeverShowsWhatIsOutOfScope) {
  MakeSchool(operator_, "渭滨区第一小学", places_.near_id);
  const std::string secret = MakeSchool(operator_, "凤县第一小学", places_.far_id);
  const Guest guest = MakeGuest(platform_, operator_, "registry.*", places_.near_id);
  HttpClient client(platform_.url(), guest.token);
  const std::string schema = Schema();
  const std::string roles = Roles();
  const int64_t rows = Rows();
  for (const std::string text : kHostile) {
    const std::string escaped = Escaped(text);
    for (const char* place : {"?filter=", "?orderBy=", "?pageToken=", "?readMask=", "?validOn=", "?readTime=",
                              "?pageSize=", "?filter=name%20%3D%20", "?filter=name%20%3A%20%22a%22%20OR%20",
                              ":lookup?externalId=", ":batchGet?ids=", "/", "?"}) {
      const HttpAnswer answer = client.Get(absl::StrCat("/v1/organisations", place, escaped));
      ExpectHarmless(answer, absl::StrCat(place, text));
      EXPECT_THAT(answer.body, Not(HasSubstr(secret))) << place << text;
      EXPECT_THAT(answer.body, Not(HasSubstr("凤县"))) << place << text;
    }
    ExpectHarmless(client.Get("/v1/registry-statistics?jurisdictionId=" + escaped), text);
    ExpectHarmless(client.Delete("/v1/organisations/" + escaped, {"If-Match: \"x\""}), text);
    ExpectHarmless(client.Post("/v1/organisations/" + escaped + ":activate", "{}"), text);
    if (text.find_first_of("\t\n") == std::string::npos)
      ExpectHarmless(client.Delete("/v1/organisations/" + secret, {"If-Match: " + text}), text);
  }
  EXPECT_EQ(operator_.Get("/v1/organisations/" + secret).status, 200);
  EXPECT_EQ(Rows(), rows);
  EXPECT_EQ(Schema(), schema);
  EXPECT_EQ(Roles(), roles);
}

}  // namespace
}  // namespace lianqiao::e2e
