// SPDX-License-Identifier: Apache-2.0
// A follower's tables against those of the service that it follows, when nobody writes in either.
#include "absl/strings/str_cat.h"
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

// What hangs on records that are there has exactly their scopes.
void CheckStamps(Installation* follower, const std::map<Key, Followed>& followed, Report* report) {
  const postgres::Result rows = follower->Sql(
      "SELECT 'teacher', id, scope, school_id, NULL, NULL FROM teacher UNION ALL"
      " SELECT 'assignment', id, scope, from_school_id, to_school_id, alliance_id FROM assignment");
  for (int i = 0; i < rows.rows(); ++i) {
    const std::vector<std::string> scope = rows.TextArray(i, 2);
    Scope expected;
    bool living = true;
    for (int column = 3; column < 6; ++column) {
      if (rows.IsNull(i, column)) continue;
      const auto found = followed.find({column == 5 ? "alliance" : "organisation", rows.Text(i, column)});
      living = living && found != followed.end();
      if (living) expected.insert(found->second.scope.begin(), found->second.scope.end());
    }
    if (living && Scope(scope.begin(), scope.end()) != expected)
      report->Add({"Followed", "the stamp is not that of the records that it hangs on", rows.Text(i, 0),
                   rows.Text(i, 1)});
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
