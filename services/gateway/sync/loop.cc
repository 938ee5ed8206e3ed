// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/loop.h"

namespace lianqiao::gateway::sync {

std::shared_ptr<Loop> Loop::Start() {
  std::shared_ptr<Loop> loop(new Loop);
  loop->thread_ = std::thread([raw = loop.get()] { raw->Run(); });
  return loop;
}

Loop::~Loop() {
  Stop();
}

void Loop::Post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  ready_.push_back(std::move(work));
  wake_.notify_one();
}

void Loop::After(SteadyDuration delay, std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  later_.emplace(std::chrono::steady_clock::now() + delay, std::move(work));
  wake_.notify_one();
}

void Loop::Run() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    const SteadyTime now = std::chrono::steady_clock::now();
    while (!later_.empty() && later_.begin()->first <= now) {
      ready_.push_back(std::move(later_.begin()->second));
      later_.erase(later_.begin());
    }
    if (ready_.empty()) {
      if (later_.empty()) {
        wake_.wait(lock);
      } else {
        wake_.wait_until(lock, later_.begin()->first);
      }
      continue;
    }
    std::function<void()> work = std::move(ready_.front());
    ready_.pop_front();
    lock.unlock();
    work();
    work = nullptr;  // What it held may post again while it goes.
    lock.lock();
  }
}

void Loop::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  // What waits may hold the last reference to something that posts as it goes: not under the lock.
  std::deque<std::function<void()>> ready;
  std::multimap<SteadyTime, std::function<void()>> later;
  const std::lock_guard lock(mutex_);
  ready.swap(ready_);
  later.swap(later_);
}

}  // namespace lianqiao::gateway::sync
