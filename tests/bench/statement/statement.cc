// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/statement/statement.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace lianqiao::bench {

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::_Exit(1);  // Threads of the service still run.
}

void Fill(testing::TestService& service, const std::vector<std::string>& statements) {
  for (const std::string& sql : statements)
    Require(service.writes().Run(absl::Now() + absl::Hours(2), [&](postgres::Session& session) {
      return session.Execute({"fill", sql, false}, {}).status();
    }));
}

Timing Measure(testing::TestService& service, const postgres::Query& query,
               const postgres::Parameters& parameters, int rounds) {
  Timing timing;
  std::vector<double> taken;
  Require(service.reads().Run(absl::Now() + absl::Minutes(10), [&](postgres::Session& session) {
    for (int i = 0; i <= rounds; ++i) {
      const absl::Time start = absl::Now();
      const auto found = session.Execute(query, parameters);
      if (!found.ok()) return found.status();
      timing.rows = found->rows();
      if (i > 0) taken.push_back(absl::ToDoubleMilliseconds(absl::Now() - start));
    }
    return absl::OkStatus();
  }));
  std::sort(taken.begin(), taken.end());
  timing.median_ms = taken[taken.size() / 2];
  timing.worst_ms = taken.back();
  return timing;
}

void PrintMedian(const std::string& name, const Timing& timing, double max_ms, const std::string& detail) {
  std::printf(
      "{\"name\":\"%s\",\"value\":%.2f,\"unit\":\"ms\",\"reach\":\"<= %g\",\"met\":%s,"
      "\"detail\":\"%s; worst %.2f ms\"}\n",
      name.c_str(), timing.median_ms, max_ms, timing.median_ms <= max_ms ? "true" : "false", detail.c_str(),
      timing.worst_ms);
}

}  // namespace lianqiao::bench
