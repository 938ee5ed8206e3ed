// SPDX-License-Identifier: Apache-2.0
// The tables in which a service keeps its copy of another one are those that libs/feed asks for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/runtime/following.h"
#include "libs/testing/postgres.h"
#include "tests/gates/schema/catalog.h"
#include "tests/gates/schema/service_schemas.h"
#include "tests/gates/services/services.h"

namespace lianqiao::gates {
namespace {

class FollowingGate : public ::testing::TestWithParam<Follower> {};

std::string TextOf(const CatalogColumn& column) {
  return absl::StrCat(column.name, " ", column.type, column.not_null ? " NOT NULL" : "",
                      column.default_value.empty() ? "" : " DEFAULT " + column.default_value);
}

// In any order: what a later migration adds stands last.
std::vector<std::string> ColumnsOf(const CatalogTable& table) {
  std::vector<std::string> columns;
  for (const CatalogColumn& column : table.columns) columns.push_back(TextOf(column));
  return columns;
}

TEST_P(FollowingGate, ItsMigrationsHoldTheTablesOfTheCopy) {
  const runtime::Definition definition = GetParam().definition();
  ASSERT_EQ(definition.follows.size(), 1u);
  const auto ddl = runtime::FollowingDdl(definition.follows[0]);
  ASSERT_TRUE(ddl.ok()) << ddl.status();
  const ServiceSchema service = SchemaOf(definition);
  testing::TestDatabase database(service.schema, service.migrations);
  Catalog wanted_catalog(database.superuser_connection(), "copy");
  ASSERT_TRUE(wanted_catalog.Run("CREATE SCHEMA copy").ok());
  for (const std::string& statement : *ddl) ASSERT_TRUE(wanted_catalog.Run(statement).ok()) << statement;
  const auto found = Catalog(database.superuser_connection(), service.schema).Tables(service.schema);
  for (const auto& [name, wanted] : wanted_catalog.Tables(service.schema)) {
    const std::string text = absl::StrJoin(*ddl, ";\n\n");
    if (!found.contains(name)) {
      ADD_FAILURE() << definition.name << " has no table " << name << ": add a migration of\n" << text;
      continue;
    }
    EXPECT_THAT(ColumnsOf(found.at(name)), ::testing::UnorderedElementsAreArray(ColumnsOf(wanted)))
        << definition.name << "." << name << " is not what libs/feed asks for: add a migration of\n"
        << text << "\nthat also has everything read anew if a column is new (cursor = '')";
    for (const CatalogConstraint& constraint : wanted.constraints)
      EXPECT_TRUE(std::any_of(found.at(name).constraints.begin(), found.at(name).constraints.end(),
                              [&](const auto& is) { return is.definition == constraint.definition; }))
          << definition.name << "." << name << " lacks " << constraint.definition;
    for (const CatalogIndex& index : wanted.indexes)
      EXPECT_TRUE(std::any_of(found.at(name).indexes.begin(), found.at(name).indexes.end(),
                              [&](const auto& is) { return is.definition == index.definition; }))
          << definition.name << "." << name << " lacks the index " << index.definition;
  }
}

INSTANTIATE_TEST_SUITE_P(Services, FollowingGate, ::testing::ValuesIn(Followers()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lianqiao::gates
