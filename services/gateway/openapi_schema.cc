// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/openapi_schema.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lianqiao/options/v1/options.pb.h"

namespace lianqiao::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using options::v1::FieldRule;

const FieldRule& RuleOf(const FieldDescriptor& field) {
  return field.options().GetExtension(options::v1::field);
}

std::string Both(const options::v1::Label& label) {
  if (label.zh().empty() || label.en().empty()) return label.zh() + label.en();
  return absl::StrCat(label.zh(), " / ", label.en());
}

// JSON Schema's name of a format, or a pattern where there is no such name.
void StringFormat(const FieldRule& rule, JsonText* json) {
  switch (rule.format()) {
    case options::v1::FORMAT_DATE:
      json->Pair("format", "date");
      break;
    case options::v1::FORMAT_UUID:
      json->Pair("format", "uuid");
      break;
    case options::v1::FORMAT_URL:
      json->Pair("format", "uri");
      break;
    case options::v1::FORMAT_DIVISION_CODE:
      json->Pair("pattern", "^([0-9]{6}|[0-9]{9}|[0-9]{12})$");
      break;
    case options::v1::FORMAT_SCHOOL_CODE:
      json->Pair("pattern", "^[0-9]{10}$");
      break;
    case options::v1::FORMAT_SOCIAL_CREDIT_CODE:
      json->Pair("pattern", "^[0-9A-Z]{18}$");
      break;
    case options::v1::FORMAT_SCHOOL_YEAR:
      json->Pair("pattern", "^[0-9]{4}-[0-9]{4}$");
      break;
    case options::v1::FORMAT_TERM:
      json->Pair("pattern", "^[0-9]{4}-[0-9]{4}-[12]$");
      break;
    default:
      if (!rule.reference().empty()) {
        json->Pair("format", "uuid");
      } else if (!rule.pattern().empty()) {
        json->Pair("pattern", absl::StrCat("^(", rule.pattern(), ")$"));
      }
  }
  if (rule.max_length() > 0) json->Key("maxLength").Integer(rule.max_length());
}

void Bounds(const FieldRule& rule, JsonText* json) {
  if (rule.has_min()) json->Key("minimum").Raw(absl::StrCat(rule.min()));
  if (rule.has_max()) json->Key("maximum").Raw(absl::StrCat(rule.max()));
}

}  // namespace

std::string Schemas::Name(const std::string& full_name) {
  constexpr std::string_view kOwn = "lianqiao.";
  return full_name.rfind(kOwn, 0) == 0 ? full_name.substr(kOwn.size()) : full_name;
}

std::string Schemas::Description(const FieldDescriptor& field) const {
  const FieldRule& rule = RuleOf(field);
  std::vector<std::string> parts;
  if (std::string label = Both(rule.label()); !label.empty()) parts.push_back(label + ".");
  if (const std::string& comment = comments_.Of(field.full_name()); !comment.empty())
    parts.push_back(comment);
  if (!rule.unit().empty()) parts.push_back(absl::StrCat("Unit: ", rule.unit(), "."));
  if (rule.immutable()) parts.push_back("Set on creation only.");
  if (!rule.reference().empty()) parts.push_back(absl::StrCat("Refers to: ", rule.reference(), "."));
  if (const auto* oneof = field.real_containing_oneof()) {
    std::vector<std::string> others;
    for (int i = 0; i < oneof->field_count(); ++i) {
      if (oneof->field(i) != &field) others.push_back(oneof->field(i)->json_name());
    }
    if (!others.empty())
      parts.push_back(absl::StrCat("Not together with ", absl::StrJoin(others, ", "), "."));
  }
  return absl::StrJoin(parts, " ");
}

