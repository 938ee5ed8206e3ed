// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/facts.h"

#include <cstdlib>

namespace lianqiao::resource {

std::string FactRow::Text(const std::string& column) const {
  const auto found = values_.find(column);
  return found == values_.end() ? std::string() : found->second;
}

int64_t FactRow::Integer(const std::string& column) const {
  return std::atoll(Text(column).c_str());
}

bool FactRow::Boolean(const std::string& column) const {
  return Text(column) == "t";
}

std::vector<std::string> FactRow::TextArray(const std::string& column) const {
  const std::string text = Text(column);
  return text.empty() ? std::vector<std::string>() : postgres::ParseArray(text.data(), text.size());
}

const std::vector<FactRow>& Facts::rows(const std::string& query) const {
  static const std::vector<FactRow> none;
  const auto found = rows_.find(query);
  return found == rows_.end() ? none : found->second;
}

}  // namespace lianqiao::resource
