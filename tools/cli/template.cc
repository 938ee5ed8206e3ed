// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/template.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace lianqiao::cli {
namespace {

const std::string& At(const Columns& columns, const std::string& name) {
  static const std::string kNothing;
  const auto found = columns.find(name);
  return found == columns.end() ? kNothing : found->second;
}

}  // namespace

absl::StatusOr<Template> Template::Parse(std::string_view text) {
  Template parsed;
  Part part;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '{') {
      part.literal.push_back(text[at]);
      continue;
    }
    const size_t end = text.find('}', at);
    if (end == std::string_view::npos || end == at + 1)
      return absl::InvalidArgumentError(absl::StrCat("no column in the braces of ", std::string(text)));
    std::string name(text.substr(at + 1, end - at - 1));
    if (const size_t bar = name.find('|'); bar != std::string::npos) {
      part.lookup = name.substr(bar + 1);
      name.resize(bar);
    }
    if (const size_t dot = name.find('.'); dot != std::string::npos) {
      part.join = name.substr(0, dot);
      name.erase(0, dot + 1);
    }
    part.column = std::move(name);
    parsed.parts_.push_back(std::exchange(part, {}));
    at = end;
  }
  if (!part.literal.empty()) parsed.parts_.push_back(std::move(part));
  return parsed;
}

std::string Template::Fill(const RowView& view) const {
  std::string filled;
  for (const Part& part : parts_) {
    filled += part.literal;
    if (part.column.empty()) continue;
    const Columns* row = view.row;
    if (!part.join.empty()) {
      const auto joined = view.current.find(part.join);
      row = joined == view.current.end() ? nullptr : joined->second;
    }
    if (row == nullptr) continue;
    const std::string& value = At(*row, part.column);
    if (part.lookup.empty()) {
      filled += value;
    } else if (view.lookups != nullptr && view.lookups->count(part.lookup) > 0) {
      filled += At(view.lookups->at(part.lookup), value);
    }
  }
  return filled;
}

void Template::AddColumns(std::set<std::string>* columns) const {
  for (const Part& part : parts_) {
    if (part.join.empty() && !part.column.empty()) columns->insert(part.column);
  }
}

}  // namespace lianqiao::cli