bool Schemas::WellKnown(const std::string& type, JsonText* json) {
  static const std::map<std::string, std::string> kForms = {
      {"google.protobuf.Timestamp", R"("type":"string","format":"date-time")"},
      {"google.protobuf.Duration", R"("type":"string","pattern":"^-?[0-9]+([.][0-9]{1,9})?s$")"},
      {"google.protobuf.FieldMask", R"("type":"string")"},
      {"google.protobuf.Empty", R"("type":"object")"},
      {"google.protobuf.Struct", R"("type":"object","additionalProperties":true)"},
      {"google.protobuf.ListValue", R"("type":"array","items":{})"},
      {"google.protobuf.Value", R"("description":"Any JSON value.")"},
      {"google.protobuf.Any",
       R"("type":"object","properties":{"@type":{"type":"string"}},"required":["@type"])"},
      {"google.protobuf.BoolValue", R"("type":["boolean","null"])"},
      {"google.protobuf.StringValue", R"("type":["string","null"])"},
      {"google.protobuf.BytesValue", R"("type":["string","null"],"contentEncoding":"base64")"},
      {"google.protobuf.Int32Value", R"("type":["integer","null"],"format":"int32")"},
      {"google.protobuf.UInt32Value", R"("type":["integer","null"],"format":"int64","minimum":0)"},
      {"google.protobuf.Int64Value", R"("type":["string","null"],"format":"int64")"},
      {"google.protobuf.UInt64Value", R"("type":["string","null"],"format":"uint64")"},
      {"google.protobuf.FloatValue", R"("type":["number","null"],"format":"float")"},
      {"google.protobuf.DoubleValue", R"("type":["number","null"],"format":"double")"}};
  const auto found = kForms.find(type);
  if (found == kForms.end()) return false;
  json->Raw(found->second);
  return true;
}

bool Schemas::Requires(const Descriptor& message) {
  const auto [entry, unknown] = requires_.try_emplace(&message, false);  // False ends a message in itself.
  if (!unknown) return entry->second;
  bool found = false;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    found = found || RuleOf(field).required() ||
            (field.message_type() != nullptr && Requires(*field.message_type()));
  }
  return requires_[&message] = found;
}

// Members of a reference; requests are only ever sent, so their names need no ".Input".
void Schemas::Members(const Descriptor& message, Use use, JsonText* json) {
  if (WellKnown(message.full_name(), json)) return;
  std::string name = Name(message.full_name());
  if (use == Use::kPatch) {
    name += ".Patch";
  } else if (use == Use::kInput && !Requires(message)) {
    use = Use::kAnswer;  // One schema is right for both.
  } else if (use == Use::kInput && !absl::EndsWith(name, "Request")) {
    name += ".Input";
  }
  Wanted& wanted = wanted_[name];
  wanted.message = &message;
  wanted.use = use;
  json->Pair("$ref", "#/components/schemas/" + name);
}

void Schemas::Reference(const Descriptor& message, Use use, JsonText* json) {
  json->Object();
  Members(message, use, json);
  json->End();
}

void Schemas::Scalar(const FieldDescriptor& field, JsonText* json) {
  const FieldRule& rule = RuleOf(field);
  switch (field.type()) {
    case FieldDescriptor::TYPE_STRING:
      json->Pair("type", "string"), StringFormat(rule, json);
      break;
    case FieldDescriptor::TYPE_BYTES:
      json->Pair("type", "string").Pair("contentEncoding", "base64");
      break;
    case FieldDescriptor::TYPE_BOOL:
      json->Pair("type", "boolean");
      break;
    case FieldDescriptor::TYPE_FLOAT:
      json->Pair("type", "number").Pair("format", "float"), Bounds(rule, json);
      break;
    case FieldDescriptor::TYPE_DOUBLE:
      json->Pair("type", "number").Pair("format", "double"), Bounds(rule, json);
      break;
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_SINT32:
    case FieldDescriptor::TYPE_SFIXED32:
      json->Pair("type", "integer").Pair("format", "int32"), Bounds(rule, json);
      break;
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_FIXED32:
      json->Pair("type", "integer").Pair("format", "int64").Key("minimum").Integer(0);
      break;
    // 64 bits do not fit into every JSON reader's numbers.
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      json->Pair("type", "string").Pair("format", "uint64");
      break;
    default:
      json->Pair("type", "string").Pair("format", "int64");
  }
}

