// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/exports.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/bulk/export_job.h"
#include "libs/bulk/export_methods.h"

namespace lianqiao::bulk {
namespace {

constexpr char kService[] = "/lianqiao.sync.v1.ExportService/";
// Exports that another process was asked for, or has left.
constexpr std::chrono::seconds kIdlePause{2};
constexpr absl::Duration kMovePause = absl::Milliseconds(50);
constexpr absl::Duration kPurgePause = absl::Minutes(1);
constexpr absl::Duration kRound = absl::Seconds(5);

}  // namespace

Exports::Exports(sync::FeedService* feed, Options options)
    : feed_(feed),
      options_(std::move(options)),
      job_(std::make_unique<ExportJob>(feed->parts(), options_, &tally_)) {}

Exports::~Exports() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Exports::Bind() {
  const sync::Parts& parts = feed_->parts();
  resource::Engine* engine = parts.engine;
  const auto wake = [this] { Wake(); };
  engine->AddRaw(absl::StrCat(kService, "CreateExport"), CreateExport(parts, wake));
  engine->AddRaw(absl::StrCat(kService, "GetExport"), GetExport(parts));
  engine->AddRaw(absl::StrCat(kService, "ListExports"), ListExports(parts));
  engine->AddRaw(absl::StrCat(kService, "CancelExport"), CancelExport(parts, wake));
  engine->AddStream(absl::StrCat(kService, "ReadExportFile"), ReadExportFile(parts));
}

void Exports::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Exports::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  job_->Release();
}

void Exports::Wake() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_ = true;
  }
  changed_.notify_all();
}

bool Exports::stopped() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stopped_;
}

absl::StatusOr<bool> Exports::RunSome(absl::Time deadline, int steps_max) {
  for (int step = 0; step < steps_max; ++step) {
    if (absl::Now() >= deadline || stopped()) break;
    ASSIGN_OR_RETURN(const ExportJob::Outcome outcome, job_->Step());
    if (outcome == ExportJob::Outcome::kIdle) return false;
    if (outcome == ExportJob::Outcome::kWaits) {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait_for(lock, absl::ToChronoMilliseconds(kMovePause), [this] { return stopped_; });
    }
  }
  return true;
}

absl::StatusOr<bool> Exports::PurgeSome(absl::Time deadline) {
  return job_->store().PurgeSome(deadline);
}

void Exports::Loop() {
  absl::Time next_purge = absl::Now() + kPurgePause;
  while (!stopped()) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting_ = false;
    }
    absl::StatusOr<bool> busy = RunSome(absl::Now() + kRound);
    if (absl::Now() >= next_purge) {
      const auto more = PurgeSome(absl::Now() + kRound);
      if (!more.ok() || !*more) next_purge = absl::Now() + kPurgePause;
    }
    // The database may be away: the work waits in its table.
    if (!busy.ok() && !absl::IsUnavailable(busy.status()))
      base::Log(base::Severity::kWarning, "export_stopped", {{"status", busy.status().ToString()}});
    if (busy.ok() && *busy) continue;
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait_for(lock, kIdlePause, [this] { return stopped_ || waiting_; });
  }
}

}  // namespace lianqiao::bulk
