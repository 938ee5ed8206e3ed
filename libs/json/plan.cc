// SPDX-License-Identifier: Apache-2.0
#include "libs/json/plan.h"

#include <algorithm>
#include <memory>
#include <mutex>

namespace lianqiao::json {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

constexpr int kDenseEnumNumbers = 64;
constexpr uint32_t kDenseFieldNumbers = 512;

Shape ShapeOf(const Descriptor* type) {
  static const auto* const shapes =
      new absl::flat_hash_map<std::string, Shape>{{"google.protobuf.Timestamp", Shape::kTimestamp},
                                                  {"google.protobuf.Duration", Shape::kDuration},
                                                  {"google.protobuf.FieldMask", Shape::kFieldMask},
                                                  {"google.protobuf.Struct", Shape::kStruct},
                                                  {"google.protobuf.Value", Shape::kValue},
                                                  {"google.protobuf.ListValue", Shape::kListValue},
                                                  {"google.protobuf.Any", Shape::kAny},
                                                  {"google.protobuf.DoubleValue", Shape::kWrapper},
                                                  {"google.protobuf.FloatValue", Shape::kWrapper},
                                                  {"google.protobuf.Int64Value", Shape::kWrapper},
                                                  {"google.protobuf.UInt64Value", Shape::kWrapper},
                                                  {"google.protobuf.Int32Value", Shape::kWrapper},
                                                  {"google.protobuf.UInt32Value", Shape::kWrapper},
                                                  {"google.protobuf.BoolValue", Shape::kWrapper},
                                                  {"google.protobuf.StringValue", Shape::kWrapper},
                                                  {"google.protobuf.BytesValue", Shape::kWrapper}};
  const auto found = shapes->find(type->full_name());
  return found == shapes->end() ? Shape::kPlain : found->second;
}

Kind KindOf(const FieldDescriptor* field) {
  switch (field->type()) {
    case FieldDescriptor::TYPE_DOUBLE:
      return Kind::kDouble;
    case FieldDescriptor::TYPE_FLOAT:
      return Kind::kFloat;
    case FieldDescriptor::TYPE_INT32:
      return Kind::kInt32;
    case FieldDescriptor::TYPE_INT64:
      return Kind::kInt64;
    case FieldDescriptor::TYPE_UINT32:
      return Kind::kUint32;
    case FieldDescriptor::TYPE_UINT64:
      return Kind::kUint64;
    case FieldDescriptor::TYPE_SINT32:
      return Kind::kSint32;
    case FieldDescriptor::TYPE_SINT64:
      return Kind::kSint64;
    case FieldDescriptor::TYPE_FIXED32:
      return Kind::kFixed32;
    case FieldDescriptor::TYPE_FIXED64:
      return Kind::kFixed64;
    case FieldDescriptor::TYPE_SFIXED32:
      return Kind::kSfixed32;
    case FieldDescriptor::TYPE_SFIXED64:
      return Kind::kSfixed64;
    case FieldDescriptor::TYPE_BOOL:
      return Kind::kBool;
    case FieldDescriptor::TYPE_ENUM:
      return Kind::kEnum;
    case FieldDescriptor::TYPE_STRING:
      return Kind::kString;
    case FieldDescriptor::TYPE_BYTES:
      return Kind::kBytes;
    case FieldDescriptor::TYPE_MESSAGE:
    case FieldDescriptor::TYPE_GROUP:
      return Kind::kMessage;
  }
  return Kind::kMessage;
}

WireType WireTypeOf(Kind kind) {
  switch (kind) {
    case Kind::kDouble:
    case Kind::kFixed64:
    case Kind::kSfixed64:
      return kFixed64;
    case Kind::kFloat:
    case Kind::kFixed32:
    case Kind::kSfixed32:
      return kFixed32;
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kMessage:
      return kLength;
    default:
      return kVarint;
  }
}

TagBytes TagOf(uint32_t number, WireType type) {
  std::string bytes;
  { Buffer(&bytes, 0).Varint(static_cast<uint64_t>(number) << 3 | type); }
  TagBytes tag;
  std::memcpy(tag.bytes, bytes.data(), bytes.size());
  tag.size = static_cast<uint8_t>(bytes.size());
  return tag;
}

FixedText KeyText(const std::string& name) {
  return FixedText(",\"" + name + "\":");
}

class Plans {
 public:
  const MessagePlan* Find(const Descriptor* type) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return Message(type);
  }

