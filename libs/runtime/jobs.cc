// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/jobs.h"

#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/feed/reader.h"

namespace lianqiao::runtime {
namespace {

constexpr std::chrono::milliseconds kIdlePause{500};
constexpr std::chrono::milliseconds kBusyPause{5};
constexpr absl::Duration kHeadsPause = absl::Seconds(2);

}  // namespace

Jobs::Jobs(resource::Engine* engine, postgres::Database* reads,
           std::function<void(int, int64_t)> observe_head)
    : engine_(engine), reads_(reads), observe_head_(std::move(observe_head)), thread_([this] { Run(); }) {}

Jobs::~Jobs() {
  Stop();
  thread_.join();
}

void Jobs::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

void Jobs::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopped_) {
    lock.unlock();
    const auto done = engine_->RestampSome(absl::Now() + absl::Seconds(30));
    // The database may be away: the work waits in its table.
    if (!done.ok() && !absl::IsUnavailable(done.status()))
      base::Log(base::Severity::kWarning, "restamp_failed", {{"status", done.status().ToString()}});
    const bool more = RunDaily();  // In every round: a long stamping must not hold up the day's own work.
    const bool busy = (done.ok() && *done > 0) || more;
    ObserveHeads();
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

// What the last position was while the database is away is still the best to tell.
void Jobs::ObserveHeads() {
  if (absl::Now() < next_heads_) return;
  next_heads_ = absl::Now() + kHeadsPause;
  reads_
      ->Run(absl::Now() + absl::Seconds(5),
            [this](postgres::Session& session) {
              ASSIGN_OR_RETURN(const feed::Places heads, feed::ReadHeads(session));
              for (const auto& [bucket, place] : heads) observe_head_(bucket, place.pos);
              return absl::OkStatus();
            })
      .IgnoreError();
}

}  // namespace lianqiao::runtime
