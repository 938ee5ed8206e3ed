// SPDX-License-Identifier: Apache-2.0
// The background thread of a service: stamping of dependants, the daily job, the heads of the feed for its
// metrics. One job at a time, paced, stopped at once.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/time/time.h"
#include "libs/postgres/database.h"
#include "libs/resource/engine.h"

namespace lianqiao::runtime {

class Jobs {
 public:
  // Both outlive the jobs. `observe_head` is told (bucket, position) of every head every few seconds.
  Jobs(resource::Engine* engine, postgres::Database* reads, std::function<void(int, int64_t)> observe_head);
  ~Jobs();  // Waits for the job under way.
  // Begins no other job.
  void Stop();

 private:
  void Run();
  bool RunDaily();
  void ObserveHeads();

  resource::Engine* const engine_;
  postgres::Database* const reads_;
  const std::function<void(int, int64_t)> observe_head_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  absl::Time next_daily_ = absl::InfinitePast();
  absl::Time next_heads_ = absl::InfinitePast();
  std::thread thread_;  // Last: starts when everything else is there.
};

}  // namespace lianqiao::runtime