// The members of one value's schema, without the braces. A record inside one that is patched is replaced
// whole.
void Schemas::Value(const FieldDescriptor& field, Use use, JsonText* json) {
  if (field.enum_type() != nullptr) {
    const std::string name = Name(field.enum_type()->full_name());
    wanted_[name].type = field.enum_type();
    json->Pair("$ref", "#/components/schemas/" + name);
  } else if (field.message_type() == nullptr) {
    Scalar(field, json);
  } else {
    Members(*field.message_type(), use == Use::kPatch ? Use::kInput : use, json);
  }
}

void Schemas::Field(const FieldDescriptor& field, Use use, bool as_parameter, JsonText* json) {
  const FieldRule& rule = RuleOf(field);
  const bool nullable = use == Use::kPatch && !rule.required();
  json->Object();
  if (nullable) json->Key("anyOf").Array().Object();
  if (field.is_map()) {
    json->Pair("type", "object").Key("additionalProperties").Object();
    Value(*field.message_type()->field(1), use, json);
    json->End();
  } else if (field.is_repeated()) {
    json->Pair("type", "array").Key("items").Object();
    Value(field, use, json);
    json->End();
    if (rule.max_items() > 0) json->Key("maxItems").Integer(rule.max_items());
  } else {
    Value(field, use, json);
  }
  if (nullable) json->End().Object().Pair("type", "null").End().End();
  if (!as_parameter) {
    json->PairIfAny("title", rule.label().zh()).PairIfAny("description", Description(field));
    if (rule.output_only()) json->Key("readOnly").Boolean(true);
    if (field.options().deprecated()) json->Key("deprecated").Boolean(true);
  }
  json->End();
}

void Schemas::Enum(const EnumDescriptor& type, JsonText* json) {
  std::vector<std::string> lines;
  const std::string label = Both(type.options().GetExtension(options::v1::enum_label));
  if (!label.empty()) lines.push_back(label + ".");
  if (const std::string& comment = comments_.Of(type.full_name()); !comment.empty()) lines.push_back(comment);
  json->Object().Pair("type", "string").Key("enum").Array();
  for (int i = 0; i < type.value_count(); ++i) {
    json->String(type.value(i)->name());
    const std::string text = Both(type.value(i)->options().GetExtension(options::v1::label));
    if (!text.empty()) lines.push_back(absl::StrCat("- `", type.value(i)->name(), "` ", text));
  }
  json->End().PairIfAny("description", absl::StrJoin(lines, "\n")).End();
}

void Schemas::Message(const Descriptor& message, Use use, JsonText* json) {
  json->Object().Pair("type", "object").PairIfAny("description", comments_.Of(message.full_name()));
  std::vector<std::string> required;
  json->Key("properties").Object();
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    json->Key(field.json_name());
    Field(field, use, false, json);
    if (RuleOf(field).required()) required.push_back(field.json_name());
  }
  json->End();
  if (!required.empty() && use == Use::kInput) {
    json->Key("required").Array();
    for (const std::string& name : required) json->String(name);
    json->End();
  }
  json->Key("additionalProperties").Boolean(false).End();
}

void Schemas::WriteAll(JsonText* json) {
  // Writing one can make others wanted.
  for (bool more = true; more;) {
    more = false;
    for (auto& [name, wanted] : wanted_) {
      if (wanted.written) continue;
      wanted.written = true;
      more = true;
      json->Key(name);
      if (wanted.type != nullptr) {
        Enum(*wanted.type, json);
      } else {
        Message(*wanted.message, wanted.use, json);
      }
    }
  }
}

}  // namespace lianqiao::gateway
