// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/jobs.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/feed/epoch.h"
#include "libs/feed/reader.h"

namespace lianqiao::runtime {
namespace {

constexpr std::chrono::milliseconds kIdlePause{500};
constexpr std::chrono::milliseconds kBusyPause{5};
constexpr absl::Duration kHeadsPause = absl::Seconds(2);
constexpr absl::Duration kEpochPause = absl::Seconds(2);
constexpr absl::Duration kPurgePause = absl::Hours(1);
// Between the small steps of one run: writers come first.
constexpr absl::Duration kPurgeStepPause = absl::Milliseconds(500);

}  // namespace

Jobs::Jobs(Options options) : options_(std::move(options)), thread_([this] { Run(); }) {}

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
    const auto done = options_.engine->RestampSome(absl::Now() + absl::Seconds(30));
    // The database may be away: the work waits in its table.
    if (!done.ok() && !absl::IsUnavailable(done.status()))
      base::Log(base::Severity::kWarning, "restamp_failed", {{"status", done.status().ToString()}});
    const bool more = RunDaily();  // In every round: a long stamping must not hold up the day's own work.
    const bool busy = (done.ok() && *done > 0) || more;
    Purge();
    ObserveHeads();
    LookAtEpoch();
    lock.lock();
    changed_.wait_for(lock, busy ? kBusyPause : kIdlePause, [this] { return stopped_; });
  }
}

// Asked once a minute: the day's work is done on the first call after midnight in Shanghai.
bool Jobs::RunDaily() {
  if (absl::Now() < next_daily_) return false;
  const auto more = options_.engine->RunDaily(absl::Now() + absl::Seconds(30));
  if (!more.ok() && !absl::IsUnavailable(more.status()))
    base::Log(base::Severity::kWarning, "daily_job_failed", {{"status", more.status().ToString()}});
  const bool busy = more.ok() && *more;
  if (!busy) next_daily_ = absl::Now() + absl::Minutes(1);
  return busy;
}

absl::StatusOr<bool> Jobs::PurgeSome() {
  feed::Purged purged;
  RETURN_IF_ERROR(options_.engine->options().writes->Run(
      absl::Now() + absl::Seconds(30), [&](postgres::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(purged, feed::PurgeSome(session, options_.retention, absl::Now()));
        return absl::OkStatus();
      }));
  if (options_.observe_purged != nullptr) options_.observe_purged(purged);
  if (purged.withdrawn + purged.changes + purged.revisions + purged.scopes > 0)
    base::Log(base::Severity::kInfo, "purged",
              {{"withdrawn", absl::StrCat(purged.withdrawn)},
               {"changes", absl::StrCat(purged.changes)},
               {"revisions", absl::StrCat(purged.revisions)},
               {"scopes", absl::StrCat(purged.scopes)}});
  if (options_.purge == nullptr) return purged.more;
  ASSIGN_OR_RETURN(const bool more, options_.purge(absl::Now() + absl::Seconds(30)));
  return purged.more || more;
}

// Once an hour, in steps as long as there is more.
void Jobs::Purge() {
  if (absl::Now() < next_purge_) return;
  const absl::StatusOr<bool> more = PurgeSome();
  if (!more.ok() && !absl::IsUnavailable(more.status()))
    base::Log(base::Severity::kWarning, "purge_failed", {{"status", more.status().ToString()}});
  next_purge_ = absl::Now() + (more.ok() && *more ? kPurgeStepPause : kPurgePause);
}

// A server that took over while this process went on may have lost what readers have seen.
void Jobs::LookAtEpoch() {
  if (absl::Now() < next_epoch_) return;
  next_epoch_ = absl::Now() + kEpochPause;
  const absl::Status status = options_.engine->options().writes->Run(
      absl::Now() + absl::Seconds(5),
      [](postgres::Session& session) { return feed::RenewEpoch(session, absl::Now()).status(); });
  if (!status.ok() && !absl::IsUnavailable(status))
    base::Log(base::Severity::kWarning, "epoch_failed", {{"status", status.ToString()}});
}

// What the last position was while the database is away is still the best to tell.
void Jobs::ObserveHeads() {
  if (absl::Now() < next_heads_) return;
  next_heads_ = absl::Now() + kHeadsPause;
  options_.reads
      ->Run(absl::Now() + absl::Seconds(5),
            [this](postgres::Session& session) {
              ASSIGN_OR_RETURN(const feed::Places heads, feed::ReadHeads(session));
              for (const auto& [bucket, place] : heads) options_.observe_head(bucket, place.pos);
              return absl::OkStatus();
            })
      .IgnoreError();
}

}  // namespace lianqiao::runtime
