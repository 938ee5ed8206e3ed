// SPDX-License-Identifier: Apache-2.0
#include "tools/ddl/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "libs/contract/contract.h"
#include "tools/ddl/tables.h"

namespace lianqiao::ddl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPlan[] = R"sql(CREATE TABLE plan (
  id uuid PRIMARY KEY,
  create_time timestamptz NOT NULL,
  name text NOT NULL DEFAULT '',
  alliance_id uuid NOT NULL,
  CONSTRAINT plan_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES alliance (id),
  tags text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX plan_scope ON plan USING gin (scope);
CREATE INDEX plan_alliance_id ON plan (alliance_id, id);
CREATE UNIQUE INDEX plan_name_unique ON plan (name) WHERE delete_time IS NULL;
)sql";

// The same as a migrated database has it.
constexpr char kMigrated[] = R"sql(CREATE TABLE other (
  id uuid NOT NULL
);

CREATE TABLE plan (
  id uuid NOT NULL,
  create_time timestamp with time zone NOT NULL,
  name text NOT NULL DEFAULT ''::text,
  alliance_id uuid NOT NULL,
  tags text[] NOT NULL DEFAULT '{}'::text[],
  CONSTRAINT fk FOREIGN KEY (alliance_id) REFERENCES alliance(id),
  CONSTRAINT plan_pkey PRIMARY KEY (id)
);
CREATE INDEX by_alliance ON plan USING btree (alliance_id, id);
CREATE UNIQUE INDEX plan_name_unique ON plan USING btree (name) WHERE (delete_time IS NULL);
CREATE UNIQUE INDEX plan_pkey ON plan USING btree (id);
CREATE INDEX plan_scope ON plan USING gin (scope);
GRANT SELECT ON plan TO runtime;
)sql";

std::string Without(std::string text, const std::string& part) {
  const size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return at == std::string::npos ? text : text.erase(at, part.size());
}

TEST(Difference, TheSameInOtherWordsIsNone) {
  EXPECT_EQ(DifferenceOf({kPlan}, kMigrated), "");
}

TEST(Difference, AMissingTableComesWhole) {
  EXPECT_EQ(DifferenceOf({kPlan}, "CREATE TABLE other (\n  id uuid\n);\n"), kPlan);
}

TEST(Difference, AMissingColumnIsAddedWithWhatBelongsToIt) {
  std::string before = Without(kMigrated, "  alliance_id uuid NOT NULL,\n");
  before = Without(before, "  CONSTRAINT fk FOREIGN KEY (alliance_id) REFERENCES alliance(id),\n");
  before = Without(before, "CREATE INDEX by_alliance ON plan USING btree (alliance_id, id);\n");
  EXPECT_EQ(DifferenceOf({kPlan}, before),
            "-- Fails while there are rows: give them a value first.\n"
            "ALTER TABLE plan ADD COLUMN alliance_id uuid NOT NULL;\n"
            "ALTER TABLE plan ADD CONSTRAINT plan_alliance_id_exists FOREIGN KEY (alliance_id) REFERENCES "
            "alliance (id);\n"
            "CREATE INDEX plan_alliance_id ON plan (alliance_id, id);\n");
}

TEST(Difference, AColumnWithADefaultNeedsNoWarning) {
  EXPECT_EQ(DifferenceOf({kPlan}, Without(kMigrated, "  tags text[] NOT NULL DEFAULT '{}'::text[],\n")),
            "ALTER TABLE plan ADD COLUMN tags text[] NOT NULL DEFAULT '{}';\n");
}

TEST(Difference, AUniqueIndexIsKnownByItsName) {
  EXPECT_EQ(DifferenceOf({kPlan}, Without(kMigrated, "_name_unique")),
            "CREATE UNIQUE INDEX plan_name_unique ON plan (name) WHERE delete_time IS NULL;\n");
}

TEST(Difference, WhatOnlyAPersonCanDecideIsAComment) {
  std::string before = kMigrated;
  before.replace(before.find("name text"), 9, "name bytea");
  before.replace(before.find("  tags"), 6, "  labels");
  const std::string difference = DifferenceOf({kPlan}, before);
  EXPECT_THAT(difference, HasSubstr("-- plan.name is bytea and should be text"));
  EXPECT_THAT(difference, HasSubstr("-- plan.labels is no field of the contract"));
  EXPECT_THAT(difference, HasSubstr("ADD COLUMN tags"));
  EXPECT_THAT(difference, Not(HasSubstr("DROP COLUMN")));
}

// The committed contract and the committed schemas are in step (tests/gates/schema proves it on a database),
// so any finding here is one that the comparison makes up.
TEST(Difference, TheSuiteHasNone) {
  const std::pair<const char*, const char*> services[] = {{"lianqiao.registry.v1", "alliance_registry"},
                                                          {"lianqiao.identity.v1", "identity"}};
  for (const auto& [package, schema] : services) {
    std::stringstream golden;
    golden << std::ifstream(std::string("tests/golden/") + schema + ".schema.sql").rdbuf();
    const auto contract = contract::Contract::Load({package}).value();
    const std::vector<std::string> tables = TablesOf(*contract);
    EXPECT_EQ(tables.size(), contract->resources().size());
    EXPECT_EQ(DifferenceOf(tables, golden.str()), "")
        << schema
        << ": either tools/new-migration is due (and then tests/golden), or the comparison is wrong";
    std::string all;
    for (const std::string& table : tables) all += table;
    EXPECT_EQ(ReadTables(all).size(), tables.size());
    EXPECT_NE(DifferenceOf(tables, ""), "");
  }
}

}  // namespace
}  // namespace lianqiao::ddl
