// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/input.h"

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/base/text.h"

namespace lianqiao::resource {

using base::ErrorReason;
using base::Refuse;
using contract::Field;
using google::protobuf::FieldMask;
using google::protobuf::Reflection;

namespace {

bool IsEngineField(const ResourcePlan& resource, const Field& field) {
  return &field == resource.id || &field == resource.revision || &field == resource.etag ||
         &field == resource.create_time || &field == resource.update_time || &field == resource.delete_time;
}

bool IsSet(const Message& record, const Field& field) {
  const Reflection& get = *record.GetReflection();
  return field.descriptor->is_repeated() ? get.FieldSize(record, field.descriptor) > 0
                                         : get.HasField(record, field.descriptor);
}

bool MayImport(const Call& call, const ResourcePlan& resource, const Field& field) {
  return field.rule->by_import() &&
         call.caller.HasPermission(resource.rule->permission() + ".import", call.now);
}

void CopyField(const Message& from, const Field& field, Message* to) {
  std::unique_ptr<Message> copy(from.New());
  copy->CopyFrom(from);
  to->GetReflection()->ClearField(to, field.descriptor);
  to->GetReflection()->SwapFields(copy.get(), to, {field.descriptor});
}

bool Differs(const Message& a, const Message& b, const Field& field) {
  return store::EncodeField(a, field) != store::EncodeField(b, field);
}

}  // namespace

std::unique_ptr<Message> NewRecord(const Call& call, const ResourcePlan& resource, const Message& given,
                                   const std::string& path, Violations* violations) {
  std::unique_ptr<Message> record(given.New());
  record->CopyFrom(given);
  contract::NormaliseText(record.get(), path, violations);
  for (const Field& field : resource.fields) {
    if (!field.platform_written) continue;
    const bool allowed = !IsEngineField(resource, field) && MayImport(call, resource, field);
    if (IsSet(*record, field) && !allowed)
      violations->push_back(
          Refuse(contract::PathOf(path, *field.descriptor), ErrorReason::FIELD_OUTPUT_ONLY));
    const bool state = field.column == contract::Column::kEnum && !field.array;
    if (state && !IsSet(*record, field) && field.descriptor->enum_type()->value_count() > 1)
      record->GetReflection()->SetEnum(record.get(), field.descriptor,
                                       field.descriptor->enum_type()->value(1));
  }
  return record;
}

namespace {

// Fields that an update without a mask means: those set in the request. Platform fields echoed from a read
// are not meant, unless they would change.
FieldMask ImpliedMask(const ResourcePlan& resource, const Message& before, const Message& given) {
  FieldMask mask;
  for (const Field& field : resource.fields) {
    if (IsEngineField(resource, field) || !IsSet(given, field)) continue;
    if (field.platform_written && !Differs(before, given, field)) continue;
    mask.add_paths(field.name);
  }
  return mask;
}

}  // namespace

std::unique_ptr<Message> UpdatedRecord(const Call& call, const ResourcePlan& resource, const Message& before,
                                       const Message& raw, const FieldMask* mask, const std::string& path,
                                       Violations* violations) {
  std::unique_ptr<Message> given(raw.New());
  given->CopyFrom(raw);
  contract::NormaliseText(given.get(), path, violations);
  FieldMask implied;
  if (mask == nullptr || mask->paths().empty()) {
    implied = ImpliedMask(resource, before, *given);
  } else if (mask->paths_size() == 1 && mask->paths(0) == "*") {
    // What the caller could not read was left out by us, not by the caller.
    const bool sees_all = call.SeesPersonal(resource, nullptr);
    for (const Field& field : resource.fields) {
      const bool unseen = !sees_all && MayBeHidden(resource, field) && !IsSet(*given, field);
      if (!field.platform_written && !unseen) implied.add_paths(field.name);
    }
  } else {
    implied = *mask;
  }
  // History is loaded by Create and BatchUpsert; a state that stands moves by its own methods, whoever asks.
  const bool is_update = call.method->standard == contract::Standard::kUpdate;
  std::unique_ptr<Message> after(before.New());
  after->CopyFrom(before);
  for (const std::string& name : implied.paths()) {
    const Field* field = resource.Find(name.substr(0, name.find('.')));
    if (field == nullptr ||
        !google::protobuf::util::FieldMaskUtil::GetFieldDescriptors(resource.descriptor, name, nullptr)) {
      violations->push_back(Refuse("updateMask", ErrorReason::MASK_UNKNOWN_FIELD, {{"value", name}}));
    } else if (field->platform_written && (is_update || !MayImport(call, resource, *field))) {
      violations->push_back(
          Refuse(contract::PathOf(path, *field->descriptor), ErrorReason::FIELD_OUTPUT_ONLY));
    } else if (name == field->name) {
      CopyField(*given, *field, after.get());
    } else {
      FieldMask nested;
      nested.add_paths(name);
      google::protobuf::util::FieldMaskUtil::MergeOptions options;
      options.set_replace_message_fields(true);
      options.set_replace_repeated_fields(true);
      google::protobuf::util::FieldMaskUtil::MergeMessageTo(*given, nested, options, after.get());
    }
  }
  return after;
}

bool Imports(const Call& call, const ResourcePlan& resource, const Message* before, const Message& after) {
  const auto standard = call.method->standard;
  if (standard != contract::Standard::kCreate && standard != contract::Standard::kBatchUpsert) return false;
  return std::any_of(resource.fields.begin(), resource.fields.end(), [&](const Field& field) {
    if (!field.platform_written || !field.rule->by_import()) return false;
    if (before != nullptr) return Differs(*before, after, field);
    const bool begins = field.column == contract::Column::kEnum && !field.array && IsSet(after, field) &&
                        after.GetReflection()->GetEnum(after, field.descriptor)->index() == 1;
    return IsSet(after, field) && !begins;
  });
}

std::vector<std::string> ChangedFields(const ResourcePlan& resource, const Message& before,
                                       const Message& after) {
  std::vector<std::string> changed;
  for (const Field& field : resource.fields) {
    if (!IsEngineField(resource, field) && field.column != contract::Column::kNone &&
        Differs(before, after, field))
      changed.push_back(field.name);
  }
  return changed;
}

namespace {

std::set<std::string> SystemsOf(const ResourcePlan& resource, const Message& record) {
  std::set<std::string> entries;
  const auto* field = resource.external_ids->descriptor;
  for (int i = 0; i < record.GetReflection()->FieldSize(record, field); ++i) {
    const auto& entry = static_cast<const type::v1::ExternalId&>(
        record.GetReflection()->GetRepeatedMessage(record, field, i));
    entries.insert(entry.system() + '\x1f' + entry.SerializeAsString());
  }
  return entries;
}

// Only ids that this write adds, changes or removes need the caller's right on their system.
void CheckSourceSystems(const Call& call, const ResourcePlan& resource, const Message* before,
                        const Message& after, const std::string& path, Violations* violations) {
  const std::set<std::string> old =
      before == nullptr ? std::set<std::string>() : SystemsOf(resource, *before);
  const std::set<std::string> now = SystemsOf(resource, after);
  std::vector<std::string> touched;
  std::set_symmetric_difference(old.begin(), old.end(), now.begin(), now.end(), std::back_inserter(touched));
  std::set<std::string> refused;
  for (const std::string& entry : touched) {
    const std::string system = entry.substr(0, entry.find('\x1f'));
    if (!call.caller.MayWriteSourceSystem(system, call.now) && refused.insert(system).second)
      violations->push_back(Refuse(contract::PathOf(path, *resource.external_ids->descriptor),
                                   ErrorReason::SOURCE_SYSTEM_NOT_ALLOWED, {{"value", system}}));
  }
}

// Who they are is said by a reference that the record cannot be without.
bool StandsForPerson(const ResourcePlan& resource) {
  return std::any_of(resource.fields.begin(), resource.fields.end(), [](const Field& field) {
    return field.is_personal() && field.rule->required() &&
           field.rule->format() == options::v1::FORMAT_OPAQUE_PERSON;
  });
}

// Sources that know persons by their resident id or mobile number must not bring it along as an id of theirs.
// Of other records such a number is what it says: a code.
void CheckPersonNumbers(const ResourcePlan& resource, const Message* before, const Message& after,
                        const std::string& path, Violations* violations) {
  if (!StandsForPerson(resource)) return;
  const auto* field = resource.external_ids->descriptor;
  const std::set<std::string> old =
      before == nullptr ? std::set<std::string>() : SystemsOf(resource, *before);
  for (int i = 0; i < after.GetReflection()->FieldSize(after, field); ++i) {
    const auto& entry =
        static_cast<const type::v1::ExternalId&>(after.GetReflection()->GetRepeatedMessage(after, field, i));
    const bool stood = old.count(entry.system() + '\x1f' + entry.SerializeAsString()) > 0;
    if (!stood && base::LooksLikePersonalNumber(entry.id()))
      violations->push_back(Refuse(absl::StrCat(contract::PathOf(path, *field), "[", i, "].id"),
                                   ErrorReason::FORBIDDEN_PERSONAL_DATA));
  }
}

}  // namespace

void CheckRecord(const Call& call, const ResourcePlan& resource, const Message* before, const Message& after,
                 const std::string& path, Violations* violations) {
  contract::Validate(after, path, violations);
  if (before != nullptr) {
    for (const Field& field : resource.fields) {
      if (field.rule->immutable() && Differs(*before, after, field))
        violations->push_back(
            Refuse(contract::PathOf(path, *field.descriptor), ErrorReason::FIELD_IMMUTABLE));
    }
  }
  if (resource.external_ids == nullptr) return;
  CheckSourceSystems(call, resource, before, after, path, violations);
  CheckPersonNumbers(resource, before, after, path, violations);
}

void Stamp(const ResourcePlan& resource, const std::string& id, int64_t revision, absl::Time create_time,
           absl::Time now, Message* record) {
  const Reflection& set = *record->GetReflection();
  set.SetString(record, resource.id->descriptor, id);
  set.SetInt64(record, resource.revision->descriptor, revision);
  store::SetTimestamp(create_time, set.MutableMessage(record, resource.create_time->descriptor));
  store::SetTimestamp(now, set.MutableMessage(record, resource.update_time->descriptor));
  set.SetString(record, resource.etag->descriptor, store::EtagOf(revision));
}

void StampNext(const ResourcePlan& resource, const Message& before, absl::Time now, Message* record) {
  const absl::Time created =
      store::TimestampOf(before.GetReflection()->GetMessage(before, resource.create_time->descriptor));
  // A call that arrived earlier may write later: time goes on with the revisions all the same.
  const absl::Time time = std::max(now, store::UpdateTimeOf(resource, before) + absl::Microseconds(1));
  Stamp(resource, store::IdOf(resource, before), store::RevisionOf(resource, before) + 1, created, time,
        record);
}

}  // namespace lianqiao::resource
