// SPDX-License-Identifier: Apache-2.0
// What the codecs need to know of a message type, resolved once from its descriptor. Plans are immutable and
// shared by all threads. For this folder only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/descriptor.h"
#include "libs/json/buffer.h"
#include "libs/json/wire.h"

namespace lianqiao::json {

enum class Kind : uint8_t {
  kDouble,
  kFloat,
  kInt32,
  kInt64,
  kUint32,
  kUint64,
  kSint32,
  kSint64,
  kFixed32,
  kFixed64,
  kSfixed32,
  kSfixed64,
  kBool,
  kEnum,
  kString,
  kBytes,
  kMessage
};

// Messages whose JSON is not an object of their fields.
enum class Shape : uint8_t {
  kPlain,
  kTimestamp,
  kDuration,
  kFieldMask,
  kWrapper,
  kStruct,
  kValue,
  kListValue,
  kAny
};

// A piece of text that is copied often: the first 32 bytes by two moves.
class FixedText {
 public:
  FixedText() = default;
  explicit FixedText(const std::string& text) : text_(text), size_(text.size()) {
    text_.resize(std::max(size_, kHead));
  }
  void AppendTo(Buffer* out) const {
    char* next = out->Room(text_.size());
    std::memcpy(next, text_.data(), kHead);
    if (size_ > kHead) std::memcpy(next + kHead, text_.data() + kHead, size_ - kHead);
    out->Advance(next + size_);
  }

 private:
  static constexpr size_t kHead = 32;
  std::string text_ = std::string(kHead, '\0');
  size_t size_ = 0;
};

// A field's tag as it stands on the wire: at most 5 bytes, copied as 8.
struct TagBytes {
  char bytes[8] = {};
  uint8_t size = 0;

  void AppendTo(Buffer* out) const {
    char* next = out->Room(sizeof bytes);
    std::memcpy(next, bytes, sizeof bytes);
    out->Advance(next + size);
  }
};

struct EnumPlan {
  bool is_null = false;                             // google.protobuf.NullValue
  std::vector<FixedText> quoted;                    // By position in the declaration, "\"NAME\"".
  absl::flat_hash_map<int32_t, int32_t> positions;  // Number -> position of its first name.
  std::vector<int32_t> dense;                       // The same for numbers 0 to 63; -1: none.
  absl::flat_hash_map<std::string, int32_t> numbers;

  // The name in quotes, or null.
  const FixedText* Quoted(int32_t number) const;
};

struct MessagePlan;

struct FieldPlan {
  uint32_t number = 0;
  int index = 0;  // In MessagePlan::fields.
  int oneof = -1;
  Kind kind = Kind::kInt32;
  WireType wire_type = kVarint;  // Of one element.
  bool repeated = false;         // Maps too.
  bool map = false;
  bool packed = false;
  bool presence = false;
  std::string json_name;
  std::string proto_name;
  FixedText json_key;  // `,"jsonName":`
  FixedText proto_key;
  TagBytes tag;         // Of one element.
  TagBytes packed_tag;  // Of the whole packed list.
  const EnumPlan* enumeration = nullptr;
  const MessagePlan* message =
      nullptr;  // Of a map: the entry, whose fields[0] is the key and fields[1] the value.

  // A list of numbers may come packed or not, whatever the contract says.
  bool Accepts(uint32_t type) const {
    return type == wire_type || (type == kLength && repeated && wire_type != kLength);
  }
  // JSON's null is a value of this field, not its absence.
  bool TakesNull() const;
};

struct MessagePlan {
  const google::protobuf::Descriptor* descriptor = nullptr;
  Shape shape = Shape::kPlain;
  int oneofs = 0;                 // Real ones.
  std::vector<FieldPlan> fields;  // In order of numbers; no groups, no extensions.
  std::vector<int16_t> by_number;
  absl::flat_hash_map<std::string, int> by_name;  // JSON names and original names.

  // `expected` is the index to try first. Null for an unknown field.
  const FieldPlan* ByNumber(uint32_t number, size_t expected) const {
    if (expected < fields.size() && fields[expected].number == number) return &fields[expected];
    if (number < by_number.size()) return by_number[number] < 0 ? nullptr : &fields[by_number[number]];
    return ByLargeNumber(number);
  }
  const FieldPlan* ByName(std::string_view name, size_t expected) const {
    if (expected < fields.size() && fields[expected].json_name == name) return &fields[expected];
    const auto found = by_name.find(absl::string_view(name.data(), name.size()));
    return found == by_name.end() ? nullptr : &fields[found->second];
  }

 private:
  const FieldPlan* ByLargeNumber(uint32_t number) const;
};

const MessagePlan& PlanOf(const google::protobuf::Descriptor* type);

// The type that an Any's URL names, known to the pool of the Any or compiled in; null if there is none.
const google::protobuf::Descriptor* AnyType(std::string_view url, const google::protobuf::Descriptor* any);

}  // namespace lianqiao::json
