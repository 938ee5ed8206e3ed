// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/openapi_lint/schema_check.h"

#include "absl/strings/str_cat.h"

namespace lianqiao::gateway {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

bool Has(element schema, const char* key, element* member) {
  return schema[key].get(*member) == simdjson::SUCCESS;
}

std::string TypeOf(element value) {
  switch (value.type()) {
    case element_type::OBJECT:
      return "object";
    case element_type::ARRAY:
      return "array";
    case element_type::STRING:
      return "string";
    case element_type::BOOL:
      return "boolean";
    case element_type::NULL_VALUE:
      return "null";
    case element_type::DOUBLE:
      return "number";
    default:
      return "integer";
  }
}

bool IsType(const std::string& type, element name) {
  const std::string wanted(std::string_view(name.get_string()));
  return type == wanted || (type == "integer" && wanted == "number");
}

void CheckType(element schema, element value, const std::string& where, std::vector<std::string>* found) {
  element type;
  if (!Has(schema, "type", &type)) return;
  bool fits = false;
  if (type.is_array()) {
    for (const element one : array(type)) fits = fits || IsType(TypeOf(value), one);
  } else {
    fits = IsType(TypeOf(value), type);
  }
  if (!fits) found->push_back(absl::StrCat(where, " is ", TypeOf(value), ", not ", simdjson::minify(type)));
}

void CheckEnum(element schema, element value, const std::string& where, std::vector<std::string>* found) {
  element names;
  if (!Has(schema, "enum", &names)) return;
  for (const element name : array(names))
    if (simdjson::minify(name) == simdjson::minify(value)) return;
  found->push_back(absl::StrCat(where, " is no value of the enum: ", simdjson::minify(value)));
}

void CheckObject(element document, element schema, object value, const std::string& where,
                 std::vector<std::string>* found) {
  element required, properties, others;
  if (Has(schema, "required", &required)) {
    for (const element name : array(required)) {
      const std::string key(std::string_view(name.get_string()));
      if (value[key].error() != simdjson::SUCCESS)
        found->push_back(absl::StrCat(where, " lacks the required ", key));
    }
  }
  const bool named = Has(schema, "properties", &properties);
  const bool open = !Has(schema, "additionalProperties", &others);
  for (const auto [key, member] : value) {
    const std::string at = absl::StrCat(where, "/", std::string(key));
    element inner;
    if (named && properties[key].get(inner) == simdjson::SUCCESS) {
      for (const std::string& text : Mismatches(document, inner, member, at)) found->push_back(text);
    } else if (!open && others.is_object()) {
      for (const std::string& text : Mismatches(document, others, member, at)) found->push_back(text);
    } else if (!open && others.is_bool() && !bool(others)) {
      found->push_back(at + " is no property");
    }
  }
}

bool FitsOne(element document, element schemas, element value) {
  for (const element one : array(schemas))
    if (Mismatches(document, one, value, "").empty()) return true;
  return false;
}

}  // namespace

std::vector<std::string> Mismatches(element document, element schema, element value,
                                    const std::string& where) {
  std::vector<std::string> found;
  element part;
  if (Has(schema, "$ref", &part)) {
    const std::string target(std::string_view(part.get_string()));  // "#/components/schemas/…"
    return Mismatches(document, document.at_pointer(target.substr(1)), value, where);
  }
  if (Has(schema, "anyOf", &part) && !FitsOne(document, part, value))
    found.push_back(absl::StrCat(where, " fits none of ", simdjson::minify(part)));
  CheckType(schema, value, where, &found);
  CheckEnum(schema, value, where, &found);
  if (value.is_object()) CheckObject(document, schema, object(value), where, &found);
  if (value.is_array() && Has(schema, "items", &part)) {
    int index = 0;
    for (const element item : array(value))
      for (const std::string& text : Mismatches(document, part, item, absl::StrCat(where, "/", index++)))
        found.push_back(text);
  }
  return found;
}

}  // namespace lianqiao::gateway
