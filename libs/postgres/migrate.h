// SPDX-License-Identifier: Apache-2.0
// Forward-only migrations: NNNN_verb_object.sql, each in one transaction, recorded with its checksum.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lianqiao::postgres {

struct Migration {
  std::string name;  // "0001_create_feed"
  std::string sql;
  // Those of one history follow each other without a gap; the engine's and a service's own grow apart.
  std::string history = {};
};

// All *.sql of a folder in order; INVALID_ARGUMENT for a bad name, a gap or a repeated number.
absl::StatusOr<std::vector<Migration>> ReadMigrations(const std::string& folder);

// Applies what is missing as the owner role, into `schema` (created if missing; search_path set to it), under
// an advisory lock so that two starting processes do not race. FAILED_PRECONDITION if an applied migration's
// text changed, a later one of the same history is there already, or the database holds one that `migrations`
// does not (an older program on a newer database).
// `runtime_role` (may be empty) gets USAGE on the schema and SELECT, INSERT, UPDATE, DELETE on its tables,
// except where a migration revokes.
absl::Status Migrate(const std::string& owner_connection, const std::string& schema,
                     const std::string& runtime_role, const std::vector<Migration>& migrations);

}  // namespace lianqiao::postgres
