// SPDX-License-Identifier: Apache-2.0
// Reads the change records of a schema in order and proves that none is missing: positions of a bucket are
// contiguous and every digest follows from the one before (design §6). Cursors, streams, snapshots,
// projections and tests stand on it.
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

  bool operator==(const Place& other) const = default;
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

// The feed as it is at one moment.
struct Heads {
  struct Bucket {
    Place head;
    Place low;  // Served from here on.
  };
  std::string epoch;
  std::map<int, Bucket> buckets;  // Those that hold changes.

  Places places() const;      // Everything read.
  Places low_places() const;  // The oldest place to read from.
};
absl::StatusOr<Heads> ReadFeed(postgres::Statements& statements);

// Only the positions of ReadFeed.
absl::StatusOr<Places> ReadHeads(postgres::Statements& statements);

// How places relate to the feed: which buckets hold another history there, and whether the next change is
// served no more. Places between low and head are not looked at: ReadPage does that.
struct Fit {
  std::vector<int> diverged;
  bool expired = false;
};
Fit CompareWithHeads(const Heads& heads, const Places& places);

// The buckets in which `places` belong to another history than the feed's: what CompareWithHeads sees, and
// every place between low and head whose change is another one.
absl::StatusOr<std::vector<int>> FindDiverged(postgres::Statements& statements, const Heads& heads,
                                              const Places& places);

// Beyond it a transaction is not read in one page any more: the largest write is an atomic import of 10,000
// records with their dependants.
inline constexpr int kTransactionChangesMax = 40000;

struct ChangePage {
  std::vector<ChangeRecord> changes;  // In order per bucket; whole transactions of a bucket.
  // The change at a bucket's place is another one than that which was read: nothing is returned.
  std::vector<int> diverged;
  bool more = false;  // Below the heads.
};

// The next changes after `places` up to `heads`, about `limit` in all, and moves `places` behind them.
// DATA_LOSS names the bucket and position of a hole or a digest that does not follow: stop and report, never
// skip.
absl::StatusOr<ChangePage> ReadPage(postgres::Statements& statements, const Heads& heads, int limit,
                                    Places* places);

// ReadFeed and ReadPage for those who begin at the beginning: divergence is DATA_LOSS too.
absl::StatusOr<std::vector<ChangeRecord>> ReadChanges(postgres::Statements& statements, int limit,
                                                      Places* places);

}  // namespace lianqiao::feed
