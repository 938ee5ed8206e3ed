// SPDX-License-Identifier: Apache-2.0
// One thread that runs everything of the merged feed in turn, so that nothing there needs a lock: answers of
// services, batches of streams, timers. What runs on it must not block.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

namespace lianqiao::gateway::sync {

using SteadyTime = std::chrono::steady_clock::time_point;
using SteadyDuration = std::chrono::steady_clock::duration;

// Thread-safe. Shared by everything that still has callbacks under way; after Stop they come to nothing.
class Loop {
 public:
  static std::shared_ptr<Loop> Start();
  ~Loop();

  void Post(std::function<void()> work);
  void After(SteadyDuration delay, std::function<void()> work);
  // Ends the thread and forgets what waits. Not on the loop's own thread.
  void Stop();

 private:
  Loop() = default;
  void Run();

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;                                    // Guarded by mutex_, as the next two.
  std::deque<std::function<void()>> ready_;                 // In order.
  std::multimap<SteadyTime, std::function<void()>> later_;  // By when it is due.
  std::thread thread_;
};

}  // namespace lianqiao::gateway::sync
