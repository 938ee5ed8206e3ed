// SPDX-License-Identifier: Apache-2.0
// One path or query value: decoded text to the wire bytes of one field. For transcode.cc.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"

namespace lianqiao::gateway {

// Scalars, enums (by full name or known number), and the messages that JSON writes as one scalar: Timestamp,
// Duration, FieldMask (comma list; camelCase or proto names), wrappers.
bool IsParameterType(const google::protobuf::FieldDescriptor& field);

// Appends tag and value. `name` is the field in a violation. An empty string of a field without presence
// still appends: it overrides nothing and means the default.
void AppendParameter(const google::protobuf::FieldDescriptor& field, const std::string& name,
                     const std::string& text, std::string* wire, std::vector<base::Violation>* violations);

}  // namespace lianqiao::gateway
