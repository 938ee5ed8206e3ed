// SPDX-License-Identifier: Apache-2.0
#include "libs/store/codec.h"

#include <google/protobuf/timestamp.pb.h>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/json/json.h"

namespace lianqiao::store {

using contract::Column;
using contract::FieldDescriptor;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

std::string EtagOf(int64_t revision) {
  return absl::StrCat("\"", revision, "\"");
}

void SetTimestamp(absl::Time time, Message* timestamp) {
  auto* value = static_cast<Timestamp*>(timestamp);
  // PostgreSQL keeps microseconds; finer digits would make a read differ from the write's answer.
  const int64_t micros = absl::ToUnixMicros(time);
  int64_t seconds = micros / 1000000;
  int64_t rest = micros % 1000000;
  if (rest < 0) --seconds, rest += 1000000;
  value->set_seconds(seconds);
  value->set_nanos(static_cast<int32_t>(rest * 1000));
}

absl::Time TimestampOf(const Message& timestamp) {
  const auto& value = static_cast<const Timestamp&>(timestamp);
  return absl::FromUnixSeconds(value.seconds()) + absl::Nanoseconds(value.nanos());
}

std::string TimestampText(const Message& timestamp) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%E6S+00", TimestampOf(timestamp), absl::UTCTimeZone());
}

std::string NullableArray(const std::vector<std::optional<std::string>>& values) {
  std::string literal = "{";
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) literal.push_back(',');
    if (!values[i].has_value()) {
      literal += "NULL";
      continue;
    }
    literal.push_back('"');
    // In pieces, not by character: the arrays of one statement are megabytes.
    const std::string& value = *values[i];
    size_t from = 0;
    for (size_t at = value.find_first_of("\"\\"); at != std::string::npos;
         at = value.find_first_of("\"\\", from)) {
      literal.append(value, from, at - from);
      literal.push_back('\\');
      literal.push_back(value[at]);
      from = at + 1;
    }
    literal.append(value, from, std::string::npos);
    literal.push_back('"');
  }
  return literal + "}";
}

std::string SqlType(const Field& field) {
  const char* type = "";
  switch (field.column) {
    case Column::kNone:
      return "";
    case Column::kText:
    case Column::kEnum:
      type = "text";
      break;
    case Column::kDate:
      type = "date";
      break;
    case Column::kUuid:
      type = "uuid";
      break;
    case Column::kInteger:
      type = "integer";
      break;
    case Column::kBigint:
      type = "bigint";
      break;
    case Column::kDouble:
      type = "double precision";
      break;
    case Column::kBoolean:
      type = "boolean";
      break;
    case Column::kBytea:
      type = "bytea";
      break;
    case Column::kTimestamp:
      type = "timestamptz";
      break;
    case Column::kJsonb:
      type = "jsonb";
      break;
  }
  return absl::StrCat(type, field.array ? "[]" : "");
}

std::string SelectColumns(const Resource& resource, const std::string& alias) {
  const std::string prefix = alias.empty() ? "" : alias + ".";
  std::string columns;
  for (const Field& field : resource.fields) {
    if (field.column != Column::kNone) absl::StrAppend(&columns, prefix, field.name, ", ");
  }
  absl::StrAppend(&columns, prefix, "bucket, ", prefix, "scope, ", prefix, "write_scope");
  return columns;
}

