// SPDX-License-Identifier: Apache-2.0
// Contract::Load: descriptors to plans, with every mistake of the protos named at once.
#include <google/protobuf/descriptor_database.h>

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/base/text.h"
#include "libs/contract/contract.h"

namespace lianqiao::contract {

namespace v1 = options::v1;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

class Loader {
 public:
  Loader() : contract_(std::make_shared<Contract>()) {}
  absl::StatusOr<std::shared_ptr<const Contract>> Load(const std::vector<std::string>& packages);

 private:
  void Mistake(const std::string& where, const std::string& what) {
    mistakes_.push_back(where + ": " + what);
  }
  void AddResource(const Descriptor* message);
  Field MakeField(const FieldDescriptor* descriptor, const Resource& resource);
  void SetColumn(Field* field, const Resource& resource);
  void CheckResource(const Resource& resource);
  void FindAudiences();
  void CheckScopeSource(const Resource& resource, const std::string& field, const char* option);
  void CheckReferenceName(const Resource& resource, const std::string& field, const char* option);
  void CheckName(const Resource& resource, const std::string& name, const char* option);
  void CheckPeriods(const Resource& resource);
  void CheckNested(const Descriptor& message, std::set<const Descriptor*>* seen);
  void CheckAccess(const Method& method);
  void AddMethod(const MethodDescriptor* descriptor);
  void Classify(Method* method);
  void CheckTransition(const Method& method);
  const Resource* BySuffix(const std::string& suffix, bool plural) const;

  std::shared_ptr<Contract> contract_;
  std::vector<std::string> mistakes_;
};

namespace {

const Field* StandardField(const Resource& resource, const char* name, FieldDescriptor::CppType type) {
  const Field* field = resource.Find(name);
  return field != nullptr && field->descriptor->cpp_type() == type && !field->descriptor->is_repeated()
             ? field
             : nullptr;
}

bool IsTimestamp(const FieldDescriptor& field) {
  return field.message_type() != nullptr && field.message_type()->full_name() == "google.protobuf.Timestamp";
}

Column ScalarColumn(const FieldDescriptor& field, const v1::FieldRule& rule) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_BYTES) return Column::kBytea;
      if (rule.format() == v1::FORMAT_DATE) return Column::kDate;
      if (rule.format() == v1::FORMAT_UUID || !rule.reference().empty()) return Column::kUuid;
      return Column::kText;
    case FieldDescriptor::CPPTYPE_INT32:
      return Column::kInteger;
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return Column::kBigint;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Column::kDouble;
    case FieldDescriptor::CPPTYPE_BOOL:
      return Column::kBoolean;
    case FieldDescriptor::CPPTYPE_ENUM:
      return Column::kEnum;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return IsTimestamp(field) ? Column::kTimestamp : Column::kJsonb;
    default:
      return Column::kNone;  // uint64: PostgreSQL has no such type; refused below.
  }
}

}  // namespace

void Loader::SetColumn(Field* field, const Resource& resource) {
  const FieldDescriptor& descriptor = *field->descriptor;
  if (field->rule->computed()) return;
  field->column = ScalarColumn(descriptor, *field->rule);
  if (field->name == "id") field->column = Column::kUuid;
  if (field->column == Column::kNone) Mistake(descriptor.full_name(), "uint64 cannot be stored; use int64");
  field->array = descriptor.is_repeated() && field->column != Column::kJsonb;
  if (field->array && field->column == Column::kTimestamp)
    field->column = Column::kJsonb, field->array = false;
  field->nullable = !field->array && (descriptor.has_presence() || field->column == Column::kDate ||
                                      (field->column == Column::kUuid && field->name != "id"));
  if (field->column == Column::kJsonb && descriptor.is_repeated()) field->nullable = false;
}

Field Loader::MakeField(const FieldDescriptor* descriptor, const Resource& resource) {
  Field field;
  field.descriptor = descriptor;
  field.rule = &descriptor->options().GetExtension(v1::field);
  field.name = descriptor->name();
  SetColumn(&field, resource);
  static const std::set<std::string> kPlatform = {"id",          "revision",    "etag",      "create_time",
                                                  "update_time", "delete_time", "erase_time"};
  field.platform_written = field.rule->output_only() || kPlatform.count(field.name) > 0;
  if (field.rule->label().zh().empty() || field.rule->label().en().empty()) {
    if (kPlatform.count(field.name) == 0 && field.name != "external_ids")
      Mistake(descriptor->full_name(), "needs a label in zh and en");
  }
  return field;
}

