// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/schema/catalog.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/clock.h"

namespace lianqiao::gates {

Catalog::Catalog(const std::string& connection, const std::string& schema) : schema_(schema) {
  postgres::Database::Options options;
  options.connection = connection;
  options.search_path = schema;
  options.workers = 1;
  options.name = "catalog";
  database_ = std::make_unique<postgres::Database>(options);
}

absl::StatusOr<postgres::Result> Catalog::Query(const std::string& sql) {
  absl::StatusOr<postgres::Result> result = absl::UnavailableError("not run");
  const absl::Time deadline = base::Clock::System().Now() + absl::Seconds(30);
  const absl::Status status = database_->Run(deadline, [&](postgres::Session& session) {
    result = session.Execute({"catalog", sql, false}, {});
    return result.status();
  });
  if (!status.ok()) return status;
  return result;
}

absl::Status Catalog::Run(const std::string& sql) {
  return Query(sql).status();
}

namespace {

constexpr char kColumns[] =
    "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
    " COALESCE(pg_get_expr(d.adbin, d.adrelid), ''), a.attgenerated <> ''"
    " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
    " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0"
    " AND NOT a.attisdropped ORDER BY c.relname, a.attnum";

constexpr char kConstraints[] =
    "SELECT c.relname, k.conname, pg_get_constraintdef(k.oid), k.condeferrable"
    " FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY c.relname, "
    "k.conname";

constexpr char kIndexes[] =
    "SELECT c.relname, i.relname, x.indisunique,"
    " replace(regexp_replace(pg_get_indexdef(i.oid), '^CREATE (UNIQUE )?INDEX \\S+ ON ', ''),"
    " current_schema() || '.', '')"
    " FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY c.relname, "
    "i.relname";

}  // namespace

std::map<std::string, CatalogTable> Catalog::Tables(const std::string& reader) {
  std::map<std::string, CatalogTable> tables;
  const auto columns = Query(kColumns);
  const auto constraints = Query(kConstraints);
  const auto indexes = Query(kIndexes);
  const auto rights =
      Query(absl::StrCat("SELECT c.relname, p.right_name FROM pg_class c,"
                         " (VALUES (1, 'SELECT'), (2, 'INSERT'), (3, 'UPDATE'), (4, 'DELETE'), (5, "
                         "'TRUNCATE')) p (place, right_name)"
                         " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
                         " AND has_table_privilege('",
                         reader, "', c.oid, p.right_name) ORDER BY c.relname, p.place"));
  if (!columns.ok() || !constraints.ok() || !indexes.ok() || !rights.ok()) {
    ADD_FAILURE() << columns.status() << constraints.status() << indexes.status() << rights.status();
    return tables;
  }
  for (int i = 0; i < columns->rows(); ++i)
    tables[columns->Text(i, 0)].columns.push_back({columns->Text(i, 1), columns->Text(i, 2),
                                                   columns->Boolean(i, 3), columns->Text(i, 4),
                                                   columns->Boolean(i, 5)});
  for (int i = 0; i < constraints->rows(); ++i)
    tables[constraints->Text(i, 0)].constraints.push_back(
        {constraints->Text(i, 1), constraints->Text(i, 2), constraints->Boolean(i, 3)});
  for (int i = 0; i < indexes->rows(); ++i)
    tables[indexes->Text(i, 0)].indexes.push_back(
        {indexes->Text(i, 1), indexes->Boolean(i, 2), indexes->Text(i, 3)});
  for (int i = 0; i < rights->rows(); ++i) {
    std::string& granted = tables[rights->Text(i, 0)].granted;
    absl::StrAppend(&granted, granted.empty() ? "" : ", ", rights->Text(i, 1));
  }
  return tables;
}

std::string Dump(const std::map<std::string, CatalogTable>& tables) {
  std::string text;
  for (const auto& [name, table] : tables) {
    std::vector<std::string> lines;
    for (const CatalogColumn& column : table.columns)
      lines.push_back(absl::StrCat(
          "  ", column.name, " ", column.type, column.not_null ? " NOT NULL" : "",
          column.default_value.empty() ? ""
          : column.generated ? absl::StrCat(" GENERATED ALWAYS AS (", column.default_value, ") STORED")
                             : " DEFAULT " + column.default_value));
    for (const CatalogConstraint& constraint : table.constraints)
      lines.push_back(absl::StrCat("  CONSTRAINT ", constraint.name, " ", constraint.definition));
    absl::StrAppend(&text, "CREATE TABLE ", name, " (\n", absl::StrJoin(lines, ",\n"), "\n);\n");
    for (const CatalogIndex& index : table.indexes)
      absl::StrAppend(&text, "CREATE ", index.unique ? "UNIQUE " : "", "INDEX ", index.name, " ON ",
                      index.definition, ";\n");
    absl::StrAppend(&text, "GRANT ", table.granted, " ON ", name, " TO runtime;\n\n");
  }
  return text;
}

}  // namespace lianqiao::gates
