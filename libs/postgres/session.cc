// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/session.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "libs/base/clock.h"
#include "libs/base/limits.h"
#include "libs/base/mutant.h"
#include "libs/base/status.h"
#include "libs/postgres/error.h"

namespace lianqiao::postgres {
namespace {

constexpr int kTries = 3;
constexpr absl::Duration kPause = absl::Milliseconds(10);
constexpr absl::Duration kReconnectPause = absl::Milliseconds(50);
// With the statement_timeout of COMMIT itself this keeps every write below kWriteSecondsMax, but for one
// whose COMMIT waits for a standby: that wait has no end of its own, and read_time looks for it
// (resource/past.cc).
constexpr absl::Duration kTransactionLimit = absl::Seconds(base::kWriteSecondsMax / 2);
static_assert(base::kWriteSecondsMax >= 60, "COMMIT may take the other half, kStatementTimeout");

absl::Time Now() {
  return base::Clock::System().Now();
}

void Sleep(absl::Duration duration) {
  std::this_thread::sleep_for(absl::ToChronoNanoseconds(duration));
}

// Times one statement for Options::observe_query.
class Observation {
 public:
  Observation(const Database::Options& options, const std::string& name)
      : options_(options), name_(name), start_(std::chrono::steady_clock::now()) {}

  void End(bool ok) const {
    if (!options_.observe_query) return;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
    options_.observe_query(name_, seconds.count(), !ok);
  }

 private:
  const Database::Options& options_;
  const std::string& name_;
  const std::chrono::steady_clock::time_point start_;
};

// Planted: what was not heard of did not happen.
bool MayRunAgain(const absl::Status& status) {
  return Repeatable(status) || (absl::IsUnknown(status) && base::Planted("cancel-after-commit"));
}

const std::string& CommitName() {
  static const std::string* const name = new std::string("commit");
  return *name;
}

}  // namespace

// Remembers the first failed statement: after it the server would answer COMMIT with a silent rollback.
class WorkerSession::Transaction final : public Statements {
 public:
  Transaction(const Database::Options& options, Connection& connection)
      : options_(options), connection_(connection) {}

  absl::StatusOr<Result> Execute(const Query& query, const Parameters& parameters) override {
    if (!failure_.ok()) return failure_;
    const Observation observation(options_, query.name);
    absl::StatusOr<Result> result = connection_.Execute(query, parameters);
    observation.End(result.ok());
    if (!result.ok()) failure_ = result.status();
    return result;
  }

  const absl::Status& failure() const { return failure_; }

 private:
  const Database::Options& options_;
  Connection& connection_;
  absl::Status failure_;
};

WorkerSession::WorkerSession(const Database::Options& options)
    : options_(options), random_(std::random_device{}()) {}

absl::Status WorkerSession::Connect() {
  connection_.reset();
  absl::StatusOr<std::unique_ptr<Connection>> opened =
      Connection::Open(options_.connection, options_.search_path);
  if (!opened.ok()) return std::move(opened).status();
  connection_ = *std::move(opened);
  return absl::OkStatus();
}

absl::StatusOr<Result> WorkerSession::Execute(const Query& query, const Parameters& parameters) {
  const absl::Duration left = deadline_ - Now();
  if (left <= absl::ZeroDuration()) return DeadlineExceeded();
  if (!connected()) RETURN_IF_ERROR(Connect());
  // A client's own filter may read a whole table: nobody waits for it any longer than its call does. Two
  // round trips, so only where they save something.
  const bool bounded = !query.prepared && left < kStatementTimeout / 2;
  if (bounded) RETURN_IF_ERROR(connection_->SetStatementTimeout(left));
  const Observation observation(options_, query.name);
  absl::StatusOr<Result> result = connection_->Execute(query, parameters);
  observation.End(result.ok());
  if (bounded) (void)connection_->SetStatementTimeout(kStatementTimeout);  // Or the connection is broken.
  return result;
}

absl::StatusOr<Result> WorkerSession::ExecuteWrite(const Query& query, const Parameters& parameters) {
  for (int attempt = 1;; ++attempt) {
    if (Now() >= deadline_) return DeadlineExceeded();
    RETURN_IF_ERROR(Reconnect());
    const Observation observation(options_, query.name);
    absl::StatusOr<Result> result = connection_->ExecuteWrite(query, parameters);
    observation.End(result.ok());
    if (result.ok() || !MayRunAgain(result.status()) || attempt == kTries || !PauseBefore(attempt + 1)) {
      return result;
    }
  }
}

absl::Status WorkerSession::Transact(const std::function<absl::Status(Statements&)>& body) {
  std::uniform_real_distribution<double> share(0, 1);
  for (int attempt = 1;; ++attempt) {
    // Only first tries: retries must be able to succeed for certain.
    const bool abort = attempt == 1 && options_.abort_share > 0 && share(random_) < options_.abort_share;
    absl::Status status = TryTransaction(body, abort);
    if (status.ok() || !MayRunAgain(status) || attempt == kTries || !PauseBefore(attempt + 1)) return status;
  }
}

absl::Status WorkerSession::TryTransaction(const std::function<absl::Status(Statements&)>& body, bool abort) {
  const absl::Time start = Now();
  if (start >= deadline_) return DeadlineExceeded();
  RETURN_IF_ERROR(Reconnect());
  RETURN_IF_ERROR(connection_->Begin(deadline_ - Now()));
  Transaction transaction(options_, *connection_);
  absl::Status status = body(transaction);
  // What the database said goes before what the body made of it, if the same again may succeed.
  if (!transaction.failure().ok() && (status.ok() || Repeatable(transaction.failure()))) {
    status = transaction.failure();
  }
  // What is committed late would appear behind a read of the past that should have seen it.
  if (status.ok() && (Now() >= deadline_ || Now() - start > kTransactionLimit)) status = DeadlineExceeded();
  if (status.ok() && abort) status = StatusOf({kMadeUpConflict, "", "made up"}, "commit");
  if (!status.ok()) {
    connection_->Rollback();
    return status;
  }
  const Observation observation(options_, CommitName());
  status = connection_->Commit();
  observation.End(status.ok());
  return status;
}

absl::Status WorkerSession::Reconnect() {
  if (connected()) return absl::OkStatus();
  const absl::Time until = std::min(deadline_, Now() + kOutageLimit);
  while (true) {
    if (Connect().ok()) return absl::OkStatus();
    // Without the database's word in it, so that nobody tries again on top of this.
    if (Now() + kReconnectPause >= until) return Unavailable();
    Sleep(kReconnectPause);
  }
}

bool WorkerSession::PauseBefore(int attempt) {
  std::uniform_real_distribution<double> jitter(0.5, 1.5);
  const absl::Duration pause = kPause * attempt * jitter(random_);
  if (Now() + pause >= deadline_) return false;
  Sleep(pause);
  return true;
}

}  // namespace lianqiao::postgres
