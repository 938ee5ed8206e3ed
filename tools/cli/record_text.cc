// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/record_text.h"

#include <google/protobuf/timestamp.pb.h>

#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/json/json.h"
#include "libs/store/codec.h"
#include "tools/cli/text_table.h"

namespace lianqiao::cli {

using base::Language;
using contract::Field;
using contract::Resource;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

constexpr size_t kColumnsMax = 7;

std::string Pick(const options::v1::Label& label, Language language) {
  return language == Language::kChinese ? label.zh() : label.en();
}

std::string EnumText(const google::protobuf::EnumValueDescriptor& value, Language language) {
  const std::string text = Pick(value.options().GetExtension(options::v1::label), language);
  return text.empty() ? value.name() : text;
}

std::string ElementText(const Message& record, const FieldDescriptor* field, int index, Language language) {
  const auto& get = *record.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const int number =
        index < 0 ? get.GetEnumValue(record, field) : get.GetRepeatedEnumValue(record, field, index);
    const auto* value = field->enum_type()->FindValueByNumber(number);
    return value == nullptr ? absl::StrCat(number) : number == 0 ? "" : EnumText(*value, language);
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const Message& message =
        index < 0 ? get.GetMessage(record, field) : get.GetRepeatedMessage(record, field, index);
    if (field->message_type() == google::protobuf::Timestamp::descriptor())
      return absl::FormatTime("%Y-%m-%d %H:%M:%S", store::TimestampOf(message), absl::LocalTimeZone());
    std::string json;
    (void)json::MessageToJson(message, {}, &json);
    return json;
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return index < 0 ? get.GetString(record, field) : get.GetRepeatedString(record, field, index);
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(index < 0 ? get.GetInt32(record, field)
                                    : get.GetRepeatedInt32(record, field, index));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(index < 0 ? get.GetUInt32(record, field)
                                    : get.GetRepeatedUInt32(record, field, index));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(index < 0 ? get.GetInt64(record, field)
                                    : get.GetRepeatedInt64(record, field, index));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(index < 0 ? get.GetDouble(record, field)
                                    : get.GetRepeatedDouble(record, field, index));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(index < 0 ? get.GetFloat(record, field)
                                    : get.GetRepeatedFloat(record, field, index));
    case FieldDescriptor::CPPTYPE_BOOL: {
      const bool yes = index < 0 ? get.GetBool(record, field) : get.GetRepeatedBool(record, field, index);
      if (language == Language::kChinese) return yes ? "是" : "否";
      return yes ? "yes" : "no";
    }
    default:
      return "";
  }
}

std::vector<const Field*> DefaultColumns(const Resource& resource) {
  std::vector<const Field*> columns = {resource.id, resource.revision};
  for (const Field& field : resource.fields) {
    if (columns.size() == kColumnsMax) break;
    if (field.platform_written || &field == resource.id || &field == resource.revision) continue;
    const bool one_line = field.column != contract::Column::kJsonb &&
                          field.column != contract::Column::kNone &&
                          field.column != contract::Column::kUuid && !field.array;
    if (one_line && (field.rule->orderable() || field.rule->required())) columns.push_back(&field);
  }
  return columns;
}

}  // namespace

std::string LabelOf(const Field& field, Language language) {
  const std::string label = Pick(field.rule->label(), language);
  return label.empty() ? field.name : label;
}

std::string LabelOf(const Resource& resource, Language language) {
  return Pick(resource.rule->label(), language);
}

std::string ValueText(const Message& record, const Field& field, Language language) {
  const auto& get = *record.GetReflection();
  const FieldDescriptor* descriptor = field.descriptor;
  if (descriptor->is_repeated()) {
    std::string text;
    for (int i = 0; i < get.FieldSize(record, descriptor); ++i)
      absl::StrAppend(&text, i > 0 ? ", " : "", ElementText(record, descriptor, i, language));
    return text;
  }
  if (descriptor->has_presence() && !get.HasField(record, descriptor)) return "";
  return ElementText(record, descriptor, -1, language);
}

absl::StatusOr<std::string> JsonOf(const Message& message) {
  std::string json;
  RETURN_IF_ERROR(json::MessageToJson(message, {}, &json));
  return json;
}

absl::Status PrintRecord(const Resource& resource, const Message& record, const Context& context,
                         std::ostream& out) {
  if (context.json) {
    ASSIGN_OR_RETURN(const std::string json, JsonOf(record));
    out << json << '\n';
    return absl::OkStatus();
  }
  size_t width = 0;
  for (const Field& field : resource.fields)
    width = std::max(width, DisplayWidth(LabelOf(field, context.language)));
  for (const Field& field : resource.fields) {
    const std::string text = ValueText(record, field, context.language);
    if (!text.empty()) out << Padded(LabelOf(field, context.language), width) << "  " << text << '\n';
  }
  return absl::OkStatus();
}

absl::Status PrintRecords(const Resource& resource, const std::vector<const Message*>& records,
                          const std::vector<std::string>& columns, const Context& context,
                          std::ostream& out) {
  if (context.json) {
    for (const Message* record : records) {
      ASSIGN_OR_RETURN(const std::string json, JsonOf(*record));
      out << json << '\n';
    }
    return absl::OkStatus();
  }
  std::vector<const Field*> fields;
  for (const std::string& name : columns) {
    fields.push_back(resource.Find(name));
    if (fields.back() == nullptr)
      return WrongUsage(absl::StrCat(resource.kind, " 没有字段 ", name),
                        absl::StrCat(resource.kind, " has no field ", name));
  }
  if (fields.empty()) fields = DefaultColumns(resource);
  std::vector<std::string> header;
  for (const Field* field : fields) header.push_back(LabelOf(*field, context.language));
  TextTable table(header);
  for (const Message* record : records) {
    std::vector<std::string> row;
    for (const Field* field : fields) row.push_back(ValueText(*record, *field, context.language));
    table.Add(std::move(row));
  }
  table.Print(out);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadText(const std::string& path, size_t bytes_max) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return CannotRead(path, LastError());
  }
  std::istream& input = path == "-" ? std::cin : file;
  std::string text(bytes_max + 1, '\0');
  input.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(input.gcount()));
  if (text.size() > bytes_max)
    return Failed(absl::StatusCode::kInvalidArgument, absl::StrCat(path, " 超过 ", bytes_max, " 字节"),
                  absl::StrCat(path, " has more than ", bytes_max, " bytes"));
  return text;
}

std::string ProblemText(const sync::v1::ImportProblem& problem, const Context& context) {
  return absl::StrCat(context.Say(problem.message_zh().c_str(), problem.message_en().c_str()),
                      context.Say(";", "; "),
                      context.Say(problem.remedy_zh().c_str(), problem.remedy_en().c_str()));
}

}  // namespace lianqiao::cli
