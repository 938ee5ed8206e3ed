// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/job.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/bulk/limits.h"

namespace lianqiao::bulk {

namespace {

// Workers that in turn got nowhere with an import: it would get nowhere for ever.
constexpr int kAttemptsMax = 10;

absl::StatusOr<ImportRow> ReadAgain(postgres::Statements& statements, const ImportRow& row) {
  return ReadImport(statements, row.client_id, row.id);
}

}  // namespace

Job::Job(const JobEnvironment& environment, ImportRow row, const std::string& lease_id)
    : environment_(environment), row_(std::move(row)), ledger_(row_.id, lease_id) {
  if (row_.staged) {
    writer_ = std::make_unique<Writer>(environment_, row_, ledger_, nullptr);
  } else {
    stager_ = std::make_unique<Stager>(environment_, row_, ledger_);
  }
}

absl::StatusOr<std::unique_ptr<Job>> Job::Take(const JobEnvironment& environment) {
  const std::string lease_id = base::RandomId();
  std::optional<ImportRow> row;
  RETURN_IF_ERROR(Transact(environment, [&](postgres::Statements& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(row, Ledger::Take(transaction, lease_id, environment.now()));
    return absl::OkStatus();
  }));
  if (!row.has_value()) return std::unique_ptr<Job>();
  return std::unique_ptr<Job>(new Job(environment, *std::move(row), lease_id));
}

absl::StatusOr<bool> Job::Step() {
  auto done = row_.cancel_requested ? LeaseLost() : Work();
  if (done.ok() && !*done) return false;
  absl::Status ended = done.status();
  if (ended.ok()) {
    ended = End();
  } else if (IsClients(ended)) {
    ended = Fail(ended);
  }
  if (IsLeaseLost(ended)) ended = Lost();
  if (!ended.ok()) return ended;
  return true;
}

absl::StatusOr<bool> Job::Work() {
  if (row_.attempts > kAttemptsMax) {
    RETURN_IF_ERROR(Fail(absl::InternalError("an import makes no progress")));
    return LeaseLost();
  }
  if (stager_ == nullptr) return writer_->Step();
  ASSIGN_OR_RETURN(const bool staged, stager_->Step());
  if (!staged) return false;
  writer_ = std::make_unique<Writer>(environment_, row_, ledger_, stager_->TakeLines());
  stager_.reset();
  return false;
}

absl::Status Job::EndAs(const StateFinder& find, const base::Failure& failure) {
  v1::Import::State state = v1::Import::STATE_UNSPECIFIED;
  bool ended = false;
  RETURN_IF_ERROR(Transact(environment_, [&](postgres::Statements& transaction) -> absl::Status {
    ended = false;
    ASSIGN_OR_RETURN(state, find(transaction));
    if (state == v1::Import::STATE_UNSPECIFIED) return absl::OkStatus();
    ASSIGN_OR_RETURN(ended, ledger_.End(transaction, state, failure, environment_.now()));
    return absl::OkStatus();
  }));
  if (ended) ++environment_.tally->ended[static_cast<size_t>(state)];
  return absl::OkStatus();
}

absl::Status Job::End() {
  const auto find = [&](postgres::Statements& transaction) -> absl::StatusOr<v1::Import::State> {
    RETURN_IF_ERROR(ledger_.Progress(transaction, {}, environment_.now()));
    ASSIGN_OR_RETURN(const ImportRow row, ReadAgain(transaction, row_));
    if (row.counts.refused == 0) return v1::Import::STATE_SUCCEEDED;
    return row.counts.good() > 0 ? v1::Import::STATE_FINISHED_WITH_ERRORS : v1::Import::STATE_FAILED;
  };
  return EndAs(find, {});
}

// The file as a whole cannot be read. A header's mistakes are the first line's.
absl::Status Job::Fail(const absl::Status& status) {
  const base::Failure failure = base::FailureOf(status);
  if (!IsClients(status))
    base::Log(base::Severity::kError, "import_failed", {{"import", row_.id}, {"status", status.ToString()}});
  bool header = false;
  for (const base::Violation& violation : failure.violations()) header = header || !violation.field().empty();
  const auto find = [&](postgres::Statements& transaction) -> absl::StatusOr<v1::Import::State> {
    if (header && row_.form() == Form::kCsv) {
      Counts counts;
      counts.refused = 1;
      RETURN_IF_ERROR(ledger_.Clear(transaction, environment_.now()));
      RETURN_IF_ERROR(ledger_.AddErrors(transaction, {ErrorOf(1, row_.options.kind(), "", status)}));
      RETURN_IF_ERROR(ledger_.Progress(transaction, counts, environment_.now()));
    }
    ASSIGN_OR_RETURN(const ImportRow row, ReadAgain(transaction, row_));
    // What earlier chunks have written stays.
    return row.counts.good() > 0 ? v1::Import::STATE_FINISHED_WITH_ERRORS : v1::Import::STATE_FAILED;
  };
  return EndAs(find, failure);
}

absl::Status Job::Lost() {
  const auto find = [&](postgres::Statements& transaction) -> absl::StatusOr<v1::Import::State> {
    ASSIGN_OR_RETURN(const ImportRow row, ReadAgain(transaction, row_));
    return row.cancel_requested ? v1::Import::STATE_CANCELLED : v1::Import::STATE_UNSPECIFIED;
  };
  return EndAs(find, {});
}

void Job::Release(absl::Duration pause) {
  // If the database is away, the lease runs out.
  Transact(environment_, [&](postgres::Statements& transaction) {
    return ledger_.Release(transaction, environment_.now() + pause);
  }).IgnoreError();
}

}  // namespace lianqiao::bulk
