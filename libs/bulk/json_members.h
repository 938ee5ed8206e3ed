// SPDX-License-Identifier: Apache-2.0
// The members of a JSON object without reading what is in them: enough to take an envelope off its record.
#pragma once

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"

namespace lianqiao::bulk {

struct JsonMember {
  absl::string_view name;   // Between its quotes, escapes as they are.
  absl::string_view value;  // As it is written.
  absl::string_view whole;  // From the name's quote to the value's end.
};

// nullopt if the text is no object, or is broken where it was looked at: a reader of JSON says how.
std::optional<std::vector<JsonMember>> MembersOf(absl::string_view json);

}  // namespace lianqiao::bulk
