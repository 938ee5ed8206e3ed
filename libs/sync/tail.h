// SPDX-License-Identifier: Apache-2.0
// The newest changes of the schema, read once for all watchers of the process (design §6): per batch the
// change records and the rows as they were then. Bounded; whoever has fallen behind it reads the tables.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "libs/sync/tell.h"

namespace lianqiao::sync {

// What one view is told of a batch, encoded; the same for everybody with that view.
struct EncodedBatch {
  std::string bytes;  // A WatchChangesResponse with the changes only.
  int changes = 0;
  feed::Places reached;
  std::set<int> ahead;  // As feed::Cursor::ahead.
  PersonalReads personal_reads;
  bool waits = false;  // It ends before a record that hangs on a move under way.
};

class TailBatch {
 public:
  // `at_heads`: it came to the heads that were read before its rows.
  TailBatch(feed::Places from, feed::Places to, std::vector<feed::ChangeRecord> changes, PageState state,
            absl::Time read_time, bool at_heads);

  const feed::Places& from() const { return from_; }  // Of the buckets that it moves.
  const feed::Places& to() const { return to_; }
  const std::vector<feed::ChangeRecord>& changes() const { return changes_; }
  const PageState& state() const { return state_; }
  absl::Time read_time() const { return read_time_; }  // No row is older.
  bool at_heads() const { return at_heads_; }
  // With room for what is encoded.
  size_t bytes() const { return 2 * row_bytes_; }

  // Made by `encode` once per key, as long as all of them take no more room than the rows.
  std::shared_ptr<const EncodedBatch> Encoded(const std::string& key,
                                              const std::function<EncodedBatch()>& encode) const;

 private:
  const feed::Places from_;
  const feed::Places to_;
  const std::vector<feed::ChangeRecord> changes_;
  const PageState state_;
  const absl::Time read_time_;
  const bool at_heads_;
  const size_t row_bytes_;
  mutable std::mutex mutex_;
  mutable size_t encoded_bytes_ = 0;  // Guarded by mutex_, as what follows.
  mutable std::unordered_map<std::string, std::shared_ptr<const EncodedBatch>> encoded_;
};

class Tail {
 public:
  // Of a batch; watchers that ask for smaller ones read the tables.
  static constexpr int kBatchChanges = 500;

  explicit Tail(const contract::Contract* contract, size_t bytes_max = 64u << 20)
      : contract_(contract), bytes_max_(bytes_max) {}

  // Reads on to the heads. Called by one thread at a time, while somebody watches.
  // After a failure nothing is held: watchers read for themselves, and are told what is wrong.
  absl::Status Follow(postgres::Statements& statements, const feed::Heads& heads);

  enum class Found { kBehind, kAtEnd, kBatch };
  // The batch that goes on from `places`, whose rows are not older than `read_time` (what the watcher has
  // seen last). Of another epoch nothing goes on: what the watcher was shown may be lost.
  Found Find(const std::string& epoch, const feed::Places& places, absl::Time read_time,
             std::shared_ptr<const TailBatch>* batch) const;
  size_t bytes() const;

 private:
  void Reset(const feed::Heads& heads);
  absl::Status ReadOn(postgres::Statements& statements, const feed::Heads& heads);

  const contract::Contract* const contract_;
  const size_t bytes_max_;
  mutable std::mutex mutex_;
  std::optional<feed::Places> end_;  // Nothing: not begun.
  std::string epoch_;
  std::deque<std::shared_ptr<const TailBatch>> batches_;
  size_t bytes_ = 0;
};

}  // namespace lianqiao::sync
