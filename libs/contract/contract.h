// SPDX-License-Identifier: Apache-2.0
// What the descriptors say, resolved once at start-up and checked: resources, their fields and columns,
// methods, permissions. Everything is immutable after Load and lives as long as the Contract; used by every
// layer above.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "lianqiao/options/v1/options.pb.h"
#include "libs/base/status.h"

namespace lianqiao::contract {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// How a field is stored. Arrays are the same with `array` set on the Field.
enum class Column {
  kNone,
  kText,
  kDate,
  kUuid,
  kInteger,
  kBigint,
  kDouble,
  kBoolean,
  kBytea,
  kEnum,
  kTimestamp,
  kJsonb
};

struct Field {
  const FieldDescriptor* descriptor = nullptr;
  const options::v1::FieldRule* rule = nullptr;  // Never null; the default instance if the field has none.
  std::string name;                              // Proto name = column name.
  Column column = Column::kNone;                 // kNone: no column (etag).
  bool array = false;
  // NULL in the table when the field is not set: optional fields, members of a oneof, messages and
  // timestamps, references, dates. Others are NOT NULL with a default.
  bool nullable = false;
  bool platform_written = false;  // id, revision, times, state, output_only: not from a client.
  bool target_retires = false;    // A reference to a kind whose records say what replaced them.
  bool is_personal() const { return rule->has_personal(); }
};

struct Resource {
  const Descriptor* descriptor = nullptr;
  const Message* prototype = nullptr;  // Generated class.
  const options::v1::ResourceRule* rule = nullptr;
  std::string kind;                    // "organisation" = table name.
  std::string package;                 // "lianqiao.registry.v1"
  std::vector<Field> fields;           // In order of field number.
  const Field* id = nullptr;           // Required: string id = 1.
  const Field* revision = nullptr;     // Required: int64.
  const Field* etag = nullptr;         // Required: string, computed.
  const Field* create_time = nullptr;  // Required: Timestamps.
  const Field* update_time = nullptr;
  const Field* delete_time = nullptr;
  const Field* external_ids = nullptr;  // Optional: repeated type.v1.ExternalId.
  const Field* replaced_by = nullptr;   // Optional: where a merge went.
  const Field* erase_time = nullptr;    // Optional: when its personal fields were erased, for good.
  bool has_children = false;            // Another kind of the service refers to it.
  // Some rows may be read below what they name (`scope.audience_from`, or a scope from such a kind).
  bool opens_downwards = false;
  const Field* Find(const std::string& name) const;
  const Field* Find(const FieldDescriptor* descriptor) const;
};

// A reference of `child` to this kind.
struct Reference {
  const Resource* child;
  const Field* field;
};

enum class Standard {
  kCustom,
  kGet,
  kBatchGet,
  kList,
  kCreate,
  kUpdate,
  kDelete,
  kUndelete,
  kErase,
  kBatchUpsert,
  kTransition
};

struct Method {
  const MethodDescriptor* descriptor = nullptr;
  std::string path;  // "/lianqiao.registry.v1.OrganisationService/GetOrganisation"
  Standard standard = Standard::kCustom;
  const Resource* resource = nullptr;                       // Null for custom methods that have none.
  const options::v1::AccessRule* access = nullptr;          // Never null.
  const options::v1::TransitionRule* transition = nullptr;  // Null unless kTransition.
  std::string permission;                                   // Effective; empty if public or for any client.
  bool writes = false;
  // Create, Update, BatchUpsert: the request's field with the record(s).
  const FieldDescriptor* record = nullptr;
};

class Contract {
 public:
  // Everything in these proto packages of the generated pool (link its lianqiao_proto_… target).
  // INVALID_ARGUMENT lists every mistake: missing standard fields, unknown kinds in options, methods without
  // an access option, …
  static absl::StatusOr<std::shared_ptr<const Contract>> Load(const std::vector<std::string>& packages);

  const Resource* FindKind(const std::string& kind) const;
  const Resource* FindMessage(const Descriptor* descriptor) const;
  const Method* FindMethod(const std::string& path) const;
  const std::vector<std::unique_ptr<Resource>>& resources() const { return resources_; }
  const std::vector<std::unique_ptr<Method>>& methods() const { return methods_; }
  // Who refers to this kind.
  const std::vector<Reference>& ReferencesTo(const Resource& resource) const;
  // Every enum that a field of these packages uses, for /v1/vocabulary.
  std::vector<const EnumDescriptor*> Enums() const;

 private:
  friend class Loader;
  std::vector<std::unique_ptr<Resource>> resources_;
  std::vector<std::unique_ptr<Method>> methods_;
  std::unordered_map<std::string, const Resource*> by_kind_;
  std::unordered_map<const Descriptor*, const Resource*> by_message_;
  std::unordered_map<std::string, const Method*> by_path_;
  std::unordered_map<const Resource*, std::vector<Reference>> references_;
};

// "COUNTY" for ALLIANCE_TYPE_COUNTY: how an enum value is stored, filtered and spelled in JSON is its full
// name; options use this short form.
std::string ShortName(const google::protobuf::EnumValueDescriptor& value);

// A violation per message, nested ones too, that holds fields its contract does not know.
void RefuseUnknownFields(const Message& message, const std::string& path,
                         std::vector<base::Violation>* violations);

// Trims and NFC-normalises every string of the message, nested ones too; a violation per invalid text.
void NormaliseText(Message* message, const std::string& path, std::vector<base::Violation>* violations);

// Checks every field rule of the message (nested messages too): required, format, length, pattern, bounds,
// unknown enum numbers and UNSPECIFIED in required enums, items, personal numbers in person references.
// `path` is the prefix of violation fields, e.g. "organisation".
void Validate(const Message& message, const std::string& path, std::vector<base::Violation>* violations);

// The JSON spelling of a field path: prefix.camelName or camelName.
std::string PathOf(const std::string& prefix, const FieldDescriptor& field);

}  // namespace lianqiao::contract
