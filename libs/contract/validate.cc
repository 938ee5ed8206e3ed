// SPDX-License-Identifier: Apache-2.0
// Field rules applied to a message. Patterns are compiled once per field.
#include <google/protobuf/map.h>
#include <google/protobuf/timestamp.pb.h>
#include <re2/re2.h>

#include <cmath>
#include <mutex>
#include <set>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/limits.h"
#include "libs/base/text.h"
#include "libs/contract/contract.h"

namespace lianqiao::contract {
namespace {

namespace v1 = options::v1;
using base::ErrorReason;
using base::Refuse;
using base::Violation;
using google::protobuf::Reflection;
using Violations = std::vector<Violation>;

constexpr int64_t kTimestampSecondsMin = -62135596800;
constexpr int64_t kTimestampSecondsMax = 253402300799;

const re2::RE2& PatternOf(const FieldDescriptor* field, const std::string& pattern) {
  static std::mutex mutex;
  static auto* patterns = new std::unordered_map<const FieldDescriptor*, std::unique_ptr<re2::RE2>>();
  const std::lock_guard<std::mutex> lock(mutex);
  auto& compiled = (*patterns)[field];
  if (compiled == nullptr) compiled = std::make_unique<re2::RE2>(pattern);
  return *compiled;
}

bool IsDigits(const std::string& text) {
  return text.find_first_not_of("0123456789") == std::string::npos;
}

bool IsSchoolYear(const std::string& text) {
  return text.size() == 9 && text[4] == '-' && IsDigits(text.substr(0, 4)) && IsDigits(text.substr(5)) &&
         std::atoi(text.c_str()) + 1 == std::atoi(text.c_str() + 5);
}

bool IsTerm(const std::string& text) {
  return text.size() == 11 && IsSchoolYear(text.substr(0, 9)) &&
         (text.substr(9) == "-1" || text.substr(9) == "-2");
}

struct Expectation {
  std::string en;  // Empty if the text has the format.
  std::string zh = en;
};

Expectation Expected(v1::Format format, const std::string& text) {
  switch (format) {
    case v1::FORMAT_DATE:
      return {base::IsDate(text) ? "" : "YYYY-MM-DD"};
    case v1::FORMAT_UUID:
      return {base::IsId(text) ? "" : "a UUID in lower case", "小写的 UUID"};
    case v1::FORMAT_DIVISION_CODE:
      return {IsDigits(text) && (text.size() == 6 || text.size() == 9 || text.size() == 12)
                  ? ""
                  : "6, 9 or 12 digits (GB/T 2260)",
              "6、9或12位数字(GB/T 2260)"};
    case v1::FORMAT_SCHOOL_CODE:
      return {IsDigits(text) && text.size() == 10 ? "" : "10 digits", "10位数字"};
    case v1::FORMAT_SOCIAL_CREDIT_CODE:
      return {base::IsSocialCreditCode(text) ? "" : "18 characters with a right check character (GB 32100)",
              "18位且校验码正确(GB 32100)"};
    case v1::FORMAT_SCHOOL_YEAR:
      return {IsSchoolYear(text) ? "" : "2023-2024"};
    case v1::FORMAT_TERM:
      return {IsTerm(text) ? "" : "2023-2024-1"};
    case v1::FORMAT_URL:
      return {text.rfind("https://", 0) == 0 || text.rfind("http://", 0) == 0 ? "" : "https://…"};
    default:
      return {""};
  }
}

// Where people write what they like, so that a resident id or a mobile number may stand in it; codes and ids
// have forms of their own, and some of them are as long.
bool IsFreeText(const FieldDescriptor* field, const v1::FieldRule& rule, v1::Format format) {
  if (format == v1::FORMAT_OPAQUE_PERSON) return true;
  if (format != v1::FORMAT_UNSPECIFIED || !rule.pattern().empty()) return false;
  static const std::set<std::string> kTechnical = {"id", "etag", "request_id", "page_token", "file_ref"};
  const std::string& package = field->file()->package();
  return package != "lianqiao.type.v1" && package != "lianqiao.identity.v1" &&
         kTechnical.count(field->name()) == 0;
}

// "1000000", not "1e+06".
std::string NumberText(double number) {
  return number == std::floor(number) && std::abs(number) < 1e15 ? absl::StrCat(static_cast<int64_t>(number))
                                                                 : absl::StrCat(number);
}

void CheckText(const FieldDescriptor* field, const v1::FieldRule& rule, const std::string& text,
               const std::string& path, Violations* violations) {
  if (text.empty()) return;
  const size_t max =
      static_cast<size_t>(rule.max_length() > 0 ? rule.max_length() : base::kStringCharactersMax);
  if (text.size() > max && base::CharacterCount(text) > max) {
    violations->push_back(Refuse(path, ErrorReason::FIELD_TOO_LONG, {{"max", absl::StrCat(max)}}));
    return;
  }
  const v1::Format format = rule.reference().empty() ? rule.format() : v1::FORMAT_UUID;
  if (const Expectation expected = Expected(format, text); !expected.en.empty()) {
    violations->push_back(Refuse(path, ErrorReason::FIELD_BAD_FORMAT,
                                 {{"expected", expected.en}, {"expected_zh", expected.zh}}));
  } else if (IsFreeText(field, rule, format) && base::LooksLikePersonalNumber(text)) {
    violations->push_back(Refuse(path, ErrorReason::FORBIDDEN_PERSONAL_DATA));
  } else if (!rule.pattern().empty() && !re2::RE2::FullMatch(text, PatternOf(field, rule.pattern()))) {
    violations->push_back(Refuse(path, ErrorReason::FIELD_BAD_FORMAT, {{"expected", rule.pattern()}}));
  }
}

void CheckNumber(const v1::FieldRule& rule, double value, const std::string& path, Violations* violations) {
  const bool low = rule.has_min() && value < rule.min();
  const bool high = rule.has_max() && value > rule.max();
  const bool odd = value != value;  // NaN compares with nothing.
  if (!low && !high && !odd) return;
  violations->push_back(Refuse(path, ErrorReason::FIELD_OUT_OF_RANGE,
                               {{"min", rule.has_min() ? NumberText(rule.min()) : "-∞"},
                                {"max", rule.has_max() ? NumberText(rule.max()) : "∞"}}));
}

// What RFC 3339, hence JSON, can say.
void CheckTimestamp(const Message& message, const std::string& path, Violations* violations) {
  const auto& time = static_cast<const google::protobuf::Timestamp&>(message);
  const bool year = time.seconds() >= kTimestampSecondsMin && time.seconds() <= kTimestampSecondsMax;
  if (year && time.nanos() >= 0 && time.nanos() < 1000000000) return;
  violations->push_back(Refuse(path, ErrorReason::FIELD_OUT_OF_RANGE,
                               {{"min", "0001-01-01T00:00:00Z"}, {"max", "9999-12-31T23:59:59.999999999Z"}}));
}

// One value: element `index` of a repeated field, or the field itself (-1).
void CheckValue(const Message& message, const FieldDescriptor* field, int index, const v1::FieldRule& rule,
                const std::string& path, Violations* violations) {
  const Reflection& get = *message.GetReflection();
  const bool one = index < 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->type() == FieldDescriptor::TYPE_STRING)
        CheckText(field, rule,
                  one ? get.GetString(message, field) : get.GetRepeatedString(message, field, index), path,
                  violations);
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      return CheckNumber(rule,
                         one ? get.GetInt32(message, field) : get.GetRepeatedInt32(message, field, index),
                         path, violations);
    case FieldDescriptor::CPPTYPE_INT64:
      return CheckNumber(rule,
                         static_cast<double>(one ? get.GetInt64(message, field)
                                                 : get.GetRepeatedInt64(message, field, index)),
                         path, violations);
    case FieldDescriptor::CPPTYPE_UINT32:
      return CheckNumber(rule,
                         one ? get.GetUInt32(message, field) : get.GetRepeatedUInt32(message, field, index),
                         path, violations);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return CheckNumber(rule,
                         one ? get.GetDouble(message, field) : get.GetRepeatedDouble(message, field, index),
                         path, violations);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number =
          one ? get.GetEnumValue(message, field) : get.GetRepeatedEnumValue(message, field, index);
      if (field->enum_type()->FindValueByNumber(number) == nullptr)
        violations->push_back(
            Refuse(path, ErrorReason::FIELD_UNKNOWN_CODE, {{"value", absl::StrCat(number)}}));
      return;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field->message_type()->full_name() == "google.protobuf.Timestamp")
        return CheckTimestamp(
            one ? get.GetMessage(message, field) : get.GetRepeatedMessage(message, field, index), path,
            violations);
      if (field->message_type()->file()->package() == "google.protobuf") return;
      return Validate(one ? get.GetMessage(message, field) : get.GetRepeatedMessage(message, field, index),
                      path, violations);
    default:
      return;
  }
}

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const Reflection& get = *message.GetReflection();
  return field->is_repeated() ? get.FieldSize(message, field) > 0 : get.HasField(message, field);
}

}  // namespace

