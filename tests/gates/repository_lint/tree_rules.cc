// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/repository_lint/tree_rules.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string>

namespace lianqiao::repository_lint {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// NNNN_verb_object.sql in lower case: four digits, then at least two words.
bool IsMigrationName(std::string_view name) {
  if (name.size() < 5 || !std::all_of(name.begin(), name.begin() + 4, IsDigit)) return false;
  if (!EndsWith(name, ".sql")) return false;
  const std::string_view words = name.substr(4, name.size() - 8);
  int count = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const char c = words[i];
    if (c == '_') {
      ++count;
      if (i + 1 == words.size() || words[i + 1] == '_') return false;
    } else if (!IsDigit(c) && !std::islower(static_cast<unsigned char>(c))) {
      return false;
    }
  }
  return count >= 2 && words.front() == '_';
}

std::string_view NameOf(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool HasName(std::string_view text, std::string_view name) {
  for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    constexpr std::string_view kEnds = " \t\n()\"/;";
    const size_t after = at + name.size();
    const bool starts = at == 0 || kEnds.find(text[at - 1]) != std::string_view::npos;
    if (starts && (after == text.size() || kEnds.find(text[after]) != std::string_view::npos)) return true;
  }
  return false;
}

// Lists of contracts may leave out the ending.
bool IsListed(std::string_view list, std::string_view name) {
  if (HasName(list, name)) return true;
  return EndsWith(name, ".proto") && HasName(list, name.substr(0, name.rfind('.')));
}

}  // namespace

Findings CheckReadmes(const std::vector<File>& files) {
  const std::set<std::string_view> roots = {"libs", "services", "deploy", "tests", "tools"};
  std::set<std::string> folders, with_readme;
  for (const File& file : files) {
    const std::string_view path = file.path;
    const size_t first = path.find('/');
    if (first == std::string_view::npos || !roots.contains(path.substr(0, first))) continue;
    folders.emplace(path.substr(0, first));
    const size_t second = path.find('/', first + 1);
    if (second != std::string_view::npos) folders.emplace(path.substr(0, second));
    if (NameOf(path) == "README.md") with_readme.emplace(FolderOf(path));
  }
  Findings findings;
  for (const std::string& folder : folders) {
    if (with_readme.contains(folder)) continue;
    findings.push_back({folder, 0,
                        "no README.md: say in a few lines what the folder is for, who uses it and what was "
                        "decided here"});
  }
  return findings;
}

Findings CheckMigrations(const std::vector<File>& files) {
  std::map<std::string_view, std::set<std::string_view>> by_folder;
  for (const File& file : files) {
    if (EndsWith(FolderOf(file.path), "/migrations") && NameOf(file.path) != "README.md") {
      by_folder[FolderOf(file.path)].insert(NameOf(file.path));
    }
  }
  Findings findings;
  for (const auto& [folder, names] : by_folder) {
    std::string_view last;
    for (const std::string_view name : names) {
      const std::string path = std::string(folder) + "/" + std::string(name);
      if (!IsMigrationName(name)) {
        findings.push_back(
            {path, 0, "not a migration's name: use NNNN_verb_object.sql, as 0003_add_course_subject.sql"});
      } else if (name.substr(0, 4) == last) {
        findings.push_back(
            {path, 0, "its number is taken: give it the next free one (applied migrations never change)"});
      }
      last = name.substr(0, 4);
    }
  }
  return findings;
}

Findings CheckTargets(const std::vector<File>& files) {
  std::map<std::string_view, std::string_view> lists;
  for (const File& file : files) {
    if (NameOf(file.path) == "CMakeLists.txt") lists[FolderOf(file.path)] = file.text;
  }
  Findings findings;
  for (const File& file : files) {
    const bool built = EndsWith(file.path, ".cc") || EndsWith(file.path, ".proto");
    if (!built || IsForeign(file.path)) continue;
    bool listed = false;
    for (std::string_view folder = FolderOf(file.path); !listed; folder = FolderOf(folder)) {
      const auto list = lists.find(folder);
      listed = list != lists.end() && IsListed(list->second, NameOf(file.path));
      if (folder.empty()) break;
    }
    if (!listed) {
      findings.push_back(
          {file.path, 0, "in no target: name it in the CMakeLists.txt of its folder, or remove it"});
    }
  }
  return findings;
}

Findings CheckInternals(const std::vector<File>& files) {
  std::vector<std::string> users;
  for (const File& file : files) {
    const bool ours = IsSource(file.path) && StartsWith(file.path, "libs/rpc/");
    if (ours && file.text.find("grpc::internal") != std::string::npos) users.push_back(file.path);
  }
  Findings findings;
  for (size_t i = 1; i < users.size(); ++i) {
    findings.push_back({users[i], 0,
                        "touches grpc::internal as " + users[0] +
                            " does: keep that in one file, so that a new gRPC changes one file"});
  }
  return findings;
}

}  // namespace lianqiao::repository_lint
