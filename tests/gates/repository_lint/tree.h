// SPDX-License-Identifier: Apache-2.0
// The files of the repository as the rules see them. Used by the repository linter only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lianqiao::repository_lint {

// A file with its path from the root of the repository.
struct File {
  std::string path;
  std::string text;
};

// One breach. The message says what is wrong and how to mend it; line 0 means the whole file.
struct Finding {
  std::string path;
  int line = 0;
  std::string message;

  bool operator==(const Finding&) const = default;
};

using Findings = std::vector<Finding>;

// Every file that git tracks or would track; without git, every file outside of build/ and var/.
std::vector<File> ReadRepository();

std::vector<std::string_view> Lines(const File& file);
bool StartsWith(std::string_view text, std::string_view start);
bool EndsWith(std::string_view text, std::string_view end);

// The folder of a path ("libs/base" of "libs/base/ids.cc"), empty for a file at the root.
std::string_view FolderOf(std::string_view path);

// What is not ours to format: vendored contracts, recorded and sample data.
bool IsForeign(std::string_view path);
bool IsSource(std::string_view path);  // .cc and .h
bool IsShell(const File& file);
// C++, contracts, SQL, CMake and shell: what people write and read here, apart from prose.
bool IsCode(const File& file);
// Tests, benchmarks and what only they use: *_test, *_pgtest, *_bench, *_harness, *_fixture, pgtest.h and
// everything in tests/ and libs/testing/.
bool IsTest(std::string_view path);

}  // namespace lianqiao::repository_lint
