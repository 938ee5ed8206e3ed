// SPDX-License-Identifier: Apache-2.0
// How far a consumer has come, in tables beside its records and written in the same transactions: cursor and
// step, parts of an unfinished snapshot, tombstones. Each write is conditional on the state that it follows,
// so that two processes never write one copy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/feed/source.h"
#include "libs/feed/table.h"
#include "libs/postgres/database.h"

namespace lianqiao::feed {

// A part of an unfinished snapshot.
struct SnapshotPart {
  int number = 0;
  std::string token;  // Where to go on.
  bool done = false;
  int64_t records = 0;  // Read so far.
};

struct ConsumerState {
  Filter filter;
  std::string cursor;         // Empty: nothing has been read to the end yet.
  std::string epochs;         // "service=epoch,…" as the feed was when this was last looked at.
  int64_t step = 0;           // Counts the batches that changed the copy; a snapshot is one.
  int64_t snapshot_step = 0;  // Of the last snapshot, the running one included.
  // Of the running snapshot: where the changes begin when it is read; empty: none is running.
  std::string snapshot_cursor;
  int64_t snapshot_estimate = 0;
  std::vector<SnapshotPart> parts;
  // What the running snapshot replaces; empty: all.
  std::vector<Bucket> buckets;
  int64_t stream_step = 0;  // When the consumer began to read changes; not stored.
  absl::Time caught_up_at = absl::InfinitePast();
  int64_t caught_up_step = 0;

  // Records may show more than the cursor covers: they come as they are when they are read.
  bool is_ahead() const { return reads_snapshot() || step != caught_up_step; }
  bool reads_snapshot() const { return !snapshot_cursor.empty(); }
  Stamp SnapshotStamp() const { return {snapshot_step, snapshot_step, step}; }
  Stamp NextStamp() const { return {step + 1, snapshot_step, stream_step}; }
};

// What a batch of changes leaves behind.
struct Advance {
  std::string cursor;
  bool changed = false;    // The copy has changed: a step.
  bool caught_up = false;  // Nothing more was there when it was read.
  absl::Time now;
};

// Statements only; whoever calls decides what is one transaction.
class StateTables {
 public:
  StateTables(std::string consumer, std::string prefix);

  std::vector<std::string> names() const;  // That of the cursors first.
  std::vector<std::string> Ddl() const;
  // nullopt: the consumer is not known yet. UNDEFINED tables are FAILED_PRECONDITION.
  absl::StatusOr<std::optional<ConsumerState>> Load(postgres::Statements& statements) const;
  absl::Status Add(postgres::Statements& transaction, const Filter& filter) const;

  // The functions below answer FAILED_PRECONDITION if another process has written meanwhile.

  // Of a new snapshot; tombstones of what it replaces are forgotten.
  absl::Status BeginSnapshot(postgres::Statements& transaction, const ConsumerState& before,
                             const sync::v1::StartSnapshotResponse& snapshot) const;
  absl::Status SavePart(postgres::Statements& transaction, const ConsumerState& state,
                        const SnapshotPart& before, const SnapshotPart& after) const;
  absl::Status EndSnapshot(postgres::Statements& transaction, const ConsumerState& state) const;
  // Behind a batch of changes. Forgets tombstones of before the last time that it had caught up: nothing
  // older than them can come any more.
  absl::Status AdvanceTo(postgres::Statements& transaction, const ConsumerState& before,
                         const Advance& advance) const;
  absl::Status SaveEpochs(postgres::Statements& transaction, const std::string& epochs) const;
  // The next round begins with a snapshot of everything: something of the copy has been lost. Nothing for a
  // consumer that is not known.
  absl::Status Restart(postgres::Statements& transaction) const;
  // A step without a change of the feed: a repair.
  absl::Status CountStep(postgres::Statements& transaction, const ConsumerState& before) const;

 private:
  absl::Status LoadParts(postgres::Statements& statements, ConsumerState* state) const;
  absl::Status Forget(postgres::Statements& transaction, const std::vector<Bucket>& buckets) const;
  postgres::Query Named(const char* name, const std::string& sql) const;

  const std::string consumer_;
  const std::string prefix_;
};

}  // namespace lianqiao::feed