void Loader::AddResource(const Descriptor* message) {
  auto resource = std::make_unique<Resource>();
  resource->descriptor = message;
  resource->prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(message);
  resource->rule = &message->options().GetExtension(v1::resource);
  resource->kind = resource->rule->kind();
  resource->package = message->file()->package();
  for (int i = 0; i < message->field_count(); ++i)
    resource->fields.push_back(MakeField(message->field(i), *resource));
  std::sort(resource->fields.begin(), resource->fields.end(),
            [](const Field& a, const Field& b) { return a.descriptor->number() < b.descriptor->number(); });
  resource->id = StandardField(*resource, "id", FieldDescriptor::CPPTYPE_STRING);
  resource->revision = StandardField(*resource, "revision", FieldDescriptor::CPPTYPE_INT64);
  resource->etag = StandardField(*resource, "etag", FieldDescriptor::CPPTYPE_STRING);
  resource->create_time = StandardField(*resource, "create_time", FieldDescriptor::CPPTYPE_MESSAGE);
  resource->update_time = StandardField(*resource, "update_time", FieldDescriptor::CPPTYPE_MESSAGE);
  resource->delete_time = StandardField(*resource, "delete_time", FieldDescriptor::CPPTYPE_MESSAGE);
  resource->erase_time = StandardField(*resource, "erase_time", FieldDescriptor::CPPTYPE_MESSAGE);
  resource->external_ids = resource->Find("external_ids");
  resource->replaced_by = resource->Find("replaced_by");
  if (!resource->id || !resource->revision || !resource->etag || !resource->create_time ||
      !resource->update_time || !resource->delete_time) {
    Mistake(message->full_name(),
            "a resource needs id, revision, etag, create_time, update_time and delete_time");
  } else if (resource->etag->column != Column::kNone) {
    Mistake(message->full_name(), "etag must be `computed: true`");
  }
  if (resource->kind.empty() || resource->rule->plural().empty() || resource->rule->permission().empty())
    Mistake(message->full_name(), "the resource option needs kind, plural and permission");
  contract_->by_message_[message] = resource.get();
  if (!contract_->by_kind_.emplace(resource->kind, resource.get()).second)
    Mistake(message->full_name(), "kind " + resource->kind + " is taken");
  contract_->resources_.push_back(std::move(resource));
}

// Where one row's scope comes from is one row.
void Loader::CheckScopeSource(const Resource& resource, const std::string& name, const char* option) {
  CheckReferenceName(resource, name, option);
  const Field* field = resource.Find(name);
  if (field != nullptr && field->array)
    Mistake(resource.kind, absl::StrCat(option, " names the list ", name));
}

void Loader::CheckReferenceName(const Resource& resource, const std::string& name, const char* option) {
  const Field* field = resource.Find(name);
  if (field == nullptr || field->rule->reference().empty())
    Mistake(resource.kind, absl::StrCat(option, " names ", name, ", which is no reference field"));
}

