// SPDX-License-Identifier: Apache-2.0
// The background thread of a service: stamping of dependants, the daily job, what retention lets go of, the
// heads of the feed for its metrics. One job at a time, paced, stopped at once.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/time/time.h"
#include "libs/feed/retention.h"
#include "libs/postgres/database.h"
#include "libs/resource/engine.h"

namespace lianqiao::runtime {

class Jobs {
 public:
  struct Options {
    resource::Engine* engine = nullptr;  // Both outlive the jobs.
    postgres::Database* reads = nullptr;
    feed::Retention retention = {};  // Holds its bounds.
    // Told (bucket, position) of every head every few seconds.
    std::function<void(int, int64_t)> observe_head = nullptr;
    // Told what a step has let go of. May be null.
    std::function<void(const feed::Purged&)> observe_purged = nullptr;
    // Further things that are let go of hourly in small steps; true: there is more. May be null.
    std::function<absl::StatusOr<bool>(absl::Time deadline)> purge = nullptr;
  };
  explicit Jobs(Options options);
  ~Jobs();  // Waits for the job under way.
  // Begins no other job.
  void Stop();

 private:
  void Run();
  bool RunDaily();
  void Purge();
  absl::StatusOr<bool> PurgeSome();
  void ObserveHeads();
  void LookAtEpoch();

  const Options options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  absl::Time next_daily_ = absl::InfinitePast();
  absl::Time next_heads_ = absl::InfinitePast();
  absl::Time next_epoch_ = absl::InfinitePast();
  absl::Time next_purge_ = absl::InfinitePast();
  std::thread thread_;  // Last: starts when everything else is there.
};

}  // namespace lianqiao::runtime
