// SPDX-License-Identifier: Apache-2.0
// So many streams of WatchChanges on one process, from now on: what came, and when.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/bench/sync/api.h"
#include "tests/bench/sync/paced_writes.h"

namespace lianqiao::bench {

class Watchers {
 public:
  enum class Keep {
    kTimes,   // The record and time of every change.
    kCounts,  // How many changes: next to nothing of the processors.
  };
  // Of one kind; returns when every stream is at the head of the feed. They end when it goes out of scope.
  static absl::StatusOr<std::unique_ptr<Watchers>> Start(Api* api, const std::string& kind, int count,
                                                         Keep keep);
  ~Watchers();

  // Until each has had `changes` in all; DEADLINE_EXCEEDED after 30 s, and how a stream ended if one did.
  absl::Status WaitFor(int64_t changes);
  struct Seen {
    std::string id;
    SteadyTime time;
  };
  // What all of them have had since the last call; after WaitFor.
  std::vector<Seen> Take();
  // Messages that brought changes, on average of the streams.
  double batches() const;

 private:
  struct One;
  explicit Watchers(Keep keep) : keep_(keep) {}

  const Keep keep_;
  std::vector<std::shared_ptr<One>> all_;
};

}  // namespace lianqiao::bench