void Validate(const Message& message, const std::string& path, Violations* violations) {
  const Descriptor* descriptor = message.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const v1::FieldRule& rule = field->options().GetExtension(v1::field);
    const std::string field_path = PathOf(path, *field);
    if (!IsSet(message, field)) {
      // A required number without presence cannot be told from zero; then zero must be within bounds.
      const bool number = !field->is_repeated() && !field->has_presence() &&
                          field->cpp_type() != FieldDescriptor::CPPTYPE_STRING &&
                          field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM;
      if (rule.required() && !number && !rule.output_only())
        violations->push_back(Refuse(field_path, ErrorReason::FIELD_REQUIRED));
      if (number) CheckValue(message, field, -1, rule, field_path, violations);
      continue;
    }
    if (!field->is_repeated()) {
      CheckValue(message, field, -1, rule, field_path, violations);
      continue;
    }
    const int size = message.GetReflection()->FieldSize(message, field);
    const int max = rule.max_items() > 0 ? rule.max_items() : base::kRepeatedItemsMax;
    if (size > max) {
      violations->push_back(Refuse(field_path, ErrorReason::FIELD_TOO_MANY, {{"max", absl::StrCat(max)}}));
      continue;
    }
    if (field->is_map()) continue;  // Sizes and text are bounded; entries carry no rules of their own.
    for (int k = 0; k < size; ++k)
      CheckValue(message, field, k, rule, absl::StrCat(field_path, "[", k, "]"), violations);
  }
}

