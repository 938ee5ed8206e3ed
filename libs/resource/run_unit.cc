// SPDX-License-Identifier: Apache-2.0
// The frame around every transaction of the engine: repetition, validate_only, unknown outcomes,
// explanations.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/limits.h"
#include "libs/resource/past.h"
#include "libs/resource/unit.h"

namespace lianqiao::resource {

using base::ErrorReason;
using postgres::Parameters;
using postgres::Query;

namespace {

// Ends a transaction that must leave nothing behind.
absl::Status RollBack() {
  return absl::CancelledError("validate_only");
}

std::string Entry(const ResourcePlan& resource, const std::string& field, const Message& record) {
  return absl::StrCat(field, ":", resource.kind, ":", store::IdOf(resource, record), ":",
                      store::RevisionOf(resource, record));
}

}  // namespace

std::vector<std::string> AnswerOf(const contract::Contract& contract, const Message& response) {
  if (const ResourcePlan* whole = contract.FindMessage(response.GetDescriptor()))
    return {Entry(*whole, "", response)};
  std::vector<std::string> entries;
  for (int i = 0; i < response.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = response.GetDescriptor()->field(i);
    const ResourcePlan* resource =
        field->message_type() == nullptr ? nullptr : contract.FindMessage(field->message_type());
    if (resource == nullptr) continue;
    const auto& reflection = *response.GetReflection();
    if (!field->is_repeated()) {
      if (reflection.HasField(response, field))
        entries.push_back(Entry(*resource, field->name(), reflection.GetMessage(response, field)));
      continue;
    }
    for (int k = 0; k < reflection.FieldSize(response, field); ++k)
      entries.push_back(Entry(*resource, field->name(), reflection.GetRepeatedMessage(response, field, k)));
  }
  return entries;
}

absl::StatusOr<rpc::Reply> EngineCore::Replay(postgres::Statements& statements, const Call& call,
                                              const store::IdempotencyKey& key,
                                              const store::StoredAnswer& answer) {
  static const Query kState{"replayed_state",
                            "SELECT state FROM revision WHERE kind = $1 AND id = $2::uuid AND revision = $3"};
  if (answer.method != key.method || answer.request_hash != key.request_hash)
    return base::Fail(absl::StatusCode::kAlreadyExists, ErrorReason::REQUEST_ID_REUSED);
  std::unique_ptr<Message> response(google::protobuf::MessageFactory::generated_factory()
                                        ->GetPrototype(call.method->descriptor->output_type())
                                        ->New());
  for (const std::string& entry : answer.answer) {
    const std::vector<std::string> parts = absl::StrSplit(entry, ':');
    const ResourcePlan* resource = parts.size() == 4 ? options.contract->FindKind(parts[1]) : nullptr;
    if (resource == nullptr) return absl::DataLossError("a stored answer cannot be read: " + entry);
    ASSIGN_OR_RETURN(const postgres::Result row,
                     statements.Execute(kState, Parameters().Text(parts[1]).Text(parts[2]).Integer(
                                                    std::atoll(parts[3].c_str()))));
    if (row.rows() == 0) return NotFound(*resource);
    ASSIGN_OR_RETURN(std::unique_ptr<Message> record, FromState(*resource, row.Bytes(0, 0)));
    Mask(call, *resource, record.get());
    if (parts[0].empty()) {
      response = std::move(record);
      continue;
    }
    const FieldDescriptor* field = response->GetDescriptor()->FindFieldByName(parts[0]);
    Message* target = field->is_repeated() ? response->GetReflection()->AddMessage(response.get(), field)
                                           : response->GetReflection()->MutableMessage(response.get(), field);
    target->CopyFrom(*record);
  }
  rpc::Reply reply = ReplyOf(*response, call, answer.position);
  reply.metadata.emplace_back(rpc::kReplayed, "true");
  return reply;
}

namespace {

// Unique values given in `record` that another row holds: is that row visible to the caller?
absl::StatusOr<bool> HolderIsVisible(postgres::Session& session, const Call& call,
                                     const ResourcePlan& resource, const options::v1::UniqueRule& rule,
                                     const Message& record) {
  Parameters p;
  std::vector<std::string> where = {"delete_time IS NULL"};
  for (const std::string& name : rule.fields()) {
    const contract::Field& field = *resource.Find(name);
    const auto value = store::EncodeField(record, field);
    if (!value.has_value()) return true;
    p.Text(*value);
    where.push_back(absl::StrCat(name, " = $", p.size(), "::", store::SqlType(field)));
  }
  const Query query{"holder_" + rule.name(), absl::StrCat("SELECT scope FROM ", resource.kind, " WHERE ",
                                                          absl::StrJoin(where, " AND "))};
  ASSIGN_OR_RETURN(const postgres::Result rows, session.Execute(query, p));
  return rows.rows() == 0 || call.ScopeFor(resource, "read").Covers(rows.TextArray(0, 0));
}

}  // namespace

absl::Status Explain(EngineCore& core, const Call& call, const absl::Status& status) {
  const auto error = postgres::DatabaseErrorOf(status);
  if (!error.has_value()) return status;
  if (error->constraint == "external_id_unique")
    return base::Fail(absl::StatusCode::kAlreadyExists, ErrorReason::ALREADY_EXISTS,
                      {{"kind", call.method->resource == nullptr ? "record" : call.method->resource->kind},
                       {"fields", "externalIds"}});
  for (const auto& resource : core.options.contract->resources()) {
    for (const auto& unique : resource->rule->unique()) {
      if (unique.name() != error->constraint) continue;
      std::vector<std::string> fields;
      for (const std::string& name : unique.fields())
        fields.push_back(resource->Find(name)->descriptor->json_name());
      return base::Fail(absl::StatusCode::kAlreadyExists, ErrorReason::ALREADY_EXISTS,
                        {{"kind", resource->kind},
                         {"kind_zh", resource->rule->label().zh()},
                         {"fields", absl::StrJoin(fields, ", ")}});
    }
  }
  return status;
}

namespace {

// A collision with a record that the caller may not see answers as a missing reference does: nothing is told.
absl::Status HideInvisible(EngineCore& core, postgres::Session& session, const Call& call,
                           const absl::Status& status, const Message* record) {
  const auto error = postgres::DatabaseErrorOf(status);
  const ResourcePlan* resource = call.method->resource;
  if (error.has_value() && record != nullptr && resource != nullptr) {
    for (const auto& unique : resource->rule->unique()) {
      if (unique.name() != error->constraint) continue;
      ASSIGN_OR_RETURN(const bool visible, HolderIsVisible(session, call, *resource, unique, *record));
      if (!visible) {
        const contract::Field& field = *resource->Find(unique.fields(0));
        return base::FailIfAny({base::Refuse(
            contract::PathOf(call.method->record == nullptr ? "" : call.method->record->json_name(),
                             *field.descriptor),
            ErrorReason::REFERENCE_NOT_FOUND,
            {{"kind", resource->kind}, {"kind_zh", resource->rule->label().zh()}})});
      }
    }
  }
  return Explain(core, call, status);
}

}  // namespace

absl::StatusOr<rpc::Reply> RunUnit(
    EngineCore& core, postgres::Session& session, const Call& call,
    const std::function<absl::StatusOr<std::unique_ptr<Message>>(Unit&)>& body) {
  const store::IdempotencyKey key = core.KeyOf(call);
  if (key.request_id.size() > base::kRequestIdCharactersMax)
    return base::FailIfAny({base::Refuse("requestId", ErrorReason::FIELD_TOO_LONG,
                                         {{"max", absl::StrCat(base::kRequestIdCharactersMax)}})});
  const bool validate_only = call.Flag("validate_only");
  rpc::Reply reply;
  std::unique_ptr<Message>
      collided;  // The staged record, for explaining a unique violation after the rollback.
  const auto run = [&](postgres::Statements& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto known, store::FindAnswer(transaction, key));
    if (known.has_value()) {
      ASSIGN_OR_RETURN(reply, core.Replay(transaction, call, key, *known));
      return absl::OkStatus();
    }
    Unit unit(core, transaction, call);
    ASSIGN_OR_RETURN(std::unique_ptr<Message> response, body(unit));
    const std::vector<std::string> answer = AnswerOf(*core.options.contract, *response);
    const bool nothing = unit.empty();
    store::Position position;
    if (!nothing) {
      ASSIGN_OR_RETURN(position, unit.Finish(key, answer));
    }
    if (call.method->resource != nullptr && response->GetDescriptor() == call.method->resource->descriptor)
      Mask(call, *call.method->resource, response.get());
    reply = nothing ? ReplyOf(*response) : ReplyOf(*response, call, position);
    return validate_only ? RollBack() : absl::OkStatus();
  };
  absl::Status status = session.Transact(run);
  // Nobody knows whether COMMIT arrived: the same key tells, and without one the client must decide.
  if (absl::IsUnknown(status) && !key.request_id.empty()) status = session.Transact(run);
  if (validate_only && absl::IsCancelled(status)) {
    reply.metadata.clear();
    return reply;
  }
  if (absl::IsAlreadyExists(status) && !key.request_id.empty()) {
    // Perhaps the same call, running twice at once: its twin's answer is ours.
    ASSIGN_OR_RETURN(const auto known, store::FindAnswer(session, key));
    if (known.has_value()) return core.Replay(session, call, key, *known);
  }
  if (status.ok()) return reply;
  const Message* record = nullptr;
  if (call.method->record != nullptr && !call.method->record->is_repeated())
    record = &call.request->GetReflection()->GetMessage(*call.request, call.method->record);
  return HideInvisible(core, session, call, status, record);
}

}  // namespace lianqiao::resource
