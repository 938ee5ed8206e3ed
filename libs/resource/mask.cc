// SPDX-License-Identifier: Apache-2.0
// What of a record its reader may see: personal fields, small numbers, the read mask.
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/resource/core.h"
#include "libs/resource/mask.h"

namespace lianqiao::resource {

using base::ErrorReason;
using contract::Field;
using google::protobuf::FieldMask;
using google::protobuf::util::FieldMaskUtil;

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

// The count of the group that this field, no count itself, says something of; null: none.
const Field* SaysSomethingOf(const ResourcePlan& resource, const Field& field) {
  return field.rule->suppress_below() == 0 ? resource.Find(field.rule->suppress_with()) : nullptr;
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
  for (const Field& field : resource.fields) {
    const Field* group = SaysSomethingOf(resource, field);
    if (group != nullptr && std::find(hidden.begin(), hidden.end(), group) != hidden.end())
      hidden.push_back(&field);
  }
  for (const Field* field : hidden) record->GetReflection()->ClearField(record, field->descriptor);
}

bool IsSet(const Message& record, const Field& field) {
  const auto& get = *record.GetReflection();
  return field.descriptor->is_repeated() ? get.FieldSize(record, field.descriptor) > 0
                                         : get.HasField(record, field.descriptor);
}

void NotePersonal(const Call& call, const ResourcePlan& resource, const Message& record,
                  const std::string& id) {
  if (HoldsPersonal(resource, record)) call.personal_reads[resource.kind].insert(id);
}

bool Hide(const Call& call, const ResourcePlan& resource, const std::vector<std::string>* row_scope,
          Message* record) {
  if (call.SeesPersonal(resource, row_scope)) return false;
  HideFields(resource, record);
  return true;
}

const FieldMask* ReadMaskOf(const Call& call) {
  const FieldDescriptor* field = call.request->GetDescriptor()->FindFieldByName("read_mask");
  if (field == nullptr || !call.request->GetReflection()->HasField(*call.request, field)) return nullptr;
  return &static_cast<const FieldMask&>(call.request->GetReflection()->GetMessage(*call.request, field));
}

}  // namespace

bool HasHiddenFields(const contract::Resource& resource) {
  return std::any_of(resource.fields.begin(), resource.fields.end(), [](const Field& field) {
    return field.is_personal() || field.rule->suppress_below() > 0;
  });
}

void HideFields(const contract::Resource& resource, Message* record) {
  Suppress(resource, record);
  for (const Field& field : resource.fields) {
    if (field.is_personal()) record->GetReflection()->ClearField(record, field.descriptor);
  }
}

bool HoldsPersonal(const contract::Resource& resource, const Message& record) {
  return std::any_of(resource.fields.begin(), resource.fields.end(),
                     [&](const Field& field) { return field.is_personal() && IsSet(record, field); });
}

bool Call::SeesPersonal(const ResourcePlan& resource, const std::vector<std::string>* row_scope) const {
  const bool own = &resource == method->resource;
  const store::Scope other = own ? store::Scope() : ScopeFor(resource, "personal");
  const store::Scope& right = own ? personal : other;
  if (right.everything) return true;
  if (row_scope != nullptr) return right.Covers(*row_scope);
  return right.Contains(own ? scope : ScopeFor(resource, "read"));
}

void Mask(const Call& call, const ResourcePlan& resource, const std::vector<std::string>* row_scope,
          Message* record) {
  if (!Hide(call, resource, row_scope, record))
    NotePersonal(call, resource, *record, store::IdOf(resource, *record));
}

void MaskAnswer(const contract::Contract& contract, const Call& call, Message* answer) {
  if (const ResourcePlan* whole = contract.FindMessage(answer->GetDescriptor()))
    return Mask(call, *whole, nullptr, answer);
  const auto& reflection = *answer->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*answer, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->message_type() == nullptr) continue;
    const int size = field->is_repeated() ? reflection.FieldSize(*answer, field) : 1;
    for (int i = 0; i < size; ++i) {
      Message* part = field->is_repeated() ? reflection.MutableRepeatedMessage(answer, field, i)
                                           : reflection.MutableMessage(answer, field);
      MaskAnswer(contract, call, part);
    }
  }
}

absl::Status CheckReadMask(const Call& call, const ResourcePlan& resource) {
  const FieldMask* mask = ReadMaskOf(call);
  if (mask == nullptr) return absl::OkStatus();
  std::vector<base::Violation> violations;
  for (const std::string& path : mask->paths()) {
    if (path != "*" && !FieldMaskUtil::GetFieldDescriptors(resource.descriptor, path, nullptr))
      violations.push_back(base::Refuse("readMask", ErrorReason::MASK_UNKNOWN_FIELD, {{"value", path}}));
  }
  return base::FailIfAny(violations);
}

void ApplyReadMask(const Call& call, const ResourcePlan& resource, const std::vector<std::string>& row_scope,
                   Message* record) {
  const bool hidden = Hide(call, resource, &row_scope, record);
  const std::string id = hidden ? "" : store::IdOf(resource, *record);
  const FieldMask* mask = ReadMaskOf(call);
  const bool all = mask == nullptr || mask->paths().empty() ||
                   std::find(mask->paths().begin(), mask->paths().end(), "*") != mask->paths().end();
  if (!all) FieldMaskUtil::TrimMessage(*mask, record);
  if (!hidden) NotePersonal(call, resource, *record, id);
}

bool MayBeHidden(const ResourcePlan& resource, const Field& field) {
  if (field.is_personal() || field.rule->suppress_below() > 0 || !field.rule->suppress_with().empty())
    return true;
  return std::any_of(resource.fields.begin(), resource.fields.end(),
                     [&](const Field& part) { return part.rule->suppress_with() == field.name; });
}

void EngineCore::LogPersonalReads(const Call& call) {
  if (options.access_log == nullptr) return;
  for (const auto& [kind, ids] : call.personal_reads) {
    access::AccessEntry entry =
        access::MakeAccessEntry(access::AccessEvent::kPersonalRead, *call.context, &call.caller);
    entry.method = call.method->path;
    entry.permission = absl::StrCat(options.contract->FindKind(kind)->rule->permission(), ".personal");
    entry.kind = kind;
    entry.record_ids.assign(ids.begin(), ids.end());
    options.access_log->Record(std::move(entry));
  }
}

}  // namespace lianqiao::resource
