// SPDX-License-Identifier: Apache-2.0
// The gate: no rule is broken anywhere in the repository. Runs from the repository's root.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/gates/repository_lint/code_rules.h"
#include "tests/gates/repository_lint/layers.h"
#include "tests/gates/repository_lint/text_rules.h"
#include "tests/gates/repository_lint/tree.h"
#include "tests/gates/repository_lint/tree_rules.h"

namespace lianqiao::repository_lint {
namespace {

// One line per finding; a test that expects none prints them all.
std::string Report(const Findings& findings) {
  std::ostringstream text;
  for (const Finding& finding : findings) {
    text << finding.path;
    if (finding.line > 0) text << ":" << finding.line;
    text << ": " << finding.message << "\n";
  }
  return text.str();
}

void ExpectNone(const Findings& findings) {
  EXPECT_TRUE(findings.empty()) << Report(findings);
}

const std::vector<File>& Repository() {
  static const auto* const files = new std::vector<File>(ReadRepository());
  return *files;
}

template <typename Rule>
Findings ForEachFile(Rule rule) {
  Findings all;
  for (const File& file : Repository()) {
    Findings findings = rule(file);
    all.insert(all.end(), findings.begin(), findings.end());
  }
  return all;
}

TEST(Repository, IsReadFromItsRoot) {
  const auto is_root_list = [](const File& file) { return file.path == "CMakeLists.txt"; };
  EXPECT_TRUE(std::any_of(Repository().begin(), Repository().end(), is_root_list))
      << "run this test from the root of the repository, as ctest does";
}

TEST(Repository, KeepsFilesFunctionsAndLinesShort) {
  ExpectNone(ForEachFile(CheckSizes));
}

TEST(Repository, BeginsEveryFileWithItsLicence) {
  ExpectNone(ForEachFile(CheckHead));
}

TEST(Repository, HasNoLeftovers) {
  ExpectNone(ForEachFile(CheckLeftovers));
}

TEST(Repository, KeepsTheLayers) {
  const auto table = std::find_if(Repository().begin(), Repository().end(),
                                  [](const File& f) { return f.path == "libs/README.md"; });
  ASSERT_NE(table, Repository().end()) << "libs/README.md holds the table of layers";
  const Layers layers = ParseLayers(table->text);
  ASSERT_FALSE(layers.empty())
      << "libs/README.md needs the table | layer | what it is | may include of ours |";
  ExpectNone(ForEachFile([&](const File& file) { return CheckIncludes(file, layers); }));
}

TEST(Repository, MakesNoBannedCalls) {
  ExpectNone(ForEachFile(CheckBans));
}

TEST(Repository, TouchesGrpcInternalsInOneFile) {
  ExpectNone(CheckInternals(Repository()));
}

TEST(Repository, ExplainsEveryFolder) {
  ExpectNone(CheckReadmes(Repository()));
}

TEST(Repository, NumbersItsMigrations) {
  ExpectNone(CheckMigrations(Repository()));
}

TEST(Repository, BuildsEveryFile) {
  ExpectNone(CheckTargets(Repository()));
}

}  // namespace
}  // namespace lianqiao::repository_lint
