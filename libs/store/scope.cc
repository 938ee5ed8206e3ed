// SPDX-License-Identifier: Apache-2.0
#include "libs/store/scope.h"

#include <algorithm>

#include "libs/base/ids.h"

namespace lianqiao::store {

namespace {

std::string Placeholder(const postgres::Parameters& parameters) {
  return "$" + std::to_string(parameters.size());
}

bool Intersects(const std::vector<std::string>& sorted, const std::vector<std::string>& row) {
  return std::any_of(row.begin(), row.end(), [&](const std::string& id) {
    return std::binary_search(sorted.begin(), sorted.end(), id);
  });
}

}  // namespace

std::string BelowId(const std::string& id) {
  return base::ImportedId("below", "", id);
}

bool Scope::Covers(const std::vector<std::string>& row_scope) const {
  if (everything || Intersects(ids, row_scope)) return true;
  if (alliance_ids.empty() || organisation_id.empty()) return false;
  const bool is_party = std::find(row_scope.begin(), row_scope.end(), organisation_id) != row_scope.end();
  return is_party && Intersects(alliance_ids, row_scope);
}

bool Scope::Contains(const Scope& other) const {
  if (everything) return true;
  return !other.everything && std::includes(ids.begin(), ids.end(), other.ids.begin(), other.ids.end()) &&
         std::includes(alliance_ids.begin(), alliance_ids.end(), other.alliance_ids.begin(),
                       other.alliance_ids.end());
}

std::string Scope::Sql(const std::string& column, postgres::Parameters* parameters) const {
  if (everything) return "TRUE";
  std::string sql;
  if (!ids.empty()) {
    parameters->TextArray(ids);
    sql = column + " && " + Placeholder(*parameters) + "::uuid[]";
  }
  if (!alliance_ids.empty() && !organisation_id.empty()) {
    parameters->TextArray(alliance_ids);
    std::string alliances = "(" + column + " && " + Placeholder(*parameters) + "::uuid[] AND ";
    parameters->Text(organisation_id);
    alliances += column + " @> ARRAY[" + Placeholder(*parameters) + "::uuid])";
    sql = sql.empty() ? alliances : "(" + sql + " OR " + alliances + ")";
  }
  return sql.empty() ? "FALSE" : sql;
}

}  // namespace lianqiao::store
