// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/cells.h"

#include <cmath>
#include <limits>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/base/text.h"
#include "libs/json/json.h"
#include "libs/store/codec.h"

namespace lianqiao::bulk {
namespace {

using base::ErrorReason;
using base::Refuse;
using contract::FieldDescriptor;
using contract::Message;
using Violations = std::vector<base::Violation>;

// One value on its way into a field: appended to a repeated one, set otherwise.
struct Target {
  Message* message = nullptr;
  const FieldDescriptor* field = nullptr;
  std::string path;
  Violations* violations = nullptr;

  void Fail(ErrorReason reason, base::Arguments arguments = {}) const {
    violations->push_back(Refuse(path, reason, arguments));
  }
};

// What a spreadsheet would run. A minus before a number, or alone, is none.
bool LooksLikeFormula(const std::string& text) {
  const char first = text.empty() ? ' ' : text[0];
  if (first == '=' || first == '@') return true;
  return (first == '+' || first == '-') && text.find_first_of("(!|") != std::string::npos;
}

// 2023/9/1, 2023.9.1 and 2023年9月1日 as 2023-09-01; other text as it is, to be refused as what it is.
std::string DateText(const std::string& text) {
  const std::string plain =
      absl::StrReplaceAll(text, {{"年", "-"}, {"月", "-"}, {"日", ""}, {"/", "-"}, {".", "-"}});
  const std::vector<std::string> parts = absl::StrSplit(plain, '-');
  int numbers[3];
  if (parts.size() != 3 || parts[0].size() != 4) return text;
  for (size_t i = 0; i < 3; ++i) {
    if (parts[i].empty() || parts[i].size() > 4 || !absl::SimpleAtoi(parts[i], &numbers[i])) return text;
  }
  const absl::CivilDay day(numbers[0], numbers[1], numbers[2]);
  if (day.month() != numbers[1] || day.day() != numbers[2]) return text;
  return absl::FormatCivilTime(day);
}

void SetText(const Target& target, std::string text) {
  const auto& set = *target.message->GetReflection();
  if (target.field->is_repeated()) return set.AddString(target.message, target.field, std::move(text));
  set.SetString(target.message, target.field, std::move(text));
}

void SetString(const Target& target, const std::string& text) {
  if (target.field->type() == FieldDescriptor::TYPE_BYTES) {
    std::string bytes;
    if (!absl::Base64Unescape(text, &bytes) && !absl::WebSafeBase64Unescape(text, &bytes))
      return target.Fail(ErrorReason::FIELD_BAD_FORMAT, {{"expected", "base64"}});
    return SetText(target, std::move(bytes));
  }
  const auto& rule = target.field->options().GetExtension(options::v1::field);
  if (rule.format() == options::v1::FORMAT_DATE) return SetText(target, DateText(text));
  // Spreadsheets mark a text that only looks like a formula so.
  if (text.size() > 1 && text[0] == '\'' && LooksLikeFormula(text.substr(1)))
    return SetText(target, text.substr(1));
  if (LooksLikeFormula(text)) return target.Fail(ErrorReason::FORBIDDEN_FORMULA);
  SetText(target, text);
}

void SetEnum(const Target& target, const std::string& text) {
  const auto* type = target.field->enum_type();
  const std::string lower = absl::AsciiStrToLower(text);
  for (int i = 0; i < type->value_count(); ++i) {
    const auto& value = *type->value(i);
    const auto& label = value.options().GetExtension(options::v1::label);
    if (text != value.name() && absl::AsciiStrToUpper(text) != contract::ShortName(value) &&
        (label.zh().empty() || text != label.zh()) &&
        (label.en().empty() || lower != absl::AsciiStrToLower(label.en())))
      continue;
    const auto& set = *target.message->GetReflection();
    if (target.field->is_repeated()) return set.AddEnum(target.message, target.field, &value);
    return set.SetEnum(target.message, target.field, &value);
  }
  target.Fail(ErrorReason::FIELD_UNKNOWN_CODE, {{"value", text.substr(0, 100)}});
}

void SetBool(const Target& target, const std::string& text) {
  static const std::set<std::string> kYes = {"true", "yes", "y", "1", "是", "有"};
  static const std::set<std::string> kNo = {"false", "no", "n", "0", "否", "无"};
  const std::string lower = absl::AsciiStrToLower(text);
  const bool yes = kYes.count(lower) > 0;
  if (!yes && kNo.count(lower) == 0)
    return target.Fail(ErrorReason::FIELD_WRONG_TYPE,
                       {{"expected", "true/false"}, {"expected_zh", "是或否"}});
  const auto& set = *target.message->GetReflection();
  if (target.field->is_repeated()) return set.AddBool(target.message, target.field, yes);
  set.SetBool(target.message, target.field, yes);
}

// Spreadsheets write whole numbers as 12.0, too.
bool ParseWhole(const std::string& text, int64_t* value) {
  const size_t point = text.find('.');
  if (point != std::string::npos && text.find_first_not_of('0', point + 1) != std::string::npos) return false;
  return absl::SimpleAtoi(text.substr(0, point), value);
}

void SetWhole(const Target& target, const std::string& text, int64_t min, int64_t max) {
  int64_t value = 0;
  double number = 0;
  const bool whole = ParseWhole(text, &value);
  if (!whole && !(absl::SimpleAtod(text, &number) && std::abs(number) >= 9e18))
    return target.Fail(ErrorReason::FIELD_WRONG_TYPE, {{"expected", "integer"}, {"expected_zh", "整数"}});
  if (!whole || value < min || value > max)
    return target.Fail(ErrorReason::FIELD_OUT_OF_RANGE,
                       {{"min", absl::StrCat(min)}, {"max", absl::StrCat(max)}});
  const auto& set = *target.message->GetReflection();
  const bool many = target.field->is_repeated();
  Message* message = target.message;
  const FieldDescriptor* field = target.field;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return many ? set.AddInt32(message, field, static_cast<int32_t>(value))
                  : set.SetInt32(message, field, static_cast<int32_t>(value));
    case FieldDescriptor::CPPTYPE_UINT32:
      return many ? set.AddUInt32(message, field, static_cast<uint32_t>(value))
                  : set.SetUInt32(message, field, static_cast<uint32_t>(value));
    default:
      return many ? set.AddInt64(message, field, value) : set.SetInt64(message, field, value);
  }
}

void SetDouble(const Target& target, const std::string& text) {
  double value = 0;
  if (!absl::SimpleAtod(text, &value) || !std::isfinite(value))
    return target.Fail(ErrorReason::FIELD_WRONG_TYPE, {{"expected", "number"}, {"expected_zh", "数字"}});
  const auto& set = *target.message->GetReflection();
  const bool many = target.field->is_repeated();
  if (target.field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
    const auto narrow = static_cast<float>(value);
    return many ? set.AddFloat(target.message, target.field, narrow)
                : set.SetFloat(target.message, target.field, narrow);
  }
  return many ? set.AddDouble(target.message, target.field, value)
              : set.SetDouble(target.message, target.field, value);
}

// RFC 3339, or a day and time of China's clocks.
void SetTimestamp(const Target& target, const std::string& text) {
  absl::Time time;
  const absl::TimeZone shanghai = absl::FixedTimeZone(8 * 60 * 60);
  bool read = absl::ParseTime(absl::RFC3339_full, text, &time, nullptr);
  for (const char* form : {"%Y-%m-%d %H:%M:%E*S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%E*S", "%Y/%m/%d %H:%M"})
    read = read || absl::ParseTime(form, text, shanghai, &time, nullptr);
  if (!read) return target.Fail(ErrorReason::FIELD_BAD_FORMAT, {{"expected", "2024-01-31T08:00:00+08:00"}});
  const auto& set = *target.message->GetReflection();
  store::SetTimestamp(time, target.field->is_repeated() ? set.AddMessage(target.message, target.field)
                                                        : set.MutableMessage(target.message, target.field));
}

// A message, a map or a list: the cell holds their JSON. False: it does not.
bool SetJson(const Target& target, const std::string& text) {
  json::ReadOptions options;
  const size_t dot = target.path.rfind('.');
  options.path_prefix = dot == std::string::npos ? "" : target.path.substr(0, dot);
  std::unique_ptr<Message> holder(target.message->New());
  const absl::Status read =
      json::JsonToMessage(absl::StrCat("{\"", target.field->json_name(), "\":", text, "}"), options,
                          holder.get(), target.violations);
  if (read.ok()) target.message->MergeFrom(*holder);
  return read.ok();
}

void SetOne(const Target& target, const std::string& text) {
  switch (target.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return SetString(target, text);
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(target, text);
    case FieldDescriptor::CPPTYPE_BOOL:
      return SetBool(target, text);
    case FieldDescriptor::CPPTYPE_INT32:
      return SetWhole(target, text, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max());
    case FieldDescriptor::CPPTYPE_UINT32:
      return SetWhole(target, text, 0, std::numeric_limits<uint32_t>::max());
    case FieldDescriptor::CPPTYPE_INT64:
      return SetWhole(target, text, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max());
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return SetDouble(target, text);
    default:
      return SetTimestamp(target, text);
  }
}

Target Descend(const Column& column, Message* record, Violations* violations) {
  Target target{record, nullptr, "", violations};
  for (size_t i = 0; i < column.path.size(); ++i) {
    const PathStep& step = column.path[i];
    target.field = step.field;
    target.path = contract::PathOf(target.path, *step.field);
    if (step.index >= 0) absl::StrAppend(&target.path, "[", step.index, "]");
    if (i + 1 == column.path.size()) break;
    const auto& reflection = *target.message->GetReflection();
    if (step.index < 0) {
      target.message = reflection.MutableMessage(target.message, step.field);
      continue;
    }
    while (reflection.FieldSize(*target.message, step.field) <= step.index)
      reflection.AddMessage(target.message, step.field);
    target.message = reflection.MutableRepeatedMessage(target.message, step.field, step.index);
  }
  return target;
}

}  // namespace

