// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/upsert_items.h"

#include <algorithm>
#include <optional>
#include <set>

#include "lianqiao/type/v1/standard.pb.h"
#include "libs/base/ids.h"
#include "libs/resource/input.h"
#include "libs/resource/unit.h"

namespace lianqiao::resource {

using base::ErrorReason;
using contract::Field;
using type::v1::ExternalId;

namespace {

constexpr char kStandAlone[] = "records of one batch decide about each other";

// One record as it shall be, on its way into the unit.
struct Ready {
  UpsertItem* item = nullptr;
  const store::Row* before = nullptr;
  std::unique_ptr<Message> after;
  const char* operation = "CREATE";
};

// A batch speaks for the systems that it names; ids in others stay, in their order, so that two sources that
// know the same record do not take turns in dropping each other's ids.
void KeepOtherSystems(const ResourcePlan& resource, const Message& before, Message* given) {
  if (resource.external_ids == nullptr) return;
  const FieldDescriptor* field = resource.external_ids->descriptor;
  const auto entries = [&](const Message& record) {
    std::vector<ExternalId> ids;
    for (int i = 0; i < record.GetReflection()->FieldSize(record, field); ++i)
      ids.push_back(
          static_cast<const ExternalId&>(record.GetReflection()->GetRepeatedMessage(record, field, i)));
    return ids;
  };
  std::vector<ExternalId> wanted = entries(*given);
  std::set<std::string> named;
  for (const ExternalId& entry : wanted) named.insert(entry.system());
  std::vector<ExternalId> merged;
  for (const ExternalId& entry : entries(before)) {
    const auto same = std::find_if(wanted.begin(), wanted.end(), [&](const ExternalId& other) {
      return other.system() == entry.system() && other.id() == entry.id();
    });
    if (same != wanted.end()) {
      merged.push_back(*same);
      wanted.erase(same);
    } else if (named.count(entry.system()) == 0) {
      merged.push_back(entry);
    }
  }
  merged.insert(merged.end(), wanted.begin(), wanted.end());
  given->GetReflection()->ClearField(given, field);
  for (const ExternalId& entry : merged) given->GetReflection()->AddMessage(given, field)->CopyFrom(entry);
}

// A source that has not heard of a merge must not bring the retired record back to life, nor write what it
// believes of it over the one that took over.
absl::Status CheckNotReplaced(Unit& unit, const ResourcePlan& resource, const Message& stored) {
  if (resource.replaced_by == nullptr || TextOf(stored, *resource.replaced_by).empty())
    return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string successor, unit.SuccessorOf(resource, store::IdOf(resource, stored)));
  if (successor.empty()) return absl::OkStatus();  // The source's own history, not a merge of ours.
  return base::Fail(absl::StatusCode::kFailedPrecondition, ErrorReason::RECORD_REPLACED,
                    {{"successor", successor}});
}

absl::Status Taken(const ResourcePlan& resource, const UpsertItem& item) {
  return base::Fail(absl::StatusCode::kAlreadyExists, ErrorReason::ALREADY_EXISTS,
                    {{"kind", resource.kind},
                     {"kind_zh", resource.rule->label().zh()},
                     {"fields", item.by_id ? "id" : "externalIds"}});
}

absl::StatusOr<Ready> ReadyNew(const Call& call, const ResourcePlan& resource, UpsertItem& item) {
  // An id that we never gave cannot be upserted: only a source system's own id makes a record, and its id
  // is ours to make. Else a source could take the id under which another's record is going to come.
  if (item.by_id || (item.source_id.empty() && !item.own_id)) return NotFound(resource);
  std::unique_ptr<Message> given(item.given->New());
  given->CopyFrom(*item.given);
  given->GetReflection()->ClearField(given.get(), resource.id->descriptor);
  Violations violations;
  Ready ready;
  ready.item = &item;
  ready.after = NewRecord(call, resource, *given, item.path, &violations);
  CheckRecord(call, resource, nullptr, *ready.after, item.path, &violations);
  RETURN_IF_ERROR(base::FailIfAny(violations));
  Stamp(resource, item.id, 1, call.now, call.now, ready.after.get());
  return ready;
}

absl::StatusOr<Ready> ReadyDelete(EngineCore& core, Unit& unit, const ResourcePlan& resource,
                                  UpsertItem& item, const store::Row& row) {
  Ready ready;
  ready.item = &item;
  ready.before = &row;
  ready.operation = "DELETE";
  if (IsDeleted(resource, *row.record)) return ready;
  RETURN_IF_ERROR(CheckUnreferenced(unit, *core.options.contract, resource, item.id));
  ready.after.reset(row.record->New());
  ready.after->CopyFrom(*row.record);
  store::SetTimestamp(unit.call().now, ready.after->GetReflection()->MutableMessage(
                                           ready.after.get(), resource.delete_time->descriptor));
  StampNext(resource, *row.record, unit.call().now, ready.after.get());
  return ready;
}

// Without `after`: there is nothing to change.
absl::StatusOr<Ready> ReadyOne(EngineCore& core, Unit& unit, const ResourcePlan& resource, UpsertItem& item,
                               const store::Row* row) {
  RETURN_IF_ERROR(base::FailIfAny(item.violations));
  const Call& call = unit.call();
  const bool deletes = item.mode == UpsertItem::Mode::kDelete;
  if (row == nullptr) {
    if (deletes) return NotFound(resource);
    return ReadyNew(call, resource, item);
  }
  if (!unit.Reaches(resource, *row)) return NotFound(resource);
  RETURN_IF_ERROR(unit.Authorize(resource, *row));
  if (deletes) return ReadyDelete(core, unit, resource, item, *row);
  const bool revived = IsDeleted(resource, *row->record);
  if (item.mode == UpsertItem::Mode::kCreate && !revived) return Taken(resource, item);
  // A copy: the transaction may run again, on rows that have changed meanwhile.
  std::unique_ptr<Message> given(item.given->New());
  given->CopyFrom(*item.given);
  KeepOtherSystems(resource, *row->record, given.get());
  Violations violations;
  Ready ready;
  ready.item = &item;
  ready.before = row;
  ready.operation = revived ? "UNDELETE" : "UPDATE";
  ready.after = UpdatedRecord(call, resource, *row->record, *given, nullptr, item.path, &violations);
  ready.after->GetReflection()->ClearField(ready.after.get(), resource.delete_time->descriptor);
  CheckRecord(call, resource, row->record.get(), *ready.after, item.path, &violations);
  RETURN_IF_ERROR(base::FailIfAny(violations));
  if (!revived && ChangedFields(resource, *row->record, *ready.after).empty()) {
    ready.after.reset();
    return ready;
  }
  RETURN_IF_ERROR(CheckNotReplaced(unit, resource, *row->record));
  StampNext(resource, *row->record, call.now, ready.after.get());
  return ready;
}

UpsertItem::Outcome OutcomeOf(const Ready& ready) {
  if (ready.item->mode == UpsertItem::Mode::kDelete) return UpsertItem::Outcome::kDeleted;
  return ready.before == nullptr ? UpsertItem::Outcome::kCreated : UpsertItem::Outcome::kUpdated;
}

// OK if only this record is refused, for a reason that leaves the transaction usable; the database's own
// errors end it.
absl::Status Refuse(UpsertItem& item, const absl::Status& status, bool atomic) {
  if (postgres::DatabaseErrorOf(status).has_value() || absl::IsUnavailable(status) ||
      absl::IsInternal(status) || atomic)
    return status;
  item.outcome = UpsertItem::Outcome::kRefused;
  item.refusal = status;
  return absl::OkStatus();
}

bool ReferToEachOther(const ResourcePlan& resource, const std::vector<UpsertItem*>& items) {
  std::set<std::string> ids;
  for (const UpsertItem* item : items) ids.insert(item->id);
  for (const Field* field : store::References(resource)) {
    if (field->rule->reference() != resource.kind) continue;
    for (const UpsertItem* item : items) {
      if (item->given != nullptr && ids.count(TextOf(*item->given, *field)) > 0) return true;
    }
  }
  return false;
}

absl::StatusOr<std::map<std::string, store::Row>> LockRows(Unit& unit, const ResourcePlan& resource,
                                                           const std::vector<UpsertItem*>& items) {
  std::vector<std::string> ids;
  for (const UpsertItem* item : items) {
    if (base::IsId(item->id)) ids.push_back(item->id);
  }
  ASSIGN_OR_RETURN(std::vector<store::Row> rows, unit.LockAll(resource, ids));
  std::map<std::string, store::Row> stored;
  for (store::Row& row : rows) {
    std::string id = store::IdOf(resource, *row.record);
    stored.emplace(std::move(id), std::move(row));
  }
  return stored;
}

// Ids in place of "system:id" where records of followed services are named so; why not, by item.
absl::StatusOr<std::map<const UpsertItem*, absl::Status>> ResolveForeign(
    const EngineCore& core, Unit& unit, const ResourcePlan& resource, const std::vector<UpsertItem*>& items) {
  std::map<const UpsertItem*, absl::Status> unresolved;
  const std::vector<ForeignReference>& references = core.KindOf(resource).foreign;
  if (references.empty()) return unresolved;
  std::vector<UpsertItem*> named;
  std::vector<Message*> records;
  std::vector<std::string> paths;
  for (UpsertItem* item : items) {
    if (item->given == nullptr || item->mode == UpsertItem::Mode::kDelete) continue;
    named.push_back(item);
    records.push_back(item->given.get());
    paths.push_back(item->path);
  }
  RETURN_IF_ERROR(ResolveExternalReferences(
      unit.transaction(), references, records, paths,
      [&](size_t i, const ForeignReference&, absl::Status why) { unresolved[named[i]] = std::move(why); }));
  return unresolved;
}

}  // namespace

