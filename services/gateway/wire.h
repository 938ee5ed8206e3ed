// SPDX-License-Identifier: Apache-2.0
// Protobuf wire bytes without message objects: appending single fields and looking a field up. Appending
// works because a later scalar wins and messages merge. For this folder only.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lianqiao::gateway {

void AppendVarint(uint64_t value, std::string* wire);
// Number and length-delimited type, then the bytes.
void AppendPart(int field_number, std::string_view bytes, std::string* wire);

// The field at the end of `path`, given as its own tag and value, wrapped in the messages before it.
void AppendNested(const std::vector<const google::protobuf::FieldDescriptor*>& path, std::string_view field,
                  std::string* wire);

struct WireField {
  uint64_t number = 0;
  bool is_part = false;  // Length-delimited: `part` is what it holds.
  std::string_view part;
  std::string_view whole;  // Tag included.
};
// Takes the next field off a wire that is not empty. False for malformed bytes.
bool NextField(std::string_view* wire, WireField* field);

// Every occurrence of a field, tag included, in wire order. False for malformed bytes.
bool CopyField(std::string_view wire, int field_number, std::string* occurrences);

// The last value of a string field reached through `path`; false if it does not stand there.
bool FindText(std::string_view wire, const std::vector<const google::protobuf::FieldDescriptor*>& path,
              std::string_view* text);

}  // namespace lianqiao::gateway
