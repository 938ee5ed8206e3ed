// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/condition.h"

#include <algorithm>
#include <utility>

namespace lianqiao::cli {

using simdjson::dom::element;

namespace {

absl::Status AddText(element json, std::vector<Template>* texts) {
  std::string_view text;
  if (json.get_string().get(text) != simdjson::SUCCESS)
    return absl::InvalidArgumentError("a condition compares with texts only");
  absl::StatusOr<Template> parsed = Template::Parse(text);
  if (!parsed.ok()) return parsed.status();
  texts->push_back(*std::move(parsed));
  return absl::OkStatus();
}

absl::Status AddTexts(element json, std::vector<Template>* texts) {
  if (!json.is_array()) return AddText(json, texts);
  for (const element item : json.get_array()) {
    if (const absl::Status status = AddText(item, texts); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Condition::ParseTest(element json, Test* test) {
  if (!json.is_object()) return AddTexts(json, &test->any_of);
  for (const auto& [name, value] : simdjson::dom::object(json.get_object())) {
    std::string_view text;
    int64_t number = 0;
    if (name == "not") {
      test->negated = true;
      if (const absl::Status status = AddTexts(value, &test->any_of); !status.ok()) return status;
    } else if (name == "contains" && value.get_string().get(text) == simdjson::SUCCESS) {
      test->contains = std::string(text);
    } else if (name == "length" && value.get_int64().get(number) == simdjson::SUCCESS) {
      test->length = static_cast<int>(number);
    } else {
      return absl::InvalidArgumentError("unknown test in a condition: " + std::string(name));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Condition> Condition::Parse(element json) {
  Condition condition;
  if (!json.is_object()) return absl::InvalidArgumentError("a condition is an object");
  for (const auto& [name, value] : simdjson::dom::object(json.get_object())) {
    Test test;
    const std::string subject(name);
    absl::StatusOr<Template> parsed =
        Template::Parse(subject.find('{') == std::string::npos ? "{" + subject + "}" : subject);
    if (!parsed.ok()) return parsed.status();
    test.subject = *std::move(parsed);
    if (const absl::Status status = ParseTest(value, &test); !status.ok()) return status;
    condition.tests_.push_back(std::move(test));
  }
  return condition;
}

bool Condition::Holds(const Test& test, const RowView& view) {
  const std::string value = test.subject.Fill(view);
  if (test.length >= 0) return static_cast<int>(value.size()) == test.length;
  if (!test.contains.empty()) return value.find(test.contains) != std::string::npos;
  const bool among = std::any_of(test.any_of.begin(), test.any_of.end(),
                                 [&](const Template& text) { return text.Fill(view) == value; });
  return among != test.negated;
}

bool Condition::Holds(const RowView& view) const {
  return std::all_of(tests_.begin(), tests_.end(), [&](const Test& test) { return Holds(test, view); });
}

void Condition::AddColumns(std::set<std::string>* columns) const {
  for (const Test& test : tests_) {
    test.subject.AddColumns(columns);
    for (const Template& text : test.any_of) text.AddColumns(columns);
  }
}

}  // namespace lianqiao::cli
