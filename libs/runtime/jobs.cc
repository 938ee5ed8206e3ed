// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/jobs.h"

#include <chrono>

#include "absl/time/clock.h"
#include "libs/base/log.h"

namespace lianqiao::runtime {
namespace {

constexpr std::chrono::milliseconds kIdlePause{500};
constexpr std::chrono::milliseconds kBusyPause{5};

}  // namespace

Jobs::Jobs(resource::Engine* engine) : engine_(engine), thread_([this] { Run(); }) {}

Jobs::~Jobs() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Jobs::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopped_) {
    lock.unlock();
    const auto done = engine_->RestampSome(absl::Now() + absl::Seconds(30));
    // The database may be away: the work waits in its table.
    if (!done.ok() && !absl::IsUnavailable(done.status()))
      base::Log(base::Severity::kWarning, "restamp_failed", {{"status", done.status().ToString()}});
    const bool busy = (done.ok() && *done > 0) || RunDaily();
    lock.lock();
    changed_.wait_for(lock, busy ? kBusyPause : kIdlePause, [this] { return stopped_; });
  }
}

// Asked once a minute: the day's work is done on the first call after midnight in Shanghai.
bool Jobs::RunDaily() {
  if (absl::Now() < next_daily_) return false;
  const auto more = engine_->RunDaily(absl::Now() + absl::Seconds(30));
  if (!more.ok() && !absl::IsUnavailable(more.status()))
    base::Log(base::Severity::kWarning, "daily_job_failed", {{"status", more.status().ToString()}});
  const bool busy = more.ok() && *more;
  if (!busy) next_daily_ = absl::Now() + absl::Minutes(1);
  return busy;
}

}  // namespace lianqiao::runtime
