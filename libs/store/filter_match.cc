// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/store/codec.h"
#include "libs/store/filter.h"
#include "libs/store/filter_tree.h"

namespace lianqiao::store {
namespace {

using contract::Column;
using contract::FieldDescriptor;
using google::protobuf::Reflection;

// SQL's three values in order: AND is the least of its operands, OR the greatest, NOT the mirror image.
enum Truth { kFalse = 0, kUnknown = 1, kTrue = 2 };

Truth TruthOf(bool value) {
  return value ? kTrue : kFalse;
}

// As PostgreSQL orders doubles: NaN equals itself and comes last.
int CompareDoubles(double a, double b) {
  if (std::isnan(a) || std::isnan(b))
    return static_cast<int>(std::isnan(a)) - static_cast<int>(std::isnan(b));
  return a < b ? -1 : static_cast<int>(a > b);
}

int CompareValues(const FilterValue& a, const FilterValue& b) {
  if (const auto* number = std::get_if<double>(&a)) return CompareDoubles(*number, std::get<double>(b));
  return a < b ? -1 : static_cast<int>(b < a);
}

bool Holds(FilterOperator op, int order) {
  switch (op) {
    case FilterOperator::kNotEqual:
      return order != 0;
    case FilterOperator::kLess:
      return order < 0;
    case FilterOperator::kLessOrEqual:
      return order <= 0;
    case FilterOperator::kGreater:
      return order > 0;
    case FilterOperator::kGreaterOrEqual:
      return order >= 0;
    default:
      return order == 0;
  }
}

bool HasText(const std::string& text, const std::string& part) {
  return absl::AsciiStrToLower(text).find(absl::AsciiStrToLower(part)) != std::string::npos;
}

bool HasAffix(const FilterNode& node, const std::string& text) {
  const std::string& part = std::get<std::string>(node.value);
  if (node.open_start && node.open_end) return text.find(part) != std::string::npos;
  if (text.size() < part.size()) return false;
  return text.compare(node.open_start ? text.size() - part.size() : 0, part.size(), part) == 0;
}

bool HasElement(const FilterNode& node, const contract::Message& record) {
  const int size = record.GetReflection()->FieldSize(record, node.field->descriptor);
  for (int i = 0; i < size; ++i) {
    if (CompareValues(ValueOf(*node.field, record, i), node.value) == 0) return true;
  }
  return false;
}

bool HasExternalId(const FilterNode& node, const contract::Message& record) {
  const FieldDescriptor* ids = node.resource->external_ids->descriptor;
  const FieldDescriptor* system = ids->message_type()->FindFieldByName("system");
  const FieldDescriptor* id = ids->message_type()->FindFieldByName("id");
  const int size = record.GetReflection()->FieldSize(record, ids);
  for (int i = 0; i < size; ++i) {
    const contract::Message& carried = record.GetReflection()->GetRepeatedMessage(record, ids, i);
    const Reflection& get = *carried.GetReflection();
    if (get.GetString(carried, system) == node.external_system &&
        get.GetString(carried, id) == std::get<std::string>(node.value)) {
      return true;
    }
  }
  return false;
}

Truth Evaluate(const FilterNode& node, const contract::Message& record) {
  switch (node.op) {
    case FilterOperator::kAnd: {
      Truth least = kTrue;
      for (const auto& child : node.children) least = std::min(least, Evaluate(*child, record));
      return least;
    }
    case FilterOperator::kOr: {
      Truth greatest = kFalse;
      for (const auto& child : node.children) greatest = std::max(greatest, Evaluate(*child, record));
      return greatest;
    }
    case FilterOperator::kNot:
      return static_cast<Truth>(kTrue - Evaluate(*node.children[0], record));
    case FilterOperator::kHasExternalId:
      return TruthOf(HasExternalId(node, record));
    case FilterOperator::kIsNull:
      return TruthOf(IsNull(*node.field, record));
    case FilterOperator::kNotEmpty:
      return TruthOf(record.GetReflection()->FieldSize(record, node.field->descriptor) > 0);
    case FilterOperator::kHasElement:
      return TruthOf(HasElement(node, record));
    default:
      break;
  }
  if (IsNull(*node.field, record)) return kUnknown;
  const FilterValue value = ValueOf(*node.field, record);
  if (node.op == FilterOperator::kHasText) {
    return TruthOf(HasText(std::get<std::string>(value), std::get<std::string>(node.value)));
  }
  if (node.op == FilterOperator::kHasAffix) return TruthOf(HasAffix(node, std::get<std::string>(value)));
  return TruthOf(Holds(node.op, CompareValues(value, node.value)));
}

}  // namespace

bool IsNull(const contract::Field& field, const contract::Message& record) {
  if (!field.nullable || field.array) return false;
  const Reflection& get = *record.GetReflection();
  if (field.descriptor->has_presence()) return !get.HasField(record, field.descriptor);
  return get.GetString(record, field.descriptor).empty();
}

FilterValue ValueOf(const contract::Field& field, const contract::Message& record, int index) {
  const Reflection& get = *record.GetReflection();
  const FieldDescriptor* d = field.descriptor;
  const bool one = index < 0;
  switch (d->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return one ? get.GetString(record, d) : get.GetRepeatedString(record, d, index);
    case FieldDescriptor::CPPTYPE_INT32:
      return int64_t{one ? get.GetInt32(record, d) : get.GetRepeatedInt32(record, d, index)};
    case FieldDescriptor::CPPTYPE_UINT32:
      return int64_t{one ? get.GetUInt32(record, d) : get.GetRepeatedUInt32(record, d, index)};
    case FieldDescriptor::CPPTYPE_INT64:
      return int64_t{one ? get.GetInt64(record, d) : get.GetRepeatedInt64(record, d, index)};
    case FieldDescriptor::CPPTYPE_FLOAT:
      return double{one ? get.GetFloat(record, d) : get.GetRepeatedFloat(record, d, index)};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return one ? get.GetDouble(record, d) : get.GetRepeatedDouble(record, d, index);
    case FieldDescriptor::CPPTYPE_BOOL:
      return one ? get.GetBool(record, d) : get.GetRepeatedBool(record, d, index);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = one ? get.GetEnumValue(record, d) : get.GetRepeatedEnumValue(record, d, index);
      const auto* value = d->enum_type()->FindValueByNumber(number);
      return value == nullptr ? std::string() : value->name();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      // Microseconds are what the column keeps.
      return absl::FromUnixMicros(absl::ToUnixMicros(TimestampOf(get.GetMessage(record, d))));
    default:
      return std::string();
  }
}

std::string ValueText(const FilterValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* integer = std::get_if<int64_t>(&value)) return absl::StrCat(*integer);
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "t" : "f";
  if (const auto* time = std::get_if<absl::Time>(&value)) {
    return absl::FormatTime("%E4Y-%m-%d %H:%M:%E6S+00", *time, absl::UTCTimeZone());
  }
  char text[32];  // 17 significant digits read back as the same double.
  std::snprintf(text, sizeof(text), "%.17g", std::get<double>(value));
  return text;
}

bool Matches(const Filter& filter, const contract::Message& record) {
  return filter.empty() || Evaluate(*filter.root(), record) == kTrue;
}

}  // namespace lianqiao::store