void Loader::CheckResource(const Resource& resource) {
  const v1::ResourceRule& rule = *resource.rule;
  for (const Field& field : resource.fields) {
    const std::string& reference = field.rule->reference();
    if (reference.empty() || reference.find('/') != std::string::npos) continue;
    const auto target = contract_->by_kind_.find(reference);
    if (target == contract_->by_kind_.end()) {
      Mistake(field.descriptor->full_name(), "refers to the unknown kind " + reference);
      continue;
    }
    const_cast<Resource*>(target->second)->has_children = true;
    const_cast<Field&>(field).target_retires = target->second->replaced_by != nullptr;
    contract_->references_[target->second].push_back({&resource, &field});
  }
  std::set<const Descriptor*> seen;
  for (const Field& field : resource.fields) {
    if (field.descriptor->message_type() != nullptr) CheckNested(*field.descriptor->message_type(), &seen);
  }
  for (const std::string& from : rule.scope().from()) CheckScopeSource(resource, from, "scope.from");
  for (const std::string& from : rule.scope().readers_from())
    CheckScopeSource(resource, from, "scope.readers_from");
  for (const std::string& from : rule.scope().audience_from())
    CheckScopeSource(resource, from, "scope.audience_from");
  for (const std::string& lock : rule.lock()) {
    CheckReferenceName(resource, lock, "lock");
    const Field* field = resource.Find(lock);
    if (field != nullptr && field->rule->reference().find('/') != std::string::npos)
      Mistake(resource.kind, absl::StrCat("lock names ", lock, ", whose row is another service's"));
  }
  for (const std::string& name : rule.erased_with()) {
    CheckReferenceName(resource, name, "erased_with");
    if (resource.erase_time == nullptr) Mistake(resource.kind, "erased_with needs the field erase_time");
    const Field* field = resource.Find(name);
    if (field != nullptr && field->rule->reference().find('/') != std::string::npos)
      Mistake(resource.kind, absl::StrCat("erased_with names ", name, ", whose record is another service's"));
  }
  if (!rule.root().empty()) {
    CheckReferenceName(resource, rule.root(), "root");
    const Field* root = resource.Find(rule.root());
    if (root != nullptr && !root->rule->immutable())
      Mistake(resource.kind, "root must be an immutable field");
  }
  if (rule.scope().from().empty() && !rule.scope().self() && !rule.scope().platform())
    Mistake(resource.kind, "the scope option says nothing: name `from`, `self` or `platform`");
  for (const auto& unique : rule.unique()) {
    for (const std::string& field : unique.fields()) CheckName(resource, field, "unique");
  }
  CheckPeriods(resource);
  if (!rule.scope().has_parties()) return;
  const auto party = contract_->by_kind_.find(rule.scope().parties().kind());
  if (party == contract_->by_kind_.end())
    return Mistake(resource.kind, "parties names the unknown kind " + rule.scope().parties().kind());
  const auto& parties = rule.scope().parties();
  CheckReferenceName(*party->second, parties.parent(), "parties.parent");
  for (const std::string& name : parties.party()) CheckReferenceName(*party->second, name, "parties.party");
  CheckName(*party->second, parties.role(), "parties.role");
  CheckName(*party->second, parties.state(), "parties.state");
}

// Scopes are copied along references, and with them what opens downwards.
void Loader::FindAudiences() {
  const auto opens = [&](const Resource& resource, const std::string& name) {
    const Field* field = resource.Find(name);
    const auto target = contract_->by_kind_.find(field == nullptr ? "" : field->rule->reference());
    return target != contract_->by_kind_.end() && target->second->opens_downwards;
  };
  const auto takes = [&](const Resource& resource) {
    const auto& scope = resource.rule->scope();
    if (scope.audience_from_size() > 0) return true;
    for (const auto* names : {&scope.from(), &scope.readers_from()})
      for (const std::string& name : *names)
        if (opens(resource, name)) return true;
    const auto party = contract_->by_kind_.find(scope.parties().kind());
    return party != contract_->by_kind_.end() &&
           std::any_of(scope.parties().party().begin(), scope.parties().party().end(),
                       [&](const std::string& name) { return opens(*party->second, name); });
  };
  for (bool more = true; more;) {
    more = false;
    for (const auto& resource : contract_->resources_) {
      if (resource->opens_downwards || !takes(*resource)) continue;
      resource->opens_downwards = more = true;
    }
  }
}

void Loader::CheckName(const Resource& resource, const std::string& name, const char* option) {
  if (resource.Find(name) == nullptr)
    Mistake(resource.kind, absl::StrCat(option, " names the unknown field ", name));
}

void Loader::CheckPeriods(const Resource& resource) {
  const auto check = [&](const std::string& name, const char* option) {
    if (!name.empty()) CheckName(resource, name, option);
  };
  const auto& validity = resource.rule->validity();
  check(validity.from(), "validity.from");
  check(validity.to(), "validity.to");
  check(validity.state(), "validity.state");
  check(validity.early_end(), "validity.early_end");
  for (const auto& overlap : resource.rule->no_overlap()) {
    CheckName(resource, overlap.from(), "no_overlap.from");
    CheckName(resource, overlap.to(), "no_overlap.to");
    check(overlap.state(), "no_overlap.state");
    for (const std::string& name : overlap.fields()) CheckName(resource, name, "no_overlap.fields");
  }
}

