// SPDX-License-Identifier: Apache-2.0
// A few threads for what costs processor time and no database: encoding batches for watchers. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lianqiao::sync {

class Workers {
 public:
  explicit Workers(int threads);
  ~Workers();  // Runs what is queued.
  // At most one task per watcher is ever queued, so the streams' limit bounds the queue.
  void Post(std::function<void()> task);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;  // Last: they start when everything else is there.
};

}  // namespace lianqiao::sync
