// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/access_matrix/requests.h"

#include <google/protobuf/field_mask.pb.h>

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"

namespace lianqiao::gates {

using contract::FieldDescriptor;
using contract::Standard;
using options::v1::FieldRule;

std::unique_ptr<Message> NewMessage(const contract::Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

namespace {

bool IsEnd(const std::string& name) {
  return name.starts_with("end") || name.starts_with("cycle_end") || name.ends_with("_to") ||
         name.starts_with("closed");
}

// Periods begin and end with a school year.
std::string TextFor(const std::string& name, const FieldRule& rule, int year) {
  switch (rule.format()) {
    case options::v1::FORMAT_DATE:
      return IsEnd(name) ? absl::StrCat(year + 1, "-08-31") : absl::StrCat(year, "-09-01");
    case options::v1::FORMAT_SCHOOL_YEAR:
      return absl::StrCat(year, "-", year + 1);
    case options::v1::FORMAT_TERM:
      return absl::StrCat(year, "-", year + 1, "-1");
    case options::v1::FORMAT_DIVISION_CODE:
      return absl::StrCat("61", year);
    case options::v1::FORMAT_SCHOOL_CODE:
      return absl::StrCat("216100", year);
    case options::v1::FORMAT_URL:
      return "https://example.org/";
    case options::v1::FORMAT_OPAQUE_PERSON:
      return absl::StrCat("person-", year);
    default:
      break;
  }
  return rule.pattern().empty() ? absl::StrCat("甲", year) : absl::StrCat("61", year);
}

// The id that a request's field of this name stands for.
std::string RequestId(const World& world, const std::string& name, const std::string& id) {
  if (name == "source_ids") return world.other_school;
  if (name == "into_alliance_id") return world.other_alliance;
  if (name == "jurisdiction_id") return world.county;
  if (name == "organisation_id") return world.lead_school;
  if (name == "school_year_id") return world.ids.at("school_year");
  if (name.ends_with("_id")) {
    const auto named = world.ids.find(name.substr(0, name.size() - 3));
    if (named != world.ids.end()) return named->second;
  }
  return id;
}

// Where the first value of a list would break a rule that has nothing to do with access.
int EnumFor(const FieldDescriptor& field) {
  static const std::map<std::string, std::string> kChosen = {
      {"JurisdictionKind", "JURISDICTION_KIND_COUNTY"},
      {"JurisdictionLevel", "JURISDICTION_LEVEL_COUNTY"},
      {"MembershipRole", "MEMBERSHIP_ROLE_MEMBER"},
      {"CodeKind", "CODE_KIND_SOCIAL_CREDIT"}};
  const auto chosen = kChosen.find(field.enum_type()->name());
  const auto* value = chosen == kChosen.end() ? nullptr : field.enum_type()->FindValueByName(chosen->second);
  return value == nullptr ? field.enum_type()->value(1)->number() : value->number();
}

void SetScalar(const FieldDescriptor& field, const FieldRule& rule, int year, Message* message) {
  const auto& set = *message->GetReflection();
  const bool many = field.is_repeated();
  const int counted = field.name() == "year" ? year : field.name() == "number" ? year - 2000 : 1;
  const int most = rule.has_max() ? std::min(counted, static_cast<int>(rule.max())) : counted;
  const int least = rule.has_min() ? std::max(most, static_cast<int>(rule.min())) : most;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      many ? set.AddString(message, &field, TextFor(field.name(), rule, year))
           : set.SetString(message, &field, TextFor(field.name(), rule, year));
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      many ? set.AddEnumValue(message, &field, EnumFor(field))
           : set.SetEnumValue(message, &field, EnumFor(field));
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      set.SetInt32(message, &field, least);
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      set.SetInt64(message, &field, least);
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      set.SetDouble(message, &field, least);
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      set.SetBool(message, &field, true);
      return;
    default:
      FAIL() << field.full_name() << ": teach SetScalar of tests/gates/access_matrix/requests.cc this type";
  }
}

// A text that a client may change without any rule looking at it.
const contract::Field& FreeText(const contract::Resource& resource) {
  for (const char* name : {"remark", "name", "title"})
    if (const contract::Field* field = resource.Find(name); field != nullptr && !field->platform_written)
      return *field;
  for (const contract::Field& field : resource.fields) {
    const bool free = field.column == contract::Column::kText && !field.array && !field.platform_written &&
                      !field.rule->immutable() && field.rule->pattern().empty() &&
                      field.rule->format() == options::v1::FORMAT_UNSPECIFIED;
    if (free) return field;
  }
  return resource.fields.back();
}

std::unique_ptr<Message> Changed(const contract::Resource& resource, const Message& stored) {
  std::unique_ptr<Message> record(stored.New());
  record->CopyFrom(stored);
  const contract::Field& text = FreeText(resource);
  if (text.column == contract::Column::kText && !text.array)
    record->GetReflection()->SetString(record.get(), text.descriptor, "乙");
  return record;
}

void SetTexts(const World& world, const std::string& id, int year, Message* request) {
  const auto& set = *request->GetReflection();
  for (int i = 0; i < request->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *request->GetDescriptor()->field(i);
    const FieldRule& rule = field.options().GetExtension(options::v1::field);
    const std::string& name = field.name();
    const bool is_id = name == "id" || rule.format() == options::v1::FORMAT_UUID;
    if (is_id) {
      const std::string value = RequestId(world, name, id);
      field.is_repeated() ? set.AddString(request, &field, value) : set.SetString(request, &field, value);
    } else if (name == "reason" || name == "document") {
      set.SetString(request, &field, "依据");
    } else if (name == "validate_only") {
      set.SetBool(request, &field, true);
    }
  }
}

}  // namespace

void FillRequired(const World& world, int year, Message* message) {
  const auto& set = *message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message->GetDescriptor()->field(i);
    const FieldRule& rule = field.options().GetExtension(options::v1::field);
    const bool is_set = field.is_repeated()    ? set.FieldSize(*message, &field) > 0
                        : field.has_presence() ? set.HasField(*message, &field)
                                               : field.cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
                                                     !set.GetString(*message, &field).empty();
    if (!rule.required() || rule.output_only() || is_set) continue;
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      FillRequired(
          world, year,
          field.is_repeated() ? set.AddMessage(message, &field) : set.MutableMessage(message, &field));
    } else if (!rule.reference().empty()) {
      const auto found = world.ids.find(rule.reference().substr(rule.reference().find('/') + 1));
      if (found != world.ids.end()) set.SetString(message, &field, found->second);
    } else {
      SetScalar(field, rule, year, message);
    }
  }
}