 private:
  // Under the lock, so that a plan is complete, with all it points to, before another thread can see it.
  const MessagePlan* Message(const Descriptor* type) {
    std::unique_ptr<MessagePlan>& slot = messages_[type];
    if (slot != nullptr) return slot.get();
    slot = std::make_unique<MessagePlan>();
    MessagePlan* plan = slot.get();  // The slot moves when the map grows; the plan does not.
    plan->descriptor = type;
    plan->shape = ShapeOf(type);
    plan->oneofs = type->real_oneof_decl_count();
    std::vector<const FieldDescriptor*> fields;
    for (int i = 0; i < type->field_count(); ++i) {
      if (type->field(i)->type() != FieldDescriptor::TYPE_GROUP) fields.push_back(type->field(i));
    }
    std::sort(fields.begin(), fields.end(), [](auto* a, auto* b) { return a->number() < b->number(); });
    for (const FieldDescriptor* field : fields) AddField(field, plan);
    return plan;
  }

  void AddField(const FieldDescriptor* field, MessagePlan* plan) {
    FieldPlan& added = plan->fields.emplace_back();
    added.number = static_cast<uint32_t>(field->number());
    added.index = static_cast<int>(plan->fields.size()) - 1;
    if (field->real_containing_oneof() != nullptr) added.oneof = field->real_containing_oneof()->index();
    added.kind = KindOf(field);
    added.wire_type = WireTypeOf(added.kind);
    added.repeated = field->is_repeated();
    added.map = field->is_map();
    added.packed = field->is_packed();
    added.presence = field->has_presence();
    added.json_name = field->json_name();
    added.proto_name = field->name();
    added.json_key = KeyText(added.json_name);
    added.proto_key = KeyText(added.proto_name);
    added.tag = TagOf(added.number, added.wire_type);
    added.packed_tag = TagOf(added.number, kLength);
    if (field->enum_type() != nullptr) added.enumeration = Enum(field->enum_type());
    const int index = added.index;
    plan->by_name.emplace(field->json_name(), index);
    plan->by_name.emplace(field->name(), index);
    if (added.number < kDenseFieldNumbers) {
      if (plan->by_number.size() <= added.number) plan->by_number.resize(added.number + 1, -1);
      plan->by_number[added.number] = static_cast<int16_t>(index);
    }
    if (added.kind == Kind::kMessage) plan->fields[index].message = Message(field->message_type());
  }

  const EnumPlan* Enum(const EnumDescriptor* type) {
    std::unique_ptr<EnumPlan>& slot = enums_[type];
    if (slot != nullptr) return slot.get();
    slot = std::make_unique<EnumPlan>();
    slot->is_null = type->full_name() == "google.protobuf.NullValue";
    slot->dense.assign(kDenseEnumNumbers, -1);
    for (int i = 0; i < type->value_count(); ++i) {
      const auto* value = type->value(i);
      slot->quoted.emplace_back("\"" + value->name() + "\"");
      slot->numbers.emplace(value->name(), value->number());
      if (!slot->positions.emplace(value->number(), i).second) continue;
      if (value->number() >= 0 && value->number() < kDenseEnumNumbers) slot->dense[value->number()] = i;
    }
    return slot.get();
  }

  std::mutex mutex_;
  absl::flat_hash_map<const Descriptor*, std::unique_ptr<MessagePlan>> messages_;
  absl::flat_hash_map<const EnumDescriptor*, std::unique_ptr<EnumPlan>> enums_;
};

}  // namespace

const FixedText* EnumPlan::Quoted(int32_t number) const {
  if (number >= 0 && number < kDenseEnumNumbers) return dense[number] < 0 ? nullptr : &quoted[dense[number]];
  const auto found = positions.find(number);
  return found == positions.end() ? nullptr : &quoted[found->second];
}

bool FieldPlan::TakesNull() const {
  if (repeated) return false;
  return kind == Kind::kMessage ? message->shape == Shape::kValue
                                : enumeration != nullptr && enumeration->is_null;
}

const FieldPlan* MessagePlan::ByLargeNumber(uint32_t number) const {
  const auto found =
      std::lower_bound(fields.begin(), fields.end(), number,
                       [](const FieldPlan& field, uint32_t value) { return field.number < value; });
  return found == fields.end() || found->number != number ? nullptr : &*found;
}

const MessagePlan& PlanOf(const Descriptor* type) {
  static Plans* const plans = new Plans;
  thread_local const Descriptor* last_type = nullptr;
  thread_local const MessagePlan* last_plan = nullptr;
  if (last_plan == nullptr || last_type != type) {
    last_plan = plans->Find(type);
    last_type = type;
  }
  return *last_plan;
}

const Descriptor* AnyType(std::string_view url, const Descriptor* any) {
  const size_t slash = url.rfind('/');
  if (slash == std::string_view::npos) return nullptr;
  const std::string name(url.substr(slash + 1));
  const Descriptor* found = any->file()->pool()->FindMessageTypeByName(name);
  if (found != nullptr) return found;
  return google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
}

}  // namespace lianqiao::json
