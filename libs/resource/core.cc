// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/core.h"

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"

namespace lianqiao::resource {

using base::ErrorReason;
using contract::Field;
using google::protobuf::FieldMask;
using google::protobuf::util::FieldMaskUtil;

namespace {

const FieldDescriptor* RequestField(const Call& call, const std::string& name) {
  return call.request->GetDescriptor()->FindFieldByName(name);
}

}  // namespace

store::Actor Call::actor() const {
  return {caller.client_id, caller.acting_person, context->request_id, context->trace_id, now};
}

store::Scope Call::ScopeFor(const ResourcePlan& resource, const std::string& right) const {
  store::Scope found = caller.ScopeFor(absl::StrCat(resource.rule->permission(), ".", right), now);
  // The platform's own records (calendars) are read by everybody with the right, wherever their grant lies.
  if (resource.rule->scope().platform() && right != "write" && !found.empty()) found.everything = true;
  return found;
}

std::string Call::Text(const std::string& field) const {
  const FieldDescriptor* descriptor = RequestField(*this, field);
  return descriptor == nullptr ? std::string() : request->GetReflection()->GetString(*request, descriptor);
}

bool Call::Flag(const std::string& field) const {
  const FieldDescriptor* descriptor = RequestField(*this, field);
  return descriptor != nullptr && request->GetReflection()->GetBool(*request, descriptor);
}

absl::Status NotFound(const ResourcePlan& resource) {
  return base::Fail(absl::StatusCode::kNotFound, ErrorReason::RESOURCE_NOT_FOUND,
                    {{"kind", resource.kind}, {"kind_zh", resource.rule->label().zh()}});
}

absl::Status Denied(const Call& call) {
  return base::Fail(absl::StatusCode::kPermissionDenied, ErrorReason::PERMISSION_DENIED,
                    {{"permission", call.method->permission}});
}

rpc::Reply ReplyOf(const Message& message) {
  return {message.SerializeAsString(), {}};
}

rpc::Reply ReplyOf(const Message& message, const Call& call, const store::Position& position) {
  rpc::Reply reply = ReplyOf(message);
  reply.metadata.emplace_back(rpc::kPosition, absl::StrCat(call.method->descriptor->file()->package(), ":",
                                                           position.bucket, ":", position.pos));
  return reply;
}

std::string TextOf(const Message& record, const Field& field) {
  return record.GetReflection()->GetString(record, field.descriptor);
}

bool IsDeleted(const ResourcePlan& resource, const Message& record) {
  return record.GetReflection()->HasField(record, resource.delete_time->descriptor);
}

namespace {

std::optional<int64_t> CountOf(const Message& record, const Field& field) {
  const auto& reflection = *record.GetReflection();
  if (!reflection.HasField(record, field.descriptor)) return std::nullopt;
  return field.descriptor->cpp_type() == FieldDescriptor::CPPTYPE_INT32
             ? reflection.GetInt32(record, field.descriptor)
             : reflection.GetInt64(record, field.descriptor);
}

// Zero tells that there is nobody; only small groups of people can be recognised.
bool IsSmall(const std::optional<int64_t>& count, int64_t limit) {
  return count.has_value() && *count > 0 && *count < limit;
}

void Suppress(const ResourcePlan& resource, Message* record) {
  std::vector<const Field*> hidden;
  for (const Field& field : resource.fields) {
    const int64_t limit = field.rule->suppress_below();
    if (limit == 0) continue;
    const auto count = CountOf(*record, field);
    if (IsSmall(count, limit)) hidden.push_back(&field);
    const Field* whole = resource.Find(field.rule->suppress_with());
    const auto all = whole == nullptr ? std::nullopt : CountOf(*record, *whole);
    if (!count.has_value() || !all.has_value()) continue;
    if (IsSmall(count, limit) || IsSmall(all, limit) || IsSmall(*all - *count, limit)) {
      hidden.push_back(&field);
      hidden.push_back(whole);
    }
  }
  for (const Field* field : hidden) record->GetReflection()->ClearField(record, field->descriptor);
}

}  // namespace

void Mask(const Call& call, const ResourcePlan& resource, Message* record) {
  if (call.personal) return;
  Suppress(resource, record);
  for (const Field& field : resource.fields) {
    if (field.is_personal()) record->GetReflection()->ClearField(record, field.descriptor);
  }
}

absl::Status CheckReadMask(const Call& call, const ResourcePlan& resource) {
  const FieldDescriptor* field = RequestField(call, "read_mask");
  if (field == nullptr || !call.request->GetReflection()->HasField(*call.request, field))
    return absl::OkStatus();
  const auto& mask =
      static_cast<const FieldMask&>(call.request->GetReflection()->GetMessage(*call.request, field));
  std::vector<base::Violation> violations;
  for (const std::string& path : mask.paths()) {
    if (path != "*" && !FieldMaskUtil::GetFieldDescriptors(resource.descriptor, path, nullptr))
      violations.push_back(base::Refuse("readMask", ErrorReason::MASK_UNKNOWN_FIELD, {{"value", path}}));
  }
  return base::FailIfAny(violations);
}

absl::Status ApplyReadMask(const Call& call, const ResourcePlan& resource, Message* record) {
  Mask(call, resource, record);
  const FieldDescriptor* field = RequestField(call, "read_mask");
  if (field == nullptr) return absl::OkStatus();
  const auto& mask =
      static_cast<const FieldMask&>(call.request->GetReflection()->GetMessage(*call.request, field));
  const bool all =
      mask.paths().empty() || std::find(mask.paths().begin(), mask.paths().end(), "*") != mask.paths().end();
  if (!all) FieldMaskUtil::TrimMessage(mask, record);
  return absl::OkStatus();
}

namespace {

bool InStates(const Message& record, const Field* state,
              const google::protobuf::RepeatedPtrField<std::string>& states) {
  if (state == nullptr) return false;
  const std::string name = contract::ShortName(*record.GetReflection()->GetEnum(record, state->descriptor));
  return std::find(states.begin(), states.end(), name) != states.end();
}

std::string StateNames(const Field& state, const google::protobuf::RepeatedPtrField<std::string>& states) {
  std::vector<std::string> names;
  const auto* type = state.descriptor->enum_type();
  for (int i = 0; i < type->value_count(); ++i) {
    if (std::find(states.begin(), states.end(), contract::ShortName(*type->value(i))) != states.end())
      names.push_back(type->value(i)->name());
  }
  return postgres::ArrayLiteral(names);
}

}  // namespace

bool HoldsOn(const ResourcePlan& resource, const Message& record, const std::string& date) {
  if (!resource.rule->has_validity()) return true;
  const auto& rule = resource.rule->validity();
  const Field* state = rule.state().empty() ? nullptr : resource.Find(rule.state());
  const std::string from = rule.from().empty() ? "" : TextOf(record, *resource.Find(rule.from()));
  const std::string to = rule.to().empty() ? "" : TextOf(record, *resource.Find(rule.to()));
  if (!from.empty() && date < from) return false;
  if (!to.empty() && date > to) return false;
  if (InStates(record, state, rule.pending_states())) return false;
  return !(to.empty() && InStates(record, state, rule.ended_states()));
}

std::string ValidOnSql(const ResourcePlan& resource, const std::string& date,
                       postgres::Parameters* parameters) {
  if (date.empty() || !resource.rule->has_validity()) return "TRUE";
  const auto& rule = resource.rule->validity();
  parameters->Text(date);
  const std::string day = absl::StrCat("$", parameters->size(), "::date");
  std::string sql = "TRUE";
  if (!rule.from().empty())
    absl::StrAppend(&sql, " AND (t.", rule.from(), " IS NULL OR t.", rule.from(), " <= ", day, ")");
  if (!rule.to().empty())
    absl::StrAppend(&sql, " AND (t.", rule.to(), " IS NULL OR t.", rule.to(), " >= ", day, ")");
  if (rule.state().empty()) return sql;
  const Field& state = *resource.Find(rule.state());
  parameters->Text(StateNames(state, rule.pending_states()));
  absl::StrAppend(&sql, " AND NOT t.", state.name, " = ANY($", parameters->size(), "::text[])");
  if (!rule.to().empty()) {
    parameters->Text(StateNames(state, rule.ended_states()));
    absl::StrAppend(&sql, " AND NOT (t.", rule.to(), " IS NULL AND t.", state.name, " = ANY($",
                    parameters->size(), "::text[]))");
  }
  return sql;
}

EngineCore::EngineCore(Engine::Options given) : options(std::move(given)) {
  for (const auto& resource : options.contract->resources()) {
    auto kind = std::make_unique<Kind>();
    kind->resource = resource.get();
    kind->transact_always = resource->rule->lock_size() > 0 || resource->rule->no_overlap_size() > 0;
    kinds_[resource.get()] = std::move(kind);
  }
  for (const auto& resource : options.contract->resources()) {
    if (!resource->rule->scope().has_parties()) continue;
    Kind& party = MutableKind(*options.contract->FindKind(resource->rule->scope().parties().kind()));
    party.party_owners.push_back(resource.get());
    party.transact_always = true;
  }
}

absl::StatusOr<const store::TokenKey*> EngineCore::PageKey(postgres::Statements& statements) {
  static const postgres::Query kSecret{"page_secret",
                                       "SELECT token_secret FROM feed_meta ORDER BY started_at LIMIT 1"};
  const std::lock_guard<std::mutex> lock(page_key_mutex_);
  if (page_key_ == nullptr) {
    ASSIGN_OR_RETURN(const postgres::Result row, statements.Execute(kSecret, {}));
    if (row.rows() != 1) return absl::DataLossError("feed_meta is empty: the schema was not migrated");
    page_key_ = std::make_unique<store::TokenKey>(row.Bytes(0, 0));
  }
  return page_key_.get();
}

void EngineCore::LogDenied(const Call& call, ErrorReason reason) {
  if (options.access_log == nullptr) return;
  access::AccessEntry entry =
      access::MakeAccessEntry(access::AccessEvent::kCallDenied, *call.context, &call.caller);
  entry.method = call.method->path;
  entry.permission = call.method->permission;
  if (call.method->resource != nullptr) entry.kind = call.method->resource->kind;
  entry.reason = base::ReasonName(reason);
  options.access_log->Record(std::move(entry));
}

store::IdempotencyKey EngineCore::KeyOf(const Call& call) const {
  store::IdempotencyKey key;
  key.client_id = call.caller.client_id;
  key.request_id = call.Text("request_id");
  key.method = call.method->path;
  if (key.request_id.empty()) return key;
  // The same content under the same id is a repetition, whatever the spelling of the id.
  std::unique_ptr<Message> bare(call.request->New());
  bare->CopyFrom(*call.request);
  bare->GetReflection()->ClearField(bare.get(), RequestField(call, "request_id"));
  key.request_hash = base::Sha256(bare->SerializeAsString());
  return key;
}

}  // namespace lianqiao::resource
