// SPDX-License-Identifier: Apache-2.0
// Who may see (or write) a row: the one predicate object that decides a row in memory and becomes SQL. Made
// by libs/access from a caller's grants; applied by store and resource to every statement (design §8).
#pragma once

#include <string>
#include <vector>

#include "libs/postgres/database.h"

namespace lianqiao::store {

// The root jurisdiction that every scope array holds: a grant on it covers the platform.
inline constexpr char kPlatformRootId[] = "00000000-0000-7000-8000-000000000001";

// In the scope of a row that opens downwards: stands for whoever has a grant on this record or below it. A
// row's scope else holds ids upwards, from its place to the root.
std::string BelowId(const std::string& id);

struct Scope {
  bool everything = false;       // A grant on the platform root.
  std::vector<std::string> ids;  // Jurisdictions and organisations granted; sorted.
  // Alliances granted count only where the row's scope also holds the client's own organisation.
  std::vector<std::string> alliance_ids;
  std::string organisation_id;

  // No grant at all: PERMISSION_DENIED before anything is read.
  bool empty() const { return !everything && ids.empty() && alliance_ids.empty(); }
  bool Covers(const std::vector<std::string>& row_scope) const;
  // Every row that the other covers is certainly covered too.
  bool Contains(const Scope& other) const;
  // SQL on an uuid[] expression ("scope", "parent.write_scope"); appends its parameters. "TRUE" for
  // everything.
  std::string Sql(const std::string& column, postgres::Parameters* parameters) const;
};

}  // namespace lianqiao::store
