// SPDX-License-Identifier: Apache-2.0
// Counts streams that are still held by somebody: a callback of gRPC's, of the authenticator or of a pool may
// come when the server that they belong to is gone, and uses what the feed is made of. For libs/sync only.
#pragma once

#include <condition_variable>
#include <mutex>

namespace lianqiao::sync {

class OpenTurns {
 public:
  void Add() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++count_;
  }
  void Remove() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--count_ == 0) changed_.notify_all();  // Under the lock: whoever waits takes this down.
  }
  // Until there are none. Every callback has its deadline, so this ends.
  void Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

}  // namespace lianqiao::sync
