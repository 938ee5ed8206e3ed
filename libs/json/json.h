// SPDX-License-Identifier: Apache-2.0
// Protobuf <-> JSON over descriptors: the proto3 JSON mapping, straight between wire bytes and text, without
// a message object in between. For the gateway, the command line, exports and tests.
//
// Thread-safe. The first use of a type builds a plan of it and of every type it can contain; plans are kept
// for ever, so a DescriptorPool whose types were used here must live until the process ends.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/base/limits.h"
#include "libs/base/status.h"

namespace lianqiao::json {

struct WriteOptions {
  bool proto_names = false;  // external_ids instead of externalIds
  // Also fields that are not on the wire, if they have no presence: 0, "", false, [], {}, the first enum
  // value.
  bool always_print_primitive_fields = false;
  int depth_max = base::kMessageDepthMax;  // The outermost message is at depth 1.
};

struct ReadOptions {
  std::string
      path_prefix;  // Where the JSON value stands in the request: "organisation"; empty for the whole.
  size_t bytes_max = base::kMessageBytesMax;
  int depth_max = base::kMessageDepthMax;
  size_t violations_max = 1000;  // Later ones are not recorded: an answer stays bounded.
};

// Appends the JSON text of `wire` to *out; on failure *out is as before and the status is INTERNAL (nobody
// but a service of ours can cause it): malformed wire, invalid UTF-8 in a string, a Timestamp or Duration out
// of range, too deep, an Any of an unknown type, a FieldMask path that JSON cannot hold. Fields come in wire
// order, or in order of numbers with always_print_primitive_fields. Repeated occurrences on the wire mean
// what they mean to protobuf's parser: the last scalar wins, messages merge, lists join. Enum values without
// a name are written as numbers; unknown fields are left out. The text equals protobuf's MessageToJsonString,
// except that floating-point numbers always have their shortest round-trip digits.
absl::Status WireToJson(const google::protobuf::Descriptor* type, const std::string& wire,
                        const WriteOptions& options, std::string* out);

absl::Status MessageToJson(const google::protobuf::Message& message, const WriteOptions& options,
                           std::string* out);

// Appends the wire bytes of one JSON value to *wire. Strict; every violation is found, not only the first,
// and is appended to *violations (if not null) with its path as JSON writes it:
// organisation.externalIds[2].system, labels["key"]. The status is FailIfAny of those found here; *wire is
// then as before.
//
//   FIELD_UNKNOWN                   no such field
//   FIELD_DUPLICATE                 twice in one object, also under its two names (externalIds, external_ids)
//   FIELD_WRONG_TYPE {expected}     array boolean integer number object string
//   FIELD_OUT_OF_RANGE {min, max}   numbers, Timestamp, Duration
//   FIELD_UNKNOWN_CODE {value}      enum names (exact) and numbers, the type of an Any
//   FIELD_BAD_FORMAT {expected}     base64, UTF-8 (a lone surrogate), or a sample: 2024-01-31T08:00:00Z, 1.5s
//   FIELD_CONFLICT {other}          two members of one oneof
//   FIELD_REQUIRED                  "@type" of an Any
//   JSON_INVALID {place, expected}  line:column and what should stand there; ends the reading unless it is
//   the depth
//
// null means absent, except for Value and NullValue, and is a wrong type inside lists and maps. All integers
// may be written as decimal strings. A text of more than bytes_max is refused as BODY_TOO_LARGE {max},
// without violations. A field without presence that holds its default value is not written.
absl::Status JsonToWire(const google::protobuf::Descriptor* type, const std::string& json,
                        const ReadOptions& options, std::string* wire,
                        std::vector<base::Violation>* violations);

// The same into a message, which is overwritten on success and untouched on failure.
absl::Status JsonToMessage(const std::string& json, const ReadOptions& options,
                           google::protobuf::Message* message, std::vector<base::Violation>* violations);

}  // namespace lianqiao::json