namespace {

std::string ScalarText(const Message& record, const Field& field, int index) {
  const Reflection& get = *record.GetReflection();
  const FieldDescriptor* d = field.descriptor;
  const bool one = index < 0;
  switch (d->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = one ? get.GetString(record, d) : get.GetRepeatedString(record, d, index);
      if (d->type() != FieldDescriptor::TYPE_BYTES) return text;
      static constexpr char kDigits[] = "0123456789abcdef";
      std::string hex = "\\x";
      for (unsigned char c : text) hex.push_back(kDigits[c >> 4]), hex.push_back(kDigits[c & 15]);
      return hex;
    }
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(one ? get.GetInt32(record, d) : get.GetRepeatedInt32(record, d, index));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(one ? get.GetUInt32(record, d) : get.GetRepeatedUInt32(record, d, index));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(one ? get.GetInt64(record, d) : get.GetRepeatedInt64(record, d, index));
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      const double value = d->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT
                               ? (one ? get.GetFloat(record, d) : get.GetRepeatedFloat(record, d, index))
                               : (one ? get.GetDouble(record, d) : get.GetRepeatedDouble(record, d, index));
      char text[32];  // 17 significant digits read back as the same double.
      std::snprintf(text, sizeof(text), "%.17g", value);
      return text;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return (one ? get.GetBool(record, d) : get.GetRepeatedBool(record, d, index)) ? "t" : "f";
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = one ? get.GetEnumValue(record, d) : get.GetRepeatedEnumValue(record, d, index);
      const auto* value = d->enum_type()->FindValueByNumber(number);
      return value == nullptr ? "" : value->name();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return TimestampText(get.GetMessage(record, d));
    case FieldDescriptor::CPPTYPE_UINT64:
      break;  // Refused when the contract is loaded.
  }
  return "";
}

// Nested messages are trees of our own types: writing them as JSON cannot fail.
std::string JsonText(const Message& record, const Field& field) {
  const Reflection& get = *record.GetReflection();
  const FieldDescriptor* d = field.descriptor;
  json::WriteOptions options;
  options.proto_names = true;
  std::string out;
  if (d->is_map()) {  // A map field is written by its parent; take the part behind its name.
    std::unique_ptr<Message> only(record.New());
    std::vector<const FieldDescriptor*> set = {d};
    only->CopyFrom(record);
    std::vector<const FieldDescriptor*> all;
    get.ListFields(*only, &all);
    for (const FieldDescriptor* other : all)
      if (other != d) get.ClearField(only.get(), other);
    (void)json::MessageToJson(*only, options, &out);
    const size_t colon = out.find(':');
    return colon == std::string::npos ? "{}" : out.substr(colon + 1, out.size() - colon - 2);
  }
  if (!d->is_repeated()) {
    (void)json::MessageToJson(get.GetMessage(record, d), options, &out);
    return out;
  }
  out = "[";
  for (int i = 0; i < get.FieldSize(record, d); ++i) {
    if (i > 0) out.push_back(',');
    (void)json::MessageToJson(get.GetRepeatedMessage(record, d, i), options, &out);
  }
  return out + "]";
}

}  // namespace

std::optional<std::string> EncodeField(const Message& record, const Field& field) {
  const Reflection& get = *record.GetReflection();
  const FieldDescriptor* d = field.descriptor;
  if (field.column == Column::kJsonb) {
    if (!d->is_repeated() && !get.HasField(record, d)) return std::nullopt;
    return JsonText(record, field);
  }
  if (field.array) {
    std::vector<std::optional<std::string>> elements;
    for (int i = 0; i < get.FieldSize(record, d); ++i) elements.push_back(ScalarText(record, field, i));
    return NullableArray(elements);
  }
  if (field.nullable) {
    if (d->has_presence() ? !get.HasField(record, d) : get.GetString(record, d).empty()) return std::nullopt;
  }
  return ScalarText(record, field, -1);
}

namespace {

bool AppendArray(const Field& field, const postgres::Result& result, int row, int column, Message* record) {
  const Reflection& set = *record->GetReflection();
  const FieldDescriptor* d = field.descriptor;
  for (const std::string& text : result.TextArray(row, column)) {
    switch (d->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        // Bytes stand as \x and hexadecimal digits.
        set.AddString(record, d,
                      d->type() == FieldDescriptor::TYPE_BYTES && text.size() >= 2
                          ? absl::HexStringToBytes(text.substr(2))
                          : text);
        break;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto* value = d->enum_type()->FindValueByName(text);
        if (value == nullptr) return false;
        set.AddEnum(record, d, value);
        break;
      }
      case FieldDescriptor::CPPTYPE_INT32:
        set.AddInt32(record, d, std::atoi(text.c_str()));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        set.AddInt64(record, d, std::atoll(text.c_str()));
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        set.AddUInt32(record, d, static_cast<uint32_t>(std::atoll(text.c_str())));
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        set.AddDouble(record, d, std::strtod(text.c_str(), nullptr));
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        set.AddFloat(record, d, std::strtof(text.c_str(), nullptr));
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        set.AddBool(record, d, text == "t");
        break;
      default:
        return false;
    }
  }
  return true;
}

