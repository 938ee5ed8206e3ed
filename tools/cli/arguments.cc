// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/arguments.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tools/cli/failure.h"

namespace lianqiao::cli {
namespace {

absl::Status NeedsValue(const std::string& name) {
  return WrongUsage(absl::StrCat("--", name, " 须有值"), absl::StrCat("--", name, " needs a value"));
}

}  // namespace

absl::StatusOr<Arguments> Arguments::Parse(const std::vector<std::string>& words,
                                           const std::vector<Option>& options) {
  Arguments arguments;
  bool only_words = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (only_words || word.size() < 2 || word[0] != '-') {
      arguments.words_.push_back(word);
      continue;
    }
    if (word == "--") {
      only_words = true;
      continue;
    }
    const size_t equals = word.find('=');
    std::string name = word.substr(0, equals);
    if (name == "-o") name = "--output";
    if (name == "-h") name = "--help";
    name.erase(0, name.rfind("--", 0) == 0 ? 2 : 1);
    const auto option =
        std::find_if(options.begin(), options.end(), [&](const Option& known) { return name == known.name; });
    if (option == options.end())
      return WrongUsage(absl::StrCat("没有此选项:", word), absl::StrCat("unknown option ", word));
    std::string value;
    if (*option->value != '\0') {
      if (equals == std::string::npos && i + 1 == words.size()) return NeedsValue(name);
      value = equals == std::string::npos ? words[++i] : word.substr(equals + 1);
      if (value.empty()) return NeedsValue(name);
    } else if (equals != std::string::npos) {
      return WrongUsage(absl::StrCat("--", name, " 不取值"), absl::StrCat("--", name, " takes no value"));
    }
    arguments.values_[name].push_back(std::move(value));
  }
  return arguments;
}

std::string Arguments::Text(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string() : found->second.back();
}

std::vector<std::string> Arguments::List(const std::string& name) const {
  std::vector<std::string> list;
  const auto found = values_.find(name);
  if (found == values_.end()) return list;
  for (const std::string& value : found->second)
    for (const absl::string_view part : absl::StrSplit(value, ',', absl::SkipEmpty()))
      list.emplace_back(part);
  return list;
}

absl::StatusOr<int> Arguments::Integer(const std::string& name, int without, int min, int max) const {
  if (!Has(name)) return without;
  int value = 0;
  if (!absl::SimpleAtoi(Text(name), &value) || value < min || value > max)
    return WrongUsage(absl::StrCat("--", name, " 取 ", min, " 至 ", max),
                      absl::StrCat("--", name, " takes ", min, " to ", max));
  return value;
}

}  // namespace lianqiao::cli
