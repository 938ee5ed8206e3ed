// SPDX-License-Identifier: Apache-2.0
// The tables in which a service keeps its copy of another one are those that libs/feed asks for.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/runtime/following.h"
#include "tests/gates/services/services.h"

namespace lianqiao::gates {
namespace {

constexpr char kMigration[] = "0010_follow_registry";

class FollowingGate : public ::testing::TestWithParam<Follower> {};

TEST_P(FollowingGate, ItsMigrationHoldsTheTablesOfTheCopy) {
  const runtime::Definition definition = GetParam().definition();
  ASSERT_EQ(definition.follows.size(), 1u);
  const auto ddl = runtime::FollowingDdl(definition.follows[0]);
  ASSERT_TRUE(ddl.ok()) << ddl.status();
  std::string text =
      "-- What this service follows of alliance-registry: the text is that of libs/feed (FollowingDdl of\n"
      "-- registry_copy.h).\n";
  for (const std::string& statement : *ddl) absl::StrAppend(&text, "\n", statement, ";\n");
  const std::string file = absl::StrCat("services/", definition.name, "/migrations/", kMigration, ".sql");
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(file) << text;
  const auto found = std::find_if(definition.migrations.begin(), definition.migrations.end(),
                                  [](const auto& migration) { return migration.name == kMigration; });
  ASSERT_NE(found, definition.migrations.end()) << "add " << file;
  EXPECT_EQ(found->sql, text) << "UPDATE_GOLDEN=1 writes " << file
                              << "; once released, a change is a new prefix and a new migration";
}

INSTANTIATE_TEST_SUITE_P(Services, FollowingGate, ::testing::ValuesIn(Followers()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lianqiao::gates
