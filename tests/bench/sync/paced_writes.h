// SPDX-License-Identifier: Apache-2.0
// CreateFunding at a fixed rate, however long the answers take: when each was sent and answered.
#pragma once

#include <chrono>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/sync/api.h"

namespace lianqiao::bench {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Written {
  SteadyTime sent;
  SteadyTime answered;
};

struct PacedWrites {
  std::vector<Written> writes;
  double seconds = 0;  // From the first call to the last answer.
  bool held = false;   // Every call left in time.
  double Rate() const { return static_cast<double>(writes.size()) / seconds; }
  double AnswerMilliseconds() const;              // Median.
  std::unordered_map<std::string, size_t> by_id;  // Which of them made a record.
};

// Request ids begin with `run`, which is new for each. The first failed call ends it with its
// status.
absl::StatusOr<PacedWrites> WriteAtRate(Api* api, const std::string& run, double rate, double seconds);

}  // namespace lianqiao::bench
