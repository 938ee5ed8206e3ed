// SPDX-License-Identifier: Apache-2.0
// What a reader of the feed may see of each kind, as a value that can be compared, hashed and kept: a cursor
// names the scopes that it was read with, so that a change of grants is noticed and told (design §6).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/store/scope.h"

namespace lianqiao::feed {

// A record of the kind is seen if one of `changes` covers it; its personal fields too if one of `personal`
// does. Several alternatives stand for what a reader has had one after another.
struct KindScopes {
  std::vector<store::Scope> changes;
  std::vector<store::Scope> personal;

  bool Covers(const std::vector<std::string>& row_scope) const;
  bool CoversPersonal(const std::vector<std::string>& row_scope) const;
  bool CertainlyCovers(const std::vector<std::string>& row_scope) const;
  // SQL on an uuid[] expression, as store::Scope::Sql.
  std::string Sql(const std::string& column, postgres::Parameters* parameters) const;
  std::string PersonalSql(const std::string& column, postgres::Parameters* parameters) const;
  std::string CertainSql(const std::string& column, postgres::Parameters* parameters) const;
  std::string CertainPersonalSql(const std::string& column, postgres::Parameters* parameters) const;
};

using Scopes = std::map<std::string, KindScopes>;  // By kind; kinds without any right are left out.

// One text per value, whatever the order in which it was made.
std::string Describe(const Scopes& scopes);
// nullopt if Describe did not write it.
std::optional<Scopes> ParseScopes(const std::string& description);
// kScopeHashBytes of it.
std::string HashOf(const std::string& description);
// One and the other as alternatives; a kind that one of them lacks has an empty one.
Scopes Unite(const Scopes& one, const Scopes& other);

}  // namespace lianqiao::feed
