// SPDX-License-Identifier: Apache-2.0
// Many records of one kind at once: what each would ask the database by itself is asked for all of them, and
// their rows are written by one statement. What is checked, and in what order, is Stage's.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/resource/unit.h"

namespace lianqiao::resource {

using contract::Field;
using postgres::Parameters;
using postgres::Query;

void Unit::Use(const Call& call) {
  call_ = &call;
  scopes_.clear();
}

const store::Scope& Unit::ScopeFor(const ResourcePlan& resource, const std::string& right) {
  const auto key = std::make_pair(&resource, right);
  const auto known = scopes_.find(key);
  if (known != scopes_.end()) return known->second;
  return scopes_.emplace(key, call_->ScopeFor(resource, right)).first->second;
}

// Overlaps and parties are looked for among stored rows, which then must hold those of the same batch too.
bool Unit::MayStageTogether(const Kind& kind) {
  const auto& rule = *kind.resource->rule;
  return rule.no_overlap_size() == 0 && !rule.scope().has_parties() && kind.party_owners.empty();
}

absl::Status Unit::PrepareGuards(const ResourcePlan& resource, const std::vector<const Message*>& records) {
  for (const std::string& name : resource.rule->lock()) {
    const Field& field = *resource.Find(name);
    const ResourcePlan* target = core_.options.contract->FindKind(field.rule->reference());
    std::set<std::string> ids;
    for (const Message* record : records) {
      const std::string id = TextOf(*record, field);
      if (base::IsId(id) && locked_guards_.insert({target, id}).second) ids.insert(id);
    }
    if (ids.empty()) continue;
    const Query query{absl::StrCat("guards_", target->kind),
                      absl::StrCat("SELECT 1 FROM ", target->kind,
                                   " WHERE id = ANY((SELECT $1::text::uuid[])::uuid[])"
                                   " ORDER BY id FOR UPDATE")};
    RETURN_IF_ERROR(transaction_.Execute(query, Parameters().TextArray({ids.begin(), ids.end()})).status());
  }
  return absl::OkStatus();
}

absl::Status Unit::PrepareParents(const ResourcePlan& target, const std::set<std::string>& ids) {
  const bool retires = target.replaced_by != nullptr;
  const Query query{
      absl::StrCat("parents_", target.kind),
      absl::StrCat("SELECT id, scope, write_scope, delete_time IS NOT NULL, ",
                   retires ? "replaced_by IS NOT NULL" : "false", ", ", Moves::kAnySql, ", ",
                   ErasedSql(target), " FROM ", target.kind,
                   " WHERE id = ANY((SELECT $1::text::uuid[])::uuid[]) ORDER BY id FOR KEY SHARE")};
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   transaction_.Execute(query, Parameters().TextArray({ids.begin(), ids.end()})));
  for (const std::string& id : ids) parents_[{&target, id}] = Parent();
  for (int i = 0; i < rows.rows(); ++i) {
    Parent& parent = parents_[{&target, rows.Text(i, 0)}];
    parent.exists = true;
    parent.scopes = {rows.TextArray(i, 1), rows.TextArray(i, 2)};
    parent.deleted = rows.Boolean(i, 3);
    parent.erased = rows.Boolean(i, 6);
    RETURN_IF_ERROR(LoadMoves(rows.Boolean(i, 5)));
    // In a statement of its own, after the lock, as in ReadParent.
    if (rows.Boolean(i, 4)) {
      ASSIGN_OR_RETURN(parent.redirect, SuccessorOf(target, rows.Text(i, 0)));
    }
  }
  return absl::OkStatus();
}

absl::Status Unit::Prepare(const ResourcePlan& resource, const std::vector<const Message*>& records) {
  together_ = true;
  known_facts_.clear();
  RETURN_IF_ERROR(PrepareGuards(resource, records));
  std::map<const ResourcePlan*, std::set<std::string>> wanted;
  for (const Field* field : store::References(resource)) {
    const ResourcePlan* target = core_.options.contract->FindKind(field->rule->reference());
    for (const Message* record : records) {
      const std::string id = TextOf(*record, *field);
      if (base::IsId(id) && parents_.count({target, id}) == 0) wanted[target].insert(id);
    }
  }
  for (const auto& [target, ids] : wanted) RETURN_IF_ERROR(PrepareParents(*target, ids));
  RETURN_IF_ERROR(foreign_.Prepare(transaction_, core_.KindOf(resource).foreign, records));
  RETURN_IF_ERROR(LookUpErased(resource, records));
  for (const FactQuery& fact : core_.KindOf(resource).facts)
    RETURN_IF_ERROR(PrepareFact(resource, fact, records, &known_facts_));
  return absl::OkStatus();
}

absl::Status Unit::WriteCollected() {
  if (written_ == changes_.size()) return absl::OkStatus();
  const std::vector<store::Change> later(changes_.begin() + static_cast<std::ptrdiff_t>(written_),
                                         changes_.end());
  if (absl::Status written = store::WriteRows(transaction_, later); !written.ok()) {
    // Which of several it was is found out by writing them one by one.
    if (later.size() == 1) failed_ = {later[0].resource, std::move(records_.back()), ""};
    return written;
  }
  written_ = changes_.size();
  return absl::OkStatus();
}

absl::StatusOr<bool> Unit::WriteTogether(const ResourcePlan& resource) {
  std::vector<const Message*> records;
  for (size_t i = written_; i < changes_.size(); ++i) records.push_back(changes_[i].record);
  RETURN_IF_ERROR(WriteCollected());
  together_ = false;
  if (records.size() > 1) {
    for (const FactQuery& fact : core_.KindOf(resource).facts) {
      if (fact.sql.find(resource.kind) == std::string::npos) continue;  // It looks at other kinds only.
      KnownFacts now;
      RETURN_IF_ERROR(PrepareFact(resource, fact, records, &now));
      for (const auto& [key, entry] : now) {
        const auto before = known_facts_.find(key);
        if (before != known_facts_.end() && !(before->second->rows == entry->rows)) return false;
      }
    }
  }
  known_facts_.clear();
  return true;
}

absl::Status CheckUnreferenced(Unit& unit, const contract::Contract& contract, const ResourcePlan& resource,
                               const std::string& id) {
  for (const contract::Reference& reference : contract.ReferencesTo(resource)) {
    const postgres::Query query{
        absl::StrCat("refers_", reference.child->kind, "_", reference.field->name),
        absl::StrCat("SELECT 1 FROM ", reference.child->kind, " WHERE ", reference.field->name,
                     reference.field->array ? " @> ARRAY[$1::uuid]" : " = $1::uuid",
                     " AND delete_time IS NULL AND id <> $1::uuid LIMIT 1")};
    ASSIGN_OR_RETURN(const postgres::Result rows,
                     unit.transaction().Execute(query, postgres::Parameters().Text(id)));
    if (rows.rows() > 0)
      return base::Fail(absl::StatusCode::kFailedPrecondition, base::ErrorReason::STILL_REFERENCED,
                        {{"kind", reference.child->kind}, {"kind_zh", reference.child->rule->label().zh()}});
  }
  return absl::OkStatus();
}

}  // namespace lianqiao::resource
