// SPDX-License-Identifier: Apache-2.0
// What a migrated schema lacks of what the contract asks for, as the beginning of a migration. Works on text:
// the contract's side is store::TableDdl, the schema's is tests/golden/<schema>.schema.sql.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lianqiao::ddl {

struct Table {
  std::string create;                                        // Its CREATE TABLE as it stands there.
  std::vector<std::pair<std::string, std::string>> columns;  // Name, whole line: "name text NOT NULL".
  std::vector<std::string> constraints;                      // "CONSTRAINT name FOREIGN KEY …"
  std::vector<std::string> indexes;                          // "CREATE INDEX …;"
};

// Every CREATE TABLE and CREATE INDEX of the text; anything else is passed over.
std::map<std::string, Table> ReadTables(std::string_view sql);

// Statements that add what is missing: tables in the order of `wanted`, then columns with their constraints,
// then indexes. What the schema has and the contract has not, or has with another type, comes as a comment:
// only a person knows what becomes of the data. Empty if there is no difference. `wanted`: one text of
// TableDdl per table, parents first; tables of `found` that no text names belong to others and are passed
// over.
std::string DifferenceOf(const std::vector<std::string>& wanted, std::string_view found);

}  // namespace lianqiao::ddl
