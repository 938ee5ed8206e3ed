// SPDX-License-Identifier: Apache-2.0
// When a mapping's value or skip applies: {"stage": "primary", "zone": {"not": ""}}; every line must hold. A
// name with braces is a template, any other a column of the file. Tests: a text; a list (one of them);
// {"not": text or list}; {"contains": text}; {"length": number}.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "simdjson.h"
#include "tools/cli/template.h"

namespace lianqiao::cli {

class Condition {
 public:
  static absl::StatusOr<Condition> Parse(simdjson::dom::element json);

  bool Holds(const RowView& view) const;
  void AddColumns(std::set<std::string>* columns) const;

 private:
  struct Test {
    Template subject;
    std::vector<Template> any_of;
    bool negated = false;
    std::string contains;
    int length = -1;
  };
  static absl::Status ParseTest(simdjson::dom::element json, Test* test);
  static bool Holds(const Test& test, const RowView& view);

  std::vector<Test> tests_;
};

}  // namespace lianqiao::cli
