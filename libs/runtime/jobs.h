// SPDX-License-Identifier: Apache-2.0
// The background thread of a service: stamping of dependants, the daily job. One job at a time, paced, stopped at once.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/time/time.h"
#include "libs/resource/engine.h"

namespace lianqiao::runtime {

class Jobs {
 public:
  explicit Jobs(resource::Engine* engine);  // Outlives the jobs.
  ~Jobs();

 private:
  void Run();
  bool RunDaily();

  resource::Engine* const engine_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  absl::Time next_daily_ = absl::InfinitePast();
  std::thread thread_;  // Last: starts when everything else is there.
};

}  // namespace lianqiao::runtime
