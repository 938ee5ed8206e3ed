// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/scopes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/ids.h"
#include "libs/feed/cursor.h"

namespace lianqiao::feed {
namespace {

constexpr char kEverything[] = "*";

bool AnyCovers(const std::vector<store::Scope>& scopes, const std::vector<std::string>& row_scope) {
  return std::any_of(scopes.begin(), scopes.end(),
                     [&](const store::Scope& scope) { return scope.Covers(row_scope); });
}

std::string JoinedSql(const std::vector<store::Scope>& scopes, const char* joint, const std::string& column,
                      postgres::Parameters* parameters) {
  std::vector<std::string> parts;
  for (const store::Scope& scope : scopes) parts.push_back("(" + scope.Sql(column, parameters) + ")");
  return parts.empty() ? "FALSE" : "(" + absl::StrJoin(parts, joint) + ")";
}

// The kind's alternatives; nothing, where there are none.
std::vector<store::Scope> Alternatives(const std::vector<store::Scope>* scopes) {
  return scopes == nullptr || scopes->empty() ? std::vector<store::Scope>(1) : *scopes;
}

// "kind|c|ids|alliances|organisation"; ids "*": everything.
std::string Line(const std::string& kind, char right, const store::Scope& scope) {
  if (scope.everything) return absl::StrCat(kind, "|", std::string(1, right), "|", kEverything, "||");
  return absl::StrCat(kind, "|", std::string(1, right), "|", absl::StrJoin(scope.ids, ","), "|",
                      absl::StrJoin(scope.alliance_ids, ","), "|", scope.organisation_id);
}

std::vector<std::string> Ids(absl::string_view text) {
  std::vector<std::string> ids;
  for (const absl::string_view id : absl::StrSplit(text, ',', absl::SkipEmpty())) ids.emplace_back(id);
  return ids;
}

}  // namespace

bool KindScopes::Covers(const std::vector<std::string>& row_scope) const {
  return AnyCovers(changes, row_scope);
}

bool KindScopes::CoversPersonal(const std::vector<std::string>& row_scope) const {
  return AnyCovers(personal, row_scope);
}

std::string KindScopes::Sql(const std::string& column, postgres::Parameters* parameters) const {
  return JoinedSql(changes, " OR ", column, parameters);
}

std::string KindScopes::PersonalSql(const std::string& column, postgres::Parameters* parameters) const {
  return JoinedSql(personal, " OR ", column, parameters);
}

bool KindScopes::CertainlyCovers(const std::vector<std::string>& row_scope) const {
  return !changes.empty() && std::all_of(changes.begin(), changes.end(),
                                         [&](const store::Scope& scope) { return scope.Covers(row_scope); });
}

std::string KindScopes::CertainSql(const std::string& column, postgres::Parameters* parameters) const {
  return JoinedSql(changes, " AND ", column, parameters);
}

std::string KindScopes::CertainPersonalSql(const std::string& column,
                                           postgres::Parameters* parameters) const {
  return JoinedSql(personal, " AND ", column, parameters);
}

std::string Describe(const Scopes& scopes) {
  std::vector<std::string> lines;
  for (const auto& [kind, of_kind] : scopes) {
    for (const store::Scope& scope : of_kind.changes) lines.push_back(Line(kind, 'c', scope));
    for (const store::Scope& scope : of_kind.personal) lines.push_back(Line(kind, 'p', scope));
  }
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  return absl::StrJoin(lines, "\n");
}

std::optional<Scopes> ParseScopes(const std::string& description) {
  Scopes scopes;
  for (const absl::string_view line : absl::StrSplit(description, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(line, '|');
    if (parts.size() != 5 || (parts[1] != "c" && parts[1] != "p")) return std::nullopt;
    store::Scope scope;
    scope.everything = parts[2] == kEverything;
    if (!scope.everything) scope.ids = Ids(parts[2]);
    scope.alliance_ids = Ids(parts[3]);
    scope.organisation_id = parts[4];
    KindScopes& of_kind = scopes[parts[0]];
    (parts[1] == "c" ? of_kind.changes : of_kind.personal).push_back(std::move(scope));
  }
  return scopes;
}

std::string HashOf(const std::string& description) {
  return base::Sha256(description).substr(0, kScopeHashBytes);
}

Scopes Unite(const Scopes& one, const Scopes& other) {
  Scopes both;
  for (const Scopes* scopes : {&one, &other}) {
    for (const auto& [kind, of_kind] : *scopes) both[kind];
  }
  for (auto& [kind, of_kind] : both) {
    for (const Scopes* scopes : {&one, &other}) {
      const auto found = scopes->find(kind);
      const bool there = found != scopes->end();
      for (store::Scope& scope : Alternatives(there ? &found->second.changes : nullptr))
        of_kind.changes.push_back(std::move(scope));
      for (store::Scope& scope : Alternatives(there ? &found->second.personal : nullptr))
        of_kind.personal.push_back(std::move(scope));
    }
  }
  // Equal alternatives once.
  return *ParseScopes(Describe(both));
}

}  // namespace lianqiao::feed
