// SPDX-License-Identifier: Apache-2.0
// Scalars of the JSON reader: one token each.
#include <bit>
#include <cmath>
#include <limits>

#include "libs/json/reader.h"
#include "libs/json/text.h"

namespace lianqiao::json {

using base::ErrorReason;

namespace {

// The integers of a kind, as (least, greatest).
struct Range {
  int64_t least;
  uint64_t greatest;
};

Range RangeOf(Kind kind) {
  switch (kind) {
    case Kind::kInt32:
    case Kind::kSint32:
    case Kind::kSfixed32:
    case Kind::kEnum:
      return {INT32_MIN, INT32_MAX};
    case Kind::kUint32:
    case Kind::kFixed32:
      return {0, UINT32_MAX};
    case Kind::kUint64:
    case Kind::kFixed64:
      return {0, UINT64_MAX};
    default:
      return {INT64_MIN, INT64_MAX};
  }
}

bool IsFloating(Kind kind) {
  return kind == Kind::kDouble || kind == Kind::kFloat;
}

bool IsNumberStart(char c) {
  return c == '-' || (c >= '0' && c <= '9');
}

}  // namespace

const char* ExpectedType(Kind kind) {
  switch (kind) {
    case Kind::kDouble:
    case Kind::kFloat:
      return "number";
    case Kind::kBool:
      return "boolean";
    case Kind::kEnum:
    case Kind::kString:
    case Kind::kBytes:
      return "string";
    case Kind::kMessage:
      return "object";
    default:
      return "integer";
  }
}

Reader::Result Reader::ReadScalar(const FieldPlan& field, Scalar* scalar) {
  switch (field.kind) {
    case Kind::kString:
      return ReadString(&scalar->text);
    case Kind::kBytes:
      return ReadBytes(scalar);
    case Kind::kBool:
      return ReadBool(scalar);
    case Kind::kEnum:
      return ReadEnum(*field.enumeration, scalar);
    default:
      return ReadNumber(field, scalar);
  }
}

Reader::Result Reader::ReadString(std::string_view* text) {
  if (document_.Peek() != '"') return WrongType("string");
  const std::string_view raw = document_.TakeString();
  if (!HasBackslash(raw)) {
    *text = raw;
    return Result::kGood;
  }
  return Unquote(raw, &unescaped_, text);
}

Reader::Result Reader::Unquote(std::string_view raw, std::string* space, std::string_view* text) {
  switch (Unescape(raw, space)) {
    case Unescaped::kText:
      *text = *space;
      return Result::kGood;
    case Unescaped::kNotUnicode:
      return BadFormat("UTF-8");
    case Unescaped::kNotJson:
      break;
  }
  Syntax("\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
  return Result::kStop;
}

Reader::Result Reader::ReadBytes(Scalar* scalar) {
  std::string_view text;
  const Result result = ReadString(&text);
  if (result != Result::kGood) return result;
  if (!FromBase64(text, &decoded_)) return BadFormat("base64");
  scalar->text = decoded_;
  return Result::kGood;
}

Reader::Result Reader::ReadBool(Scalar* scalar) {
  const char c = document_.Peek();
  const bool yes = c == 't' && document_.IsLiteral("true");
  if (!yes && !(c == 'f' && document_.IsLiteral("false"))) return WrongType("boolean");
  document_.Take();
  scalar->bits = yes;
  return Result::kGood;
}

Reader::Result Reader::ReadEnum(const EnumPlan& plan, Scalar* scalar) {
  const char c = document_.Peek();
  if (plan.is_null && document_.IsNull()) {
    document_.Take();
    return Result::kGood;
  }
  if (c == '"') {
    std::string_view name;
    const Result result = ReadString(&name);
    if (result != Result::kGood) return result;
    const auto found = plan.numbers.find(absl::string_view(name.data(), name.size()));
    if (found == plan.numbers.end()) {
      return Refuse(ErrorReason::FIELD_UNKNOWN_CODE, {{"value", Clip(name, kShownBytes)}});
    }
    scalar->bits = static_cast<uint64_t>(int64_t{found->second});
    return Result::kGood;
  }
  if (!IsNumberStart(c)) return WrongType("string");
  const NumberToken number = ScanNumber(document_.At());
  if (number.end == nullptr || !document_.EndsToken(number.end)) return WrongType("string");
  document_.Take();
  const Result result = Integral(Kind::kEnum, number, scalar);
  if (result != Result::kGood) return result;
  if (plan.positions.contains(static_cast<int32_t>(scalar->bits))) return result;
  return Refuse(ErrorReason::FIELD_UNKNOWN_CODE, {{"value", std::string(number.begin, number.end)}});
}

Reader::Result Reader::ReadNumber(const FieldPlan& field, Scalar* scalar) {
  const char c = document_.Peek();
  if (IsNumberStart(c)) {
    const NumberToken number = ScanNumber(document_.At());
    if (number.end == nullptr || !document_.EndsToken(number.end)) return WrongType(ExpectedType(field.kind));
    document_.Take();
    return Convert(field.kind, number, scalar);
  }
  if (c != '"') return WrongType(ExpectedType(field.kind));
  std::string_view text;
  const Result result = ReadString(&text);
  if (result != Result::kGood) return result;
  if (IsFloating(field.kind)) {
    const double infinity = std::numeric_limits<double>::infinity();
    const bool special = text == "NaN" || text == "Infinity" || text == "-Infinity";
    if (special) {
      const double value = text == "NaN" ? std::nan("") : text[0] == '-' ? -infinity : infinity;
      scalar->bits = field.kind == Kind::kFloat ? std::bit_cast<uint32_t>(static_cast<float>(value))
                                                : std::bit_cast<uint64_t>(value);
      return Result::kGood;
    }
  }
  // The character behind the text is a quote or the end of a string, neither of which continues a number.
  const NumberToken number = ScanNumber(text.data());
  if (number.end != text.data() + text.size()) {
    return Refuse(ErrorReason::FIELD_WRONG_TYPE, {{"expected", ExpectedType(field.kind)}});
  }
  return Convert(field.kind, number, scalar);
}

Reader::Result Reader::MapKey(const FieldPlan& field, std::string_view raw, Scalar* scalar) {
  std::string_view text = raw;
  if (HasBackslash(raw)) {
    const Result result = Unquote(raw, &unescaped_, &text);
    if (result != Result::kGood) return result;
  }
  if (field.kind == Kind::kString) {
    scalar->text = text;
    return Result::kGood;
  }
  if (field.kind == Kind::kBool) {
    scalar->bits = text == "true";
    if (text == "true" || text == "false") return Result::kGood;
    return Refuse(ErrorReason::FIELD_WRONG_TYPE, {{"expected", "boolean"}});
  }
  const NumberToken number = ScanNumber(text.data());
  if (number.end != text.data() + text.size() || !number.integer) {
    return Refuse(ErrorReason::FIELD_WRONG_TYPE, {{"expected", "integer"}});
  }
  return Convert(field.kind, number, scalar);
}

Reader::Result Reader::Convert(Kind kind, const NumberToken& number, Scalar* scalar) {
  return IsFloating(kind) ? Floating(kind, number, scalar) : Integral(kind, number, scalar);
}

Reader::Result Reader::Integral(Kind kind, NumberToken number, Scalar* scalar) {
  if (!number.integer && !MakeWhole(&number)) {
    return Refuse(ErrorReason::FIELD_WRONG_TYPE, {{"expected", "integer"}});
  }
  const Range range = RangeOf(kind);
  const uint64_t limit = number.negative ? -static_cast<uint64_t>(range.least) : range.greatest;
  if (number.overflow || number.magnitude > limit) {
    return Refuse(ErrorReason::FIELD_OUT_OF_RANGE,
                  {{"min", std::to_string(range.least)}, {"max", std::to_string(range.greatest)}});
  }
  scalar->bits = number.negative ? -number.magnitude : number.magnitude;
  return Result::kGood;
}

Reader::Result Reader::Floating(Kind kind, const NumberToken& number, Scalar* scalar) {
  bool fits = false;
  if (kind == Kind::kFloat) {
    const float value = ToFloat(number);
    fits = std::isfinite(value);
    scalar->bits = std::bit_cast<uint32_t>(value);
  } else {
    const double value = ToDouble(number);
    fits = std::isfinite(value);
    scalar->bits = std::bit_cast<uint64_t>(value);
  }
  if (fits) return Result::kGood;
  const char* max = kind == Kind::kFloat ? "3.4028235e+38" : "1.7976931348623157e+308";
  return Refuse(ErrorReason::FIELD_OUT_OF_RANGE, {{"min", std::string("-") + max}, {"max", max}});
}

void Reader::Emit(const FieldPlan& field, const Scalar& scalar, Write write, bool tagged) {
  if (write == Write::kUnlessDefault && scalar.bits == 0 && scalar.text.empty()) return;
  if (tagged) field.tag.AppendTo(&wire_);
  switch (field.kind) {
    case Kind::kDouble:
    case Kind::kFixed64:
    case Kind::kSfixed64:
      wire_.Fixed(scalar.bits);
      break;
    case Kind::kFloat:
    case Kind::kFixed32:
    case Kind::kSfixed32:
      wire_.Fixed(static_cast<uint32_t>(scalar.bits));
      break;
    case Kind::kSint32:
    case Kind::kSint64:
      wire_.Varint(scalar.bits << 1 ^ static_cast<uint64_t>(static_cast<int64_t>(scalar.bits) >> 63));
      break;
    case Kind::kString:
    case Kind::kBytes:
      wire_.Varint(scalar.text.size());
      wire_.Append(scalar.text.data(), scalar.text.size());
      break;
    default:
      wire_.Varint(scalar.bits);
      break;
  }
}

}  // namespace lianqiao::json
