// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/registry/report.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/log.h"

namespace lianqiao::bench {

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

void Print(const Row& row) {
  const bool met = row.bound == '>' ? row.value >= row.reach : row.value <= row.reach;
  const std::string reach = row.bound == ' ' ? "" : absl::StrFormat("%c= %g", row.bound, row.reach);
  std::printf("{\"name\":%s,\"value\":%.4g,\"unit\":%s,\"reach\":%s,\"met\":%s,\"detail\":%s}\n",
              base::JsonQuote(row.name).c_str(), row.value, base::JsonQuote(row.unit).c_str(),
              base::JsonQuote(reach).c_str(), row.bound == ' ' ? "null" : (met ? "true" : "false"),
              base::JsonQuote(row.detail).c_str());
  std::fflush(stdout);
}

void Say(const std::string& text) {
  std::fprintf(stderr, "         %s\n", text.c_str());
}

}  // namespace lianqiao::bench
