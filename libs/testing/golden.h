// SPDX-License-Identifier: Apache-2.0
// Comparison with tests/golden: a difference fails the test and shows the lines that changed. UPDATE_GOLDEN=1
// rewrites the file. Tests only; they run in the repository's root.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace lianqiao::testing {

inline std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Empty if there is no such file.
inline std::string ReadGolden(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream("tests/golden/" + name).rdbuf();
  return text.str();
}

inline bool UpdatesGolden() {
  return std::getenv("UPDATE_GOLDEN") != nullptr;
}

inline void WriteGolden(const std::string& name, const std::string& text) {
  std::ofstream("tests/golden/" + name) << text;
}

// "- line" for what only `before` holds, "+ line" for what only `after` holds; at most 60 lines.
inline std::string DifferenceOf(const std::string& before, const std::string& after) {
  const std::vector<std::string> old_lines = LinesOf(before);
  const std::vector<std::string> new_lines = LinesOf(after);
  const std::set<std::string> old_set(old_lines.begin(), old_lines.end());
  const std::set<std::string> new_set(new_lines.begin(), new_lines.end());
  std::vector<std::string> difference;
  for (const std::string& line : old_lines)
    if (!new_set.contains(line)) difference.push_back("- " + line);
  for (const std::string& line : new_lines)
    if (!old_set.contains(line)) difference.push_back("+ " + line);
  if (difference.empty()) return "the same lines in another order\n";
  std::string text;
  for (size_t i = 0; i < std::min<size_t>(difference.size(), 60); ++i) text += difference[i] + "\n";
  if (difference.size() > 60) text += "… and " + std::to_string(difference.size() - 60) + " more lines\n";
  return text;
}

// `decision` says in which case the difference is right.
inline void ExpectGolden(const std::string& name, const std::string& actual, const std::string& decision) {
  const std::string expected = ReadGolden(name);
  if (actual == expected) return;
  if (UpdatesGolden()) return WriteGolden(name, actual);
  ADD_FAILURE() << "tests/golden/" << name << " differs:\n"
                << DifferenceOf(expected, actual) << "Mend the code, or, if " << decision
                << ", run this test with UPDATE_GOLDEN=1 and commit the file with the change that caused it.";
}

}  // namespace lianqiao::testing
