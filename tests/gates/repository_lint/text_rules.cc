// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/repository_lint/text_rules.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace lianqiao::repository_lint {
namespace {

int Columns(std::string_view line) {
  return static_cast<int>(std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// A function ends with a brace alone in its column, and began at the last line that started in that column.
// Good enough for formatted code; a raw string in the way only makes a function look shorter. Lines that end
// with a comma are rows of a table or a long list of arguments: nothing to follow, so they do not count.
void CheckFunctionsAt(size_t indent, const File& file, const std::vector<std::string_view>& lines,
                      Findings& findings) {
  const std::string end = std::string(indent, ' ') + "}";
  size_t start = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    const size_t first = line.find_first_not_of(' ');
    if (first != indent) continue;
    if (line != end) {
      if (line[first] != '}' && line[first] != '#' && line[first] != '/') start = i;
      continue;
    }
    const auto rows = std::count_if(lines.begin() + static_cast<std::ptrdiff_t>(start),
                                    lines.begin() + static_cast<std::ptrdiff_t>(i),
                                    [](std::string_view text) { return EndsWith(text, ","); });
    const int length = static_cast<int>(i - start) + 1 - static_cast<int>(rows);
    if (length <= kFunctionLinesMax) continue;
    findings.push_back({file.path, static_cast<int>(start) + 1,
                        "function of " + std::to_string(length) + " lines, at most " +
                            std::to_string(kFunctionLinesMax) +
                            ": keep the branching here and move the work into functions with names"});
  }
}

bool IsWordCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

}  // namespace

Findings CheckSizes(const File& file) {
  Findings findings;
  if (!IsCode(file)) return findings;
  const std::vector<std::string_view> lines = Lines(file);
  const int count = static_cast<int>(lines.size());
  const int limit = IsTest(file.path) ? kTestFileLinesMax : kFileLinesMax;
  if (count > limit) {
    findings.push_back({file.path, 0,
                        std::to_string(count) + " lines, at most " + std::to_string(limit) +
                            ": split it along the nouns it deals with"});
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    const bool breakable =
        lines[i].find("://") == std::string_view::npos && !StartsWith(lines[i], "#include");
    if (Columns(lines[i]) <= kLineColumnsMax || !breakable) continue;
    findings.push_back({file.path, static_cast<int>(i) + 1,
                        std::to_string(Columns(lines[i])) + " columns, at most " +
                            std::to_string(kLineColumnsMax) + ": break the line (C++: clang-format -i)"});
  }
  if (IsSource(file.path) || IsShell(file)) {
    CheckFunctionsAt(0, file, lines, findings);
    CheckFunctionsAt(2, file, lines, findings);
  }
  return findings;
}

Findings CheckHead(const File& file) {
  const bool licensed =
      !IsForeign(file.path) && (IsSource(file.path) || IsShell(file) || EndsWith(file.path, ".proto"));
  if (!licensed) return {};
  Findings findings;
  if (file.text.substr(0, 200).find("SPDX-License-Identifier: Apache-2.0") == std::string::npos) {
    findings.push_back({file.path, 1, "no licence line: begin with // SPDX-License-Identifier: Apache-2.0"});
  }
  if (EndsWith(file.path, ".h") && file.text.find("#pragma once\n") == std::string::npos) {
    findings.push_back({file.path, 1, "header without a guard: put #pragma once before the includes"});
  }
  return findings;
}

Findings CheckLeftovers(const File& file) {
  // Written in halves, so that this file does not find itself.
  static const std::vector<std::string> words = {
      "TO"
      "DO",
      "FIX"
      "ME",
      "XX"
      "X",
      "HA"
      "CK"};
  if (!IsCode(file)) return {};
  Findings findings;
  int number = 0;
  for (const std::string_view line : Lines(file)) {
    ++number;
    for (const std::string& word : words) {
      const size_t at = line.find(word);
      if (at == std::string_view::npos || (at > 0 && IsWordCharacter(line[at - 1]))) continue;
      const size_t after = at + word.size();
      if (after < line.size() && IsWordCharacter(line[after])) continue;
      findings.push_back(
          {file.path, number, "leftover " + word + ": finish it, or open an issue and remove it"});
    }
  }
  return findings;
}

}  // namespace lianqiao::repository_lint