// Only a record's own fields are left out for those who may not see them.
void Loader::CheckNested(const Descriptor& message, std::set<const Descriptor*>* seen) {
  if (!seen->insert(&message).second) return;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (field.options().GetExtension(v1::field).has_personal())
      Mistake(field.full_name(),
              "a personal field must stand in the record itself, not in a message inside it");
    if (field.message_type() != nullptr) CheckNested(*field.message_type(), seen);
  }
}

const Resource* Loader::BySuffix(const std::string& suffix, bool plural) const {
  for (const auto& resource : contract_->resources_) {
    if ((plural ? resource->rule->plural() : resource->descriptor->name()) == suffix) return resource.get();
  }
  return nullptr;
}

void Loader::Classify(Method* method) {
  static const struct {
    const char* prefix;
    enum Standard standard;
    bool plural;
    bool writes;
  } kStandard[] = {
      {"BatchGet", Standard::kBatchGet, true, false}, {"BatchUpsert", Standard::kBatchUpsert, true, true},
      {"Get", Standard::kGet, false, false},          {"List", Standard::kList, true, false},
      {"Create", Standard::kCreate, false, true},     {"Update", Standard::kUpdate, false, true},
      {"Delete", Standard::kDelete, false, true},     {"Undelete", Standard::kUndelete, false, true},
      {"Erase", Standard::kErase, false, true}};
  const MethodDescriptor& descriptor = *method->descriptor;
  if (descriptor.options().HasExtension(v1::transition)) {
    method->standard = Standard::kTransition;
    method->transition = &descriptor.options().GetExtension(v1::transition);
    method->resource = contract_->FindMessage(descriptor.output_type());
    method->writes = true;
    return;
  }
  for (const auto& entry : kStandard) {
    const std::string prefix = entry.prefix;
    if (descriptor.name().compare(0, prefix.size(), prefix) != 0) continue;
    const Resource* resource = BySuffix(descriptor.name().substr(prefix.size()), entry.plural);
    if (resource == nullptr || resource->package != descriptor.file()->package()) continue;
    method->standard = entry.standard;
    method->resource = resource;
    method->writes = entry.writes;
    for (int i = 0; i < descriptor.input_type()->field_count(); ++i) {
      const FieldDescriptor* field = descriptor.input_type()->field(i);
      if (field->message_type() == resource->descriptor) method->record = field;
    }
    const bool needs_record = entry.standard == Standard::kCreate || entry.standard == Standard::kUpdate ||
                              entry.standard == Standard::kBatchUpsert;
    if (needs_record && method->record == nullptr)
      Mistake(descriptor.full_name(), "its request lacks the record");
    if (entry.standard == Standard::kErase &&
        (resource->erase_time == nullptr ||
         descriptor.input_type()->full_name() != "lianqiao.type.v1.EraseRequest"))
      Mistake(descriptor.full_name(), "takes lianqiao.type.v1.EraseRequest; its record needs erase_time");
    return;
  }
  // A custom method belongs to the resource that its answer or its service's name speaks of.
  method->resource = contract_->FindMessage(descriptor.output_type());
  if (method->resource == nullptr) {
    const std::string& service = descriptor.service()->name();
    if (service.size() > 7) method->resource = BySuffix(service.substr(0, service.size() - 7), false);
  }
}

void Loader::CheckTransition(const Method& method) {
  const std::string& where = method.descriptor->full_name();
  if (method.resource == nullptr) return Mistake(where, "a transition must answer with its resource");
  if (method.descriptor->input_type()->full_name() != "lianqiao.type.v1.TransitionRequest")
    Mistake(where, "a transition takes lianqiao.type.v1.TransitionRequest");
  const Field* state = method.resource->Find(method.transition->field());
  if (state == nullptr || state->column != Column::kEnum)
    return Mistake(where, "transition.field is no enum field");
  std::set<std::string> names;
  for (int i = 0; i < state->descriptor->enum_type()->value_count(); ++i)
    names.insert(ShortName(*state->descriptor->enum_type()->value(i)));
  for (const std::string& from : method.transition->from())
    if (names.count(from) == 0) Mistake(where, "unknown state " + from);
  if (names.count(method.transition->to()) == 0) Mistake(where, "unknown state " + method.transition->to());
  for (const std::string& name : {method.transition->date_field(), method.transition->reason_field()})
    if (!name.empty() && method.resource->Find(name) == nullptr) Mistake(where, "unknown field " + name);
}

