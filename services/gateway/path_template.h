// SPDX-License-Identifier: Apache-2.0
// The path grammar of google.api.http: literals, *, **, {field.path=segments} and a custom verb. Used by the
// route table, and by openapi.cc to print paths.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace lianqiao::gateway {

struct Segment {
  enum class Kind { kLiteral, kOne, kRest };  // "abc", "*", "**"
  Kind kind = Kind::kLiteral;
  std::string literal;
};

// The variable covers segments [first, last); `rest` if it ends in ** and so reaches to the end of the path.
struct TemplateVariable {
  std::string field_path;
  size_t first = 0;
  size_t last = 0;
  bool rest = false;
};

struct PathTemplate {
  std::vector<Segment> segments;
  std::vector<TemplateVariable> variables;
  std::string verb;  // Without the colon; empty if there is none.
};

// INVALID_ARGUMENT names the position and what was expected there.
absl::StatusOr<PathTemplate> ParsePathTemplate(const std::string& text);

// Percent-decoding of a matched value. `whole` decodes everything (single-segment variables and query
// values); otherwise %2F stays as it is, so that segments can still be told apart. False for a bad escape.
bool PercentDecode(std::string_view text, bool whole, std::string* out);

}  // namespace lianqiao::gateway
