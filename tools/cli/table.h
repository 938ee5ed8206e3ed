// SPDX-License-Identifier: Apache-2.0
// CSV files with a header line as rows of named columns, read one by one or kept for joins and lookups.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/cli/mapping.h"

namespace lianqiao::cli {

// A row of another width than the header has `fits` false and no columns.
using VisitRow = std::function<absl::Status(int line, bool fits, const Columns& row)>;

// INVALID_ARGUMENT: no CSV, or a required column is missing; NOT_FOUND; or what `visit` returned first.
absl::Status ReadTable(const std::string& path, const std::set<std::string>& required, const VisitRow& visit);

// What a mapping knows besides the row: its joined rows by their key and its lookups.
struct Companions {
  std::map<std::string, std::map<std::string, std::vector<Columns>>> joined;
  std::map<std::string, Columns> lookups;
};

// Files that are not there give nothing.
absl::StatusOr<Companions> ReadCompanions(const Mapping& mapping, const std::string& folder);

// The view must not outlive row and companions.
RowView ViewOf(const Mapping& mapping, const Companions& companions, const Columns& row);

}  // namespace lianqiao::cli
