// SPDX-License-Identifier: Apache-2.0
// A follower's tables against those of the service that it follows, when nobody writes in either.
#include "absl/strings/str_cat.h"
#include "libs/store/scope.h"
#include "tests/convergence/check.h"

namespace lianqiao::convergence {
namespace {

using Scope = std::set<std::string>;

struct Followed {
  int64_t revision = 0;
  Scope scope;
};

std::map<Key, Followed> ReadRows(Installation* installation, const std::string& kind,
                                 const std::string& sql) {
  std::map<Key, Followed> rows;
  const postgres::Result result = installation->Sql(sql);
  for (int i = 0; i < result.rows(); ++i) {
    const std::vector<std::string> scope = result.TextArray(i, 2);
    rows[{kind, result.Text(i, 0)}] = {result.Integer(i, 1), {scope.begin(), scope.end()}};
  }
  return rows;
}

std::map<Key, Followed> CheckKind(Installation* follower, const std::string& kind, Report* report) {
  const std::map<Key, Followed> there =
      ReadRows(follower->followed(), kind,
               absl::StrCat("SELECT id, revision, scope FROM ", kind, " WHERE delete_time IS NULL"));
  const std::map<Key, Followed> here =
      ReadRows(follower, kind, absl::StrCat("SELECT id, revision, sync_scope FROM registry_", kind));
  for (const auto& [key, row] : there) {
    const auto found = here.find(key);
    if (found == here.end() || found->second.revision != row.revision)
      report->Add({"Followed",
                   absl::StrCat("the service's own copy has revision ",
                                found == here.end() ? 0 : found->second.revision, " of ", row.revision),
                   key.first, key.second});
    else if (found->second.scope != row.scope)
      report->Add({"Followed", "the service's own copy has another scope", key.first, key.second});
  }
  for (const auto& [key, row] : here) {
    if (there.count(key) == 0)
      report->Add({"Followed", "the service's own copy has a record that is gone", key.first, key.second});
  }
  return there;
}

// A row and what its stamp follows from: per field its name, and what it refers to.
struct Stamped {
  Scope scope;
  std::vector<std::string> refers_to;  // As in `Sources`; empty: to nothing.
};
struct Source {
  std::string field;
  std::string kind;  // "registry/alliance", or "joint_activity" of the service itself.
  bool audience = false;
};

std::vector<Source> SourcesOf(const contract::Resource& resource) {
  const auto& rule = resource.rule->scope();
  std::vector<Source> sources;
  const auto add = [&](const auto& names, bool audience) {
    for (const std::string& name : names)
      sources.push_back({name, resource.Find(name)->rule->reference(), audience});
  };
  add(rule.from(), false);
  add(rule.readers_from(), false);
  add(rule.audience_from(), true);
  return sources;
}

std::map<std::string, Stamped> ReadStamps(Installation* follower, const std::string& kind,
                                          const std::vector<Source>& sources) {
  std::string columns;
  for (const Source& source : sources) absl::StrAppend(&columns, ", ", source.field);
  const postgres::Result rows = follower->Sql(absl::StrCat("SELECT id, scope", columns, " FROM ", kind));
  std::map<std::string, Stamped> stamps;
  for (int i = 0; i < rows.rows(); ++i) {
    const std::vector<std::string> scope = rows.TextArray(i, 1);
    Stamped& row = stamps[rows.Text(i, 0)];
    row.scope = {scope.begin(), scope.end()};
    for (size_t k = 0; k < sources.size(); ++k) {
      const int column = static_cast<int>(k) + 2;
      row.refers_to.push_back(rows.IsNull(i, column) ? "" : rows.Text(i, column));
    }
  }
  return stamps;
}

using Stamps = std::map<std::string, std::map<std::string, Stamped>>;  // By kind and id.

// What a record gives to those that refer to it; null: it is not there any more.
const Scope* GivenBy(const Source& source, const std::string& id, const Stamps& own,
                     const std::map<Key, Followed>& followed) {
  const size_t slash = source.kind.find('/');
  if (slash != std::string::npos) {
    const auto found = followed.find({source.kind.substr(slash + 1), id});
    return found == followed.end() ? nullptr : &found->second.scope;
  }
  const auto kind = own.find(source.kind);
  if (kind == own.end()) return nullptr;
  const auto found = kind->second.find(id);
  return found == kind->second.end() ? nullptr : &found->second.scope;
}

// What hangs on records that are there has exactly their scopes, down to the last that hangs on another.
void CheckStamps(Installation* follower, const std::map<Key, Followed>& followed, Report* report) {
  Stamps own;
  std::map<std::string, std::vector<Source>> sources;
  for (const std::string& kind : follower->subject().kinds) {
    sources[kind] = SourcesOf(*follower->contract().FindKind(kind));
    own[kind] = ReadStamps(follower, kind, sources[kind]);
  }
  for (const auto& [kind, rows] : own) {
    for (const auto& [id, row] : rows) {
      Scope expected;
      bool living = true;
      for (size_t i = 0; i < row.refers_to.size(); ++i) {
        const std::string& to = row.refers_to[i];
        if (to.empty()) continue;
        if (sources[kind][i].audience) {
          expected.insert(store::BelowId(to));
          continue;
        }
        const Scope* given = GivenBy(sources[kind][i], to, own, followed);
        living = living && given != nullptr;
        if (living) expected.insert(given->begin(), given->end());
      }
      if (living && row.scope != expected)
        report->Add({"Followed", "the stamp is not that of the records that it hangs on", kind, id});
    }
  }
}

}  // namespace

void CheckFollowed(Installation* follower, Report* report) {
  std::map<Key, Followed> followed;
  for (const char* kind : {"jurisdiction", "organisation", "alliance", "membership"})
    followed.merge(CheckKind(follower, kind, report));
  CheckStamps(follower, followed, report);
}

}  // namespace lianqiao::convergence
