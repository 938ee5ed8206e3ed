// SPDX-License-Identifier: Apache-2.0
// What one caller sees of the feed with one filter: kinds, scopes, personal fields. A value; made anew from
// the caller's grants for every read.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/access/caller.h"
#include "libs/contract/contract.h"
#include "libs/feed/scopes.h"

namespace lianqiao::sync {

// Kinds so that what others refer to comes first; kinds that refer to each other in the order of the
// contract.
std::vector<const contract::Resource*> ParentsFirst(const contract::Contract& contract);

struct Filter {
  std::vector<std::string> kinds;             // Empty: all. Sorted, without doubles.
  std::vector<std::string> jurisdiction_ids;  // Empty: all.
  bool include_scopes = false;                // How it is told, not what.

  std::string Hash() const;  // feed::kFilterHashBytes.
};

class View {
 public:
  // INVALID_ARGUMENT for unknown kinds and bad ids, PERMISSION_DENIED without the right to the changes of any
  // kind asked for, or to the scopes asked for of those with it; other kinds without it are left out.
  static absl::StatusOr<View> Make(const contract::Contract& contract, const access::Caller& caller,
                                   Filter filter, absl::Time now);

  const std::vector<const contract::Resource*>& kinds() const { return kinds_; }  // Parents first.
  const feed::Scopes& scopes() const { return scopes_; }
  const feed::KindScopes* Find(const std::string& kind) const;
  // Whether the filter lets a row through, its scope apart.
  bool Admits(const std::vector<std::string>& row_scope) const;
  const Filter& filter() const { return filter_; }
  const std::string& filter_hash() const { return filter_hash_; }
  const std::string& description() const { return description_; }
  const std::string& scope_hash() const { return scope_hash_; }

  // SQL conditions on table alias t: living, admitted by the filter, and `scope_sql`.
  std::string WhereSql(const std::string& scope_sql, postgres::Parameters* parameters) const;

 private:
  Filter filter_;
  std::vector<const contract::Resource*> kinds_;
  feed::Scopes scopes_;
  std::string filter_hash_;
  std::string description_;
  std::string scope_hash_;
};

}  // namespace lianqiao::sync
