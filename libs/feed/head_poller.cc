// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/head_poller.h"

#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/log.h"
#include "libs/base/status.h"

namespace lianqiao::feed {
namespace {

bool IsBeyond(const Places& heads, const Places& places) {
  for (const auto& [bucket, head] : heads) {
    const auto place = places.find(bucket);
    if (place == places.end() || !(place->second == head)) return true;
  }
  return false;
}

}  // namespace

HeadPoller::HeadPoller(postgres::Database* reads, OnMove on_move, absl::Duration interval)
    : reads_(reads), on_move_(std::move(on_move)), interval_(interval), thread_([this] { Run(); }) {}

void HeadPoller::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  RunDue(true);
}

void HeadPoller::Notify() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (waiters_.empty()) return;
    notified_ = true;
  }
  changed_.notify_all();
}

int64_t HeadPoller::Wait(const Places& places, absl::Time deadline, std::function<void(bool moved)> then) {
  return Add(places, deadline, std::move(then));
}

int64_t HeadPoller::At(absl::Time time, std::function<void(bool moved)> then) {
  return Add(std::nullopt, time, std::move(then));
}

int64_t HeadPoller::Add(std::optional<Places> places, absl::Time deadline,
                        std::function<void(bool moved)> then) {
  int64_t number = 0;
  bool stopped = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    number = next_number_++;
    stopped = stopped_;
    if (!stopped && places.has_value()) ++readers_;
    if (!stopped) waiters_[number] = {std::move(places), deadline, std::move(then)};
  }
  if (stopped) {
    then(false);
  } else {
    changed_.notify_all();
  }
  return number;
}

void HeadPoller::Cancel(int64_t number) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto waiter = waiters_.find(number);
  if (waiter == waiters_.end()) return;
  if (waiter->second.places.has_value()) --readers_;
  waiters_.erase(waiter);
}

int HeadPoller::waiting() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(waiters_.size());
}

void HeadPoller::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopped_) {
    if (waiters_.empty()) {
      changed_.wait(lock, [this] { return stopped_ || !waiters_.empty(); });
      continue;
    }
    changed_.wait_for(lock, absl::ToChronoMilliseconds(interval_), [this] { return stopped_ || notified_; });
    if (stopped_) return;
    notified_ = false;
    const bool reads = readers_ > 0;
    lock.unlock();
    if (reads) Poll();
    RunDue(false);
    lock.lock();
  }
}

// While the database is away nobody is told of anything but his deadline.
void HeadPoller::Poll() {
  Places heads;
  const absl::Status status =
      reads_->Run(absl::Now() + absl::Seconds(5), [&](postgres::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const Heads feed, ReadFeed(session));
        heads = feed.places();
        return on_move_ == nullptr || !IsBeyond(heads, heads_) ? absl::OkStatus() : on_move_(session, feed);
      });
  blind_ = !status.ok();
  // Those who wait read for themselves, and are told what is wrong.
  const bool passes = absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status);
  if (!status.ok() && !absl::IsUnavailable(status))
    base::Log(passes ? base::Severity::kWarning : base::Severity::kError, "feed_tail_failed",
              {{"status", status.ToString()}});
  const std::lock_guard<std::mutex> lock(mutex_);
  heads_ = std::move(heads);
}

void HeadPoller::RunDue(bool all) {
  std::vector<std::pair<std::function<void(bool moved)>, bool>> due;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const absl::Time now = absl::Now();
    for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
      const auto& places = waiter->second.places;
      const bool moved = places.has_value() && IsBeyond(heads_, *places);
      if (!all && !moved && now < waiter->second.deadline) {
        ++waiter;
        continue;
      }
      if (places.has_value()) --readers_;
      due.emplace_back(std::move(waiter->second.then), moved);
      waiter = waiters_.erase(waiter);
    }
  }
  for (const auto& [then, moved] : due) then(moved);
}

}  // namespace lianqiao::feed
