// SPDX-License-Identifier: Apache-2.0
#include "libs/json/random_message.h"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <vector>

#include "google/protobuf/any.pb.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/json/testdata/codec.pb.h"

namespace lianqiao::json {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr const char* kPaths[] = {"display_name", "owner.person_id2"};

int64_t Between(Random& random, int64_t least, int64_t greatest) {
  return std::uniform_int_distribution<int64_t>(least, greatest)(random);
}

bool OneIn(Random& random, int64_t n) {
  return Between(random, 1, n) == 1;
}

double RandomDouble(Random& random, const FillOptions& options) {
  switch (Between(random, 0, options.long_fractions ? 8 : 6)) {
    case 0:
      return 0;
    case 1:
      return static_cast<double>(Between(random, -1000, 1000));
    case 2:
      return static_cast<double>(Between(random, -1000000, 1000000)) / 1000;
    case 3: {
      const std::string digit = std::to_string(Between(random, 1, 9));
      return std::strtod((digit + "e" + std::to_string(Between(random, -7, 25))).c_str(), nullptr);
    }
    case 4:
      return std::numeric_limits<double>::quiet_NaN();
    case 5:
      return OneIn(random, 2) ? HUGE_VAL : -HUGE_VAL;
    case 6:
      return options.long_fractions ? 1e300 : -0.0;
    default: {
      const double value = std::bit_cast<double>(random());
      return std::isnan(value) ? 0.1 : value;
    }
  }
}

float RandomFloat(Random& random, const FillOptions& options) {
  if (options.long_fractions && OneIn(random, 2)) {
    const float value = std::bit_cast<float>(static_cast<uint32_t>(random()));
    return std::isnan(value) ? 0.1f : value;
  }
  return static_cast<float>(Between(random, -999, 999)) / 8;
}

template <typename Integer>
Integer RandomInteger(Random& random) {
  switch (Between(random, 0, 4)) {
    case 0:
      return 0;
    case 1:
      return static_cast<Integer>(Between(random, 0, 100));
    case 2:
      return std::numeric_limits<Integer>::max();
    case 3:
      return std::numeric_limits<Integer>::min();
    default:
      return static_cast<Integer>(random());
  }
}

std::string RandomBytes(Random& random) {
  std::string bytes(static_cast<size_t>(Between(random, 0, 20)), '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

void FillValue(Random& random, const FillOptions& options, google::protobuf::Value* value) {
  switch (Between(random, 0, options.depth > 0 ? 5 : 3)) {
    case 0:
      value->set_null_value(google::protobuf::NULL_VALUE);
      break;
    case 1:
      value->set_number_value(static_cast<double>(Between(random, -1000, 1000)) / 4);
      break;
    case 2:
      value->set_string_value(RandomText(random));
      break;
    case 3:
      value->set_bool_value(OneIn(random, 2));
      break;
    case 4:
      Fill(random, options, value->mutable_struct_value());
      break;
    default:
      Fill(random, options, value->mutable_list_value());
      break;
  }
}

void FillAny(Random& random, const FillOptions& options, google::protobuf::Any* any) {
  if (OneIn(random, 2)) {
    google::protobuf::Timestamp time;
    Fill(random, options, &time);
    if (time.seconds() == 0)
      time.set_seconds(1);  // json_util writes no value and no defaults for an empty one.
    any->PackFrom(time);
    return;
  }
  testdata::Line line;
  Fill(random, options, &line);
  if (line.ByteSizeLong() == 0) line.set_hours(1);
  any->PackFrom(line);
}

// Messages that not every content is valid for; false for all others.
bool FillSpecial(Random& random, const FillOptions& options, Message* message) {
  const std::string& name = message->GetDescriptor()->full_name();
  const auto* reflection = message->GetReflection();
  const bool timestamp = name == "google.protobuf.Timestamp";
  if (timestamp || name == "google.protobuf.Duration") {
    int64_t seconds = timestamp ? Between(random, -62135596800, 253402300799)
                                : Between(random, -315576000000, 315576000000);
    if (OneIn(random, 4)) seconds = 0;
    const int scale = OneIn(random, 3) ? 1000000 : OneIn(random, 2) ? 1000 : 1;
    auto nanos = static_cast<int32_t>(OneIn(random, 2) ? 0 : Between(random, 0, 999999999) / scale * scale);
    if (seconds < 0 && !timestamp) nanos = -nanos;
    reflection->SetInt64(message, message->GetDescriptor()->field(0), seconds);
    reflection->SetInt32(message, message->GetDescriptor()->field(1), nanos);
    return true;
  }
  if (name == "google.protobuf.FieldMask") {
    for (int64_t i = Between(random, 0, 3); i > 0; --i) {
      reflection->AddString(message, message->GetDescriptor()->field(0), kPaths[i % 2]);
    }
    return true;
  }
  if (name == "google.protobuf.Value") {
    FillValue(random, options, static_cast<google::protobuf::Value*>(message));
    return true;
  }
  if (name == "google.protobuf.Any") {
    FillAny(random, options, static_cast<google::protobuf::Any*>(message));
    return true;
  }
  return false;
}

void FillField(Random& random, const FillOptions& options, const FieldDescriptor* field, Message* message) {
  const auto* reflection = message->GetReflection();
  const bool list = field->is_repeated();
  const auto put = [&](auto add, auto set, auto value) {
    list ? (reflection->*add)(message, field, value) : (reflection->*set)(message, field, value);
  };
  using R = google::protobuf::Reflection;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      put(&R::AddInt32, &R::SetInt32, RandomInteger<int32_t>(random));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      put(&R::AddInt64, &R::SetInt64, RandomInteger<int64_t>(random));
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      put(&R::AddUInt32, &R::SetUInt32, RandomInteger<uint32_t>(random));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      put(&R::AddUInt64, &R::SetUInt64, RandomInteger<uint64_t>(random));
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      put(&R::AddDouble, &R::SetDouble, RandomDouble(random, options));
      break;
    case FieldDescriptor::CPPTYPE_FLOAT:
      put(&R::AddFloat, &R::SetFloat, RandomFloat(random, options));
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      put(&R::AddBool, &R::SetBool, OneIn(random, 2));
      break;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* type = field->enum_type();
      const int number = type->value(static_cast<int>(Between(random, 0, type->value_count() - 1)))->number();
      put(&R::AddEnumValue, &R::SetEnumValue, number);
      break;
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const bool bytes = field->type() == FieldDescriptor::TYPE_BYTES;
      const std::string value = bytes ? RandomBytes(random) : RandomText(random);
      list ? reflection->AddString(message, field, value) : reflection->SetString(message, field, value);
      break;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      FillOptions inner = options;
      --inner.depth;
      Fill(random, inner,
           list ? reflection->AddMessage(message, field) : reflection->MutableMessage(message, field));
      break;
    }
  }
}

}  // namespace

