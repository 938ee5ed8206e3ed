// SPDX-License-Identifier: Apache-2.0
// Single values and the messages whose JSON is not an object of their fields.
#include <bit>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "libs/json/moment.h"
#include "libs/json/number.h"
#include "libs/json/text.h"
#include "libs/json/writer.h"

namespace lianqiao::json {
namespace {

constexpr char kMalformed[] = "malformed wire";

int64_t ZigZag(uint64_t bits) {
  return static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
}

std::string_view View(Wire part) {
  return std::string_view(part.next, part.Size());
}

}  // namespace

template <typename Integer>
void Writer::Integral(Integer value) {
  char* next = out_.Room(kNumberCharactersMax);
  out_.Advance(std::to_chars(next, next + kNumberCharactersMax, value).ptr);
}

// 64-bit integers are strings in JSON.
void Writer::Quoted(uint64_t magnitude, bool negative) {
  char* next = out_.Room(kNumberCharactersMax);
  *next++ = '"';
  if (negative) *next++ = '-';
  next = std::to_chars(next, next + 20, magnitude).ptr;
  *next++ = '"';
  out_.Advance(next);
}

template <typename Float>
void Writer::Floating(Float value) {
  if (std::isnan(value)) return out_.Literal("\"NaN\"");
  if (std::isinf(value)) return value > 0 ? out_.Literal("\"Infinity\"") : out_.Literal("\"-Infinity\"");
  char* next = out_.Room(kNumberCharactersMax);
  if constexpr (std::is_same_v<Float, float>) {
    out_.Advance(FormatFloat(value, next));
  } else {
    out_.Advance(FormatDouble(value, next));
  }
}

void Writer::Enum(const EnumPlan& plan, int32_t number) {
  if (plan.is_null) return out_.Literal("null");
  const FixedText* name = plan.Quoted(number);
  if (name == nullptr) return Integral(number);
  name->AppendTo(&out_);
}

Writer::Outcome Writer::String(Wire text) {
  out_.Byte('"');
  if (!AppendEscaped(View(text), &out_)) return Refuse("a string is not UTF-8");
  out_.Byte('"');
  return Outcome::kDone;
}

Writer::Outcome Writer::Value(const FieldPlan& field, const Raw& raw, int depth) {
  const auto signed64 = [this](int64_t value) {
    Quoted(value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value), value < 0);
  };
  switch (field.kind) {
    case Kind::kDouble:
      Floating(std::bit_cast<double>(raw.bits));
      break;
    case Kind::kFloat:
      Floating(std::bit_cast<float>(static_cast<uint32_t>(raw.bits)));
      break;
    case Kind::kInt32:
    case Kind::kSfixed32:
      Integral(static_cast<int32_t>(raw.bits));
      break;
    case Kind::kUint32:
    case Kind::kFixed32:
      Integral(static_cast<uint32_t>(raw.bits));
      break;
    case Kind::kSint32:
      Integral(static_cast<int32_t>(ZigZag(static_cast<uint32_t>(raw.bits))));
      break;
    case Kind::kInt64:
    case Kind::kSfixed64:
      signed64(static_cast<int64_t>(raw.bits));
      break;
    case Kind::kUint64:
    case Kind::kFixed64:
      Quoted(raw.bits, false);
      break;
    case Kind::kSint64:
      signed64(ZigZag(raw.bits));
      break;
    case Kind::kBool:
      raw.bits != 0 ? out_.Literal("true") : out_.Literal("false");
      break;
    case Kind::kEnum:
      Enum(*field.enumeration, static_cast<int32_t>(raw.bits));
      break;
    case Kind::kString:
      return String(raw.part);
    case Kind::kBytes:
      out_.Byte('"');
      AppendBase64(View(raw.part), &out_);
      out_.Byte('"');
      break;
    case Kind::kMessage:
      return Message(*field.message, raw.part, depth + 1);
  }
  return Outcome::kDone;
}

// Every kind that is already a string in JSON, and those that become one.
void Writer::MapKey(const FieldPlan& field, const Raw& raw) {
  if (field.wire_type == kFixed64 || field.kind == Kind::kInt64 || field.kind == Kind::kUint64 ||
      field.kind == Kind::kSint64) {
    Value(field, raw, 0);
    return;
  }
  out_.Byte('"');
  Value(field, raw, 0);
  out_.Byte('"');
}

// Timestamp and Duration are both (seconds, nanos).
Writer::Outcome Writer::Moment(const MessagePlan& plan, Wire wire) {
  uint64_t parts[3] = {};
  while (!wire.Empty()) {
    uint32_t tag = 0;
    if (!wire.Tag(&tag)) return Refuse(kMalformed);
    const bool known = tag == (1u << 3 | kVarint) || tag == (2u << 3 | kVarint);
    if (known ? !wire.Varint(&parts[tag >> 3]) : !wire.Skip(tag, options_.depth_max))
      return Refuse(kMalformed);
  }
  char* next = out_.Room(kMomentCharactersMax);
  *next++ = '"';
  const int64_t seconds = static_cast<int64_t>(parts[1]);
  const int32_t nanos = static_cast<int32_t>(parts[2]);
  next = plan.shape == Shape::kTimestamp ? FormatTimestamp(seconds, nanos, next)
                                         : FormatDuration(seconds, nanos, next);
  if (next == nullptr) return Refuse("a Timestamp or Duration is out of range");
  *next++ = '"';
  out_.Advance(next);
  return Outcome::kDone;
}

