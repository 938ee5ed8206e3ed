// SPDX-License-Identifier: Apache-2.0
#include "libs/json/writer.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "google/protobuf/dynamic_message.h"

namespace lianqiao::json {
namespace {

constexpr char kMalformed[] = "malformed wire";

// The same message as protobuf's parser understands it, each field once and in order of numbers.
bool Canonicalise(const MessagePlan& plan, Wire wire, std::string* canonical) {
  static auto* const factory = [] {
    auto* made = new google::protobuf::DynamicMessageFactory;
    made->SetDelegateToGeneratedFactory(true);
    return made;
  }();
  const std::unique_ptr<google::protobuf::Message> message(factory->GetPrototype(plan.descriptor)->New());
  return message->ParsePartialFromArray(wire.next, static_cast<int>(wire.Size())) &&
         message->SerializePartialToString(canonical);
}

// Which fields and oneofs of one message have been met.
class Seen {
 public:
  explicit Seen(const MessagePlan& plan)
      : oneofs_at_(plan.fields.size()), words_((plan.fields.size() + plan.oneofs + 63) / 64) {}

  bool Mark(const FieldPlan& field) {
    return Set(static_cast<size_t>(field.index)) && (field.oneof < 0 || Set(oneofs_at_ + field.oneof));
  }

 private:
  bool Set(size_t bit) {
    uint64_t& word = words_[bit / 64];
    const uint64_t mask = uint64_t{1} << bit % 64;
    if ((word & mask) != 0) return false;
    word |= mask;
    return true;
  }

  size_t oneofs_at_;
  absl::InlinedVector<uint64_t, 2> words_;
};

bool IsDefault(const FieldPlan& field, const Raw& raw) {
  switch (field.kind) {
    case Kind::kInt32:
    case Kind::kUint32:
    case Kind::kSint32:
    case Kind::kEnum:
      return static_cast<uint32_t>(raw.bits) == 0;
    default:
      return raw.bits == 0 && raw.part.Empty();
  }
}

// Different bits can stand for one key.
uint64_t KeyIdentity(Kind kind, uint64_t bits) {
  switch (kind) {
    case Kind::kBool:
      return bits != 0;
    case Kind::kInt32:
    case Kind::kUint32:
    case Kind::kSint32:
      return static_cast<uint32_t>(bits);
    default:
      return bits;
  }
}

}  // namespace

absl::Status Writer::Write(const MessagePlan& plan, Wire wire) {
  if (Message(plan, wire, 1) == Outcome::kDone) return absl::OkStatus();
  out_.Abandon();
  return base::Fail(absl::StatusCode::kInternal, base::ErrorReason::INTERNAL,
                    {{"detail", problem_}, {"type", plan.descriptor->full_name()}});
}

Writer::Outcome Writer::Refuse(const char* problem) {
  problem_ = problem;
  return Outcome::kRefused;
}

Writer::Outcome Writer::Message(const MessagePlan& plan, Wire wire, int depth) {
  if (depth > options_.depth_max) return Refuse("nested too deep");
  const size_t start = out_.size();
  const Outcome outcome = Body(plan, wire, depth, false);
  if (outcome != Outcome::kDisordered) return outcome;
  out_.Truncate(start);
  std::string canonical;
  if (!Canonicalise(plan, wire, &canonical)) return Refuse(kMalformed);
  return Body(plan, Wire{canonical.data(), canonical.data() + canonical.size()}, depth, true);
}

Writer::Outcome Writer::Body(const MessagePlan& plan, Wire wire, int depth, bool canonical) {
  switch (plan.shape) {
    case Shape::kPlain:
      break;
    case Shape::kTimestamp:
    case Shape::kDuration:
      return Moment(plan, wire);
    case Shape::kFieldMask:
      return FieldMask(plan, wire);
    case Shape::kWrapper:
    case Shape::kValue:
      return Bare(plan, wire, depth, canonical);
    case Shape::kStruct:
    case Shape::kListValue:
      return Container(plan, wire, depth);
    case Shape::kAny:
      return Any(plan, wire, depth);
  }
  const size_t start = out_.size();
  const Outcome outcome = Fields(plan, wire, depth, canonical);
  Enclose(start, '{', '}');
  return outcome;
}

void Writer::Enclose(size_t start, char open, char close) {
  if (out_.size() == start) {
    out_.Byte(open);
  } else {
    out_.Set(start, open);
  }
  out_.Byte(close);
}

Writer::Outcome Writer::Fields(const MessagePlan& plan, Wire wire, int depth, bool canonical) {
  const bool ordered = options_.always_print_primitive_fields;
  Seen seen(plan);
  size_t expected = 0;
  while (!wire.Empty()) {
    const char* const start = wire.next;
    uint32_t tag = 0;
    if (!wire.Tag(&tag)) return Refuse(kMalformed);
    const FieldPlan* field = plan.ByNumber(tag >> 3, expected);
    bool known = field != nullptr && field->Accepts(tag & 7);
    if (known && (!seen.Mark(*field) || (ordered && static_cast<size_t>(field->index) < expected))) {
      // In canonical form only an unknown value of a closed enum can come again: it counts as an unknown
      // field.
      if (!canonical) return Outcome::kDisordered;
      known = false;
    }
    if (!known) {
      if (!wire.Skip(tag, options_.depth_max)) return Refuse(kMalformed);
      continue;
    }
    const size_t index = static_cast<size_t>(field->index);
    if (ordered && index > expected) Defaults(plan, expected, index);
    expected = index + 1;
    if (field->repeated) wire.next = start;
    const Outcome outcome = Field(*field, tag, &wire, depth);
    if (outcome != Outcome::kDone) return outcome;
  }
  if (ordered) Defaults(plan, expected, plan.fields.size());
  return Outcome::kDone;
}

Writer::Outcome Writer::Field(const FieldPlan& field, uint32_t tag, Wire* wire, int depth) {
  const size_t before = out_.size();
  if (!field.repeated) {
    Raw raw;
    if (!raw.Read(wire, tag & 7)) return Refuse(kMalformed);
    if (!field.presence && !options_.always_print_primitive_fields && IsDefault(field, raw))
      return Outcome::kDone;
    Key(field);
    return Value(field, raw, depth);
  }
  Key(field);
  const size_t start = out_.size();
  const Outcome outcome = field.map ? Entries(field, wire, depth) : Elements(field, wire, depth);
  if (out_.size() == start && !options_.always_print_primitive_fields) {
    out_.Truncate(before);  // An empty packed list.
  } else {
    Enclose(start, field.map ? '{' : '[', field.map ? '}' : ']');
  }
  return outcome;
}

void Writer::Defaults(const MessagePlan& plan, size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) {
    const FieldPlan& field = plan.fields[i];
    if (field.presence) continue;
    Key(field);
    if (field.map) {
      out_.Literal("{}");
    } else if (field.repeated) {
      out_.Literal("[]");
    } else {
      Value(field, Raw(), 0);
    }
  }
}

