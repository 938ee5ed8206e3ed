// SPDX-License-Identifier: Apache-2.0
// The other side of most rows: PostgreSQL's own COPY by psql, as superuser.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/bench/registry/platform.h"

namespace lianqiao::bench {

// Runs SQL in the schema of alliance-registry; its rows as text, one a line.
absl::StatusOr<std::string> Sql(const Platform& platform, const std::string& sql);

// One \copy of psql in that schema: "funding TO '/dev/null'". UNAVAILABLE if it was not `rows` rows.
absl::StatusOr<Measured> Copy(const Platform& platform, const std::string& what, int64_t rows);

}  // namespace lianqiao::bench