Writer::Outcome Writer::FieldMask(const MessagePlan& plan, Wire wire) {
  std::string paths;
  while (!wire.Empty()) {
    uint32_t tag = 0;
    if (!wire.Tag(&tag)) return Refuse(kMalformed);
    if (tag != (1u << 3 | kLength)) {
      if (!wire.Skip(tag, options_.depth_max)) return Refuse(kMalformed);
      continue;
    }
    Wire path;
    if (!wire.Part(&path)) return Refuse(kMalformed);
    if (!paths.empty()) paths += ',';
    if (!AppendCamelPath(View(path), &paths)) return Refuse("a FieldMask has a path without JSON form");
  }
  return String(Wire{paths.data(), paths.data() + paths.size()});
}

// The value of the only field that is set: wrappers (whose field has a default) and Value (null if there is
// none).
Writer::Outcome Writer::Bare(const MessagePlan& plan, Wire wire, int depth, bool canonical) {
  const FieldPlan* found = nullptr;
  Raw raw;
  while (!wire.Empty()) {
    uint32_t tag = 0;
    if (!wire.Tag(&tag)) return Refuse(kMalformed);
    const FieldPlan* field = plan.ByNumber(tag >> 3, 0);
    if (field == nullptr || !field->Accepts(tag & 7)) {
      if (!wire.Skip(tag, options_.depth_max)) return Refuse(kMalformed);
      continue;
    }
    if (found != nullptr && !canonical) return Outcome::kDisordered;
    found = field;
    if (!raw.Read(&wire, tag & 7)) return Refuse(kMalformed);
  }
  if (found == nullptr && plan.shape == Shape::kWrapper) found = &plan.fields[0];
  if (found != nullptr) return Value(*found, raw, depth);
  out_.Literal("null");
  return Outcome::kDone;
}

// Struct and ListValue: their only field without its name.
Writer::Outcome Writer::Container(const MessagePlan& plan, Wire wire, int depth) {
  const FieldPlan& field = plan.fields[0];
  const size_t start = out_.size();
  bool met = false;
  while (!wire.Empty()) {
    Wire ahead = wire;
    uint32_t tag = 0;
    if (!ahead.Tag(&tag)) return Refuse(kMalformed);
    if (tag >> 3 != field.number) {
      wire.next = ahead.next;
      if (!wire.Skip(tag, options_.depth_max)) return Refuse(kMalformed);
      continue;
    }
    if (met && field.map) return Outcome::kDisordered;
    met = true;
    const Outcome outcome = field.map ? Entries(field, &wire, depth) : Elements(field, &wire, depth);
    if (outcome != Outcome::kDone) return outcome;
  }
  Enclose(start, field.map ? '{' : '[', field.map ? '}' : ']');
  return Outcome::kDone;
}

Writer::Outcome Writer::Any(const MessagePlan& plan, Wire wire, int depth) {
  Wire parts[3];
  while (!wire.Empty()) {
    uint32_t tag = 0;
    if (!wire.Tag(&tag)) return Refuse(kMalformed);
    const bool known = tag == (1u << 3 | kLength) || tag == (2u << 3 | kLength);
    if (known && parts[tag >> 3].next != nullptr) return Outcome::kDisordered;
    if (known ? !wire.Part(&parts[tag >> 3]) : !wire.Skip(tag, options_.depth_max)) return Refuse(kMalformed);
  }
  const auto [unused, url, value] = parts;
  if (url.Empty()) {
    if (!value.Empty()) return Refuse("an Any has no type");
    out_.Literal("{}");
    return Outcome::kDone;
  }
  const google::protobuf::Descriptor* type = AnyType(View(url), plan.descriptor);
  if (type == nullptr) return Refuse("an Any has an unknown type");
  out_.Literal("{\"@type\":");
  if (const Outcome outcome = String(url); outcome != Outcome::kDone) return outcome;
  const MessagePlan& inner = PlanOf(type);
  const bool plain = inner.shape == Shape::kPlain;
  if (!plain) out_.Literal(",\"value\":");
  const size_t start = out_.size();
  if (const Outcome outcome = Message(inner, value, depth + 1); outcome != Outcome::kDone) return outcome;
  if (!plain) {
    out_.Byte('}');
  } else if (out_.size() - start == 2) {  // "{}": nothing follows the type.
    out_.Truncate(start);
    out_.Byte('}');
  } else {
    out_.Set(start, ',');
  }
  return Outcome::kDone;
}

}  // namespace lianqiao::json
