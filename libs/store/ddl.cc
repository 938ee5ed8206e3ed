// SPDX-License-Identifier: Apache-2.0
// The table that a resource's descriptor asks for.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/store/codec.h"

namespace lianqiao::store {
namespace {

using contract::Column;

std::string Default(const Field& field) {
  if (field.array) return " NOT NULL DEFAULT '{}'";
  if (field.nullable) return "";
  switch (field.column) {
    case Column::kText:
    case Column::kBytea:
      return " NOT NULL DEFAULT ''";
    case Column::kEnum:
      return absl::StrCat(" NOT NULL DEFAULT '", field.descriptor->enum_type()->value(0)->name(), "'");
    case Column::kInteger:
    case Column::kBigint:
    case Column::kDouble:
      return " NOT NULL DEFAULT 0";
    case Column::kBoolean:
      return " NOT NULL DEFAULT false";
    case Column::kJsonb:
      return field.descriptor->is_map() ? " NOT NULL DEFAULT '{}'" : " NOT NULL DEFAULT '[]'";
    default:
      return " NOT NULL";
  }
}

bool IsEngineField(const Resource& resource, const Field& field) {
  return &field == resource.id || &field == resource.revision || &field == resource.create_time ||
         &field == resource.update_time || &field == resource.delete_time;
}

std::string Collated(const Field& field) {
  return field.column == Column::kText && !field.array ? field.name + " COLLATE \"C\"" : field.name;
}

}  // namespace

std::string ColumnDdl(const Field& field) {
  return absl::StrCat(field.name, " ", SqlType(field), Default(field));
}

std::string TableDdl(const Resource& resource) {
  const std::string& table = resource.kind;
  std::vector<std::string> lines = {
      "  id uuid PRIMARY KEY",
      "  revision bigint NOT NULL",
      "  create_time timestamptz NOT NULL",
      "  update_time timestamptz NOT NULL",
      "  delete_time timestamptz",
      "  bucket smallint NOT NULL",
      "  scope uuid[] NOT NULL",
      "  write_scope uuid[] NOT NULL",
  };
  std::vector<std::string> indexes = {
      absl::StrCat("CREATE INDEX ", table, "_scope ON ", table, " USING gin (scope);"),
  };
  for (const Field& field : resource.fields) {
    if (field.column == Column::kNone || IsEngineField(resource, field)) continue;
    lines.push_back("  " + ColumnDdl(field));
    const std::string& reference = field.rule->reference();
    if (field.column == Column::kUuid && !field.array && !reference.empty() &&
        reference.find('/') == std::string::npos) {
      lines.push_back(absl::StrCat("  CONSTRAINT ", table, "_", field.name, "_exists FOREIGN KEY (",
                                   field.name, ") REFERENCES ", reference, " (id)"));
    }
    if (field.column == Column::kUuid && !field.array)
      indexes.push_back(
          absl::StrCat("CREATE INDEX ", table, "_", field.name, " ON ", table, " (", field.name, ", id);"));
    if (field.rule->orderable())
      indexes.push_back(absl::StrCat("CREATE INDEX ", table, "_", field.name, "_order ON ", table, " (",
                                     Collated(field), ", id);"));
  }
  for (const auto& unique : resource.rule->unique()) {
    std::vector<std::string> conditions = {"delete_time IS NULL"};
    for (const std::string& name : unique.fields()) {
      const Field* field = resource.Find(name);
      // An empty text is "not given": several records may lack it.
      if (field->column == Column::kText && !field->nullable) conditions.push_back(name + " <> ''");
    }
    indexes.push_back(absl::StrCat("CREATE UNIQUE INDEX ", unique.name(), " ON ", table, " (",
                                   absl::StrJoin(unique.fields(), ", "), ") WHERE ",
                                   absl::StrJoin(conditions, " AND "), ";"));
  }
  return absl::StrCat("CREATE TABLE ", table, " (\n", absl::StrJoin(lines, ",\n"), "\n);\n",
                      absl::StrJoin(indexes, "\n"), "\n");
}

}  // namespace lianqiao::store
