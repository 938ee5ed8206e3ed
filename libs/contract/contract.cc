// SPDX-License-Identifier: Apache-2.0
#include "libs/contract/contract.h"

#include <set>

#include "libs/base/text.h"

namespace lianqiao::contract {

const Field* Resource::Find(const std::string& name) const {
  for (const Field& field : fields) {
    if (field.name == name || field.descriptor->json_name() == name) return &field;
  }
  return nullptr;
}

const Field* Resource::Find(const FieldDescriptor* wanted) const {
  for (const Field& field : fields) {
    if (field.descriptor == wanted) return &field;
  }
  return nullptr;
}

const Resource* Contract::FindKind(const std::string& kind) const {
  const auto found = by_kind_.find(kind);
  return found == by_kind_.end() ? nullptr : found->second;
}

const Resource* Contract::FindMessage(const Descriptor* descriptor) const {
  const auto found = by_message_.find(descriptor);
  return found == by_message_.end() ? nullptr : found->second;
}

const Method* Contract::FindMethod(const std::string& path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

const std::vector<Reference>& Contract::ReferencesTo(const Resource& resource) const {
  static const std::vector<Reference> none;
  const auto found = references_.find(&resource);
  return found == references_.end() ? none : found->second;
}

namespace {

void CollectEnums(const Descriptor* message, std::set<const Descriptor*>* seen,
                  std::vector<const EnumDescriptor*>* enums, std::set<const EnumDescriptor*>* known) {
  if (!seen->insert(message).second) return;
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    if (field->enum_type() != nullptr && known->insert(field->enum_type()).second)
      enums->push_back(field->enum_type());
    if (field->message_type() != nullptr) CollectEnums(field->message_type(), seen, enums, known);
  }
}

}  // namespace

std::vector<const EnumDescriptor*> Contract::Enums() const {
  std::set<const Descriptor*> seen;
  std::set<const EnumDescriptor*> known;
  std::vector<const EnumDescriptor*> enums;
  for (const auto& resource : resources_) CollectEnums(resource->descriptor, &seen, &enums, &known);
  for (const auto& method : methods_) {
    CollectEnums(method->descriptor->input_type(), &seen, &enums, &known);
    CollectEnums(method->descriptor->output_type(), &seen, &enums, &known);
  }
  return enums;
}

std::string ShortName(const google::protobuf::EnumValueDescriptor& value) {
  const std::string prefix = base::EnumPrefix(value.type()->name());
  const std::string& name = value.name();
  return name.compare(0, prefix.size(), prefix) == 0 ? name.substr(prefix.size()) : name;
}

std::string PathOf(const std::string& prefix, const FieldDescriptor& field) {
  return prefix.empty() ? field.json_name() : prefix + "." + field.json_name();
}

}  // namespace lianqiao::contract
