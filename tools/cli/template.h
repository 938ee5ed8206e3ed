// SPDX-License-Identifier: Apache-2.0
// Text with columns in braces, as mappings write it: "gb-t-2260:{code}"; {lead|school} is looked up in the
// table "school" (empty if it is not there); {change.old_code} is a column of the joined row at hand.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace lianqiao::cli {

using Columns = std::map<std::string, std::string>;

// One line of a file and what other files say about it.
struct RowView {
  const Columns* row = nullptr;
  const std::map<std::string, Columns>* lookups = nullptr;    // Name -> key -> value.
  std::map<std::string, const std::vector<Columns>*> joined;  // Name -> its rows.
  std::map<std::string, const Columns*> current;              // Name -> the row at hand.
};

class Template {
 public:
  // INVALID_ARGUMENT if a brace is not closed or empty.
  static absl::StatusOr<Template> Parse(std::string_view text);

  std::string Fill(const RowView& view) const;
  // The columns of the file itself that it names.
  void AddColumns(std::set<std::string>* columns) const;

 private:
  struct Part {
    std::string literal;  // Before the column.
    std::string join;
    std::string column;  // Empty: none.
    std::string lookup;
  };
  std::vector<Part> parts_;
};

}  // namespace lianqiao::cli
