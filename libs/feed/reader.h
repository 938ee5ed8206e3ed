// SPDX-License-Identifier: Apache-2.0
// Reads the change records of a schema in order and proves that none is missing: positions of a bucket are
// contiguous and every digest follows from the one before (design §6). For projections, tools and tests;
// cursors, streams and snapshots stand on it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/database.h"

namespace lianqiao::feed {

// A place in one bucket: everything up to `pos` has been read. `digest` is that of the change at `pos`, 8
// bytes; eight zero bytes before the first.
struct Place {
  int64_t pos = 0;
  std::string digest = std::string(8, '\0');
};
using Places = std::map<int, Place>;  // By bucket; a bucket that is not named starts at the beginning.

struct ChangeRecord {
  int bucket = 0;
  int64_t pos = 0;
  std::string change_id;
  std::string kind;
  std::string id;
  int64_t revision = 0;
  std::string operation;  // CREATE, UPDATE, DELETE, UNDELETE, MERGE, SPLIT, KEY_CHANGE, ERASE
  std::vector<std::string> changed_fields;
  std::vector<std::string> scope_before;
  std::vector<std::string> scope_after;
  std::string actor;
  std::string acting_person;
  std::string request_id;
  std::string trace_id;
  absl::Time time;
  bool commit_last = false;  // Last of its transaction in this bucket.
  std::string digest;
};

// The heads as they are now.
absl::StatusOr<Places> ReadHeads(postgres::Statements& statements);

// The next changes after `places`, in order per bucket, and moves `places` behind them. About `limit` in all:
// a bucket's page is extended until it ends a transaction. Empty at the head. DATA_LOSS names the bucket and
// position of a hole or a digest that does not follow: stop and report, never skip.
absl::StatusOr<std::vector<ChangeRecord>> ReadChanges(postgres::Statements& statements, int limit,
                                                      Places* places);

}  // namespace lianqiao::feed
