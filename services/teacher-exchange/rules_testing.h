// SPDX-License-Identifier: Apache-2.0
// What the tests of rules share. Tests only.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/resource/facts.h"

namespace lianqiao::exchange {

// The fields that violations name, in their order.
inline std::vector<std::string> FieldsOf(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const base::Violation& violation : violations) fields.push_back(violation.field());
  return fields;
}

inline resource::FactRow Row(std::initializer_list<std::pair<const std::string, std::string>> values) {
  return resource::FactRow(std::map<std::string, std::string>(values));
}

// Of a write by this method on 2026-11-26.
inline resource::Facts By(const std::string& method) {
  resource::Facts facts;
  facts.set_method(method);
  facts.set_today("2026-11-26");
  return facts;
}

// As a source with the right to import writes.
inline resource::Facts Imported(resource::Facts facts) {
  facts.set_imports(true);
  return facts;
}

}  // namespace lianqiao::exchange
