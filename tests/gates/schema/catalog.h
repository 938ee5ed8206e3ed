// SPDX-License-Identifier: Apache-2.0
// What PostgreSQL's catalog says of the tables of one schema. Only for this gate.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/postgres/database.h"

namespace lianqiao::gates {

struct CatalogColumn {
  std::string name;
  std::string type;
  bool not_null = false;
  std::string default_value;  // As SQL; empty: none.
  bool generated = false;     // From other columns of the row: default_value says how.
};

struct CatalogConstraint {
  std::string name;
  std::string definition;
  bool deferrable = false;
};

struct CatalogIndex {
  std::string name;
  bool unique = false;
  std::string definition;  // "organisation USING btree (name COLLATE "C", id)".
};

struct CatalogTable {
  std::vector<CatalogColumn> columns;  // In the table's order.
  std::vector<CatalogConstraint> constraints;
  std::vector<CatalogIndex> indexes;
  std::string granted;  // Rights of the role `reader`.
};

class Catalog {
 public:
  // One connection whose search_path is this schema.
  Catalog(const std::string& connection, const std::string& schema);

  absl::Status Run(const std::string& sql);
  absl::StatusOr<postgres::Result> Query(const std::string& sql);
  std::map<std::string, CatalogTable> Tables(const std::string& reader);

 private:
  const std::string schema_;
  std::unique_ptr<postgres::Database> database_;
};

// The schema as SQL that a person can read and compare.
std::string Dump(const std::map<std::string, CatalogTable>& tables);

}  // namespace lianqiao::gates
