// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/pending.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace lianqiao::resource {

using contract::Field;
using postgres::Parameters;
using postgres::Query;

namespace {

// References from which a row has its scope, or, with `writers`, its write scope too.
std::vector<const Field*> ScopeReferences(const ResourcePlan& resource, bool writers = false) {
  const auto& rule = resource.rule->scope();
  const auto names = [](const auto& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  std::vector<const Field*> fields;
  for (const Field* field : store::References(resource)) {
    if (names(rule.from(), field->name) || (!writers && names(rule.readers_from(), field->name)))
      fields.push_back(field);
  }
  return fields;
}

}  // namespace

const char Moves::kAnySql[] = "EXISTS (SELECT 1 FROM restamp_job WHERE root_id IS NULL)";

absl::StatusOr<Moves> Moves::Read(postgres::Statements& statements) {
  static const Query kRead{"pending_moves",
                           "SELECT id, scope, write_scope FROM restamp_job WHERE root_id IS NULL"};
  ASSIGN_OR_RETURN(const postgres::Result rows, statements.Execute(kRead, {}));
  Moves moves;
  for (int i = 0; i < rows.rows(); ++i)
    moves.by_id_[rows.Text(i, 0)] = {rows.TextArray(i, 1), rows.TextArray(i, 2)};
  return moves;
}

std::vector<const Moves::Present*> Moves::Above(const ResourcePlan& resource, const store::Row& row,
                                                bool writers) const {
  std::vector<const Present*> found;
  if (by_id_.empty()) return found;
  const auto add = [&](const std::string& id) {
    const auto moved = by_id_.find(id);
    if (moved != by_id_.end()) found.push_back(&moved->second);
  };
  for (const std::string& id : writers ? row.write_scope : row.scope) add(id);
  for (const Field* field : ScopeReferences(resource, writers)) add(TextOf(*row.record, *field));
  return found;
}

bool Moves::AllowReading(const ResourcePlan& resource, const store::Row& row,
                         const store::Scope& scope) const {
  const auto above = Above(resource, row, false);
  return std::all_of(above.begin(), above.end(),
                     [&](const Present* present) { return scope.Covers(present->scope); });
}

bool Moves::AllowReaching(const ResourcePlan& resource, const store::Row& row, const Call& call) const {
  const auto above = Above(resource, row, false);
  return std::all_of(above.begin(), above.end(), [&](const Present* present) {
    return call.Reaches(resource, present->scope, present->write_scope);
  });
}

bool Moves::AllowWriting(const ResourcePlan& resource, const store::Row& row,
                         const store::Scope& scope) const {
  const auto above = Above(resource, row, true);
  return std::all_of(above.begin(), above.end(),
                     [&](const Present* present) { return scope.Covers(present->write_scope); });
}

bool Moves::AllowReading(const std::vector<std::string>& stamp, const store::Scope& scope) const {
  return std::all_of(stamp.begin(), stamp.end(), [&](const std::string& id) {
    const auto moved = by_id_.find(id);
    return moved == by_id_.end() || scope.Covers(moved->second.scope);
  });
}

bool Moves::AllowWriting(const std::vector<std::string>& write_stamp, const store::Scope& scope) const {
  return std::all_of(write_stamp.begin(), write_stamp.end(), [&](const std::string& id) {
    const auto moved = by_id_.find(id);
    return moved == by_id_.end() || scope.Covers(moved->second.write_scope);
  });
}

std::string PendingSql(const ResourcePlan& resource, const store::Scope& scope, const std::string& alias,
                       Parameters* parameters) {
  if (scope.everything) return "TRUE";
  std::string above = absl::StrCat("j.id = ANY(", alias, ".scope)");
  for (const Field* field : ScopeReferences(resource))
    absl::StrAppend(&above, " OR j.id = ", alias, ".", field->name);
  return absl::StrCat("NOT EXISTS (SELECT 1 FROM restamp_job j WHERE j.root_id IS NULL AND (", above,
                      ") AND NOT (", scope.Sql("j.scope", parameters), "))");
}

absl::StatusOr<Rows> ReadRows(postgres::Statements& statements, const ResourcePlan& resource,
                              const std::vector<std::string>& ids) {
  const Query query{"read_" + resource.kind,
                    absl::StrCat("SELECT ", store::SelectColumns(resource, "t"), ", ", Moves::kAnySql,
                                 " FROM ", resource.kind, " t WHERE t.id = ANY($1::text::uuid[])")};
  ASSIGN_OR_RETURN(const postgres::Result result, statements.Execute(query, Parameters().TextArray(ids)));
  Rows rows;
  for (int i = 0; i < result.rows(); ++i) {
    ASSIGN_OR_RETURN(store::Row row, store::DecodeRow(resource, result, i));
    std::string id = store::IdOf(resource, *row.record);
    rows.by_id.emplace(std::move(id), std::move(row));
  }
  if (result.rows() == 0 || !result.Boolean(0, result.columns() - 1)) return rows;
  ASSIGN_OR_RETURN(rows.moves, Moves::Read(statements));
  return rows;
}

}  // namespace lianqiao::resource
