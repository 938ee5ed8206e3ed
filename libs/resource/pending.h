// SPDX-License-Identifier: Apache-2.0
// Reading rows by id, and who may see or write one while the scope of what it hangs on is moving: until the
// background job has stamped it, what the moved record lost counts no longer in the row's stamp either
// (design §6). For libs/resource, and for libs/sync, which reads rows outside the standard methods.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "libs/store/codec.h"
#include "libs/store/scope.h"

namespace lianqiao::resource {

struct Call;
using ResourcePlan = contract::Resource;

// Records that moved and whose dependants, at any depth, are not all stamped; nearly always none.
class Moves {
 public:
  // A column that says whether there are any, so that nobody asks for them in vain.
  static const char kAnySql[];
  static absl::StatusOr<Moves> Read(postgres::Statements& statements);

  bool empty() const { return by_id_.empty(); }
  // Whether `scope` opens the row, by its stamp without what was lost above it. What hangs on a moved record
  // holds that record's id in its stamp, or refers to it.
  bool AllowReading(const ResourcePlan& resource, const store::Row& row, const store::Scope& scope) const;
  bool AllowWriting(const ResourcePlan& resource, const store::Row& row, const store::Scope& scope) const;
  // Reading or writing, as Call::Reaches.
  bool AllowReaching(const ResourcePlan& resource, const store::Row& row, const Call& call) const;
  // The same for a stamp alone.
  bool AllowReading(const std::vector<std::string>& stamp, const store::Scope& scope) const;
  bool AllowWriting(const std::vector<std::string>& write_stamp, const store::Scope& scope) const;

 private:
  using Ids = std::vector<std::string>;
  struct Lost {
    Ids scope;
    Ids write_scope;
  };
  // The stamp without what records in it, or `references`, have lost.
  Ids Kept(const Ids& stamp, const Ids& references, Ids Lost::*lost) const;
  std::unordered_map<std::string, Lost> by_id_;
};

struct Rows {
  std::unordered_map<std::string, store::Row> by_id;
  Moves moves;

  bool Shows(const ResourcePlan& resource, const store::Scope& scope, const store::Row& row) const {
    return scope.Covers(row.scope) && (moves.empty() || moves.AllowReading(resource, row, scope));
  }
};

// Rows of any scope; what a caller may see of them says Shows.
absl::StatusOr<Rows> ReadRows(postgres::Statements& statements, const ResourcePlan& resource,
                              const std::vector<std::string>& ids);

// The same as a condition on a list's rows, beside their own scope; appends parameters.
std::string PendingSql(const ResourcePlan& resource, const store::Scope& scope, const std::string& alias,
                       postgres::Parameters* parameters);

}  // namespace lianqiao::resource
