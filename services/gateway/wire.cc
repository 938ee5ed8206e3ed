// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/wire.h"

namespace lianqiao::gateway {
namespace {

using google::protobuf::FieldDescriptor;

bool TakeVarint(std::string_view* wire, uint64_t* value) {
  *value = 0;
  for (size_t i = 0; i < wire->size() && i < 10; ++i) {
    const auto byte = static_cast<uint8_t>((*wire)[i]);
    *value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      wire->remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

// One field: its number, and the payload if it is length-delimited.
bool TakeField(std::string_view* wire, uint64_t* number, bool* is_part, std::string_view* part) {
  uint64_t tag = 0;
  uint64_t value = 0;
  if (!TakeVarint(wire, &tag)) return false;
  *number = tag >> 3;
  *is_part = (tag & 7) == 2;
  switch (tag & 7) {
    case 0:
      return TakeVarint(wire, &value);
    case 1:
      value = 8;
      break;
    case 5:
      value = 4;
      break;
    case 2:
      if (!TakeVarint(wire, &value)) return false;
      break;
    default:
      return false;  // Groups: proto3 has none.
  }
  if (value > wire->size()) return false;
  *part = wire->substr(0, value);
  wire->remove_prefix(value);
  return true;
}

}  // namespace

bool NextField(std::string_view* wire, WireField* field) {
  const std::string_view before = *wire;
  if (!TakeField(wire, &field->number, &field->is_part, &field->part)) return false;
  field->whole = before.substr(0, before.size() - wire->size());
  return true;
}

void AppendVarint(uint64_t value, std::string* wire) {
  while (value >= 0x80) {
    wire->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  wire->push_back(static_cast<char>(value));
}

void AppendPart(int field_number, std::string_view bytes, std::string* wire) {
  AppendVarint(static_cast<uint64_t>(field_number) << 3 | 2, wire);
  AppendVarint(bytes.size(), wire);
  wire->append(bytes);
}

void AppendNested(const std::vector<const FieldDescriptor*>& path, std::string_view field,
                  std::string* wire) {
  if (path.size() <= 1) {
    wire->append(field);
    return;
  }
  std::string inner(field);
  for (size_t i = path.size() - 1; i-- > 0;) {
    std::string outer;
    AppendPart(path[i]->number(), inner, &outer);
    inner = std::move(outer);
  }
  wire->append(inner);
}

bool CopyField(std::string_view wire, int field_number, std::string* occurrences) {
  while (!wire.empty()) {
    WireField field;
    if (!NextField(&wire, &field)) return false;
    if (field.number == static_cast<uint64_t>(field_number)) occurrences->append(field.whole);
  }
  return true;
}

bool FindText(std::string_view wire, const std::vector<const FieldDescriptor*>& path,
              std::string_view* text) {
  std::string_view rest = wire;
  bool found = false;
  while (!rest.empty()) {
    uint64_t number = 0;
    bool is_part = false;
    std::string_view part;
    if (!TakeField(&rest, &number, &is_part, &part)) return found;
    if (!is_part || number != static_cast<uint64_t>(path.front()->number())) continue;
    if (path.size() == 1) {
      *text = part;
      found = true;
    } else if (FindText(part, {path.begin() + 1, path.end()}, text)) {
      found = true;
    }
  }
  return found;
}

}  // namespace lianqiao::gateway