std::unique_ptr<Message> NewRecord(const World& world, const contract::Resource& resource, int year) {
  std::unique_ptr<Message> record = NewMessage(resource.descriptor);
  for (const contract::Field& field : resource.fields) {
    const std::string id = ReferenceOf(world, resource, field);
    if (!id.empty()) record->GetReflection()->SetString(record.get(), field.descriptor, id);
  }
  FillRequired(world, year, record.get());
  return record;
}

// The package that every service serves names kinds by a text.
void SetKind(const contract::Contract& contract, const World& world, Message* request) {
  const auto& set = *request->GetReflection();
  const auto field = [&](const char* name) { return request->GetDescriptor()->FindFieldByName(name); };
  if (field("jurisdiction_ids") != nullptr) {
    set.ClearField(request, field("jurisdiction_ids"));
    set.AddString(request, field("jurisdiction_ids"), world.county);
  }
  for (const char* name : {"after_id", "to_id"})
    if (field(name) != nullptr) set.ClearField(request, field(name));
  if (field("kind") == nullptr) return;
  const std::string kind =
      contract.FindKind("organisation") != nullptr ? "organisation" : contract.resources()[0]->kind;
  set.SetString(request, field("kind"), kind);
  if (field("id") != nullptr) set.SetString(request, field("id"), world.ids.at(kind));
  if (field("revision") != nullptr) set.SetInt64(request, field("revision"), 1);
}

std::unique_ptr<Message> RequestOf(const contract::Contract& contract, const contract::Method& method,
                                   const World& world, const std::string& id, const Message* stored) {
  std::unique_ptr<Message> request = NewMessage(method.descriptor->input_type());
  const auto& set = *request->GetReflection();
  const auto field = [&](const char* name) { return request->GetDescriptor()->FindFieldByName(name); };
  if (method.descriptor->client_streaming()) {
    // The first message of the stream, which says what the others are.
    Message* options = set.MutableMessage(request.get(), field("options"));
    SetTexts(world, id, world.year, options);
    FillRequired(world, world.year, options);
    if (method.descriptor->file()->package() == "lianqiao.sync.v1") SetKind(contract, world, options);
    return request;
  }
  if (method.standard == Standard::kBatchGet) {
    set.AddString(request.get(), field("ids"), id);
    return request;
  }
  if (method.standard == Standard::kList) {
    set.SetString(request.get(), field("filter"), absl::StrCat("id = \"", id, "\""));
    return request;
  }
  if (method.standard == Standard::kCreate)
    set.MutableMessage(request.get(), method.record)
        ->CopyFrom(*NewRecord(world, *method.resource, world.year + 10));
  if (method.standard == Standard::kUpdate && stored != nullptr) {
    set.MutableMessage(request.get(), method.record)->CopyFrom(*Changed(*method.resource, *stored));
    static_cast<google::protobuf::FieldMask*>(set.MutableMessage(request.get(), field("update_mask")))
        ->add_paths(FreeText(*method.resource).name);
  }
  if (method.standard == Standard::kBatchUpsert && stored != nullptr)
    set.AddMessage(request.get(), method.record)->CopyFrom(*Changed(*method.resource, *stored));
  if (method.standard == Standard::kCustom) {
    // Days of the school year that the request names lie in it.
    const int year = world.year + (field("school_year_id") != nullptr ? 0 : 10);
    SetTexts(world, id, year, request.get());
    if (method.descriptor->name() == "ListPartyAlliances")
      set.ClearField(request.get(), field("jurisdiction_id"));
    for (const char* name : {"source_ids"})  // Of the kind that is merged.
      if (field(name) != nullptr && method.access->scope_kind() == "jurisdiction")
        set.SetRepeatedString(request.get(), field(name), 0, world.other_county);
    FillRequired(world, year, request.get());
    if (method.descriptor->file()->package() == "lianqiao.sync.v1") SetKind(contract, world, request.get());
  } else {
    SetTexts(world, id, world.year + 10, request.get());
  }
  return request;
}

}  // namespace lianqiao::gates
