// SPDX-License-Identifier: Apache-2.0
// A row of the table of tools/bench, and the medians it is made of. The format: tests/bench/README.md.
#pragma once

#include <string>
#include <vector>

namespace lianqiao::bench {

double Median(std::vector<double> values);

struct Row {
  std::string name;
  double value = 0;
  std::string unit;
  char bound = ' ';  // '>' at least, '<' at most, ' ' only reported
  double reach = 0;
  std::string detail;
};
// One JSON line on standard output, at once.
void Print(const Row& row);

// Progress and causes, on standard error.
void Say(const std::string& text);

}  // namespace lianqiao::bench
