// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/sample_figures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tools/cli/table.h"

namespace lianqiao::e2e {
namespace {

using simdjson::dom::element;

constexpr char kFolder[] = "tests/e2e/samples";
// "About" in words: nearly 100 venues.
constexpr double kAbout = 0.1;
constexpr absl::Duration kCopyLimit = absl::Seconds(30);

std::string TextOf(element value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value);
}

// One step down: a name, a position, "*" for every element, "[name=value]" for those that have it.
std::vector<element> Step(const std::vector<element>& from, const std::string& step) {
  std::vector<element> to;
  for (const element value : from) {
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) {
      element child;
      if (value[step].get(child) == simdjson::SUCCESS) to.push_back(child);
      continue;
    }
    const bool chooses = step.size() > 2 && step.front() == '[' && step.back() == ']';
    const std::vector<std::string> condition =
        absl::StrSplit(chooses ? step.substr(1, step.size() - 2) : "=", absl::MaxSplits('=', 1));
    size_t index = 0;
    for (const element child : array) {
      element field;
      const bool chosen =
          chooses && child[condition[0]].get(field) == simdjson::SUCCESS && TextOf(field) == condition[1];
      if (step == "*" || chosen || absl::StrCat(index) == step) to.push_back(child);
      ++index;
    }
  }
  return to;
}

// "value:/a/b", "count:/items", "sum:/items/*/size", "distinct:/items/*/id" of an answer; empty: not there.
std::string Evaluate(const std::string& body, const std::string& pointer) {
  const std::vector<std::string> parts = absl::StrSplit(pointer, absl::MaxSplits(":/", 1));
  simdjson::dom::parser parser;
  element root;
  if (parts.size() != 2 || parser.parse(body).get(root) != simdjson::SUCCESS) return "";
  std::vector<element> found = {root};
  for (const std::string& step : std::vector<std::string>(absl::StrSplit(parts[1], '/')))
    found = Step(found, step);
  if (parts[0] == "value") return found.size() == 1 ? TextOf(found[0]) : "";
  if (parts[0] == "distinct") {
    std::set<std::string> distinct;
    for (const element value : found) distinct.insert(TextOf(value));
    return absl::StrCat(distinct.size());
  }
  size_t count = 0;
  double sum = 0;
  for (const element value : found) {
    simdjson::dom::array array;
    if (value.get(array) == simdjson::SUCCESS) count += array.size();
    double number = 0;
    if (parts[0] == "sum" && !absl::SimpleAtod(TextOf(value), &number)) return "";
    sum += number;
  }
  return parts[0] == "count" ? absl::StrCat(count) : parts[0] == "sum" ? absl::StrCat(sum) : "";
}

bool Holds(const std::string& found, const std::string& comparison, const std::string& wanted) {
  double left = 0, right = 0;
  if (!absl::SimpleAtod(found, &left) || !absl::SimpleAtod(wanted, &right)) {
    if (comparison == "=") return found == wanted;  // Names, codes; days compare as they are written.
    const bool days = found.size() == 10 && wanted.size() == 10;
    return days && (comparison == ">=" ? found >= wanted : comparison == "<=" && found <= wanted);
  }
  if (comparison == "=") return std::abs(left - right) < 1e-9;
  if (comparison == ">") return left > right;
  if (comparison == ">=") return left >= right;
  if (comparison == "<=") return left <= right;
  return comparison == "~" && std::abs(left - right) <= kAbout * right;
}

class Names {
 public:
  explicit Names(HttpClient& client) : client_(client) {}

  // "{schools/system:id}" becomes the record's id.
  std::string Filled(std::string text) {
    for (size_t from = text.find('{'); from != std::string::npos; from = text.find('{', from)) {
      const size_t to = text.find('}', from);
      if (to == std::string::npos) break;
      text.replace(from, to - from + 1, IdOf(text.substr(from + 1, to - from - 1)));
    }
    return text;
  }

 private:
  std::string IdOf(const std::string& name) {
    std::string& id = ids_[name];
    if (!id.empty()) return id;
    const std::vector<std::string> parts = absl::StrSplit(name, absl::MaxSplits('/', 1));
    const HttpAnswer answer =
        client_.Get(absl::StrCat("/v1/", parts[0], ":lookup?externalId=", Escaped(parts.back())));
    EXPECT_EQ(answer.status, 200) << name << ": " << answer.body;
    return id = answer.json().Text("/id");
  }

  HttpClient& client_;
  std::map<std::string, std::string> ids_;
};

}  // namespace

int ExpectSampleFigures(HttpClient& client) {
  Names names(client);
  int asked = 0;
  // What the registry has just got, the other services know a moment later.
  const absl::Time end = absl::Now() + kCopyLimit;
  const auto expect = [&](const std::string& file, int line, const cli::Columns& row) {
    const std::string request = names.Filled(row.at("request"));
    const std::string pointer = names.Filled(row.at("pointer"));
    HttpAnswer answer = client.Get(request);
    std::string found = Evaluate(answer.body, pointer);
    while (!Holds(found, row.at("operator"), row.at("value")) && absl::Now() < end) {
      absl::SleepFor(absl::Milliseconds(200));
      answer = client.Get(request);
      found = Evaluate(answer.body, pointer);
    }
    EXPECT_TRUE(answer.status == 200 && Holds(found, row.at("operator"), row.at("value")))
        << file << ":" << line << ": " << row.at("fact") << ", " << row.at("figure") << ": '" << found
        << "' is not " << row.at("operator") << " " << row.at("value") << "\n"
        << row.at("request") << " " << row.at("pointer") << "\n"
        << answer.status << " " << answer.body.substr(0, 2000);
    ++asked;
  };
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".csv") continue;
    const absl::Status read =
        cli::ReadTable(entry.path(), {"fact", "figure", "operator", "value", "request", "pointer"},
                       [&](int line, bool fits, const cli::Columns& row) {
                         EXPECT_TRUE(fits) << entry.path() << ":" << line;
                         if (fits) expect(entry.path(), line, row);
                         return absl::OkStatus();
                       });
    EXPECT_TRUE(read.ok()) << entry.path() << ": " << read;
  }
  return asked;
}

}  // namespace lianqiao::e2e
