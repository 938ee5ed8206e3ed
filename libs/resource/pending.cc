// SPDX-License-Identifier: Apache-2.0
// Rows whose scope the background job has not stamped yet: until then a reader needs the stamp and the
// present scope of the parent that moved (design §6).
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/resource/pending.h"

namespace lianqiao::resource {

using contract::Field;
using postgres::Parameters;
using postgres::Query;

namespace {

std::vector<const Field*> ScopeReferences(const ResourcePlan& resource) {
  const auto& rule = resource.rule->scope();
  const auto names = [](const auto& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  std::vector<const Field*> fields;
  for (const Field* field : store::References(resource)) {
    if (names(rule.from(), field->name) || names(rule.readers_from(), field->name)) fields.push_back(field);
  }
  return fields;
}

}  // namespace

std::string PendingSql(const ResourcePlan& resource, const store::Scope& scope, const std::string& alias,
                       Parameters* parameters) {
  if (scope.everything) return "TRUE";
  std::string sql = "TRUE";
  for (const Field* field : ScopeReferences(resource)) {
    const std::string& kind = field->rule->reference();
    absl::StrAppend(&sql, " AND NOT EXISTS (SELECT 1 FROM restamp_job j JOIN ", kind,
                    " moved ON moved.id = j.id WHERE j.kind = '", kind, "' AND j.id = ", alias, ".",
                    field->name, " AND NOT (", scope.Sql("moved.scope", parameters), "))");
  }
  return sql;
}

absl::StatusOr<Rows> ReadRows(postgres::Statements& statements, const ResourcePlan& resource,
                              const std::vector<std::string>& ids) {
  const Query query{"read_" + resource.kind,
                    absl::StrCat("SELECT ", store::SelectColumns(resource, "t"),
                                 ", EXISTS (SELECT 1 FROM restamp_job) FROM ", resource.kind,
                                 " t WHERE t.id = ANY($1::text::uuid[])")};
  ASSIGN_OR_RETURN(const postgres::Result result, statements.Execute(query, Parameters().TextArray(ids)));
  Rows rows;
  for (int i = 0; i < result.rows(); ++i) {
    ASSIGN_OR_RETURN(store::Row row, store::DecodeRow(resource, result, i));
    std::string id = store::IdOf(resource, *row.record);
    rows.by_id.emplace(std::move(id), std::move(row));
  }
  if (result.rows() == 0 || !result.Boolean(0, result.columns() - 1)) return rows;
  for (const Field* field : ScopeReferences(resource)) {
    const std::string& kind = field->rule->reference();
    const Query pending{"pending_" + kind,
                        absl::StrCat("SELECT moved.id, moved.scope FROM restamp_job j JOIN ", kind,
                                     " moved ON moved.id = j.id WHERE j.kind = '", kind, "'")};
    ASSIGN_OR_RETURN(const postgres::Result moved, statements.Execute(pending, {}));
    for (int i = 0; i < moved.rows(); ++i) rows.moved[moved.Text(i, 0)] = moved.TextArray(i, 1);
  }
  return rows;
}

bool Rows::Shows(const ResourcePlan& resource, const store::Scope& scope, const store::Row& row) const {
  if (!scope.Covers(row.scope)) return false;
  if (moved.empty()) return true;
  for (const Field* field : ScopeReferences(resource)) {
    const auto parent = moved.find(TextOf(*row.record, *field));
    if (parent != moved.end() && !scope.Covers(parent->second)) return false;
  }
  return true;
}

}  // namespace lianqiao::resource
