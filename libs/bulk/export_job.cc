// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/export_job.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/access/access_log_rows.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/bulk/client.h"
#include "libs/feed/cursor.h"

namespace lianqiao::bulk {
namespace {

constexpr char kCreateMethod[] = "/lianqiao.sync.v1.ExportService/CreateExport";
constexpr absl::Duration kReadLimit = absl::Seconds(60);
// Until an export is taken up again that could not go on.
constexpr absl::Duration kRetryPause = absl::Seconds(5);
// A client whose grants never stand still gets no export.
constexpr int kBeginningsMax = 10;

// Another try may go better.
bool IsPassing(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kUnknown:
      return true;
    default:
      return false;
  }
}

}  // namespace

ExportJob::ExportJob(const sync::Parts& parts, const Exports::Options& options, ExportTally* tally)
    : parts_(parts), options_(options), tally_(tally), store_(parts, options.lease) {}

absl::StatusOr<ExportJob::Outcome> ExportJob::Step() {
  if (!row_.has_value()) {
    ASSIGN_OR_RETURN(const bool taken, Take());
    if (!taken) {
      ASSIGN_OR_RETURN(const bool swept, store_.SweepSome());
      return swept ? Outcome::kWorked : Outcome::kIdle;
    }
  }
  finished_file_ = false;
  const absl::StatusOr<Outcome> outcome = Work();
  if (!outcome.ok()) return Settle(outcome.status());
  // Between two files others may have their turn.
  if (row_.has_value() && finished_file_ && file_ == nullptr) Release();
  return outcome;
}

absl::StatusOr<bool> ExportJob::Take() {
  ASSIGN_OR_RETURN(row_, store_.Claim());
  if (!row_.has_value()) return false;
  if (row_->cursor.empty()) return true;
  // Whoever had it before may have died in the middle of a file, whose records are written again.
  absl::Status status = store_.RemoveUnfinished(*row_);
  const absl::StatusOr<int64_t> finished = status.ok() ? store_.CountFinished(*row_) : status;
  if (!finished.ok()) Drop();
  RETURN_IF_ERROR(finished.status());
  row_->record_count = *finished;
  return true;
}

absl::StatusOr<ExportJob::Outcome> ExportJob::Work() {
  // A job has no token: it reads what its client may see at this moment.
  ASSIGN_OR_RETURN(const access::Caller caller,
                   FindClient(parts_.engine->options().authenticator, row_->client_id));
  ASSIGN_OR_RETURN(const sync::View view,
                   sync::View::Make(parts_.contract(), caller, sync::FilterOf(row_->request), parts_.now()));
  if (row_->cursor.empty() || row_->scopes != view.description()) RETURN_IF_ERROR(Begin(view));
  if (row_->kinds_left.empty()) {
    RETURN_IF_ERROR(store_.Succeed(*row_));
    ++tally_->succeeded;
    Drop();
    return Outcome::kWorked;
  }
  RETURN_IF_ERROR(store_.Renew(*row_));
  v1::ReadSnapshotResponse page;
  bool ended = false;
  ASSIGN_OR_RETURN(const bool waits, ReadPage(view, &page, &ended));
  RETURN_IF_ERROR(Write(page));
  if (ended) {
    row_->kinds_left.erase(row_->kinds_left.begin());
    row_->after_id.clear();
    if (file_ != nullptr) RETURN_IF_ERROR(FinishFile());
  }
  return waits ? Outcome::kWaits : Outcome::kWorked;
}

// The heads are read before the first row, so that nothing falls between (reliability.md §2.7).
absl::Status ExportJob::Begin(const sync::View& view) {
  file_.reset();
  if (row_->beginnings >= kBeginningsMax)
    return base::Fail(absl::StatusCode::kFailedPrecondition, base::ErrorReason::GRANTS_CHANGING);
  RETURN_IF_ERROR(
      parts_.reads().Run(absl::Now() + kReadLimit, [&](postgres::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const store::TokenKey* key, parts_.cursors->Key(session));
        RETURN_IF_ERROR(parts_.cursors->Remember(session, view.description(), parts_.now()));
        ASSIGN_OR_RETURN(const feed::Heads heads, feed::ReadFeed(session));
        row_->cursor = feed::SealCursor(*key, sync::SnapshotCursor(view, heads));
        return absl::OkStatus();
      }));
  row_->scopes = view.description();
  row_->kinds_left.clear();
  for (const contract::Resource* resource : view.kinds()) row_->kinds_left.push_back(resource->kind);
  row_->after_id.clear();
  row_->file_count = 0;
  row_->record_count = 0;
  ++row_->beginnings;
  return store_.Begin(*row_);
}

