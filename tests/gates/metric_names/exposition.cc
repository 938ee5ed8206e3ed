// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/metric_names/exposition.h"

#include <cctype>
#include <cstdlib>
#include <sstream>

namespace lianqiao::gates {
namespace {

constexpr const char* kSuffixes[] = {"_bucket", "_sum", "_count"};
constexpr const char* kPrefixes[] = {"grpc_server_", "gateway_", "lianqiao_", "process_"};
// What a unit must be called instead.
constexpr std::pair<const char*, const char*> kOtherUnits[] = {
    {"milliseconds", "seconds"}, {"microseconds", "seconds"}, {"ms", "seconds"},   {"minutes", "seconds"},
    {"kilobytes", "bytes"},      {"megabytes", "bytes"},      {"percent", "ratio"}};

bool EndsWith(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::vector<std::string> WordsOf(const std::string& name) {
  std::vector<std::string> words;
  std::istringstream stream(name);
  for (std::string word; std::getline(stream, word, '_');) words.push_back(word);
  return words;
}

bool IsSnake(const std::string& name) {
  if (name.empty() || !std::islower(static_cast<unsigned char>(name.front())) || EndsWith(name, "_"))
    return false;
  for (const char c : name)
    if (!std::islower(static_cast<unsigned char>(c)) && !std::isdigit(static_cast<unsigned char>(c)) &&
        c != '_')
      return false;
  return name.find("__") == std::string::npos;
}

// {a="x",b="y"}: `at` stands behind the brace and moves behind the closing one.
std::map<std::string, std::string> ReadLabels(const std::string& line, size_t* at) {
  std::map<std::string, std::string> labels;
  while (*at < line.size() && line[*at] != '}') {
    const size_t equals = line.find('=', *at);
    if (equals == std::string::npos) break;
    const std::string name = line.substr(*at, equals - *at);
    std::string value;
    size_t i = equals + 2;
    for (; i < line.size() && line[i] != '"'; ++i) {
      if (line[i] == '\\') ++i;
      value += line[i];
    }
    labels[name] = value;
    *at = i + 1;
    if (*at < line.size() && line[*at] == ',') ++*at;
  }
  ++*at;
  return labels;
}

// The family that a series of this name belongs to, and its suffix.
Metric* FamilyOf(Page* page, const std::string& name, std::string* suffix) {
  if (const auto found = page->metrics.find(name); found != page->metrics.end()) return &found->second;
  for (const char* end : kSuffixes) {
    if (!EndsWith(name, end)) continue;
    const auto found = page->metrics.find(name.substr(0, name.size() - std::string_view(end).size()));
    if (found == page->metrics.end() || found->second.type != "histogram") continue;
    *suffix = end;
    return &found->second;
  }
  return nullptr;
}

void ReadSeries(const std::string& line, Page* page) {
  size_t at = line.find_first_of("{ ");
  const std::string name = line.substr(0, at);
  std::string suffix;
  Metric* metric = FamilyOf(page, name, &suffix);
  if (metric == nullptr) {
    page->mistakes.push_back(name + " has no # TYPE before it");
    return;
  }
  Series series;
  if (line[at] == '{') series.labels = ReadLabels(line, &++at);
  series.value = std::strtod(line.c_str() + at, nullptr);
  series.labels.erase("le");
  std::set<std::string> names;
  for (const auto& [label, value] : series.labels) names.insert(label);
  metric->label_sets.insert(names);
  metric->series[suffix].push_back(std::move(series));
}

void CheckType(const std::string& name, const std::string& type, std::vector<std::string>* breaches) {
  const bool total = EndsWith(name, "_total");
  if (type == "counter" && !total) breaches->push_back("a counter's name ends in _total");
  if (type != "counter" && total)
    breaches->push_back("_total is the end of a counter's name: this is a " + type);
  if (type == "histogram" && !EndsWith(name, "_seconds") && !EndsWith(name, "_bytes"))
    breaches->push_back("a histogram's name ends in its unit: _seconds or _bytes");
  for (const char* suffix : kSuffixes)
    if (EndsWith(name, suffix))
      breaches->push_back(std::string(suffix) + " is what a histogram adds: use another word");
}

void CheckWords(const std::string& name, const Metric& metric, std::vector<std::string>* breaches) {
  std::vector<std::string> words = WordsOf(name);
  for (const std::string& word : words) {
    for (const auto& [other, base] : kOtherUnits)
      if (word == other) breaches->push_back("measure in " + std::string(base) + ", not " + other);
  }
  if (!words.empty() && words.back() == "total") words.pop_back();
  for (size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == "seconds" || words[i] == "bytes")
      breaches->push_back("the unit (" + words[i] + ") stands last");
  for (const auto& label_set : metric.label_sets) {
    for (const std::string& label : label_set) {
      if (!IsSnake(label)) breaches->push_back("label " + label + " is not lower_snake_case");
      if (label == "job" || label == "instance" || label == "quantile")
        breaches->push_back("Prometheus sets the label " + label + " itself: use another word");
    }
  }
}

}  // namespace

Page ReadPage(std::string_view text) {
  Page page;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string hash;
    std::string what;
    std::string name;
    if (line.rfind("# ", 0) == 0) {
      words >> hash >> what >> name;
      Metric& metric = page.metrics[name];
      std::string& field = what == "TYPE" ? metric.type : metric.help;
      if (!field.empty()) page.mistakes.push_back(name + " comes twice: make one family of it");
      std::getline(words >> std::ws, field);
    } else if (!line.empty()) {
      ReadSeries(line, &page);
    }
  }
  return page;
}

std::vector<std::string> BreachesOf(const std::string& name, const Metric& metric) {
  std::vector<std::string> breaches;
  if (!IsSnake(name)) breaches.push_back("names are lower_snake_case");
  bool known = false;
  for (const char* prefix : kPrefixes) known = known || name.rfind(prefix, 0) == 0;
  if (!known) breaches.push_back("names begin with grpc_server_, gateway_, lianqiao_ or process_");
  if (metric.help.empty()) breaches.push_back("give it a help text");
  if (metric.label_sets.size() > 1) breaches.push_back("all series of a metric have the same labels");
  CheckType(name, metric.type, &breaches);
  CheckWords(name, metric, &breaches);
  return breaches;
}

}  // namespace lianqiao::gates
