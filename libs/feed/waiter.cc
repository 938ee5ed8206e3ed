// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/waiter.h"

#include <algorithm>

#include "libs/base/clock.h"
#include "libs/base/status.h"

namespace lianqiao::feed {

namespace {

constexpr absl::Duration kWaitMax = absl::Seconds(2);
constexpr absl::Duration kQuestionPause = absl::Milliseconds(100);
constexpr absl::Duration kQuestionLimit = absl::Seconds(1);
constexpr int64_t kRetryMilliseconds = 200;
constexpr size_t kWaitingMax = 2000;  // As many as calls under way.

absl::Time Now() {
  return base::Clock::System().Now();
}

absl::Status NotYetVisible() {
  return base::WithRetryAfter(
      base::Fail(absl::StatusCode::kFailedPrecondition, base::ErrorReason::REFERENCE_NOT_YET_VISIBLE),
      kRetryMilliseconds);
}

}  // namespace

Waiter::Waiter(Consumer* consumer, Source* source)
    : consumer_(consumer), source_(source), thread_([this] { Run(); }) {}

void Waiter::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Waiter::Await(Positions positions, absl::Time deadline, Done done) {
  if (Reached(positions)) return done(absl::OkStatus());
  absl::Status refused;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) {
      refused = absl::UnavailableError("stopping");
    } else if (waiting_.size() >= kWaitingMax) {
      refused = NotYetVisible();
    } else {
      waiting_.push_back({std::move(positions), std::min(deadline, Now() + kWaitMax), std::move(done)});
    }
  }
  if (!refused.ok()) return done(refused);
  changed_.notify_all();
}

bool Waiter::Reached(const Positions& positions) const {
  return std::all_of(positions.begin(), positions.end(), [this](const auto& position) {
    return consumer_->Reached(position.first) >= position.second;
  });
}

// A position of a change that the projection does not take is never seen. But whoever asks for the next page
// behind the stored cursor, and gets none, knows that everything committed before the question is here.
bool Waiter::IsCurrent() {
  const auto state = consumer_->LoadState(Now() + kQuestionLimit);
  if (!state.ok() || state->cursor.empty() || state->reads_snapshot()) return false;
  const auto page = source_->List(state->filter, state->cursor, 1, 0);
  return page.ok() && page->changes().empty() && !page->has_more() && page->incomplete_services().empty();
}

void Waiter::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
    std::vector<Waiting> asking = std::move(waiting_);
    waiting_.clear();
    const bool stopped = stopped_;
    lock.unlock();
    const int64_t seen = consumer_->batches();
    std::vector<Waiting> left;
    const auto answer = [&](Waiting& one, bool here) {
      if (stopped) return one.done(absl::UnavailableError("stopping"));
      if (here) return one.done(absl::OkStatus());
      if (Now() >= one.deadline) return one.done(NotYetVisible());
      left.push_back(std::move(one));
    };
    const bool all = std::all_of(asking.begin(), asking.end(),
                                 [this](const Waiting& one) { return Reached(one.positions); });
    const bool current = !stopped && !all && IsCurrent();
    for (Waiting& one : asking) answer(one, current || Reached(one.positions));
    if (stopped) return;
    if (!left.empty()) {
      absl::Time next = Now() + kQuestionPause;
      for (const Waiting& one : left) next = std::min(next, one.deadline);
      consumer_->WaitForBatch(seen, next);
    }
    lock.lock();
    for (Waiting& one : left) waiting_.push_back(std::move(one));
  }
}

}  // namespace lianqiao::feed
