// SPDX-License-Identifier: Apache-2.0
// A consumer's copy, kept as the feed's documents ask for, and what was delivered into it: promises that show
// at once are checked here, the others when the history has ended (check_consumer.h).
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "lianqiao/sync/v1/feed.pb.h"
#include "tests/convergence/report.h"

namespace lianqiao::convergence {

using Key = std::pair<std::string, std::string>;  // Kind, id.

struct Held {
  int64_t revision = 0;
  int bucket = 0;
  std::string bytes;
};

// One record or change as it was delivered.
struct Told {
  Key key;
  int64_t revision = 0;
  int bucket = 0;
  int64_t position = 0;  // 0: of a snapshot or of a change of grants.
  bool has_record = false;
  std::string bytes;
};

// One answer of the feed.
struct Delivery {
  int life = 0;  // Of the installation; -1: it changed while this was under way.
  absl::Time asked;
  absl::Time came;
  // Which of the consumer's reaches may have been in force.
  size_t reach_from = 0;
  size_t reach_to = 0;
  bool caught_up = false;
  bool buffered = false;  // May have been on its way when it was asked for.
  std::vector<Told> told;
};

class Copy {
 public:
  Copy(std::string name, Report* report) : name_(std::move(name)), report_(report) {}

  // Changes in the order in which they came, and the cursor behind them.
  void Apply(Delivery delivery, const google::protobuf::RepeatedPtrField<sync::v1::Change>& changes,
             const std::string& cursor);
  // A record of a snapshot that is read beside the tail.
  void Merge(Delivery delivery, const sync::v1::ReadSnapshotResponse& page);
  // The copy, or its buckets, is replaced by what a snapshot of them holds.
  void Replace(const std::set<int>* buckets,
               std::vector<std::pair<Delivery, sync::v1::ReadSnapshotResponse>> pages,
               const std::string& cursor);

  void Save() { saved_ = {held_, gone_, newest_, cursor_}; }
  // The consumer dies: rows and cursor were stored together, or rows at once and the cursor later.
  void Crash(bool together);

  const std::map<Key, Held>& held() const { return held_; }
  const std::string& cursor() const { return cursor_; }
  const std::vector<Delivery>& deliveries() const { return deliveries_; }
  // Nothing but changes from the very first one on, without a snapshot.
  bool whole() const { return whole_; }
  void SetCursor(const std::string& cursor) { cursor_ = cursor; }
  // What comes next goes over what has come before.
  void BeginAgain() { positions_.clear(); }

 private:
  void Fail(const std::string& name, const std::string& text, const Key& key);
  void CheckOrder(const sync::v1::Change& change);
  void ApplyOne(const sync::v1::Change& change);
  Told ToldOf(const sync::v1::SnapshotRecord& record);

  struct State {
    std::map<Key, Held> held;
    std::map<Key, int64_t> gone;
    std::map<Key, std::pair<int64_t, int>> newest;
    std::string cursor;
  };
  const std::string name_;
  Report* const report_;
  std::map<Key, Held> held_;
  std::map<Key, int64_t> gone_;  // What left or was deleted, at which revision.
  std::string cursor_;
  State saved_;
  std::map<int, int64_t> positions_;               // Of this run, by bucket.
  std::map<Key, std::pair<int64_t, int>> newest_;  // Told before the cursor: revision, bucket.
  std::vector<Delivery> deliveries_;
  bool whole_ = true;
};

}  // namespace lianqiao::convergence
