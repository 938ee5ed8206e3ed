// SPDX-License-Identifier: Apache-2.0
// A page of metrics in Prometheus' text format, read back, and what is wrong with its names.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lianqiao::gates {

struct Series {
  std::map<std::string, std::string> labels;  // Without a histogram's `le`.
  double value = 0;
};

struct Metric {
  std::string type;  // "counter", "gauge", "histogram"
  std::string help;
  std::map<std::string, std::vector<Series>> series;  // By suffix: "", or "_bucket", "_sum", "_count".
  // Names of the labels of every series; more than one set is a mistake.
  std::set<std::set<std::string>> label_sets;
};

struct Page {
  std::map<std::string, Metric> metrics;
  std::vector<std::string> mistakes;  // Lines that belong to nothing, families that come twice.
};

Page ReadPage(std::string_view text);

// One sentence for each breach of the conventions, with the way out.
std::vector<std::string> BreachesOf(const std::string& name, const Metric& metric);

}  // namespace lianqiao::gates
