// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/parameter.h"

#include <simdjson.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/log.h"
#include "libs/base/text.h"
#include "libs/json/json.h"
#include "services/gateway/wire.h"

namespace lianqiao::gateway {
namespace {

using base::ErrorReason;
using base::Refuse;
using google::protobuf::FieldDescriptor;

// Wire types of the scalars.
constexpr int kVarint = 0, kFixed64 = 1, kFixed32 = 5;

class Writer {
 public:
  Writer(const FieldDescriptor& field, const std::string& name, const std::string& text, std::string* wire,
         std::vector<base::Violation>* violations)
      : field_(field), name_(name), text_(text), wire_(wire), violations_(violations) {}

  void Write() {
    if (!simdjson::validate_utf8(text_.data(), text_.size())) return BadFormat("UTF-8");
    switch (field_.type()) {
      case FieldDescriptor::TYPE_STRING:
        return String();
      case FieldDescriptor::TYPE_BYTES:
        return Bytes();
      case FieldDescriptor::TYPE_BOOL:
        return Bool();
      case FieldDescriptor::TYPE_ENUM:
        return Enum();
      case FieldDescriptor::TYPE_DOUBLE:
        return Double();
      case FieldDescriptor::TYPE_FLOAT:
        return Float();
      case FieldDescriptor::TYPE_MESSAGE:
        return Message();
      case FieldDescriptor::TYPE_INT32:
      case FieldDescriptor::TYPE_SINT32:
      case FieldDescriptor::TYPE_SFIXED32:
        return Integer<int32_t>();
      case FieldDescriptor::TYPE_INT64:
      case FieldDescriptor::TYPE_SINT64:
      case FieldDescriptor::TYPE_SFIXED64:
        return Integer<int64_t>();
      case FieldDescriptor::TYPE_UINT32:
      case FieldDescriptor::TYPE_FIXED32:
        return Integer<uint32_t>();
      default:
        return Integer<uint64_t>();
    }
  }

 private:
  void WrongType(const char* expected) {
    violations_->push_back(Refuse(name_, ErrorReason::FIELD_WRONG_TYPE, {{"expected", expected}}));
  }
  void BadFormat(const char* expected) {
    violations_->push_back(Refuse(name_, ErrorReason::FIELD_BAD_FORMAT, {{"expected", expected}}));
  }
  void Tag(int wire_type) { AppendVarint(static_cast<uint64_t>(field_.number()) << 3 | wire_type, wire_); }
  template <typename Value>
  void Fixed(Value value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    wire_->append(bytes, sizeof value);
  }

  void String() { AppendPart(field_.number(), text_, wire_); }

  void Bytes() {
    std::string decoded;
    if (!absl::Base64Unescape(text_, &decoded) && !absl::WebSafeBase64Unescape(text_, &decoded)) {
      return BadFormat("base64");
    }
    AppendPart(field_.number(), decoded, wire_);
  }

  void Bool() {
    if (text_ != "true" && text_ != "false") return WrongType("boolean");
    Tag(kVarint);
    AppendVarint(text_ == "true" ? 1 : 0, wire_);
  }

  void Enum() {
    const auto* value = field_.enum_type()->FindValueByName(text_);
    int32_t number = 0;
    if (value == nullptr && absl::SimpleAtoi(text_, &number))
      value = field_.enum_type()->FindValueByNumber(number);
    if (value == nullptr) {
      violations_->push_back(Refuse(name_, ErrorReason::FIELD_UNKNOWN_CODE, {{"value", text_}}));
      return;
    }
    Tag(kVarint);
    AppendVarint(static_cast<uint64_t>(static_cast<int64_t>(value->number())), wire_);
  }

  template <typename Value>
  void Integer() {
    Value value = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error == std::errc::result_out_of_range) {
      violations_->push_back(Refuse(name_, ErrorReason::FIELD_OUT_OF_RANGE,
                                    {{"min", absl::StrCat(std::numeric_limits<Value>::min())},
                                     {"max", absl::StrCat(std::numeric_limits<Value>::max())}}));
      return;
    }
    if (error != std::errc() || end != text_.data() + text_.size()) return WrongType("integer");
    switch (field_.type()) {
      case FieldDescriptor::TYPE_SFIXED32:
      case FieldDescriptor::TYPE_FIXED32:
        Tag(kFixed32), Fixed(static_cast<uint32_t>(value));
        break;
      case FieldDescriptor::TYPE_SFIXED64:
      case FieldDescriptor::TYPE_FIXED64:
        Tag(kFixed64), Fixed(static_cast<uint64_t>(value));
        break;
      case FieldDescriptor::TYPE_SINT32:
      case FieldDescriptor::TYPE_SINT64: {
        const auto wide = static_cast<int64_t>(value);
        Tag(kVarint);
        AppendVarint((static_cast<uint64_t>(wide) << 1) ^ static_cast<uint64_t>(wide >> 63), wire_);
        break;
      }
      default:
        Tag(kVarint);
        AppendVarint(static_cast<uint64_t>(static_cast<int64_t>(value)), wire_);
    }
  }

  void Double() {
    double value = 0;
    if (!absl::SimpleAtod(text_, &value)) return WrongType("number");
    Tag(kFixed64);
    Fixed(value);
  }

  void Float() {
    float value = 0;
    if (!absl::SimpleAtof(text_, &value)) return WrongType("number");
    Tag(kFixed32);
    Fixed(value);
  }

  void FieldMask() {
    std::string mask;
    for (const std::string& path :
         std::vector<std::string>(absl::StrSplit(text_, ',', absl::SkipWhitespace()))) {
      for (const char c : path) {
        if (!absl::ascii_isalnum(c) && c != '_' && c != '.' && c != '*') return BadFormat("name,externalIds");
      }
      std::string proto_path;
      for (const char c : path) {
        if (absl::ascii_isupper(c)) proto_path.push_back('_');
        proto_path.push_back(absl::ascii_tolower(c));
      }
      AppendPart(1, proto_path, &mask);
    }
    AppendPart(field_.number(), mask, wire_);
  }

  void Message() {
    const std::string& type = field_.message_type()->full_name();
    if (type == "google.protobuf.FieldMask") return FieldMask();
    json::ReadOptions options;
    options.path_prefix = name_;
    std::string bytes;
    const bool bare = type == "google.protobuf.BoolValue" && (text_ == "true" || text_ == "false");
    const std::string value = bare ? text_ : base::JsonQuote(text_);
    if (json::JsonToWire(field_.message_type(), value, options, &bytes, violations_).ok()) {
      AppendPart(field_.number(), bytes, wire_);
    }
  }

  const FieldDescriptor& field_;
  const std::string& name_;
  const std::string& text_;
  std::string* wire_;
  std::vector<base::Violation>* violations_;
};

}  // namespace

bool IsParameterType(const FieldDescriptor& field) {
  if (field.type() == FieldDescriptor::TYPE_GROUP) return false;
  if (field.message_type() == nullptr) return true;
  const std::string& type = field.message_type()->full_name();
  for (const char* known :
       {"Timestamp", "Duration", "FieldMask", "BoolValue", "StringValue", "BytesValue", "Int32Value",
        "Int64Value", "UInt32Value", "UInt64Value", "FloatValue", "DoubleValue"}) {
    if (type == absl::StrCat("google.protobuf.", known)) return true;
  }
  return false;
}

void AppendParameter(const FieldDescriptor& field, const std::string& name, const std::string& text,
                     std::string* wire, std::vector<base::Violation>* violations) {
  Writer(field, name, text, wire, violations).Write();
}

}  // namespace lianqiao::gateway
