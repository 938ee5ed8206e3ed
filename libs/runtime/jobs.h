// SPDX-License-Identifier: Apache-2.0
// The background thread of a service: stamping of dependants. One job at a time, paced, stopped at once.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "libs/resource/engine.h"

namespace lianqiao::runtime {

class Jobs {
 public:
  explicit Jobs(resource::Engine* engine);  // Outlives the jobs.
  ~Jobs();

 private:
  void Run();

  resource::Engine* const engine_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace lianqiao::runtime
