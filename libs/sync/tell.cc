// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/tell.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/mutant.h"
#include "libs/base/status.h"
#include "libs/resource/mask.h"
#include "libs/store/write.h"
#include "libs/sync/feed_service.h"

namespace lianqiao::sync {

using contract::Field;
using contract::Message;
using contract::Resource;
using postgres::Parameters;
using postgres::Query;

namespace {

// What `view` sees, or its reader saw, of a stamp.
bool Saw(const View& view, const feed::Scopes* former, const std::string& kind,
         const std::vector<std::string>& stamp) {
  if (!view.Admits(stamp)) return false;
  const feed::KindScopes* scopes = view.Find(kind);
  if (scopes != nullptr && scopes->Covers(stamp)) return true;
  if (former == nullptr) return false;
  const auto before = former->find(kind);
  return before != former->end() && before->second.Covers(stamp);
}

bool Sees(const View& view, const std::string& kind, const std::vector<std::string>& stamp) {
  return Saw(view, nullptr, kind, stamp);
}

// Where the records of a split came from: a field of this name, as `replaced_by` tells of a merge.
constexpr char kSplitFrom[] = "split_from_id";

absl::Status ReadSuccessors(postgres::Statements& statements, const Resource& resource,
                            const std::vector<std::string>& merged, const std::vector<std::string>& split,
                            PageState* state) {
  static const Query kRedirects{"redirects_of",
                                "SELECT old_id, new_id FROM redirect WHERE kind = $1"
                                " AND old_id = ANY((SELECT $2::text::uuid[])::uuid[])"};
  const auto add = [&](const postgres::Result& rows) {
    for (int i = 0; i < rows.rows(); ++i)
      state->successors[{resource.kind, rows.Text(i, 0)}].push_back(rows.Text(i, 1));
  };
  if (!merged.empty()) {
    ASSIGN_OR_RETURN(const postgres::Result rows,
                     statements.Execute(kRedirects, Parameters().Text(resource.kind).TextArray(merged)));
    add(rows);
  }
  if (split.empty() || resource.Find(kSplitFrom) == nullptr) return absl::OkStatus();
  const Query parts{absl::StrCat("parts_of_", resource.kind),
                    absl::StrCat("SELECT ", kSplitFrom, ", id FROM ", resource.kind, " WHERE ", kSplitFrom,
                                 " = ANY((SELECT $1::text::uuid[])::uuid[]) ORDER BY id LIMIT 1000")};
  ASSIGN_OR_RETURN(const postgres::Result rows, statements.Execute(parts, Parameters().TextArray(split)));
  add(rows);
  return absl::OkStatus();
}

// Fields by which other systems know a record.
bool IsKey(const Resource& resource, const Field& field) {
  if (field.is_personal() || field.descriptor->is_repeated() ||
      field.descriptor->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING)
    return false;
  switch (field.rule->format()) {
    case options::v1::FORMAT_DIVISION_CODE:
    case options::v1::FORMAT_SCHOOL_CODE:
    case options::v1::FORMAT_SOCIAL_CREDIT_CODE:
      return true;
    default:
      break;
  }
  return std::any_of(resource.rule->unique().begin(), resource.rule->unique().end(), [&](const auto& unique) {
    return std::find(unique.fields().begin(), unique.fields().end(), field.name) != unique.fields().end();
  });
}

absl::Status ReadKeyChanges(postgres::Statements& statements, const contract::Contract& contract,
                            const std::vector<const feed::ChangeRecord*>& changes, PageState* state) {
  if (changes.empty()) return absl::OkStatus();
  // The revision that a change made and the one before it.
  static const Query kStates{
      "states_around",
      "SELECT w.change_id, r.revision = w.revision, r.state FROM unnest($1::text::uuid[], $2::text::text[],"
      " $3::text::uuid[], $4::text::bigint[]) AS w (change_id, kind, id, revision) JOIN revision r"
      " ON r.kind = w.kind AND r.id = w.id AND r.revision IN (w.revision, w.revision - 1)"};
  std::vector<std::string> change_ids, kinds, ids, revisions;
  for (const feed::ChangeRecord* change : changes) {
    change_ids.push_back(change->change_id);
    kinds.push_back(change->kind);
    ids.push_back(change->id);
    revisions.push_back(absl::StrCat(change->revision));
  }
  ASSIGN_OR_RETURN(
      const postgres::Result rows,
      statements.Execute(
          kStates, Parameters().TextArray(change_ids).TextArray(kinds).TextArray(ids).TextArray(revisions)));
  std::unordered_map<std::string, std::pair<std::string, std::string>> around;  // Before, after.
  for (int i = 0; i < rows.rows(); ++i) {
    auto& pair = around[rows.Text(i, 0)];
    (rows.Boolean(i, 1) ? pair.second : pair.first) = rows.Bytes(i, 2);
  }
  for (const feed::ChangeRecord* change : changes) {
    const Resource& resource = *contract.FindKind(change->kind);
    const auto& [before_bytes, after_bytes] = around[change->change_id];
    std::unique_ptr<Message> before(resource.prototype->New());
    std::unique_ptr<Message> after(resource.prototype->New());
    if (!before->ParseFromString(before_bytes) || !after->ParseFromString(after_bytes))
      return absl::DataLossError("a revision of " + resource.kind + " cannot be read");
    for (const Field& field : resource.fields) {
      if (!IsKey(resource, field)) continue;
      const std::string old_value = before->GetReflection()->GetString(*before, field.descriptor);
      const std::string new_value = after->GetReflection()->GetString(*after, field.descriptor);
      if (old_value == new_value) continue;
      v1::KeyChange key;
      key.set_field(field.descriptor->json_name());
      key.set_old_value(old_value);
      key.set_new_value(new_value);
      state->key_changes[change->change_id].push_back(std::move(key));
    }
  }
  return absl::OkStatus();
}

void FillChange(const feed::ChangeRecord& change, v1::Change* told) {
  told->set_operation(change.operation);
  for (const std::string& field : change.changed_fields) told->add_changed_fields(field);
  store::SetTimestamp(change.time, told->mutable_time());
  told->set_actor(change.actor);
  told->set_request_id(change.request_id);
}

}  // namespace

namespace {

absl::StatusOr<PageState> ReadState(postgres::Statements& statements, const contract::Contract& contract,
                                    const std::vector<const feed::ChangeRecord*>& changes) {
  struct Ids {
    std::vector<std::string> all, merged, split;
  };
  std::map<std::string, Ids> by_kind;
  std::vector<const feed::ChangeRecord*> key_changes;
  for (const feed::ChangeRecord* change : changes) {
    if (contract.FindKind(change->kind) == nullptr) continue;  // Of a kind that the contract has no more.
    Ids& ids = by_kind[change->kind];
    ids.all.push_back(change->id);
    if (change->operation == "MERGE") ids.merged.push_back(change->id);
    if (change->operation == "SPLIT") ids.split.push_back(change->id);
    if (change->operation == "KEY_CHANGE") key_changes.push_back(change);
  }
  PageState state;
  for (auto& [kind, ids] : by_kind) {
    const Resource& resource = *contract.FindKind(kind);
    for (std::vector<std::string>* list : {&ids.all, &ids.merged, &ids.split}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
    ASSIGN_OR_RETURN(state.rows[kind], resource::ReadRows(statements, resource, ids.all));
    RETURN_IF_ERROR(ReadSuccessors(statements, resource, ids.merged, ids.split, &state));
  }
  RETURN_IF_ERROR(ReadKeyChanges(statements, contract, key_changes, &state));
  return state;
}

}  // namespace

absl::StatusOr<PageState> ReadPageState(postgres::Statements& statements, const contract::Contract& contract,
                                        const View& view, const feed::Scopes* former,
                                        const std::vector<feed::ChangeRecord>& changes) {
  std::vector<const feed::ChangeRecord*> seen;
  for (const feed::ChangeRecord& change : changes) {
    if (Saw(view, former, change.kind, change.scope_before) || Sees(view, change.kind, change.scope_after))
      seen.push_back(&change);
  }
  return ReadState(statements, contract, seen);
}

absl::StatusOr<PageState> ReadWholeState(postgres::Statements& statements, const contract::Contract& contract,
                                         const std::vector<feed::ChangeRecord>& changes) {
  std::vector<const feed::ChangeRecord*> all;
  for (const feed::ChangeRecord& change : changes) all.push_back(&change);
  return ReadState(statements, contract, all);
}

std::string ServiceOf(const Resource& resource) {
  return ServiceName(resource.descriptor->file()->package());
}

bool Shows(const View& view, const feed::KindScopes& scopes, const store::Row& row) {
  return scopes.Covers(row.scope) && view.Admits(row.scope);
}

void PackRecord(const View& view, const Resource& resource, const store::Row& row, google::protobuf::Any* any,
                PersonalReads* personal_reads) {
  any->set_type_url("type.googleapis.com/" + resource.descriptor->full_name());
  const Message* shown = row.record.get();
  std::unique_ptr<Message> masked;
  if (resource::HasHiddenFields(resource)) {
    if (view.Find(resource.kind)->CoversPersonal(row.scope)) {
      if (resource::HoldsPersonal(resource, *shown))
        (*personal_reads)[resource.kind].insert(store::IdOf(resource, *shown));
    } else {
      masked.reset(shown->New());
      masked->CopyFrom(*shown);
      resource::HideFields(resource, masked.get());
      shown = masked.get();
    }
  }
  shown->SerializeToString(any->mutable_value());
}

namespace {

const resource::Rows* RowsOf(const PageState& state, const std::string& kind) {
  const auto found = state.rows.find(kind);
  return found == state.rows.end() ? nullptr : &found->second;
}

const store::Row* RowOf(const resource::Rows* rows, const std::string& id) {
  if (rows == nullptr) return nullptr;
  const auto found = rows->by_id.find(id);
  return found == rows->by_id.end() ? nullptr : &found->second;
}

void AddIdentities(const feed::ChangeRecord& change, const PageState& state, v1::Change* told) {
  const auto heirs = state.successors.find({change.kind, change.id});
  if (heirs != state.successors.end() && (change.operation == "MERGE" || change.operation == "SPLIT")) {
    for (const std::string& id : heirs->second) told->add_successor_ids(id);
  }
  const auto keys = state.key_changes.find(change.change_id);
  if (keys == state.key_changes.end()) return;
  for (const v1::KeyChange& key : keys->second) *told->add_key_changes() = key;
}

}  // namespace

bool IsMoving(const feed::KindScopes& scopes, const Resource& resource, const resource::Moves& moves,
              const store::Row& row) {
  return !moves.empty() &&
         std::none_of(scopes.changes.begin(), scopes.changes.end(),
                      [&](const store::Scope& scope) { return moves.AllowReading(resource, row, scope); });
}

Told Tell(const View& view, const feed::Scopes* former, const Resource& resource,
          const feed::ChangeRecord& change, const PageState& state, v1::Change* told,
          PersonalReads* personal_reads) {
  // A scope of everything covers the empty stamp of what was not there before, too.
  const bool before = change.revision > 1 && Saw(view, former, change.kind, change.scope_before);
  if (!before && !Sees(view, change.kind, change.scope_after)) return Told::kNothing;
  const resource::Rows* rows = RowsOf(state, change.kind);
  const store::Row* row = RowOf(rows, change.id);
  const feed::KindScopes* scopes = view.Find(change.kind);
  const bool covered = row != nullptr && scopes != nullptr && Shows(view, *scopes, *row);
  const bool deleted = row != nullptr &&
                       row->record->GetReflection()->HasField(*row->record, resource.delete_time->descriptor);
  const bool shown = covered && !deleted;
  if (shown && IsMoving(*scopes, resource, rows->moves, *row)) return Told::kNotYet;
  if (!shown && !before) return Told::kNothing;  // Came and went before it was read.
  told->set_service(ServiceOf(resource));
  told->set_kind(change.kind);
  told->set_id(change.id);
  told->set_revision(row == nullptr ? change.revision : store::RevisionOf(resource, *row->record));
  told->set_bucket(change.bucket);
  told->set_position(change.pos);
  told->set_change_id(change.change_id);
  if (!covered && base::Planted("missing-leave")) return Told::kNothing;
  if (!covered) {  // Whoever may not see the record any more learns nothing else of it.
    told->set_event(v1::Change::EVENT_LEAVE);
    return Told::kChange;
  }
  FillChange(change, told);
  AddIdentities(change, state, told);
  if (deleted) {
    told->set_event(v1::Change::EVENT_DELETE);
    return Told::kChange;
  }
  told->set_event(before ? v1::Change::EVENT_UPSERT : v1::Change::EVENT_ENTER);
  PackRecord(view, resource, *row, told->mutable_record(), personal_reads);
  PackScopes(view, *row, told);
  return Told::kChange;
}

}  // namespace lianqiao::sync