absl::Status StandAlone() {
  return absl::CancelledError(kStandAlone);
}

bool MustStandAlone(const absl::Status& status) {
  return absl::IsCancelled(status) && status.message() == kStandAlone;
}

absl::Status StageItems(EngineCore& core, Unit& unit, const ResourcePlan& resource,
                        const std::vector<UpsertItem*>& items, bool atomic, bool one_by_one) {
  ASSIGN_OR_RETURN(const auto unresolved, ResolveForeign(core, unit, resource, items));
  ASSIGN_OR_RETURN(const auto stored, LockRows(unit, resource, items));
  std::vector<Ready> all;
  std::vector<const Message*> records;
  const bool together = !one_by_one && items.size() > 1 && Unit::MayStageTogether(core.KindOf(resource)) &&
                        !ReferToEachOther(resource, items);
  const auto stage = [&](Ready& ready) -> absl::Status {
    UpsertItem& item = *ready.item;
    if (absl::Status status =
            unit.Stage(resource, ready.before, std::move(ready.after), ready.operation, item.path);
        !status.ok())
      return Refuse(item, status, atomic);
    item.outcome = OutcomeOf(ready);
    item.revision = store::RevisionOf(resource, *unit.changes().back().record);
    return absl::OkStatus();
  };
  for (UpsertItem* item : items) {
    item->outcome = UpsertItem::Outcome::kNone;
    item->refusal = absl::OkStatus();
    if (const auto why = unresolved.find(item); why != unresolved.end() && item->violations.empty()) {
      RETURN_IF_ERROR(Refuse(*item, why->second, atomic));
      continue;
    }
    const auto found = stored.find(item->id);
    auto ready = ReadyOne(core, unit, resource, *item, found == stored.end() ? nullptr : &found->second);
    if (!ready.ok()) {
      RETURN_IF_ERROR(Refuse(*item, ready.status(), atomic));
    } else if (ready->after == nullptr) {
      item->outcome = UpsertItem::Outcome::kUnchanged;
      item->revision = store::RevisionOf(resource, *found->second.record);
    } else if (together) {
      all.push_back(*std::move(ready));
      records.push_back(all.back().after.get());
    } else {
      RETURN_IF_ERROR(stage(*ready));
    }
  }
  if (all.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(unit.Prepare(resource, records));
  for (Ready& ready : all) RETURN_IF_ERROR(stage(ready));
  ASSIGN_OR_RETURN(const bool apart, unit.WriteTogether(resource));
  return apart ? absl::OkStatus() : StandAlone();
}

}  // namespace lianqiao::resource