void Fill(Random& random, const FillOptions& options, Message* message) {
  if (FillSpecial(random, options, message)) return;
  const auto* type = message->GetDescriptor();
  const bool entry = type->options().map_entry();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const bool message_field = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (message_field && options.depth <= 0 && !entry) continue;
    // Many fields at the top, few below, so that a message stays small.
    if (!entry && !OneIn(random, options.depth >= 4 ? 2 : 6)) continue;
    const int64_t count = field->is_repeated() ? Between(random, 1, 3) : 1;
    for (int64_t n = 0; n < count; ++n) FillField(random, options, field, message);
  }
}

std::string RandomText(Random& random) {
  static const std::vector<std::string> pieces = {
      "a",      "school", " ",      "\"",           "\\",     "/",    "<b>",    "\n", "\t",
      "\x01",   "\x7f",   "é",      "城乡教育联盟", "，",     "。",   "“”",     "😀",  "\u200b",
      "\u2028", "\u00ad", "\ufeff", "\U000e0041",   "\u0603", "한국", "\ue000", "0",  "x.y"};
  std::string text;
  for (int64_t i = Between(random, 0, OneIn(random, 20) ? 200 : 5); i > 0; --i) {
    text += pieces[static_cast<size_t>(Between(random, 0, static_cast<int64_t>(pieces.size()) - 1))];
  }
  return text;
}

uint64_t TestSeed() {
  const char* given = std::getenv("LIANQIAO_TEST_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::cout << "LIANQIAO_TEST_SEED=" << seed << std::endl;
  return seed;
}

namespace {

// The message and all in it, inner ones first.
void ForEachMessage(Message* message, const std::function<void(Message*)>& visit) {
  const auto* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) ForEachMessage(reflection->MutableMessage(message, field), visit);
    for (int i = 0; field->is_repeated() && i < reflection->FieldSize(*message, field); ++i) {
      ForEachMessage(reflection->MutableRepeatedMessage(message, field, i), visit);
    }
  }
  visit(message);
}

}  // namespace

std::string Fingerprint(const Message& message) {
  const std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  // json_util writes defaults into the bytes of an Any.
  ForEachMessage(copy.get(), [](Message* part) {
    auto* any = dynamic_cast<google::protobuf::Any*>(part);
    testdata::Line line;
    google::protobuf::Timestamp time;
    if (any != nullptr && any->UnpackTo(&line)) any->PackFrom(line);
    if (any != nullptr && any->UnpackTo(&time)) any->PackFrom(time);
  });
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    copy->SerializeToCodedStream(&coded);
  }
  return bytes;
}

bool HasOddContent(const Message& message) {
  const std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  bool found = false;
  ForEachMessage(copy.get(), [&found](Message* part) {
    const auto* value = dynamic_cast<google::protobuf::Value*>(part);
    found |= value != nullptr && value->kind_case() == google::protobuf::Value::KIND_NOT_SET;
    const auto* mask = dynamic_cast<google::protobuf::FieldMask*>(part);
    if (mask == nullptr) return;
    for (const std::string& path : mask->paths()) found |= path != kPaths[0] && path != kPaths[1];
  });
  return found;
}

}  // namespace lianqiao::json
