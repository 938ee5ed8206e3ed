// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/contract/contract.h"
#include "libs/store/codec.h"
#include "libs/testing/golden.h"
#include "libs/testing/postgres.h"
#include "tests/gates/schema/catalog.h"
#include "tests/gates/schema/service_schemas.h"

namespace lianqiao::gates {
namespace {

using Findings = std::vector<std::string>;

bool HasItsParents(const contract::Resource& resource, const std::set<std::string>& made) {
  return std::all_of(resource.fields.begin(), resource.fields.end(), [&](const contract::Field& field) {
    const std::string& kind = field.rule->reference();
    return kind.empty() || kind == resource.kind || kind.find('/') != std::string::npos ||
           made.contains(kind);
  });
}

// The tables that the contract asks for, in a schema "contract" beside the migrated one, parents first.
void MakeContractTables(const contract::Contract& contract, Catalog* catalog) {
  ASSERT_TRUE(catalog->Run("CREATE SCHEMA contract").ok());
  std::set<std::string> made;
  for (bool progress = true; progress;) {
    progress = false;
    for (const auto& resource : contract.resources()) {
      if (made.contains(resource->kind) || !HasItsParents(*resource, made)) continue;
      const std::vector<std::string> ddl =
          absl::StrSplit(store::TableDdl(*resource), ";\n", absl::SkipEmpty());
      for (const std::string& statement : ddl) {
        const absl::Status status = catalog->Run(statement);
        ASSERT_TRUE(status.ok()) << "PostgreSQL refuses what the contract asks for:\n"
                                 << statement << "\n"
                                 << status;
      }
      made.insert(resource->kind);
      progress = true;
    }
  }
  ASSERT_EQ(made.size(), contract.resources().size()) << "Some kinds refer to each other in a circle.";
}

void CompareColumns(const contract::Resource& resource, const CatalogTable& wanted, const CatalogTable& found,
                    Findings* findings) {
  const std::string alter = absl::StrCat("  ALTER TABLE ", resource.kind, " ");
  const auto find = [](const CatalogTable& table, const std::string& name) {
    return std::find_if(table.columns.begin(), table.columns.end(),
                        [&](const CatalogColumn& column) { return column.name == name; });
  };
  for (const CatalogColumn& column : wanted.columns) {
    const contract::Field* field = resource.Find(column.name);
    const auto is = find(found, column.name);
    const std::string column_text = absl::StrCat("COLUMN ", column.name);
    if (is == found.columns.end()) {
      const std::string ddl =
          field != nullptr ? store::ColumnDdl(*field) : absl::StrCat(column.name, " ", column.type);
      findings->push_back(absl::StrCat(alter, "ADD COLUMN ", ddl, ";"));
      continue;
    }
    if (is->type != column.type)
      findings->push_back(
          absl::StrCat(alter, "ALTER ", column_text, " TYPE ", column.type, ";  -- is ", is->type));
    const bool may_be_stricter = field != nullptr && field->rule->required();
    if (is->not_null != column.not_null && !(is->not_null && may_be_stricter))
      findings->push_back(
          absl::StrCat(alter, "ALTER ", column_text, column.not_null ? " SET" : " DROP", " NOT NULL;"));
    if (is->default_value != column.default_value)
      findings->push_back(absl::StrCat(alter, "ALTER ", column_text,
                                       column.default_value.empty() ? " DROP DEFAULT" : " SET DEFAULT ",
                                       column.default_value, ";  -- is ", is->default_value));
  }
  // What PostgreSQL computes from the contract's own columns (words for search) is no data of its own.
  for (const CatalogColumn& column : found.columns)
    if (!column.generated && find(wanted, column.name) == wanted.columns.end())
      findings->push_back(absl::StrCat(alter, "DROP COLUMN ", column.name, ";  -- or add the field to ",
                                       resource.descriptor->full_name()));
}

void CompareRest(const std::string& table, const CatalogTable& wanted, const CatalogTable& found,
                 Findings* findings) {
  for (const CatalogConstraint& constraint : wanted.constraints) {
    const bool there =
        std::any_of(found.constraints.begin(), found.constraints.end(),
                    [&](const CatalogConstraint& is) { return is.definition == constraint.definition; });
    if (!there)
      findings->push_back(absl::StrCat("  ALTER TABLE ", table, " ADD CONSTRAINT ", constraint.name, " ",
                                       constraint.definition, ";"));
  }
  for (const CatalogConstraint& constraint : found.constraints)
    if (constraint.deferrable || constraint.definition.starts_with("EXCLUDE"))
      findings->push_back(
          absl::StrCat("  ALTER TABLE ", table, " DROP CONSTRAINT ", constraint.name,
                       ";  -- distributed databases have neither deferrable nor exclusion constraints: "
                       "use no_overlap or lock in the contract"));
  for (const CatalogIndex& index : wanted.indexes) {
    // Whoever maps a violation knows a unique index by its name; others may be called as they like.
    const bool there = std::any_of(found.indexes.begin(), found.indexes.end(), [&](const CatalogIndex& is) {
      return is.definition == index.definition && is.unique == index.unique &&
             (!is.unique || is.name == index.name);
    });
    if (!there)
      findings->push_back(absl::StrCat("  CREATE ", index.unique ? "UNIQUE " : "", "INDEX ", index.name,
                                       " ON ", index.definition, ";"));
  }
}

class SchemaGate : public ::testing::TestWithParam<ServiceSchema> {
 protected:
  testing::TestDatabase database_{GetParam().schema, GetParam().migrations};
  Catalog catalog_{database_.superuser_connection(), GetParam().schema};
};

TEST_P(SchemaGate, EveryTableIsTheOneThatItsContractAsksFor) {
  const auto contract = contract::Contract::Load(GetParam().packages);
  ASSERT_TRUE(contract.ok()) << contract.status();
  Catalog wanted_catalog(database_.superuser_connection(), "contract");
  MakeContractTables(**contract, &wanted_catalog);
  if (HasFatalFailure()) return;
  const auto wanted = wanted_catalog.Tables(GetParam().schema);
  const auto found = catalog_.Tables(GetParam().schema);
  ASSERT_EQ(wanted.size(), (*contract)->resources().size());
  for (const auto& resource : (*contract)->resources()) {
    if (!found.contains(resource->kind)) {
      ADD_FAILURE() << "No table " << resource->kind << ". Add a migration with\n"
                    << store::TableDdl(*resource);
      continue;
    }
    Findings findings;
    CompareColumns(*resource, wanted.at(resource->kind), found.at(resource->kind), &findings);
    CompareRest(resource->kind, wanted.at(resource->kind), found.at(resource->kind), &findings);
    EXPECT_TRUE(findings.empty()) << GetParam().schema << "." << resource->kind
                                  << " is not what the contract asks for. Add a migration with\n"
                                  << absl::StrJoin(findings, "\n");
  }
}

TEST_P(SchemaGate, TheSchemaAfterAllMigrationsIsTheGoldenOne) {
  testing::ExpectGolden(GetParam().schema + ".schema.sql", Dump(catalog_.Tables(GetParam().schema)),
                        "a migration of this change made the difference");
}

INSTANTIATE_TEST_SUITE_P(Services, SchemaGate, ::testing::ValuesIn(ServiceSchemas()),
                         [](const auto& info) { return info.param.schema; });

}  // namespace
}  // namespace lianqiao::gates
