// SPDX-License-Identifier: Apache-2.0
// A school year with a draft submission of every county, and a file of its facts, one line per school.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/bench/registry/platform.h"

namespace lianqiao::bench {

struct FactsFile {
  std::string path;
  std::string school_year_id;
  int64_t records = 0;
  int64_t bytes = 0;
};

// Writes the year that begins on 1 September of `year` and its submissions behind the API, and the NDJSON of
// the first `records` schools' primary stage into <folder>/facts-<year>.ndjson. A year can be prepared once.
absl::StatusOr<FactsFile> PrepareFacts(const Platform& platform, int year, int64_t records);

}  // namespace lianqiao::bench
