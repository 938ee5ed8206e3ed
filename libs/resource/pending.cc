// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/pending.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"
#include "libs/resource/core.h"

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
  for (const Field& field : resource.fields) {  // Of this service or a followed one.
    if (names(rule.from(), field.name) || (!writers && names(rule.readers_from(), field.name)))
      fields.push_back(&field);
  }
  return fields;
}

std::vector<std::string> IdsOf(const std::vector<const Field*>& references, const store::Row& row) {
  std::vector<std::string> ids;
  ids.reserve(references.size());
  for (const Field* field : references) ids.push_back(TextOf(*row.record, *field));
  return ids;
}

}  // namespace

const char Moves::kAnySql[] = "EXISTS (SELECT 1 FROM restamp_job WHERE root_id IS NULL)";

absl::StatusOr<Moves> Moves::Read(postgres::Statements& statements) {
  static const Query kRead{"pending_moves",
                           "SELECT id, lost, write_lost FROM restamp_job WHERE root_id IS NULL"};
  ASSIGN_OR_RETURN(const postgres::Result rows, statements.Execute(kRead, {}));
  Moves moves;
  for (int i = 0; i < rows.rows(); ++i) {
    Lost& lost = moves.by_id_[rows.Text(i, 0)];  // Several moves of one record: all that they took.
    for (std::string& id : rows.TextArray(i, 1)) lost.scope.push_back(std::move(id));
    for (std::string& id : rows.TextArray(i, 2)) lost.write_scope.push_back(std::move(id));
  }
  return moves;
}

Moves::Ids Moves::Kept(const Ids& stamp, const Ids& references, Ids Lost::*lost) const {
  std::set<std::string> gone;
  const auto add = [&](const std::string& id) {
    const auto moved = by_id_.find(id);
    if (moved != by_id_.end()) gone.insert((moved->second.*lost).begin(), (moved->second.*lost).end());
  };
  for (const std::string& id : stamp) add(id);
  for (const std::string& id : references) add(id);
  Ids kept;
  std::copy_if(stamp.begin(), stamp.end(), std::back_inserter(kept),
               [&](const std::string& id) { return gone.count(id) == 0; });
  return kept;
}

bool Moves::AllowReading(const ResourcePlan& resource, const store::Row& row,
                         const store::Scope& scope) const {
  return scope.Covers(Kept(row.scope, IdsOf(ScopeReferences(resource), row), &Lost::scope));
}

bool Moves::AllowWriting(const ResourcePlan& resource, const store::Row& row,
                         const store::Scope& scope) const {
  return scope.Covers(Kept(row.write_scope, IdsOf(ScopeReferences(resource, true), row), &Lost::write_scope));
}

bool Moves::AllowReaching(const ResourcePlan& resource, const store::Row& row, const Call& call) const {
  return call.Reaches(resource, Kept(row.scope, IdsOf(ScopeReferences(resource), row), &Lost::scope),
                      Kept(row.write_scope, IdsOf(ScopeReferences(resource, true), row), &Lost::write_scope));
}

bool Moves::AllowReading(const Ids& stamp, const store::Scope& scope) const {
  return scope.Covers(Kept(stamp, {}, &Lost::scope));
}

bool Moves::AllowWriting(const Ids& write_stamp, const store::Scope& scope) const {
  return scope.Covers(Kept(write_stamp, {}, &Lost::write_scope));
}

std::string PendingSql(const ResourcePlan& resource, const store::Scope& scope, const std::string& alias,
                       Parameters* parameters) {
  if (scope.everything) return "TRUE";
  std::string above = absl::StrCat("j.id = ANY(", alias, ".scope)");
  for (const Field* field : ScopeReferences(resource))
    absl::StrAppend(&above, " OR j.id = ", alias, ".", field->name);
  const std::string kept =
      absl::StrCat("ARRAY(SELECT unnest(", alias, ".scope) EXCEPT SELECT unnest(j.lost))");
  return absl::StrCat("NOT EXISTS (SELECT 1 FROM restamp_job j WHERE j.root_id IS NULL AND (", above,
                      ") AND NOT (", scope.Sql(kept, parameters), "))");
}

absl::StatusOr<Rows> ReadRows(postgres::Statements& statements, const ResourcePlan& resource,
                              const std::vector<std::string>& ids) {
  const Query query{
      "read_" + resource.kind,
      absl::StrCat("SELECT ", store::SelectColumns(resource, "t"), ", ", Moves::kAnySql, " FROM ",
                   resource.kind, " t WHERE t.id = ANY((SELECT $1::text::uuid[])::uuid[])")};
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