void Loader::CheckAccess(const Method& method) {
  const v1::AccessRule& access = *method.access;
  const std::string& where = method.descriptor->full_name();
  if (!access.scope_field().empty()) {
    if (method.descriptor->input_type()->FindFieldByName(access.scope_field()) == nullptr)
      Mistake(where, "access.scope_field is no field of the request");
    // "registry/jurisdiction": of a followed service, which the engine looks for when it starts.
    if (!absl::StrContains(access.scope_kind(), '/') && contract_->by_kind_.count(access.scope_kind()) == 0)
      Mistake(where, "access.scope_kind is an unknown kind");
  }
  if (access.party_fields_size() > 0 && method.resource == nullptr)
    Mistake(where, "access.party_fields needs a resource");
  if (method.resource == nullptr) return;
  for (const std::string& name : access.party_fields())
    CheckReferenceName(*method.resource, name, "access.party_fields");
}

void Loader::AddMethod(const MethodDescriptor* descriptor) {
  auto method = std::make_unique<Method>();
  method->descriptor = descriptor;
  method->path = absl::StrCat("/", descriptor->service()->full_name(), "/", descriptor->name());
  method->access = &descriptor->options().GetExtension(v1::access);
  if (!descriptor->options().HasExtension(v1::access))
    Mistake(descriptor->full_name(), "needs option (lianqiao.options.v1.access), even if empty");
  Classify(method.get());
  if (method->standard == Standard::kTransition) CheckTransition(*method);
  CheckAccess(*method);
  const v1::AccessRule& access = *method->access;
  if (!access.permission().empty()) {
    method->permission = access.permission();
  } else if (!access.public_() && !access.any_client()) {
    if (method->resource == nullptr || method->standard == Standard::kCustom) {
      Mistake(descriptor->full_name(), "a custom method must name its permission");
    } else {
      const char* right = method->standard == Standard::kErase ? ".erase"
                          : method->writes                     ? ".write"
                                                               : ".read";
      method->permission = absl::StrCat(method->resource->rule->permission(), right);
    }
  }
  if (!method->permission.empty() && method->standard == Standard::kCustom) {
    const std::string& permission = method->permission;
    method->writes = permission.size() > 6 && permission.compare(permission.size() - 6, 6, ".write") == 0;
  }
  contract_->by_path_[method->path] = method.get();
  contract_->methods_.push_back(std::move(method));
}

absl::StatusOr<std::shared_ptr<const Contract>> Loader::Load(const std::vector<std::string>& packages) {
  std::vector<std::string> names;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  std::sort(names.begin(), names.end());
  std::vector<const FileDescriptor*> files;
  for (const std::string& name : names) {
    const FileDescriptor* file = DescriptorPool::generated_pool()->FindFileByName(name);
    if (file != nullptr && std::find(packages.begin(), packages.end(), file->package()) != packages.end())
      files.push_back(file);
  }
  for (const FileDescriptor* file : files) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      if (file->message_type(i)->options().HasExtension(v1::resource)) AddResource(file->message_type(i));
    }
  }
  for (const auto& resource : contract_->resources_) CheckResource(*resource);
  FindAudiences();
  for (const FileDescriptor* file : files) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int k = 0; k < file->service(i)->method_count(); ++k) AddMethod(file->service(i)->method(k));
    }
  }
  for (const std::string& package : packages) {
    const bool found =
        std::any_of(files.begin(), files.end(), [&](auto* file) { return file->package() == package; });
    if (!found) Mistake(package, "no file of this package is linked (link its lianqiao_proto_… target)");
  }
  if (!mistakes_.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("the contract has ", mistakes_.size(), " mistake(s):\n  ",
                                                   absl::StrJoin(mistakes_, "\n  ")));
  }
  return std::shared_ptr<const Contract>(contract_);
}

absl::StatusOr<std::shared_ptr<const Contract>> Contract::Load(const std::vector<std::string>& packages) {
  return Loader().Load(packages);
}

}  // namespace lianqiao::contract
