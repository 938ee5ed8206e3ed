// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/vocabulary.h"

#include <map>

#include "lianqiao/options/v1/options.pb.h"
#include "services/gateway/json_text.h"

namespace lianqiao::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FileDescriptor;

using Enums = std::map<std::string, const EnumDescriptor*>;

void Collect(const Descriptor& message, Enums* enums) {
  for (int i = 0; i < message.enum_type_count(); ++i)
    enums->emplace(message.enum_type(i)->full_name(), message.enum_type(i));
  for (int i = 0; i < message.nested_type_count(); ++i) Collect(*message.nested_type(i), enums);
}

bool IsShown(const FileDescriptor& file) {
  return file.package().rfind("google.", 0) != 0 && file.package().rfind("lianqiao.options.", 0) != 0;
}

}  // namespace

std::string VocabularyJson(const Catalogue& catalogue) {
  Enums enums;
  for (const FileDescriptor* file : catalogue.Files()) {
    if (!IsShown(*file)) continue;
    for (int i = 0; i < file->enum_type_count(); ++i)
      enums.emplace(file->enum_type(i)->full_name(), file->enum_type(i));
    for (int i = 0; i < file->message_type_count(); ++i) Collect(*file->message_type(i), &enums);
  }
  JsonText json;
  json.Object().Key("enums").Array();
  for (const auto& [name, type] : enums) {
    const options::v1::Label& label = type->options().GetExtension(options::v1::enum_label);
    json.Object().Pair("name", name).Pair("zh", label.zh()).Pair("en", label.en()).Key("values").Array();
    for (int i = 0; i < type->value_count(); ++i) {
      const auto* value = type->value(i);
      // 0 is "not said"; no client may choose it.
      if (value->number() == 0) continue;
      const options::v1::Label& text = value->options().GetExtension(options::v1::label);
      json.Object().Pair("code", value->name()).Key("number").Integer(value->number());
      json.Pair("zh", text.zh()).Pair("en", text.en()).End();
    }
    json.End().End();
  }
  return json.End().End().Take();
}

}  // namespace lianqiao::gateway
