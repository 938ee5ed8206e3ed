// SPDX-License-Identifier: Apache-2.0
// Knows when the feed of this process's schema has moved: one reader of `feed_head` per process while anybody
// waits, at once after a commit of our own (design §6). Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/time/time.h"
#include "libs/feed/reader.h"

namespace lianqiao::feed {

class HeadPoller {
 public:
  // Told of heads that have moved, before those who wait for it, on the session that read them.
  using OnMove = std::function<absl::Status(postgres::Session&, const Heads&)>;

  // `reads` outlives the poller. `on_move` may be null.
  explicit HeadPoller(postgres::Database* reads, OnMove on_move = nullptr,
                      absl::Duration interval = absl::Milliseconds(25));
  ~HeadPoller() { Stop(); }
  // Runs what still waits; what comes later runs at once, on its caller's thread. Safe to repeat, not from
  // two threads.
  void Stop();

  // After a commit of our own: others are seen within the interval.
  void Notify();
  // Runs `then` once: with true as soon as the heads are not `places` any more, with false at the deadline.
  // On the poller's thread, which it must not block. The number is for Cancel.
  int64_t Wait(const Places& places, absl::Time deadline, std::function<void(bool moved)> then);
  // Runs `then` with false at `time`, on the same thread; nothing is read for it.
  int64_t At(absl::Time time, std::function<void(bool moved)> then);
  // `then` will not run any more, unless it runs already.
  void Cancel(int64_t number);
  // What was written last could not be looked for: nobody can say that there is no more.
  bool blind() const { return blind_; }
  int waiting() const;

 private:
  struct Waiter {
    std::optional<Places> places;  // Nothing: for its time only.
    absl::Time deadline;
    std::function<void(bool moved)> then;
  };
  int64_t Add(std::optional<Places> places, absl::Time deadline, std::function<void(bool moved)> then);
  void Run();
  void Poll();
  void RunDue(bool all);

  postgres::Database* const reads_;
  const OnMove on_move_;
  const absl::Duration interval_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int64_t, Waiter> waiters_;
  std::atomic<bool> blind_{false};
  Places heads_;     // As last read; empty while they cannot be.
  int readers_ = 0;  // Waiters with places.
  int64_t next_number_ = 1;
  bool notified_ = false;
  bool stopped_ = false;
  std::thread thread_;  // Last: starts when everything else is there.
};

}  // namespace lianqiao::feed
