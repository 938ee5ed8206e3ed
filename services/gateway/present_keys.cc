// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/present_keys.h"

#include <simdjson.h>

namespace lianqiao::gateway {

std::vector<std::string> PresentKeys(const std::string& json) {
  std::vector<std::string> keys;
  thread_local simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(json);
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return keys;
  }
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) break;
    keys.emplace_back(key);
  }
  return keys;
}

}  // namespace lianqiao::gateway