void SetCell(const Column& column, const std::string& cell, Message* record, Violations* violations) {
  bool ok = true;
  const std::string text = base::Normalise(cell, &ok);
  if (text.empty()) return;  // Also what is no UTF-8: the whole row was refused for that.
  const Target target = Descend(column, record, violations);
  const bool timestamp = target.field->message_type() != nullptr &&
                         target.field->message_type()->full_name() == "google.protobuf.Timestamp";
  const bool json = target.field->message_type() != nullptr && !timestamp;
  if (json) {
    SetJson(target, text);
    return;
  }
  if (!target.field->is_repeated()) return SetOne(target, text);
  // As exports write a list, whose elements may hold semicolons; other text that begins so is text.
  if (Violations ignored; text.front() == '[') {
    Target list = target;
    list.violations = &ignored;
    if (SetJson(list, text)) return;
  }
  int index = 0;
  for (const absl::string_view part : absl::StrSplit(absl::StrReplaceAll(text, {{"；", ";"}}), ';')) {
    const absl::string_view element = absl::StripAsciiWhitespace(part);
    if (element.empty()) continue;
    Target one = target;
    one.path = absl::StrCat(target.path, "[", index++, "]");
    SetOne(one, std::string(element));
  }
}

void DropEmptyElements(const std::vector<Column>& columns, Message* record) {
  std::set<const FieldDescriptor*> lists;
  for (const Column& column : columns) {
    if (column.path.size() > 1 && column.path[0].index >= 0) lists.insert(column.path[0].field);
  }
  const auto& reflection = *record->GetReflection();
  for (const FieldDescriptor* list : lists) {
    int kept = 0;
    for (int i = 0; i < reflection.FieldSize(*record, list); ++i) {
      if (reflection.GetRepeatedMessage(*record, list, i).ByteSizeLong() > 0)
        reflection.SwapElements(record, list, kept++, i);
    }
    while (reflection.FieldSize(*record, list) > kept) reflection.RemoveLast(record, list);
  }
}

}  // namespace lianqiao::bulk
