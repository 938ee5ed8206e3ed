// SPDX-License-Identifier: Apache-2.0
// Reading rows by id, and who may see one while the scope of what it hangs on is moving. Only for
// libs/resource.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "libs/resource/core.h"

namespace lianqiao::resource {

struct Rows {
  std::unordered_map<std::string, store::Row> by_id;
  // Parents that moved and whose dependants are not all stamped, with their present scope; nearly always
  // none.
  std::unordered_map<std::string, std::vector<std::string>> moved;

  bool Shows(const ResourcePlan& resource, const store::Scope& scope, const store::Row& row) const;
};

// Rows of any scope; what a caller may see of them says Shows.
absl::StatusOr<Rows> ReadRows(postgres::Statements& statements, const ResourcePlan& resource,
                              const std::vector<std::string>& ids);

// The same as a condition on a list's rows, beside their own scope; appends parameters.
std::string PendingSql(const ResourcePlan& resource, const store::Scope& scope, const std::string& alias,
                       postgres::Parameters* parameters);

}  // namespace lianqiao::resource
