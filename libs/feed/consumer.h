// SPDX-License-Identifier: Apache-2.0
// Follows a feed into tables of one's own with exactly-once effect: rows and cursor commit together. Knows
// every turn that a feed can take: first snapshot, tail, an expired or diverged cursor, a token that ends, a
// service that is away. What projections and mirrors stand on.
//
//   no cursor ──StartSnapshot──▶ parts, side by side ──all read──▶ tail ◀─┐
//   CURSOR_EXPIRED:  a new snapshot that replaces everything               │
//   CURSOR_DIVERGED: a snapshot of the diverged buckets that replaces them │
//   a new epoch while the copy was not caught up: a new snapshot
//   UNAVAILABLE, RESOURCE_EXHAUSTED, UNAUTHENTICATED: pause, go on from the stored cursor
//   anything else:   stop and report
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/feed/consumer_state.h"
#include "libs/feed/source.h"
#include "libs/feed/table.h"
#include "libs/postgres/database.h"

namespace lianqiao::feed {

// What a consumer is doing, for progress bars, metrics and logs.
struct Progress {
  enum class Phase { kStarting, kSnapshot, kSweep, kTail };
  Phase phase = Phase::kStarting;
  int64_t snapshot_records = 0;  // Of the running or last snapshot, so far.
  int64_t snapshot_estimate = 0;
  int64_t change_count = 0;  // Applied by this process.
  int64_t step = 0;
  bool caught_up = false;                          // The last batch was the last there was.
  absl::Time caught_up_at = absl::InfinitePast();  // When that was last so.
  std::vector<std::string> incomplete_services;    // The feed goes on without them for now.
  absl::Status trouble;                            // Why it waits; OK if it does not.

  // Seconds that the copy may be behind: 0 as long as batches, of which an empty one comes every 15 s, say
  // that there is no more.
  double LagSeconds(absl::Time now) const;
};

class Consumer {
 public:
  struct Options {
    Source* source = nullptr;                // These three outlive the consumer.
    postgres::Database* database = nullptr;  // At least `partitions` workers.
    const Tables* tables = nullptr;
    Filter filter;  // Of a new consumer; one that is known keeps its own.
    int partitions = 4;
    int page_size = 2000;  // Changes in one transaction.
    // A snapshot's transaction ends with the record that reaches one of these.
    int snapshot_batch_records = 4000;
    size_t snapshot_batch_bytes = 4u << 20;
    absl::Duration pause_min = absl::Milliseconds(100);  // After a failure, doubled up to the other.
    absl::Duration pause_max = absl::Seconds(10);
    int refusals_max = 5;  // Tokens refused, or snapshots begun anew, in a row without any progress.
    std::function<void(const Progress&)> observe;  // After every batch and failure; from several threads.
    const base::Clock* clock = &base::Clock::System();
  };
  explicit Consumer(Options options);

  // Until Stop (OK), or what needs a person.
  absl::Status Follow();
  // Until nothing more was there at the moment of asking, all services answering; UNAVAILABLE after
  // `patience` without any progress.
  absl::Status CatchUp(absl::Duration patience);
  // The same behind a snapshot of everything, which replaces what the copy holds.
  absl::Status TakeAnew(absl::Duration patience);
  // From any thread; at once.
  void Stop();
  bool stopped() const;

  Progress progress() const;
  // As stored. Not while Follow or CatchUp runs elsewhere, but for reading.
  absl::StatusOr<ConsumerState> LoadState();
  absl::StatusOr<ConsumerState> LoadState(absl::Time deadline);
  // Waits until a batch has been applied since `seen` (Progress::change_count and step), or the deadline.
  bool WaitForBatch(int64_t seen_batches, absl::Time deadline);
  int64_t batches() const;
  // The last position of a bucket of the one followed service that was applied; 0: none yet.
  int64_t Reached(int bucket) const;

 private:
  // One way through the state machine: OK with *ended if there is nothing more to do.
  absl::Status Round(bool once, bool* ended);
  // Whether the feed was restored while the copy was ahead of its cursor. If so, `*again` is set: what it
  // holds cannot be told from what was lost.
  absl::Status LookAtEpochs(const ConsumerState& state, std::string* epochs, bool* again);
  absl::Status BeginSnapshot(const ConsumerState& state, bool diverged);
  absl::Status ReadSnapshot(const ConsumerState& state);
  absl::Status ReadPart(const ConsumerState& state, SnapshotPart part);
  absl::Status ReadPartOnce(const ConsumerState& state, SnapshotPart* part);
  absl::Status StoreRecords(const ConsumerState& state, const Page& page, const std::string& token,
                            SnapshotPart* part);
  absl::Status ReloadPart(SnapshotPart* part);
  absl::Status EndSnapshot(const ConsumerState& state);
  absl::Status Watch(ConsumerState* state);
  absl::Status ListToEnd(ConsumerState* state, bool* ended);
  absl::Status Apply(ConsumerState* state, v1::WatchChangesResponse batch);
  absl::Status ProvePositions(const v1::WatchChangesResponse& batch);
  absl::Status Run(bool once, absl::Duration patience);
  // Whether to go on after `status`: pauses and answers true, or false.
  bool GoOnAfter(const absl::Status& status, absl::Duration patience, int* failures, absl::Time* since);
  bool Pause(absl::Duration pause);  // False once stopped.
  absl::Status Transact(const std::function<absl::Status(postgres::Statements&)>& body);
  void Note(const std::function<void(Progress*)>& change);

  const Options options_;
  const StateTables state_tables_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;          // Guarded by mutex_.
  Progress progress_;             // Guarded by mutex_.
  int64_t batches_ = 0;           // Guarded by mutex_: batches and parts of snapshots applied.
  std::atomic<int> restarts_{0};  // Snapshots begun in a row without a batch of changes.
  // Of the changes applied since the last snapshot, by service and bucket. Guarded by mutex_.
  std::map<std::pair<std::string, int>, int64_t> positions_;
};

}  // namespace lianqiao::feed
