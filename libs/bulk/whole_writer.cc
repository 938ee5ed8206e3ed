// SPDX-License-Identifier: Apache-2.0
// All blocks in one transaction: an atomic import, or a dry run whose lines refer to each other, so that none
// can be checked without those before it.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/bulk/limits.h"
#include "libs/bulk/writer.h"

namespace lianqiao::bulk {

using base::ErrorReason;
using resource::UpsertItem;
using Outcome = UpsertItem::Outcome;

namespace {

// A constraint ends the transaction, so that each costs one more: so many are told, the rest waits for the
// next attempt of the client's.
constexpr int kConstraintsMax = 20;
constexpr char kRefused[] = "lines were refused";

absl::Status RolledBack() {
  return base::Fail(absl::StatusCode::kFailedPrecondition, ErrorReason::ROLLED_BACK);
}

}  // namespace

absl::Status Writer::WriteWhole() {
  std::vector<Work> works;
  size_t records = 0;
  size_t bytes = 0;
  for (const int number : waiting_) {
    ASSIGN_OR_RETURN(std::optional<Work> work, Open(number));
    if (!work.has_value()) continue;
    records += work->records.size();
    bytes += work->block.bytes.size();
    if (records > kAtomicRecordsMax || static_cast<int64_t>(bytes) > 2 * kAtomicBytesMax)
      return base::Fail(
          absl::StatusCode::kInvalidArgument, ErrorReason::IMPORT_TOO_LARGE,
          {{"max", absl::StrCat(kAtomicRecordsMax, " records that refer to each other in a dry run")},
           {"max_zh", absl::StrCat("仅校验且互相引用时", kAtomicRecordsMax, "条")}});
    works.push_back(*std::move(work));
  }
  bool refused = std::find(lines_->refused.begin(), lines_->refused.end(), true) != lines_->refused.end();
  bool one_by_one = false;
  for (int constraints = 0;;) {
    const auto author = Author();
    if (absl::IsUnauthenticated(author.status())) {  // The client is no longer one.
      for (Work& work : works) RETURN_IF_ERROR(Fill(&work));
      for (Work& work : works) RETURN_IF_ERROR(RefuseAll(&work, author.status()));
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(author.status());
    absl::Status explained;
    const absl::Status status = TryWhole(&works, *author, one_by_one, &refused, &explained);
    if (status.ok()) {
      Tally(works);
      return absl::OkStatus();
    }
    if (absl::IsCancelled(status) && status.message() == kRefused) break;
    if (IsPassing(status) && !resource::MustStandAlone(status)) return status;
    if (explained.ok()) explained = status;
    if (!std::exchange(one_by_one, true)) continue;
    // The first record without an outcome is the one that the database stopped at.
    refused = true;
    UpsertItem* stopped = nullptr;
    for (Work& work : works)
      for (UpsertItem& item : work.items)
        if (stopped == nullptr && item.outcome == Outcome::kNone) {
          stopped = &item;
          constraints_[work.records[static_cast<size_t>(&item - work.items.data())].line] = explained;
        }
    if (stopped == nullptr || ++constraints == kConstraintsMax) break;
  }
  return RecordWhole(&works);
}

// What was refused keeps its reason; of an atomic import the rest was not written either.
absl::Status Writer::RecordWhole(std::vector<Work>* all) {
  std::vector<Work>& works = *all;
  for (Work& work : works) {
    if (work.items.empty()) RETURN_IF_ERROR(Fill(&work));
    for (size_t i = 0; i < work.items.size(); ++i) {
      UpsertItem& item = work.items[i];
      const auto constraint = constraints_.find(work.records[i].line);
      const bool kept =
          item.outcome == Outcome::kRefused ||
          (row_.options.validate_only() && !row_.options.atomic() && item.outcome != Outcome::kNone);
      if (kept && constraint == constraints_.end()) continue;
      item.outcome = Outcome::kRefused;
      item.refusal = constraint == constraints_.end() ? RolledBack() : constraint->second;
    }
  }
  RETURN_IF_ERROR(Transact(environment_, [&](postgres::Statements& transaction) -> absl::Status {
    for (const Work& work : works) RETURN_IF_ERROR(RecordOutcomes(transaction, work));
    return absl::OkStatus();
  }));
  Tally(works);
  return absl::OkStatus();
}

void Writer::Tally(const std::vector<Work>& works) const {
  for (const Work& work : works) environment_.tally->Add(work.CountsOf());
}

absl::Status Writer::TryWhole(std::vector<Work>* works, const resource::BulkAuthor& author, bool one_by_one,
                              bool* refused, absl::Status* explained) {
  const Lines before = {{}, lines_->refused, lines_->gone, {}, false};
  const bool refused_before = *refused;
  return environment_.writes().Run(
      absl::Now() + absl::Seconds(30), [&](postgres::Session& session) -> absl::Status {
        std::unique_ptr<resource::BulkUnit> unit;
        const absl::Status status = session.Transact([&](postgres::Statements& transaction) -> absl::Status {
          lines_->refused = before.refused;
          lines_->gone = before.gone;
          *refused = refused_before;
          unit = std::make_unique<resource::BulkUnit>(environment_.engine, transaction, author);
          for (Work& work : *works) work.items.clear();
          for (Work& work : *works) {
            ASSIGN_OR_RETURN(const auto open, ledger_.Load(transaction, work.number, true));
            if (!open.has_value())
              return absl::OkStatus();  // All of them are: the answer to COMMIT was lost.
            RETURN_IF_ERROR(Fill(&work));
            for (size_t i = 0; i < work.items.size(); ++i) {
              const auto known = constraints_.find(work.records[i].line);
              if (known == constraints_.end()) continue;
              for (const base::Violation& violation : ProblemsOf(base::FailureOf(known->second)))
                work.items[i].violations.push_back(violation);
            }
            RETURN_IF_ERROR(unit->Stage(*work.resource, work.all, false, one_by_one));
            Remember(work);
            *refused = *refused || work.CountsOf().refused > 0;
          }
          if (*refused || row_.options.validate_only()) return absl::CancelledError(kRefused);
          for (const Work& work : *works) RETURN_IF_ERROR(RecordOutcomes(transaction, work));
          return unit->Finish();
        });
        *explained = status;
        if (!status.ok() && unit != nullptr) *explained = unit->Explain(session, status);
        return status;
      });
}

}  // namespace lianqiao::bulk