void RefuseUnknownFields(const Message& message, const std::string& path, Violations* violations) {
  const Reflection& reflection = *message.GetReflection();
  const auto& unknown = reflection.GetUnknownFields(message);
  if (!unknown.empty())
    violations->push_back(Refuse(absl::StrCat(path, path.empty() ? "" : ".", unknown.field(0).number()),
                                 ErrorReason::FIELD_UNKNOWN));
  const auto* descriptor = message.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      if (reflection.HasField(message, field))
        RefuseUnknownFields(reflection.GetMessage(message, field), PathOf(path, *field), violations);
      continue;
    }
    for (int k = 0; k < reflection.FieldSize(message, field); ++k)
      RefuseUnknownFields(reflection.GetRepeatedMessage(message, field, k),
                          absl::StrCat(PathOf(path, *field), "[", k, "]"), violations);
  }
}

void NormaliseText(Message* message, const std::string& path, Violations* violations) {
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int size = field->is_repeated() ? reflection.FieldSize(*message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        NormaliseText(field->is_repeated() ? reflection.MutableRepeatedMessage(message, field, i)
                                           : reflection.MutableMessage(message, field),
                      PathOf(path, *field), violations);
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        const std::string before = field->is_repeated() ? reflection.GetRepeatedString(*message, field, i)
                                                        : reflection.GetString(*message, field);
        bool ok = true;
        std::string after = base::Normalise(before, &ok);
        if (!ok)
          violations->push_back(
              Refuse(PathOf(path, *field), ErrorReason::FIELD_BAD_FORMAT, {{"expected", "UTF-8"}}));
        if (!ok || after == before) continue;
        if (field->is_repeated()) {
          reflection.SetRepeatedString(message, field, i, std::move(after));
        } else {
          reflection.SetString(message, field, std::move(after));
        }
      }
    }
  }
}

}  // namespace lianqiao::contract
