// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/unit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/limits.h"
#include "libs/base/mutant.h"
#include "libs/resource/input.h"
#include "libs/store/write_planted.h"

namespace lianqiao::resource {

using base::ErrorReason;
using base::Refuse;
using contract::Field;
using postgres::Parameters;
using postgres::Query;

absl::StatusOr<std::vector<store::Row>> Unit::LockAll(const ResourcePlan& resource,
                                                      std::vector<std::string> ids) {
  const Query query{"lock_" + resource.kind,
                    absl::StrCat("SELECT ", store::SelectColumns(resource, "t"), ", ", Moves::kAnySql,
                                 " FROM ", resource.kind,
                                 " t WHERE t.id = ANY((SELECT $1::text::uuid[])::uuid[])"
                                 " ORDER BY t.id FOR UPDATE")};
  ASSIGN_OR_RETURN(const postgres::Result result, transaction_.Execute(query, Parameters().TextArray(ids)));
  std::vector<store::Row> rows;
  for (int i = 0; i < result.rows(); ++i) {
    ASSIGN_OR_RETURN(store::Row row, store::DecodeRow(resource, result, i));
    rows.push_back(std::move(row));
  }
  RETURN_IF_ERROR(LoadMoves(result.rows() > 0 && result.Boolean(0, result.columns() - 1)));
  return rows;
}

absl::Status Unit::LoadMoves(bool any) {
  if (!any || moves_known_) return absl::OkStatus();
  ASSIGN_OR_RETURN(moves_, Moves::Read(transaction_));
  moves_known_ = true;
  return absl::OkStatus();
}

absl::Status Unit::AskForMoves() {
  static const Query kAny{"any_pending_move", absl::StrCat("SELECT ", Moves::kAnySql)};
  if (moves_known_ || moves_asked_at_ == foreign_.reads()) return absl::OkStatus();
  moves_asked_at_ = foreign_.reads();
  ASSIGN_OR_RETURN(const postgres::Result any, transaction_.Execute(kAny, {}));
  return LoadMoves(any.Boolean(0, 0));
}

bool Unit::Reaches(const ResourcePlan& resource, const store::Row& row) const {
  return call_->Reaches(resource, row.scope, row.write_scope) &&
         (moves_.empty() || moves_.AllowReaching(resource, row, *call_));
}

bool Unit::MayWrite(const ResourcePlan& resource, const store::Row& row, const store::Scope& scope) const {
  return scope.Covers(row.write_scope) && (moves_.empty() || moves_.AllowWriting(resource, row, scope));
}

absl::StatusOr<store::Row> Unit::Lock(const ResourcePlan& resource, const std::string& id) {
  if (!base::IsId(id)) return NotFound(resource);
  ASSIGN_OR_RETURN(std::vector<store::Row> rows, LockAll(resource, {id}));
  if (rows.empty()) return NotFound(resource);
  if (!Reaches(resource, rows[0])) return NotFound(resource);
  return std::move(rows[0]);
}

absl::Status Unit::Authorize(const ResourcePlan& resource, const store::Row& row) {
  const auto& party_fields = call_->method->access->party_fields();
  if (party_fields.empty())
    return MayWrite(resource, row, call_->scope) ? absl::OkStatus() : OutOfScope(*call_);
  for (const std::string& name : party_fields) {
    ASSIGN_OR_RETURN(const Parent parent, ReadReferred(resource, *resource.Find(name), *row.record));
    if (parent.exists && call_->scope.Covers(parent.scopes.write_scope) &&
        moves_.AllowWriting(parent.scopes.write_scope, call_->scope))
      return absl::OkStatus();
  }
  return OutOfScope(*call_);
}

absl::StatusOr<Unit::Parent> Unit::ReadParent(const ResourcePlan& resource, const std::string& id) {
  const auto key = std::make_pair(&resource, id);
  if (const auto known = parents_.find(key); known != parents_.end()) return known->second;
  const bool retires = resource.replaced_by != nullptr;
  const Query query{
      "parent_" + resource.kind,
      absl::StrCat("SELECT scope, write_scope, delete_time IS NOT NULL, ",
                   retires ? "replaced_by IS NOT NULL" : "false", ", ", Moves::kAnySql, ", ",
                   ErasedSql(resource), " FROM ", resource.kind, " WHERE id = $1::uuid FOR KEY SHARE")};
  ASSIGN_OR_RETURN(const postgres::Result row, transaction_.Execute(query, Parameters().Text(id)));
  Parent parent;
  if (row.rows() == 1) {
    parent.exists = true;
    parent.scopes = {row.TextArray(0, 0), row.TextArray(0, 1)};
    parent.deleted = row.Boolean(0, 2);
    parent.erased = row.Boolean(0, 5);
    RETURN_IF_ERROR(LoadMoves(row.Boolean(0, 4)));
    // In a statement of its own, after the lock: a merge that this one waited for is seen.
    if (row.Boolean(0, 3)) {
      ASSIGN_OR_RETURN(parent.redirect, SuccessorOf(resource, id));
    }
  }
  parents_[key] = parent;
  return parent;
}

absl::StatusOr<Unit::Parent> Unit::ReadReferred(const ResourcePlan& resource, const Field& field,
                                                const Message& record) {
  const std::string id = TextOf(record, field);
  const ResourcePlan* own = core_.options.contract->FindKind(field.rule->reference());
  if (!base::IsId(id)) return Parent();
  if (own != nullptr) return ReadParent(*own, id);
  for (const ForeignReference& reference : core_.KindOf(resource).foreign) {
    if (reference.field != &field) continue;
    ASSIGN_OR_RETURN(const feed::ProjectedRecord* found, foreign_.Referred(transaction_, reference, record));
    if (found == nullptr) return Parent();
    RETURN_IF_ERROR(AskForMoves());
    return Parent{found->living, false, "", {found->scope, found->write_scope}};
  }
  return Parent();  // Of a service that is not followed: nobody has authority there.
}

absl::Status Unit::CheckReferences(const ResourcePlan& resource, const Message* before, Message* after,
                                   bool revives, const std::string& path, Violations* violations) {
  for (const Field* field : store::References(resource)) {
    const std::string id = TextOf(*after, *field);
    const bool unchanged = before != nullptr && TextOf(*before, *field) == id;
    if (id.empty() || (unchanged && !revives) || !base::IsId(id)) continue;
    const ResourcePlan& target = *core_.options.contract->FindKind(field->rule->reference());
    ASSIGN_OR_RETURN(Parent parent, ReadParent(target, id));
    // What tells of the past names who it was then: a merger since makes it nobody else's. A revived record
    // follows too, for what it kept while it was away.
    const bool follows = !field->platform_written && !field->rule->keeps_on_merge();
    if (!parent.redirect.empty() && follows && (!unchanged || revives)) {
      after->GetReflection()->SetString(after, field->descriptor, parent.redirect);
      ASSIGN_OR_RETURN(parent, ReadParent(target, parent.redirect));
    }
    const bool staged = staged_.count({&target, TextOf(*after, *field)}) > 0;
    const store::Scope& readable = ScopeFor(target, "read");
    const bool visible =
        staged || unchanged || field->rule->open_reference() ||
        (readable.Covers(parent.scopes.scope) && moves_.AllowReading(parent.scopes.scope, readable));
    if (!parent.exists || parent.deleted || !visible)
      violations->push_back(Refuse(contract::PathOf(path, *field->descriptor),
                                   ErrorReason::REFERENCE_NOT_FOUND,
                                   {{"kind", target.kind}, {"kind_zh", target.rule->label().zh()}}));
    else if (parent.erased && !unchanged && GoesWith(resource, *field))
      violations->push_back(Refuse(contract::PathOf(path, *field->descriptor), ErrorReason::RECORD_ERASED,
                                   {{"kind", target.kind}, {"kind_zh", target.rule->label().zh()}}));
  }
  if (core_.KindOf(resource).foreign_scope) RETURN_IF_ERROR(AskForMoves());
  const auto visible = [&](const ResourcePlan& target, const feed::ProjectedRecord& found) {
    const store::Scope& readable = ScopeFor(target, "read");
    return readable.Covers(found.scope) && moves_.AllowReading(found.scope, readable);
  };
  return foreign_.Check(transaction_, core_.KindOf(resource).foreign, before, after, revives, path, visible,
                        violations);
}

absl::Status Unit::LockGuards(const ResourcePlan& resource, const Message& after) {
  for (const std::string& name : resource.rule->lock()) {
    const Field& field = *resource.Find(name);
    const std::string id = TextOf(after, field);
    const ResourcePlan* target = core_.options.contract->FindKind(field.rule->reference());
    if (id.empty() || !base::IsId(id) || !locked_guards_.insert({target, id}).second) continue;
    const Query query{"guard_" + target->kind,
                      absl::StrCat("SELECT 1 FROM ", target->kind, " WHERE id = $1::uuid FOR UPDATE")};
    RETURN_IF_ERROR(transaction_.Execute(query, Parameters().Text(id)).status());
  }
  return absl::OkStatus();
}

// Before references follow a redirect: that is the platform's doing, not the caller's choice.
std::vector<const Field*> Unit::DecidedAnew(const ResourcePlan& resource, const Message* before,
                                            const Message& wanted) const {
  std::vector<const Field*> fields;
  if (before == nullptr) return fields;
  for (const Field* field : core_.KindOf(resource).deciding) {
    if (TextOf(*before, *field) != TextOf(wanted, *field)) fields.push_back(field);
  }
  return fields;
}

absl::Status Unit::CheckDeciding(const ResourcePlan& resource, const std::vector<const Field*>& fields,
                                 const Message* before, const Message& after, const store::Scope& authority) {
  for (const Field* field : fields) {
    for (const Message* record : {before, &after}) {
      if (TextOf(*record, *field).empty()) continue;
      ASSIGN_OR_RETURN(const Parent parent, ReadReferred(resource, *field, *record));
      if (!authority.Covers(parent.scopes.write_scope)) return OutOfScope(*call_);
    }
  }
  return absl::OkStatus();
}

Unit::Rights Unit::RightsOver(const ResourcePlan& resource, const store::Row* before, const Scopes& after) {
  const auto holds = [&](const char* right) {
    const store::Scope& scope = ScopeFor(resource, right);
    return scope.Covers(after.write_scope) && (before == nullptr || scope.Covers(before->write_scope));
  };
  return {call_->method->standard == Standard::kBatchUpsert && holds("import"), holds("approve")};
}

absl::Status Unit::Stage(const ResourcePlan& resource, const store::Row* before,
                         std::unique_ptr<Message> after, const std::string& operation,
                         const std::string& path, bool follows) {
  const Message* old = before == nullptr ? nullptr : before->record.get();
  Violations violations;
  const bool revives = operation == "UNDELETE";
  const bool deletes = operation == "DELETE";
  // Whatever brings personal data back would undo what the person was promised. A record's course goes on.
  if (old != nullptr && IsErased(resource, *old) && HoldsErasable(resource, *after))
    return base::Fail(absl::StatusCode::kFailedPrecondition, ErrorReason::RECORD_ERASED,
                      {{"kind", resource.kind}, {"kind_zh", resource.rule->label().zh()}});
  const bool state = deletes || call_->method->standard == Standard::kTransition ||
                     call_->method->standard == Standard::kUndelete;
  const auto code = state ? absl::StatusCode::kFailedPrecondition : absl::StatusCode::kInvalidArgument;
  RETURN_IF_ERROR(LockGuards(resource, *after));
  const std::vector<const Field*> decided = DecidedAnew(resource, old, *after);
  RETURN_IF_ERROR(CheckReferences(resource, old, after.get(), revives, path, &violations));
  if (!deletes) RETURN_IF_ERROR(CheckErased(resource, old, *after, path, &violations));
  RETURN_IF_ERROR(base::FailIfAny(code, violations));
  RETURN_IF_ERROR(LockGuards(resource, *after));  // A reference may have followed a merge.
  if (old != nullptr) RETURN_IF_ERROR(KeepFormer(resource, *old, after.get()));
  ASSIGN_OR_RETURN(Scopes scopes, ScopesOf(resource, *after));
  // A new record must be writable by its maker, and none may be handed to somebody out of the caller's reach.
  const bool party_method = call_->method->access->party_fields_size() > 0;
  const store::Scope& authority =
      &resource == call_->method->resource ? call_->scope : ScopeFor(resource, "write");
  const bool writable =
      authority.Covers(scopes.write_scope) && moves_.AllowWriting(scopes.write_scope, authority);
  if (!party_method && !follows && !writable) return OutOfScope(*call_);
  if (!follows) RETURN_IF_ERROR(CheckDeciding(resource, decided, old, *after, authority));
  if (Imports(*call_, resource, old, *after) && !ScopeFor(resource, "import").Covers(scopes.write_scope))
    return OutOfScope(*call_);
  const Rights rights = RightsOver(resource, before, scopes);
  RETURN_IF_ERROR(RunRules(resource, old, after.get(), path, deletes, rights, &violations));
  if (!deletes) RETURN_IF_ERROR(CheckOverlaps(resource, *after, path, &violations));
  RETURN_IF_ERROR(base::FailIfAny(code, violations));
  if (!deletes && !core_.KindOf(resource).derivations.empty()) {  // They may have filled what gives readers.
    const std::vector<std::string> writers = std::move(scopes.write_scope);
    ASSIGN_OR_RETURN(scopes, ScopesOf(resource, *after));
    if (scopes.write_scope != writers)
      return absl::InternalError("a derivation of " + resource.kind + " decides about its writers");
  }
  std::vector<std::string> changed =
      old == nullptr ? std::vector<std::string>() : ChangedFields(resource, *old, *after);
  const absl::Status written =
      Write(resource, before, std::move(after), operation, std::move(changed), std::move(scopes));
  if (!written.ok()) failed_.path = path;
  return written;
}

absl::Status Unit::Write(const ResourcePlan& resource, const store::Row* before,
                         std::unique_ptr<Message> after, const std::string& operation,
                         std::vector<std::string> changed, Scopes scopes) {
  store::Change change;
  change.resource = &resource;
  change.operation = operation;
  change.record = after.get();
  change.insert = before == nullptr;
  if (before != nullptr) {
    change.bucket = before->bucket;
  } else {
    ASSIGN_OR_RETURN(change.bucket, core_.BucketOf(transaction_, resource, *after));
  }
  change.external_ids_changed =
      resource.external_ids != nullptr &&
      (before == nullptr ||
       std::find(changed.begin(), changed.end(), resource.external_ids->name) != changed.end());
  change.changed_fields = std::move(changed);
  if (before != nullptr) change.scope_before = before->scope;
  change.scope_after = scopes.scope;
  change.write_scope_after = scopes.write_scope;
  const std::string id = store::IdOf(resource, *after);
  if (!together_) {
    if (absl::Status written = store::WriteRows(transaction_, {change}); !written.ok()) {
      failed_ = {&resource, std::move(after), ""};
      return written;
    }
  }
  parents_.erase({&resource, id});
  const bool moved =
      before != nullptr && (before->scope != scopes.scope || before->write_scope != scopes.write_scope);
  if (moved) moved_.push_back({&resource, id, {before->scope, before->write_scope}});
  Follow(change, before == nullptr ? nullptr : before->record.get());
  staged_[{&resource, id}] = changes_.size();
  changes_.push_back(std::move(change));
  records_.push_back(std::move(after));
  if (!together_) written_ = changes_.size();
  return absl::OkStatus();
}

// A party's change (a membership) may change the scope of what it is a party of.
void Unit::Follow(const store::Change& change, const Message* before) {
  for (const ResourcePlan* owner : core_.KindOf(*change.resource).party_owners) {
    const Field& parent = *change.resource->Find(owner->rule->scope().parties().parent());
    to_restamp_.push_back({owner, TextOf(*change.record, parent)});
    if (before != nullptr && TextOf(*before, parent) != TextOf(*change.record, parent))
      to_restamp_.push_back({owner, TextOf(*before, parent)});
  }
}

const Message* Unit::Staged(const ResourcePlan& resource, const std::string& id) const {
  const auto found = staged_.find({&resource, id});
  return found == staged_.end() ? nullptr : changes_[found->second].record;
}

absl::StatusOr<std::string> Unit::SuccessorOf(const ResourcePlan& resource, const std::string& id) {
  static const Query kRedirect{"find_redirect",
                               "SELECT new_id FROM redirect WHERE kind = $1 AND old_id = $2::uuid"};
  ASSIGN_OR_RETURN(const postgres::Result redirect,
                   transaction_.Execute(kRedirect, Parameters().Text(resource.kind).Text(id)));
  return redirect.rows() == 1 ? redirect.Text(0, 0) : std::string();
}

absl::Status Unit::AddRedirect(const ResourcePlan& resource, const std::string& old_id,
                               const std::string& new_id) {
  // Older redirects to the retired id follow, so that one look-up always ends.
  static const Query kFollow{"follow_redirects",
                             "UPDATE redirect SET new_id = $3::uuid WHERE kind = $1 AND new_id = $2::uuid"};
  static const Query kAdd{
      "add_redirect",
      "INSERT INTO redirect (kind, old_id, new_id, time) VALUES ($1, $2::uuid, $3::uuid, $4::timestamptz)"
      " ON CONFLICT (kind, old_id) DO UPDATE SET new_id = EXCLUDED.new_id"};
  Parameters p;
  p.Text(resource.kind).Text(old_id).Text(new_id);
  RETURN_IF_ERROR(transaction_.Execute(kFollow, p).status());
  p.Time(call_->now);
  parents_.erase({&resource, old_id});
  return transaction_.Execute(kAdd, p).status();
}

absl::StatusOr<store::Positions> Unit::Finish(const store::IdempotencyKey& key,
                                              const std::vector<std::string>& answer) {
  RETURN_IF_ERROR(Restamp());
  if (base::Planted("counter-outside-transaction")) {
    absl::StatusOr<store::Positions> positions = absl::UnavailableError("not run");
    const auto count = [&](postgres::Statements& counter) {
      positions = store::WriteFeedBeside(transaction_, counter, changes_, call_->actor(), key, answer);
      return positions.status();
    };
    RETURN_IF_ERROR(
        core_.options.reads->Run(core_.options.clock->Now() + absl::Seconds(10),
                                 [&](postgres::Session& other) { return other.Transact(count); }));
    return positions;
  }
  return store::WriteFeed(transaction_, changes_, call_->actor(), key, answer);
}

}  // namespace lianqiao::resource