// True: the next record has to wait.
absl::StatusOr<bool> ExportJob::ReadPage(const sync::View& view, v1::ReadSnapshotResponse* page,
                                         bool* ended) {
  bool waits = false;
  sync::PersonalReads personal;
  RETURN_IF_ERROR(
      parts_.reads().Run(absl::Now() + kReadLimit, [&](postgres::Session& session) -> absl::Status {
        std::vector<sync::SnapshotRange> ranges = {{row_->kinds_left.front(), row_->after_id, ""}};
        ASSIGN_OR_RETURN(
            waits, sync::ReadSnapshotPage(session, parts_.contract(), view, {}, &ranges, page, &personal));
        *ended = ranges.empty();
        return absl::OkStatus();
      }));
  LogPersonalReads(personal);
  return waits;
}

absl::Status ExportJob::Write(const v1::ReadSnapshotResponse& page) {
  std::string line;
  for (const v1::SnapshotRecord& record : page.records()) {
    if (file_ == nullptr) RETURN_IF_ERROR(OpenFile(record.kind()));
    line.clear();
    RETURN_IF_ERROR(file_->lines.Append(record, &line));
    file_->gzip.Add(line);
    ++file_->records;
    ++row_->record_count;
    ++tally_->records;
    row_->after_id = record.id();
    RETURN_IF_ERROR(FlushChunks());
    if (file_->records >= options_.file_records_max || file_->gzip.size_bytes() >= options_.file_bytes_max)
      RETURN_IF_ERROR(FinishFile());
  }
  return absl::OkStatus();
}

absl::Status ExportJob::OpenFile(const std::string& kind) {
  if (row_->file_count >= kExportFilesMax)
    return base::Fail(absl::StatusCode::kOutOfRange, base::ErrorReason::EXPORT_TOO_LARGE,
                      {{"max", absl::StrCat(kExportFilesMax)}});
  const auto format = row_->request.format();
  file_ = std::make_unique<File>(ExportFileName(row_->file_count + 1, kind, format), format,
                                 parts_.contract().FindKind(kind));
  file_->gzip.Add(file_->lines.Header());
  return absl::OkStatus();
}

absl::Status ExportJob::FlushChunks() {
  std::string chunk;
  while (file_->gzip.Take(&chunk)) {
    RETURN_IF_ERROR(store_.AddChunk(*row_, file_->name, file_->chunks, chunk));
    ++file_->chunks;
  }
  return absl::OkStatus();
}

absl::Status ExportJob::FinishFile() {
  file_->gzip.Finish();
  RETURN_IF_ERROR(FlushChunks());
  ++row_->file_count;
  RETURN_IF_ERROR(store_.Finish(
      *row_, {file_->name, file_->kind, file_->records, file_->gzip.size_bytes(), file_->gzip.Sha256()}));
  file_.reset();
  finished_file_ = true;
  return absl::OkStatus();
}

// In the name of the call that asked for the export; an entry holds only so many ids.
void ExportJob::LogPersonalReads(const sync::PersonalReads& reads) const {
  access::AccessLog* log = parts_.engine->options().access_log;
  if (log == nullptr) return;
  for (const auto& [kind, ids] : reads) {
    access::AccessEntry entry;
    entry.event = access::AccessEvent::kPersonalRead;
    entry.client_id = row_->client_id;
    entry.token_id = row_->origin.token_id;
    entry.acting_person = row_->origin.acting_person;
    entry.acting_role = row_->origin.acting_role;
    entry.peer = row_->origin.peer;
    entry.request_id = row_->origin.call_id;
    entry.trace_id = row_->origin.trace_id;
    entry.method = kCreateMethod;
    entry.permission = parts_.contract().FindKind(kind)->rule->permission() + ".personal";
    entry.kind = kind;
    for (const std::string& id : ids) {
      entry.record_ids.push_back(id);
      if (entry.record_ids.size() < access::kRecordIdsMax) continue;
      log->Record(entry);
      entry.record_ids.clear();
    }
    if (!entry.record_ids.empty()) log->Record(std::move(entry));
  }
}

// What becomes of an export that could not go on.
absl::StatusOr<ExportJob::Outcome> ExportJob::Settle(const absl::Status& status) {
  if (!row_.has_value()) return status;
  const ExportRow row = *row_;
  Drop();
  if (IsPassing(status)) {
    // Cancelled or taken over: ABORTED again, and nothing to give back.
    const absl::Status released = store_.Release(row, kRetryPause);
    return absl::IsAborted(released) ? absl::StatusOr<Outcome>(Outcome::kWorked) : status;
  }
  base::Log(base::Severity::kWarning, "export_failed", {{"export", row.id}, {"status", status.ToString()}});
  RETURN_IF_ERROR(store_.Fail(row, base::FailureOf(status)));
  ++tally_->failed;
  return Outcome::kWorked;
}

void ExportJob::Release() {
  if (!row_.has_value()) return;
  const ExportRow row = *row_;
  Drop();
  // If it cannot be told, the lease ends by itself.
  store_.Release(row, absl::ZeroDuration()).IgnoreError();
}

void ExportJob::Drop() {
  row_.reset();
  file_.reset();
}

}  // namespace lianqiao::bulk
