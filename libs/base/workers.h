// SPDX-License-Identifier: Apache-2.0
// A few threads for what costs time and no database: encoding batches for watchers, reading and writing
// files. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lianqiao::base {

class Workers {
 public:
  explicit Workers(int threads);
  ~Workers();  // Runs what is queued.
  // Nothing bounds the queue but whoever posts: at most one task per stream, whose number is bounded.
  void Post(std::function<void()> task);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;  // Last: they start when everything else is there.
};

}  // namespace lianqiao::base
