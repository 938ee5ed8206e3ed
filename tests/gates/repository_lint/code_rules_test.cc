// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/repository_lint/code_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lianqiao::repository_lint {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::string_view kTable = R"(# libs

| layer | what it is | may include of ours |
|---|---|---|
| base | status | – |
| postgres | connections | base |
| store | rows | base, postgres |
| resource | methods | all above |

| word | meaning | other |
| this | is not | a layer |
)";

auto Says(const std::string& text) {
  return Field(&Finding::message, HasSubstr(text));
}

Findings Includes(const std::string& path, const std::string& included) {
  return CheckIncludes({path, "\n#include \"" + included + "\"\n"}, ParseLayers(kTable));
}

TEST(LayerTable, IsReadWithNoneListsAndAllAbove) {
  EXPECT_THAT(ParseLayers(kTable),
              ElementsAre(Pair("base", ElementsAre()), Pair("postgres", ElementsAre("base")),
                          Pair("resource", ElementsAre("base", "postgres", "store")),
                          Pair("store", ElementsAre("base", "postgres"))));
}

TEST(Layers, LetALibraryUseTheOnesBelowAndItself) {
  EXPECT_THAT(Includes("libs/store/a.cc", "libs/postgres/b.h"), IsEmpty());
  EXPECT_THAT(Includes("libs/store/a.cc", "libs/store/b.h"), IsEmpty());
  EXPECT_THAT(Includes("libs/resource/a.cc", "libs/store/b.h"), IsEmpty());
}

TEST(Layers, RefuseALibraryAbove) {
  EXPECT_THAT(Includes("libs/base/a.cc", "libs/store/b.h"),
              ElementsAre(AllOf(Field(&Finding::line, 2), Says("libs/base may not use libs/store"))));
}

TEST(Layers, RefuseALibraryThatIsNotInTheTable) {
  EXPECT_THAT(Includes("libs/other/a.cc", "libs/base/b.h"), ElementsAre(Says("has no row in the table")));
}

TEST(Layers, RefuseAServiceInALibraryAndInAnotherService) {
  EXPECT_THAT(Includes("libs/resource/a.cc", "services/gateway/b.h"),
              ElementsAre(Says("a library never uses")));
  EXPECT_THAT(Includes("services/gateway/a.cc", "services/console/b.h"),
              ElementsAre(Says("never includes another")));
  EXPECT_THAT(Includes("services/gateway/a.cc", "services/gateway/b.h"), IsEmpty());
}

TEST(Layers, LetOnlyTestsUseTheTestingLibrary) {
  EXPECT_THAT(Includes("services/gateway/a.cc", "libs/testing/b.h"),
              ElementsAre(Says("only tests use libs/testing")));
  EXPECT_THAT(Includes("services/gateway/a_pgtest.cc", "libs/testing/b.h"), IsEmpty());
  EXPECT_THAT(Includes("libs/store/a_test.cc", "libs/testing/b.h"), IsEmpty());
}

struct BanCase {
  std::string path;
  std::string line;
  std::string says;  // Empty: allowed.
};

class Bans : public ::testing::TestWithParam<BanCase> {};

TEST_P(Bans, AreFoundWhereTheyCountWithTheReplacement) {
  const BanCase& example = GetParam();
  const Findings findings = CheckBans({example.path, example.line + "\n"});
  if (example.says.empty()) {
    EXPECT_THAT(findings, IsEmpty());
  } else {
    EXPECT_THAT(findings, ElementsAre(AllOf(Says(example.says), Says("because"))));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Examples, Bans,
    ::testing::Values(BanCase{"libs/store/a.cc", "#include <pqxx/pqxx>", "libs/postgres/database.h"},
                      BanCase{"libs/postgres/a.cc", "pqxx::work work;", ""},
                      BanCase{"services/gateway/a.cc", "grpc::internal::Call call;", "libs/rpc/server.h"},
                      BanCase{"libs/rpc/a.cc", "grpc::internal::Call call;", ""},
                      BanCase{"libs/resource/a.cc", "auto now = absl::Now();", "take a Clock"},
                      BanCase{"libs/base/clock.cc", "return absl::Now();", ""},
                      BanCase{"libs/resource/a_test.cc", "auto now = absl::Now();", ""},
                      BanCase{"libs/resource/a.cc", "// Never absl::Now() here.", ""},
                      BanCase{"services/gateway/a.cc", "std::cout << 1;", "libs/base/log.h"},
                      BanCase{"libs/json/a.cc", "printf(\"a\");", "libs/base/log.h"},
                      BanCase{"libs/json/a.cc", "snprintf(buffer, 1, \"a\");", ""},
                      BanCase{"libs/rpc/server.cc", "std::this_thread::sleep_for(delay);",
                              "condition variable"},
                      BanCase{"libs/rpc/a_test.cc", "std::this_thread::sleep_for(delay);", ""},
                      BanCase{"libs/rpc/a.cc", "ABSL_FLAG(int, a, 1, \"\");", "Options struct"},
                      BanCase{"services/gateway/main.cc", "ABSL_FLAG(int, a, 1, \"\");", ""},
                      BanCase{"libs/runtime/flags.cc", "ABSL_FLAG(int, a, 1, \"\");", ""},
                      BanCase{"libs/store/a.cc", "\" WHERE id = ANY($1::text::uuid[])\"", "SELECT $1"},
                      BanCase{"libs/store/a.cc", "= ANY((SELECT $1::text::uuid[])::uuid[])", ""},
                      BanCase{"services/gateway/a.cc", "throw 1;", "absl::Status"},
                      BanCase{"services/alliance-registry/a.cc", "request.request_id();", "the engine"},
                      BanCase{"services/gateway/a.cc", "request.request_id();", ""}));

}  // namespace
}  // namespace lianqiao::repository_lint
