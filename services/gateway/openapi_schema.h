// SPDX-License-Identifier: Apache-2.0
// JSON Schemas of messages and enums as libs/json reads and writes them. For openapi.cc.
#pragma once

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>
#include <vector>

#include "services/gateway/comments.h"
#include "services/gateway/json_text.h"

namespace lianqiao::gateway {

class Schemas {
 public:
  explicit Schemas(const Comments& comments) : comments_(comments) {}

  // What may be missing and what may be null depends on the way that a message goes.
  enum class Use {
    kAnswer,  // Nothing is required: a read mask leaves fields out, like defaults.
    kInput,   // Has what the contract requires; ".Input" where that makes a difference.
    kPatch,   // ".Patch": nothing is required, and null clears what may be empty.
  };
  // {"$ref": …}; the message is written later.
  void Reference(const google::protobuf::Descriptor& message, Use use, JsonText* json);
  // One field's schema; `as_parameter` leaves out what only bodies have (readOnly, title).
  void Field(const google::protobuf::FieldDescriptor& field, Use use, bool as_parameter, JsonText* json);
  // Every schema that was referred to, and what those refer to, as members of an open object.
  void WriteAll(JsonText* json);

  // "registry.v1.Alliance" for lianqiao.registry.v1.Alliance.
  static std::string Name(const std::string& full_name);
  // Label, comment and unit.
  std::string Description(const google::protobuf::FieldDescriptor& field) const;

 private:
  struct Wanted {
    const google::protobuf::Descriptor* message = nullptr;
    const google::protobuf::EnumDescriptor* type = nullptr;
    Use use = Use::kAnswer;
    bool written = false;
  };
  // True if the type has a JSON form of its own, which was written.
  bool WellKnown(const std::string& type, JsonText* json);
  // Whether the message or one inside it has a required field.
  bool Requires(const google::protobuf::Descriptor& message);
  void Members(const google::protobuf::Descriptor& message, Use use, JsonText* json);
  void Value(const google::protobuf::FieldDescriptor& field, Use use, JsonText* json);
  void Scalar(const google::protobuf::FieldDescriptor& field, JsonText* json);
  void Enum(const google::protobuf::EnumDescriptor& type, JsonText* json);
  void Message(const google::protobuf::Descriptor& message, Use use, JsonText* json);

  const Comments& comments_;
  std::map<const google::protobuf::Descriptor*, bool> requires_;
  std::map<std::string, Wanted> wanted_;
};

}  // namespace lianqiao::gateway
