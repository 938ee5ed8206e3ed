// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/imports.h"

#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/bulk/client.h"
#include "libs/bulk/job.h"
#include "libs/bulk/limits.h"
#include "libs/bulk/methods.h"
#include "libs/sync/feed_methods.h"

namespace lianqiao::bulk {

using postgres::Parameters;
using postgres::Query;

namespace {

// Another process may have taken a submission in, or died over one.
constexpr std::chrono::milliseconds kIdlePause{1000};
constexpr absl::Duration kRetryPause = absl::Seconds(2);
constexpr int kPurgeRows = 200;
// A submission whose connection broke may go on for a day.
constexpr absl::Duration kReceivingKept = absl::Hours(24);

}  // namespace

Imports::Imports(sync::FeedService* feed)
    : parts_(feed->parts()),
      engine_(parts_.engine),
      order_(parts_.contract()),
      environment_{engine_, &order_,
                   [authenticator = engine_->options().authenticator](const std::string& client_id) {
                     return FindClient(authenticator, client_id);
                   },
                   &tally_} {}

Imports::~Imports() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Imports::Bind() {
  AddImportMethods(parts_, [this] { Wake(); });
}

void Imports::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Imports::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (job_ != nullptr) job_->Release(absl::ZeroDuration());
  job_.reset();
}

void Imports::Wake() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_ = true;
  }
  changed_.notify_all();
}

void Imports::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopped_) {
    waiting_ = false;
    lock.unlock();
    // A step at a time, so that Stop need not wait for a whole import.
    const auto worked = RunSome(absl::Now() + absl::Seconds(1), 1);
    if (!worked.ok() && !absl::IsUnavailable(worked.status()))
      base::Log(base::Severity::kWarning, "import_step_failed", {{"status", worked.status().ToString()}});
    lock.lock();
    if (worked.ok() && *worked) continue;
    changed_.wait_for(lock, kIdlePause, [this] { return stopped_ || waiting_; });
  }
}

absl::StatusOr<bool> Imports::RunSome(absl::Time deadline, int steps_max) {
  bool worked = false;
  for (int step = 0; step < steps_max && absl::Now() < deadline; ++step) {
    if (job_ == nullptr) {
      ASSIGN_OR_RETURN(job_, Job::Take(environment_));
      if (job_ == nullptr) return worked;
    }
    worked = true;
    const auto ended = job_->Step();
    if (ended.ok() && !*ended) continue;
    if (!ended.ok()) job_->Release(kRetryPause);
    job_.reset();
    if (!ended.ok()) return ended.status();
  }
  return worked;
}

absl::StatusOr<bool> Imports::PurgeSome(absl::Time deadline) {
  static const Query kOld{
      "old_imports",
      "SELECT import_id FROM import WHERE create_time < $1::timestamptz"
      " OR (state = 'STATE_RECEIVING' AND receive_time < $2::timestamptz) ORDER BY create_time LIMIT 1"};
  static const Query kParts[] = {
      {"purge_import_chunks",
       "DELETE FROM import_chunk WHERE import_id = $1::uuid AND number IN (SELECT number FROM import_chunk"
       " WHERE import_id = $1::uuid LIMIT $2::integer)"},
      {"purge_import_blocks",
       "DELETE FROM import_block WHERE import_id = $1::uuid AND number IN (SELECT number FROM import_block"
       " WHERE import_id = $1::uuid LIMIT $2::integer)"},
      {"purge_import_errors",
       "DELETE FROM import_error WHERE import_id = $1::uuid AND line IN (SELECT line FROM import_error"
       " WHERE import_id = $1::uuid LIMIT 50 * $2::integer)"}};
  static const Query kImport{"purge_import", "DELETE FROM import WHERE import_id = $1::uuid"};
  // Blocks have served once the import has ended.
  static const Query kServed{
      "served_import_blocks",
      "DELETE FROM import_block WHERE (import_id, number) IN (SELECT b.import_id, b.number FROM import i"
      " JOIN import_block b ON b.import_id = i.import_id WHERE i.end_time IS NOT NULL LIMIT $1::integer)"};
  const absl::Time now = environment_.now();
  bool more = false;
  const absl::Status purged =
      environment_.writes().Run(deadline, [&](postgres::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(
            const postgres::Result old,
            session.Execute(kOld,
                            Parameters().Time(now - absl::Hours(24) * kKeptDays).Time(now - kReceivingKept)));
        more = old.rows() > 0;
        if (!more) {
          ASSIGN_OR_RETURN(const postgres::Result served,
                           session.ExecuteWrite(kServed, Parameters().Integer(kPurgeRows)));
          more = served.affected_rows() > 0;
          return absl::OkStatus();
        }
        for (const Query& part : kParts) {
          ASSIGN_OR_RETURN(const postgres::Result gone,
                           session.ExecuteWrite(part, Parameters().Text(old.Text(0, 0)).Integer(kPurgeRows)));
          if (gone.affected_rows() > 0) return absl::OkStatus();
        }
        return session.ExecuteWrite(kImport, Parameters().Text(old.Text(0, 0))).status();
      });
  RETURN_IF_ERROR(purged);
  return more;
}

}  // namespace lianqiao::bulk
