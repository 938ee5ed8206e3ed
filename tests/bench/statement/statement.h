// SPDX-License-Identifier: Apache-2.0
// How long one statement of a service takes over the tables of a real one.
#pragma once

#include <string>
#include <vector>

#include "libs/testing/service.h"

namespace lianqiao::bench {

// Ends the program with what went wrong.
void Require(const absl::Status& status);

// Each in a transaction of its own.
void Fill(testing::TestService& service, const std::vector<std::string>& statements);

struct Timing {
  double median_ms = 0;
  double worst_ms = 0;
  int rows = 0;  // Of the answer.
};

// Over one connection, after a round of warm-up.
Timing Measure(testing::TestService& service, const postgres::Query& query,
               const postgres::Parameters& parameters, int rounds);

// The row of tools/bench: the median, which is to be at most `max_ms`.
void PrintMedian(const std::string& name, const Timing& timing, double max_ms, const std::string& detail);

}  // namespace lianqiao::bench