bool ReadJson(const Field& field, const postgres::Result& result, int row, int column, Message* record) {
  // Read as if it were the parent's JSON with this one field: lists, maps and messages alike.
  const size_t size = result.Size(row, column);
  if (field.descriptor->is_repeated() && size == 2) return true;  // "[]", or "{}" of a map.
  std::string text;
  text.reserve(size + field.name.size() + 6);
  absl::StrAppend(&text, "{\"", field.name, "\":");
  text.append(result.Value(row, column), size);
  text.push_back('}');
  std::vector<base::Violation> violations;
  json::ReadOptions options;
  std::string wire;  // Merged: what was read before stays.
  return json::JsonToWire(record->GetDescriptor(), text, options, &wire, &violations).ok() &&
         record->MergeFromString(wire);
}

bool SetScalar(const Field& field, const postgres::Result& result, int row, int column, Message* record) {
  const Reflection& set = *record->GetReflection();
  const FieldDescriptor* d = field.descriptor;
  switch (d->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      set.SetString(
          record, d,
          d->type() == FieldDescriptor::TYPE_BYTES ? result.Bytes(row, column) : result.Text(row, column));
      return true;
    case FieldDescriptor::CPPTYPE_INT32:
      set.SetInt32(record, d, static_cast<int32_t>(result.Integer(row, column)));
      return true;
    case FieldDescriptor::CPPTYPE_UINT32:
      set.SetUInt32(record, d, static_cast<uint32_t>(result.Integer(row, column)));
      return true;
    case FieldDescriptor::CPPTYPE_INT64:
      set.SetInt64(record, d, result.Integer(row, column));
      return true;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      set.SetDouble(record, d, result.Double(row, column));
      return true;
    case FieldDescriptor::CPPTYPE_FLOAT:
      set.SetFloat(record, d, static_cast<float>(result.Double(row, column)));
      return true;
    case FieldDescriptor::CPPTYPE_BOOL:
      set.SetBool(record, d, result.Boolean(row, column));
      return true;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = d->enum_type()->FindValueByName(result.Text(row, column));
      if (value == nullptr) return false;
      set.SetEnum(record, d, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      SetTimestamp(result.Time(row, column), set.MutableMessage(record, d));
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<Row> DecodeRow(const Resource& resource, const postgres::Result& result, int row, int column) {
  Row decoded;
  decoded.record.reset(resource.prototype->New());
  Message* record = decoded.record.get();
  for (const Field& field : resource.fields) {
    if (field.column == Column::kNone) continue;
    if (!result.IsNull(row, column)) {
      const bool ok = field.column == Column::kJsonb ? ReadJson(field, result, row, column, record)
                      : field.array                  ? AppendArray(field, result, row, column, record)
                                                     : SetScalar(field, result, row, column, record);
      if (!ok)
        return absl::DataLossError(
            absl::StrCat("column ", resource.kind, ".", field.name, " cannot be read"));
    }
    ++column;
  }
  const Reflection& reflection = *record->GetReflection();
  reflection.SetString(record, resource.etag->descriptor,
                       EtagOf(reflection.GetInt64(*record, resource.revision->descriptor)));
  decoded.bucket = static_cast<int>(result.Integer(row, column));
  decoded.scope = result.TextArray(row, column + 1);
  decoded.write_scope = result.TextArray(row, column + 2);
  return decoded;
}

}  // namespace lianqiao::store
