// SPDX-License-Identifier: Apache-2.0
// Create, Update, Delete, Undelete and transitions.
#include <google/protobuf/field_mask.pb.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/ids.h"
#include "libs/base/limits.h"
#include "libs/resource/input.h"
#include "libs/resource/unit.h"

namespace lianqiao::resource {

using base::ErrorReason;
using contract::Field;

namespace {

const Message& GivenRecord(const Call& call) {
  return call.request->GetReflection()->GetMessage(*call.request, call.method->record);
}

// The one-statement path stores one answer entry: the record itself.
std::string EntryOf(const ResourcePlan& resource, const Message& record) {
  return absl::StrCat(":", resource.kind, ":", store::IdOf(resource, record), ":",
                      store::RevisionOf(resource, record));
}

absl::StatusOr<rpc::Reply> ReplyMasked(const Call& call, std::unique_ptr<Message> record,
                                       const store::Position& position) {
  const store::Positions positions = {position};
  Mask(call, *call.method->resource, nullptr, record.get());
  return ReplyOf(*record, call, positions);
}

}  // namespace

absl::StatusOr<rpc::Reply> EngineCore::Create(postgres::Session& session, const Call& call) {
  const ResourcePlan& resource = *call.method->resource;
  const Kind& kind = KindOf(resource);
  const std::string path = call.method->record->json_name();
  Violations violations;
  std::unique_ptr<Message> record = NewRecord(call, resource, GivenRecord(call), path, &violations);
  CheckRecord(call, resource, nullptr, *record, path, &violations);
  RETURN_IF_ERROR(base::FailIfAny(violations));
  Stamp(resource, base::NewId(call.now), 1, call.now, call.now, record.get());
  const store::IdempotencyKey key = KeyOf(call);
  bool alone = !kind.transact_always && !kind.foreign_scope && !NeedsFacts(kind, record.get()) &&
               !call.Flag("validate_only") && key.request_id.size() <= base::kRequestIdCharactersMax &&
               !Imports(call, resource, nullptr, *record);
  if (alone) {
    const absl::Status pure = CheckPure(call, kind, nullptr, *record, path);
    // A repetition is answered before any rule is asked, and rules change with the day.
    if (!pure.ok() && key.request_id.empty()) return pure;
    alone = pure.ok();
  }
  if (alone && !kind.foreign.empty()) {
    ASSIGN_OR_RETURN(alone, ForeignRecords().AllStand(session, kind.foreign, *record));
  }
  if (alone) {
    store::Change change;
    change.resource = &resource;
    change.operation = "CREATE";
    change.record = record.get();
    ASSIGN_OR_RETURN(change.bucket, BucketOf(session, resource, *record));
    store::CreateAuthority authority;
    authority.write = call.scope;
    for (const Field* reference : store::References(resource))
      authority.read.push_back(
          call.ScopeFor(*options.contract->FindKind(reference->rule->reference()), "read"));
    auto position = store::CreateInOneStatement(session, change, authority, call.actor(), key,
                                                EntryOf(resource, *record));
    if (position.ok() && position->has_value()) return ReplyMasked(call, std::move(record), **position);
    // Anything else is looked at closely, under lock: a known key, a reference gone or retired, no right, a
    // collision.
    const bool explainable = position.ok() || absl::IsAlreadyExists(position.status()) ||
                             absl::IsFailedPrecondition(position.status()) ||
                             absl::IsAborted(position.status());
    const bool repeatable = absl::IsUnknown(position.status()) && !key.request_id.empty();
    if (!explainable && !repeatable) return position.status();
  }
  return RunUnit(*this, session, call, [&](Unit& unit) -> absl::StatusOr<std::unique_ptr<Message>> {
    std::unique_ptr<Message> again(record->New());
    again->CopyFrom(*record);
    RETURN_IF_ERROR(unit.Stage(resource, nullptr, std::move(again), "CREATE", path));
    std::unique_ptr<Message> answer(record->New());
    answer->CopyFrom(*unit.changes().front().record);
    return answer;
  });
}

namespace {

bool InState(const Message& record, const Field& state,
             const google::protobuf::RepeatedPtrField<std::string>& names) {
  const std::string name = contract::ShortName(*record.GetReflection()->GetEnum(record, state.descriptor));
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Names of the contract, and its labels for people.
absl::Status WrongState(const Field& state, const google::protobuf::EnumValueDescriptor& now,
                        const options::v1::TransitionRule& rule) {
  const auto label = [](const google::protobuf::EnumValueDescriptor& value) {
    return value.options().GetExtension(options::v1::label).zh();
  };
  std::vector<std::string> allowed_zh;
  const auto* type = state.descriptor->enum_type();
  for (int i = 0; i < type->value_count(); ++i) {
    const auto& value = *type->value(i);
    if (std::find(rule.from().begin(), rule.from().end(), contract::ShortName(value)) != rule.from().end())
      allowed_zh.push_back(label(value));
  }
  return base::Fail(absl::StatusCode::kFailedPrecondition, ErrorReason::WRONG_STATE,
                    {{"state", contract::ShortName(now)},
                     {"state_zh", label(now)},
                     {"allowed", absl::StrJoin(rule.from(), ", ")},
                     {"allowed_zh", absl::StrJoin(allowed_zh, "、")}});
}

// Whether a record can come to this step again by others of its state: then the date that it left last time
// is no date of people's.
bool MayRecur(const contract::Contract& contract, const Method& step) {
  const options::v1::TransitionRule& rule = *step.transition;
  std::set<std::string> reached = {rule.to()};
  for (bool grows = true; grows;) {
    grows = false;
    for (const auto& method : contract.methods()) {
      if (method->resource != step.resource || method->transition == nullptr ||
          method->transition->field() != rule.field())
        continue;
      const auto& from = method->transition->from();
      const bool open =
          std::any_of(from.begin(), from.end(), [&](const auto& state) { return reached.count(state) > 0; });
      grows = (open && reached.insert(method->transition->to()).second) || grows;
    }
  }
  return std::any_of(rule.from().begin(), rule.from().end(),
                     [&](const auto& state) { return reached.count(state) > 0; });
}

// The day of the step: the one given, else today. A day behind us that people wrote themselves (a school
// founded long ago) stays.
std::string DayOf(const contract::Contract& contract, const Call& call, const Field& field,
                  const Message& before) {
  const std::string given = call.Text("effective_on");
  if (!given.empty()) return given;
  const std::string written = field.platform_written ? "" : TextOf(before, field);
  const bool stands = !written.empty() && written <= call.today() && !MayRecur(contract, *call.method);
  return stands ? written : call.today();
}

absl::StatusOr<std::unique_ptr<Message>> Transitioned(const contract::Contract& contract, const Call& call,
                                                      const ResourcePlan& resource, const Message& before) {
  const options::v1::TransitionRule& rule = *call.method->transition;
  const Field& state = *resource.Find(rule.field());
  const auto& reflection = *before.GetReflection();
  if (!InState(before, state, rule.from()))
    return WrongState(state, *reflection.GetEnum(before, state.descriptor), rule);
  Violations violations;
  contract::Validate(*call.request, "", &violations);
  if (!rule.reason_field().empty() && call.Text("reason").empty())
    violations.push_back(base::Refuse("reason", ErrorReason::FIELD_REQUIRED));
  RETURN_IF_ERROR(base::FailIfAny(violations));
  std::unique_ptr<Message> after(before.New());
  after->CopyFrom(before);
  const auto* type = state.descriptor->enum_type();
  for (int i = 0; i < type->value_count(); ++i)
    if (contract::ShortName(*type->value(i)) == rule.to())
      reflection.SetEnum(after.get(), state.descriptor, type->value(i));
  if (!rule.date_field().empty()) {
    const Field& field = *resource.Find(rule.date_field());
    reflection.SetString(after.get(), field.descriptor, DayOf(contract, call, field, before));
  }
  if (!rule.reason_field().empty())
    reflection.SetString(after.get(), resource.Find(rule.reason_field())->descriptor, call.Text("reason"));
  return after;
}

absl::StatusOr<std::unique_ptr<Message>> Updated(const Call& call, const ResourcePlan& resource,
                                                 const Message& before) {
  const Message& given = GivenRecord(call);
  const FieldDescriptor* mask_field = call.request->GetDescriptor()->FindFieldByName("update_mask");
  const google::protobuf::FieldMask* mask = nullptr;
  if (call.request->GetReflection()->HasField(*call.request, mask_field))
    mask = &static_cast<const google::protobuf::FieldMask&>(
        call.request->GetReflection()->GetMessage(*call.request, mask_field));
  const std::string path = call.method->record->json_name();
  Violations violations;
  std::unique_ptr<Message> after = UpdatedRecord(call, resource, before, given, mask, path, &violations);
  CheckRecord(call, resource, &before, *after, path, &violations);
  RETURN_IF_ERROR(base::FailIfAny(violations));
  return after;
}

// The record as the method wants it.
absl::StatusOr<std::unique_ptr<Message>> Wanted(const contract::Contract& contract, const Call& call,
                                                const ResourcePlan& resource, const Message& before) {
  if (call.method->standard == Standard::kUpdate) return Updated(call, resource, before);
  if (call.method->standard == Standard::kTransition) return Transitioned(contract, call, resource, before);
  std::unique_ptr<Message> after(before.New());
  after->CopyFrom(before);
  const FieldDescriptor* field = resource.delete_time->descriptor;
  if (call.method->standard == Standard::kDelete) {
    store::SetTimestamp(call.now, after->GetReflection()->MutableMessage(after.get(), field));
  } else {
    after->GetReflection()->ClearField(after.get(), field);
  }
  return after;
}

const char* OperationOf(const Call& call) {
  if (call.method->standard == Standard::kDelete) return "DELETE";
  return call.method->standard == Standard::kUndelete ? "UNDELETE" : "UPDATE";
}

std::string TargetId(const Call& call, const ResourcePlan& resource) {
  return call.method->record == nullptr ? call.Text("id") : TextOf(GivenRecord(call), *resource.id);
}

// Deleted records answer NOT_FOUND to everything but Undelete; Undelete of a living one changes nothing.
absl::Status CheckLife(const Call& call, const ResourcePlan& resource, const Message& stored) {
  const bool undelete = call.method->standard == Standard::kUndelete;
  if (IsDeleted(resource, stored) && !undelete) return NotFound(resource);
  return absl::OkStatus();
}

// Whether path (a) may write this change: no rule on stored rows, and nothing others depend on moves.
bool StandsAlone(const Call& call, const Kind& kind, const Message& after,
                 const std::vector<std::string>& changed) {
  const ResourcePlan& resource = *kind.resource;
  if (kind.transact_always || NeedsFacts(kind, &after) || call.Flag("validate_only")) return false;
  if (call.method->access->party_fields_size() > 0) return false;
  const bool life =
      call.method->standard == Standard::kDelete || call.method->standard == Standard::kUndelete;
  if (life && (resource.has_children || call.method->standard == Standard::kUndelete ||
               !kind.deletion_checks.empty()))
    return false;
  for (const std::string& name : changed) {
    const Field& field = *resource.Find(name);
    if (&field == resource.external_ids || !field.rule->reference().empty()) return false;
    const auto names_kind = [&](const ForeignReference& reference) { return reference.kind_field == &field; };
    if (std::any_of(kind.foreign.begin(), kind.foreign.end(), names_kind)) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<rpc::Reply> EngineCore::Change(postgres::Session& session, const Call& call) {
  const ResourcePlan& resource = *call.method->resource;
  const Kind& kind = KindOf(resource);
  if (call.method->standard == Standard::kTransition) {  // Before its hash is taken.
    Violations violations;
    contract::NormaliseText(call.request.get(), "", &violations);
    RETURN_IF_ERROR(base::FailIfAny(violations));
  }
  const std::string id = TargetId(call, resource);
  const std::string path = call.method->record == nullptr ? "" : call.method->record->json_name();
  if (!base::IsId(id))
    return base::FailIfAny({base::Refuse(
        path.empty() ? "id" : path + ".id",
        id.empty() ? ErrorReason::FIELD_REQUIRED : ErrorReason::FIELD_BAD_FORMAT, {{"expected", "UUID"}})});
  const store::IdempotencyKey key = KeyOf(call);
  const bool may_stand_alone = !kind.transact_always && !NeedsFacts(kind, nullptr) &&
                               !call.Flag("validate_only") &&
                               key.request_id.size() <= base::kRequestIdCharactersMax;
  if (may_stand_alone) {
    auto reply = ChangeAlone(session, call, id, path, key);
    if (!reply.ok() || reply->has_value()) {
      if (!reply.ok()) return std::move(reply).status();
      return **std::move(reply);
    }
  }
  return RunUnit(*this, session, call, [&](Unit& unit) -> absl::StatusOr<std::unique_ptr<Message>> {
    ASSIGN_OR_RETURN(store::Row row, unit.Lock(resource, id));
    RETURN_IF_ERROR(CheckLife(call, resource, *row.record));
    RETURN_IF_ERROR(unit.Authorize(resource, row));
    RETURN_IF_ERROR(CheckEtag(call, resource, *row.record));
    ASSIGN_OR_RETURN(std::unique_ptr<Message> after, Wanted(*options.contract, call, resource, *row.record));
    const bool life =
        call.method->standard == Standard::kDelete || call.method->standard == Standard::kUndelete;
    const bool idle = call.method->standard == Standard::kUndelete && !IsDeleted(resource, *row.record);
    if (idle || (!life && ChangedFields(resource, *row.record, *after).empty())) return std::move(row.record);
    if (call.method->standard == Standard::kDelete)
      RETURN_IF_ERROR(CheckUnreferenced(unit, *options.contract, resource, id));
    StampNext(resource, *row.record, call.now, after.get());
    RETURN_IF_ERROR(unit.Stage(resource, &row, std::move(after), OperationOf(call), path));
    std::unique_ptr<Message> answer(resource.prototype->New());
    answer->CopyFrom(*unit.changes().front().record);
    return answer;
  });
}

absl::StatusOr<std::optional<rpc::Reply>> EngineCore::ChangeAlone(postgres::Session& session,
                                                                  const Call& call, const std::string& id,
                                                                  const std::string& path,
                                                                  const store::IdempotencyKey& key) {
  const ResourcePlan& resource = *call.method->resource;
  const Kind& kind = KindOf(resource);
  const postgres::Query query{
      "get_" + resource.kind,
      absl::StrCat("SELECT ", store::SelectColumns(resource, "t"), ", ", Moves::kAnySql, " FROM ",
                   resource.kind, " t WHERE t.id = ANY((SELECT $1::text::uuid[])::uuid[])")};
  ASSIGN_OR_RETURN(const postgres::Result found,
                   session.Execute(query, postgres::Parameters().TextArray({id})));
  if (found.rows() == 0) return NotFound(resource);
  // What hangs on a moved record is looked at with care.
  if (found.Boolean(0, found.columns() - 1)) return std::optional<rpc::Reply>();
  ASSIGN_OR_RETURN(store::Row row, store::DecodeRow(resource, found, 0));
  const bool readable =
      call.ScopeFor(resource, "read").Covers(row.scope) || call.scope.Covers(row.write_scope);
  if (!readable) return NotFound(resource);
  // A repetition finds the record already changed: the stored answer decides first, in the careful path.
  if (IsDeleted(resource, *row.record)) return std::optional<rpc::Reply>();
  if (IsErased(resource, *row.record)) return std::optional<rpc::Reply>();
  if (!call.scope.Covers(row.write_scope)) return std::optional<rpc::Reply>();
  if (!CheckEtag(call, resource, *row.record).ok()) return std::optional<rpc::Reply>();
  auto wanted = Wanted(*options.contract, call, resource, *row.record);
  if (!wanted.ok())
    return key.request_id.empty() ? absl::StatusOr<std::optional<rpc::Reply>>(wanted.status())
                                  : std::optional<rpc::Reply>();
  std::unique_ptr<Message> after = *std::move(wanted);
  const std::vector<std::string> changed = ChangedFields(resource, *row.record, *after);
  const bool life = call.method->standard == Standard::kDelete;
  if ((changed.empty() && !life) || !StandsAlone(call, kind, *after, changed))
    return std::optional<rpc::Reply>();
  StampNext(resource, *row.record, call.now, after.get());
  if (!life) {
    const absl::Status pure = CheckPure(call, kind, row.record.get(), *after, path);
    if (!pure.ok() && key.request_id.empty()) return pure;
    if (!pure.ok()) return std::optional<rpc::Reply>();
  }
  store::Change change;
  change.resource = &resource;
  change.operation = OperationOf(call);
  change.record = after.get();
  change.bucket = row.bucket;
  change.changed_fields = changed;
  const auto position =
      store::UpdateInOneStatement(session, change, call.actor(), key, EntryOf(resource, *after));
  // Whether it was written is unknown: the stored answer of the key tells, in the careful path, which also
  // finds out what a collision may be told.
  const bool repeatable = (absl::IsUnknown(position.status()) && !key.request_id.empty()) ||
                          absl::IsAlreadyExists(position.status());
  if (!position.ok() && !repeatable) return position.status();
  if (repeatable || !position->has_value()) return std::optional<rpc::Reply>();
  ASSIGN_OR_RETURN(rpc::Reply reply, ReplyMasked(call, std::move(after), **position));
  return std::optional<rpc::Reply>(std::move(reply));
}

absl::Status CheckPure(const Call& call, const Kind& kind, const Message* before, const Message& after,
                       const std::string& path) {
  Facts facts;
  facts.set_today(call.today());
  facts.set_method(call.method->descriptor->name());
  Violations violations;
  for (const Check& check : kind.checks) {
    for (base::Violation& violation : check(before, after, facts)) {
      PlaceViolation(*kind.resource, path, &violation);
      violations.push_back(std::move(violation));
    }
  }
  const bool transition = call.method->standard == Standard::kTransition;
  return base::FailIfAny(
      transition ? absl::StatusCode::kFailedPrecondition : absl::StatusCode::kInvalidArgument, violations);
}

void PlaceViolation(const ResourcePlan& resource, const std::string& path, base::Violation* violation) {
  // A rule names the field as the contract does; the path of the request comes from the engine.
  const Field* field = resource.Find(violation->field());
  if (field != nullptr) {
    violation->set_field(contract::PathOf(path, *field->descriptor));
  } else if (!path.empty()) {
    violation->set_field(absl::StrCat(path, violation->field().empty() ? "" : ".", violation->field()));
  }
}

}  // namespace lianqiao::resource
