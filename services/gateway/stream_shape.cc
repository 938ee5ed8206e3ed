// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/stream_shape.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace lianqiao::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

// What values of a `format` enum end with, and what they are called in Content-Type.
constexpr std::pair<const char*, const char*> kFormats[] = {
    {"_NDJSON", "application/x-ndjson"}, {"_CSV", "text/csv"}, {"_JSON", "application/json"}};

const FieldDescriptor* SingleField(const Descriptor* message, const char* name, FieldDescriptor::Type type) {
  const FieldDescriptor* field = message->FindFieldByName(name);
  return field != nullptr && field->type() == type && !field->is_repeated() ? field : nullptr;
}

void SetRecords(const MethodDescriptor& method, StreamShape* shape) {
  const Descriptor* response = method.output_type();
  int repeated = 0;
  for (int i = 0; i < response->field_count(); ++i) {
    const FieldDescriptor* field = response->field(i);
    if (field->is_repeated() && field->message_type() != nullptr && !field->is_map()) {
      shape->elements = ++repeated == 1 ? field : nullptr;
    }
    if (shape->resume != nullptr || field->type() != FieldDescriptor::TYPE_STRING || field->is_repeated())
      continue;
    shape->request_resume =
        SingleField(method.input_type(), field->name().c_str(), FieldDescriptor::TYPE_STRING);
    if (shape->request_resume != nullptr) shape->resume = field;
  }
  shape->element_name = "message";
  if (shape->elements != nullptr) {
    shape->element_name = shape->elements->json_name();
    if (shape->element_name.back() == 's') shape->element_name.pop_back();
  }
  const FieldDescriptor* incomplete = response->FindFieldByName("incomplete_services");
  if (incomplete != nullptr && incomplete->is_repeated() &&
      incomplete->type() == FieldDescriptor::TYPE_STRING) {
    shape->incomplete = incomplete;
  }
}

// A record {"end":…} would be taken for the end.
absl::Status CheckRecords(const StreamShape& shape, const MethodDescriptor& method) {
  const Descriptor* record =
      shape.elements != nullptr ? shape.elements->message_type() : method.output_type();
  for (const char* name : {"batch", "end", "error"}) {
    if (record->FindFieldByName(name) == nullptr) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(record->full_name(), ".", name, " has the name of a line of the gateway's own"));
  }
  return absl::OkStatus();
}

absl::Status SetUpload(const MethodDescriptor& method, StreamShape* shape) {
  const Descriptor* request = method.input_type();
  const auto* oneof = request->real_oneof_decl_count() == 1 ? request->oneof_decl(0) : nullptr;
  const bool whole = oneof != nullptr && oneof->field_count() == request->field_count();
  for (int i = 1; whole && i < oneof->field_count() && shape->chunk == nullptr; ++i) {
    const Descriptor* part = oneof->field(i)->message_type();
    if (part == nullptr) continue;
    shape->content = SingleField(part, "content", FieldDescriptor::TYPE_BYTES);
    if (shape->content == nullptr) continue;
    shape->chunk = oneof->field(i);
    shape->offset = SingleField(part, "offset", FieldDescriptor::TYPE_INT64);
  }
  if (shape->chunk == nullptr || oneof->field(0)->message_type() == nullptr) {
    return absl::InvalidArgumentError(
        "a streaming request over HTTP is a oneof of options and a message with `bytes content`");
  }
  shape->options = oneof->field(0);
  const Descriptor* options = shape->options->message_type();
  shape->format = SingleField(options, "format", FieldDescriptor::TYPE_ENUM);
  shape->gzip = SingleField(options, "gzip", FieldDescriptor::TYPE_BOOL);
  return absl::OkStatus();
}

const EnumValueDescriptor* ValueEndingWith(const EnumDescriptor* type, const char* end) {
  for (int i = 0; i < type->value_count(); ++i) {
    if (absl::EndsWith(type->value(i)->name(), end)) return type->value(i);
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<StreamShape> ShapeOf(const MethodDescriptor& method) {
  StreamShape shape;
  if (method.client_streaming() && method.server_streaming()) {
    return absl::InvalidArgumentError("a method whose both sides stream has no form over HTTP");
  }
  if (method.client_streaming()) {
    shape.kind = StreamShape::Kind::kUpload;
    const absl::Status status = SetUpload(method, &shape);
    if (!status.ok()) return status;
  } else if (method.server_streaming()) {
    shape.content = SingleField(method.output_type(), "content", FieldDescriptor::TYPE_BYTES);
    if (shape.content != nullptr) {
      shape.kind = StreamShape::Kind::kFile;
      shape.content_type = SingleField(method.output_type(), "content_type", FieldDescriptor::TYPE_STRING);
      shape.offset = SingleField(method.input_type(), "offset", FieldDescriptor::TYPE_INT64);
      if (shape.offset != nullptr)
        shape.length = SingleField(method.input_type(), "length", FieldDescriptor::TYPE_INT64);
    } else {
      shape.kind = StreamShape::Kind::kRecords;
      SetRecords(method, &shape);
      const absl::Status status = CheckRecords(shape, method);
      if (!status.ok()) return status;
    }
  }
  return shape;
}

const EnumValueDescriptor* FormatOf(const StreamShape& shape, const std::string& content_type) {
  const absl::string_view type = content_type;
  if (shape.format == nullptr) return nullptr;
  for (const auto& [end, name] : kFormats) {
    if (absl::EqualsIgnoreCase(type, name)) return ValueEndingWith(shape.format->enum_type(), end);
  }
  return nullptr;
}

std::vector<std::string> ContentTypesOf(const StreamShape& shape) {
  std::vector<std::string> types;
  for (const auto& [end, name] : kFormats) {
    if (shape.format != nullptr && ValueEndingWith(shape.format->enum_type(), end) != nullptr)
      types.emplace_back(name);
  }
  if (types.empty()) types.emplace_back("application/octet-stream");
  return types;
}

}  // namespace lianqiao::gateway