Writer::Outcome Writer::Elements(const FieldPlan& field, Wire* wire, int depth) {
  uint32_t tag = 0;
  for (Wire ahead = *wire; !ahead.Empty() && ahead.Tag(&tag) && tag >> 3 == field.number; ahead = *wire) {
    wire->next = ahead.next;
    Raw raw;
    if (!field.Accepts(tag & 7)) {
      if (!wire->Skip(tag, options_.depth_max)) return Refuse(kMalformed);
      continue;
    }
    if (!raw.Read(wire, tag & 7)) return Refuse(kMalformed);
    const bool packed = (tag & 7) != field.wire_type;
    if (!packed) out_.Byte(',');
    const Outcome outcome = packed ? Packed(field, raw.part, depth) : Value(field, raw, depth);
    if (outcome != Outcome::kDone) return outcome;
  }
  return Outcome::kDone;
}

Writer::Outcome Writer::Packed(const FieldPlan& field, Wire part, int depth) {
  while (!part.Empty()) {
    Raw raw;
    if (!raw.Read(&part, field.wire_type)) return Refuse(kMalformed);
    out_.Byte(',');
    const Outcome outcome = Value(field, raw, depth);
    if (outcome != Outcome::kDone) return outcome;
  }
  return Outcome::kDone;
}

Writer::Outcome Writer::Entries(const FieldPlan& field, Wire* wire, int depth) {
  const FieldPlan& key_field = field.message->fields[0];
  const FieldPlan& value_field = field.message->fields[1];
  absl::InlinedVector<std::pair<uint64_t, std::string_view>, 8> keys;
  uint32_t tag = 0;
  for (Wire ahead = *wire; !ahead.Empty() && ahead.Tag(&tag) && tag >> 3 == field.number; ahead = *wire) {
    wire->next = ahead.next;
    Wire entry;
    if ((tag & 7) != kLength) {
      if (!wire->Skip(tag, options_.depth_max)) return Refuse(kMalformed);
      continue;
    }
    if (!wire->Part(&entry)) return Refuse(kMalformed);
    Raw key;
    Raw value;
    int keys_met = 0;
    int values_met = 0;
    while (!entry.Empty()) {
      if (!entry.Tag(&tag)) return Refuse(kMalformed);
      if (tag == (1u << 3 | key_field.wire_type)) {
        if (!key.Read(&entry, key_field.wire_type)) return Refuse(kMalformed);
        ++keys_met;
      } else if (tag == (2u << 3 | value_field.wire_type)) {
        if (!value.Read(&entry, value_field.wire_type)) return Refuse(kMalformed);
        ++values_met;
      } else if (!entry.Skip(tag, options_.depth_max)) {
        return Refuse(kMalformed);
      }
    }
    if (keys_met > 1 || values_met > 1) return Outcome::kDisordered;
    out_.Byte(',');
    if (key_field.kind == Kind::kString) {
      const Outcome outcome = String(key.part);
      if (outcome != Outcome::kDone) return outcome;
      keys.emplace_back(0, std::string_view(key.part.next, key.part.Size()));
    } else {
      MapKey(key_field, key);
      keys.emplace_back(KeyIdentity(key_field.kind, key.bits), std::string_view());
    }
    out_.Byte(':');
    const Outcome outcome = Value(value_field, value, depth);
    if (outcome != Outcome::kDone) return outcome;
  }
  std::sort(keys.begin(), keys.end());
  const bool twice = std::adjacent_find(keys.begin(), keys.end()) != keys.end();
  return twice ? Outcome::kDisordered : Outcome::kDone;
}

}  // namespace lianqiao::json
