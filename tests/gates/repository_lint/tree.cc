// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/repository_lint/tree.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

namespace lianqiao::repository_lint {
namespace {

namespace fs = std::filesystem;

// Empty when there is no git or it does not trust the folder.
std::vector<std::string> ListByGit() {
  const char* command = "git ls-files -z --cached --others --exclude-standard 2>/dev/null";
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command, "r"), pclose);
  std::vector<std::string> paths;
  std::string path;
  for (int c = 0; pipe != nullptr && (c = std::fgetc(pipe.get())) != EOF;) {
    if (c != 0) {
      path.push_back(static_cast<char>(c));
      continue;
    }
    paths.push_back(std::move(path));
    path.clear();
  }
  return paths;
}

std::vector<std::string> ListByWalking() {
  std::vector<std::string> paths;
  for (auto entry = fs::recursive_directory_iterator("."); entry != fs::end(entry); ++entry) {
    const std::string name = entry->path().filename();
    if (entry->is_directory() &&
        (name == ".git" || name == "build" || name == "var" || name == "node_modules")) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      paths.push_back(entry->path().lexically_normal());
    }
  }
  return paths;
}

}  // namespace

std::vector<File> ReadRepository() {
  std::vector<std::string> paths = ListByGit();
  if (paths.empty()) paths = ListByWalking();
  std::vector<File> files;
  for (std::string& path : paths) {
    if (!fs::is_regular_file(path)) continue;  // Removed here, not yet in the index.
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    files.push_back({std::move(path), std::move(text).str()});
  }
  return files;
}

std::vector<std::string_view> Lines(const File& file) {
  std::vector<std::string_view> lines;
  std::string_view rest = file.text;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    lines.push_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return lines;
}

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string_view FolderOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

bool IsForeign(std::string_view path) {
  return StartsWith(path, "proto/google/") || StartsWith(path, "tests/golden/") ||
         StartsWith(path, "tools/samples/") || path.find("/testdata/") != std::string_view::npos;
}

bool IsSource(std::string_view path) {
  return EndsWith(path, ".cc") || EndsWith(path, ".h");
}

bool IsShell(const File& file) {
  return EndsWith(file.path, ".sh") || StartsWith(file.text, "#!/usr/bin/env bash") ||
         StartsWith(file.text, "#!/bin/sh");
}

bool IsCode(const File& file) {
  return !IsForeign(file.path) && (IsSource(file.path) || IsShell(file) || EndsWith(file.path, ".proto") ||
                                   EndsWith(file.path, ".sql") || EndsWith(file.path, ".cmake") ||
                                   EndsWith(file.path, "CMakeLists.txt"));
}

bool IsTest(std::string_view path) {
  for (const std::string_view end : {"_test", "_pgtest", "_bench", "_harness", "_fixture", "/pgtest"}) {
    if (EndsWith(path.substr(0, path.rfind('.')), end)) return true;
  }
  return StartsWith(path, "tests/") || StartsWith(path, "libs/testing/");
}

}  // namespace lianqiao::repository_lint
