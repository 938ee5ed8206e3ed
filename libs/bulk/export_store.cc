// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/export_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/bulk/export_lines.h"
#include "libs/store/write.h"

namespace lianqiao::bulk {

using postgres::Parameters;
using postgres::Query;
using postgres::Result;
using postgres::Statements;

namespace {

constexpr absl::Duration kWriteLimit = absl::Seconds(20);
// 16 MiB per transaction.
constexpr int64_t kChunksPerRemoval = 64;

absl::Status Lost() {
  return absl::AbortedError("the export is not this process's any more");
}

// Pieces of files from this name on; how many were removed.
absl::StatusOr<int64_t> RemoveChunks(Statements& transaction, const std::string& id,
                                     const std::string& from_name) {
  static const Query kRemove{
      "remove_export_chunks",
      "DELETE FROM export_chunk WHERE (export_id, name, number) IN (SELECT export_id, name, number FROM"
      " export_chunk WHERE export_id = $1::uuid AND name >= $2 LIMIT $3::bigint)"};
  ASSIGN_OR_RETURN(
      const Result removed,
      transaction.Execute(kRemove, Parameters().Text(id).Text(from_name).Integer(kChunksPerRemoval)));
  return removed.affected_rows();
}

absl::Status RemoveFiles(Statements& transaction, const std::string& id) {
  static const Query kRemove{"remove_export_files", "DELETE FROM export_file WHERE export_id = $1::uuid"};
  return transaction.Execute(kRemove, Parameters().Text(id)).status();
}

std::string Number(int number) {
  return absl::StrFormat("%05d", number);
}

}  // namespace

std::string ExportFileName(int number, const std::string& kind, v1::CreateExportRequest::Format format) {
  return absl::StrCat(Number(number), "-", kind, ".", ExportLines::Extension(format));
}

absl::Status ExportStore::Transact(const Body& body) {
  return parts_.engine->options().writes->Run(
      absl::Now() + kWriteLimit, [&](postgres::Session& session) { return session.Transact(body); });
}

absl::Status ExportStore::TransactOwn(const ExportRow& row, const Body& body) {
  // The database's clock: leases of several processes are compared.
  static const Query kKeep{
      "keep_export_lease",
      "UPDATE export SET lease_until = now() + $3::bigint * interval '1 millisecond' WHERE export_id ="
      " $1::uuid AND lease_id = $2::uuid AND state = 'STATE_RUNNING'"};
  if (!claimed()) return Lost();
  kept_ = absl::Now();
  return Transact([&](Statements& transaction) -> absl::Status {
    Parameters p;
    p.Text(row.id).Text(lease_id_).Integer(absl::ToInt64Milliseconds(lease_));
    ASSIGN_OR_RETURN(const Result kept, transaction.Execute(kKeep, p));
    if (kept.affected_rows() == 0) return Lost();
    return body(transaction);
  });
}

absl::StatusOr<std::optional<ExportRow>> ExportStore::Claim() {
  static const Query kClaim{
      "claim_export",
      absl::StrCat(
          "UPDATE export e SET state = 'STATE_RUNNING', lease_id = $1::uuid,"
          " lease_until = now() + $2::bigint * interval '1 millisecond' WHERE e.export_id = (SELECT export_id"
          " FROM export WHERE state IN ('STATE_QUEUED', 'STATE_RUNNING') AND (lease_until IS NULL OR"
          " lease_until < now()) AND create_time > $3::timestamptz ORDER BY lease_until NULLS FIRST, "
          "export_id"
          " LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING ",
          kExportColumns)};
  const std::string lease_id = base::RandomId();
  std::optional<ExportRow> claimed;
  RETURN_IF_ERROR(Transact([&](Statements& transaction) -> absl::Status {
    claimed.reset();
    Parameters p;
    p.Text(lease_id).Integer(absl::ToInt64Milliseconds(lease_)).Time(parts_.now() - kExportLife);
    ASSIGN_OR_RETURN(const Result row, transaction.Execute(kClaim, p));
    if (row.rows() == 0) return absl::OkStatus();
    ASSIGN_OR_RETURN(claimed, DecodeExport(row, 0));
    return absl::OkStatus();
  }));
  if (claimed.has_value()) {
    lease_id_ = lease_id;
    kept_ = absl::Now();
  }
  return claimed;
}

absl::Status ExportStore::Begin(const ExportRow& row) {
  static const Query kBegin{
      "begin_export",
      "UPDATE export SET cursor = $2, scopes = $3, kinds_left = $4::text[], after_id = NULL, file_count = 0,"
      " record_count = 0, beginnings = $5::bigint WHERE export_id = $1::uuid"};
  RETURN_IF_ERROR(TransactOwn(row, [&](Statements& transaction) -> absl::Status {
    RETURN_IF_ERROR(RemoveFiles(transaction, row.id));
    Parameters p;
    p.Text(row.id).Text(row.cursor).Text(row.scopes).TextArray(row.kinds_left).Integer(row.beginnings);
    return transaction.Execute(kBegin, p).status();
  }));
  return RemoveUnfinished(row);
}

absl::StatusOr<int64_t> ExportStore::CountFinished(const ExportRow& row) {
  static const Query kCount{
      "count_exported",
      "SELECT coalesce(sum(record_count), 0)::bigint FROM export_file WHERE export_id = $1::uuid"};
  int64_t records = 0;
  RETURN_IF_ERROR(TransactOwn(row, [&](Statements& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const postgres::Result result, transaction.Execute(kCount, Parameters().Text(row.id)));
    records = result.Integer(0, 0);
    return absl::OkStatus();
  }));
  return records;
}

absl::Status ExportStore::RemoveUnfinished(const ExportRow& row) {
  // Files are numbered: whatever comes behind the last complete one.
  const std::string from = Number(row.file_count + 1);
  int64_t removed = kChunksPerRemoval;
  while (removed == kChunksPerRemoval) {
    RETURN_IF_ERROR(TransactOwn(row, [&](Statements& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(removed, RemoveChunks(transaction, row.id, from));
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

absl::Status ExportStore::AddChunk(const ExportRow& row, const std::string& name, int number,
                                   const std::string& content) {
  static const Query kAdd{"add_export_chunk",
                          "INSERT INTO export_chunk (export_id, name, number, content) VALUES ($1::uuid, $2,"
                          " $3::bigint, $4::bytea)"};
  static const Query kProgress{"note_export_progress",
                               "UPDATE export SET record_count = $2::bigint WHERE export_id = $1::uuid"};
  return TransactOwn(row, [&](Statements& transaction) -> absl::Status {
    RETURN_IF_ERROR(
        transaction.Execute(kProgress, Parameters().Text(row.id).Integer(row.record_count)).status());
    Parameters p;
    p.Text(row.id).Text(name).Integer(number).Bytes(content);
    return transaction.Execute(kAdd, p).status();
  });
}

absl::Status ExportStore::Finish(const ExportRow& row, const FinishedFile& file) {
  static const Query kAdd{"add_export_file",
                          "INSERT INTO export_file (export_id, name, kind, record_count, size_bytes, sha256)"
                          " VALUES ($1::uuid, $2, $3, $4::bigint, $5::bigint, $6::bytea)"};
  static const Query kMoveOn{
      "move_export_on",
      "UPDATE export SET kinds_left = $2::text[], after_id = $3::uuid, file_count = $4::bigint,"
      " record_count = $5::bigint WHERE export_id = $1::uuid"};
  return TransactOwn(row, [&](Statements& transaction) -> absl::Status {
    Parameters added;
    added.Text(row.id).Text(file.name).Text(file.kind).Integer(file.record_count).Integer(file.size_bytes);
    RETURN_IF_ERROR(transaction.Execute(kAdd, added.Bytes(file.sha256)).status());
    Parameters moved;
    moved.Text(row.id).TextArray(row.kinds_left);
    if (row.after_id.empty()) {
      moved.Null();
    } else {
      moved.Text(row.after_id);
    }
    moved.Integer(row.file_count).Integer(row.record_count);
    return transaction.Execute(kMoveOn, moved).status();
  });
}

absl::Status ExportStore::End(const ExportRow& row, v1::Export::State state, const base::Failure& problem) {
  static const Query kEnd{
      "end_export",
      "UPDATE export SET state = $2, end_time = $3::timestamptz, record_count = $4::bigint,"
      " unswept = $5::boolean, problem = $6::bytea, lease_id = NULL, lease_until = NULL"
      " WHERE export_id = $1::uuid"};
  const bool failed = state == v1::Export::STATE_FAILED;
  RETURN_IF_ERROR(TransactOwn(row, [&](Statements& transaction) -> absl::Status {
    if (failed) RETURN_IF_ERROR(RemoveFiles(transaction, row.id));
    Parameters p;
    p.Text(row.id).Text(v1::Export::State_Name(state)).Time(parts_.now()).Integer(row.record_count);
    p.Boolean(failed);
    if (failed) {
      p.Bytes(store::StateBytes(problem));
    } else {
      p.Null();
    }
    return transaction.Execute(kEnd, p).status();
  }));
  Forget();
  return absl::OkStatus();
}

absl::Status ExportStore::Succeed(const ExportRow& row) {
  return End(row, v1::Export::STATE_SUCCEEDED, {});
}

absl::Status ExportStore::Fail(const ExportRow& row, const base::Failure& problem) {
  return End(row, v1::Export::STATE_FAILED, problem);
}

absl::Status ExportStore::Renew(const ExportRow& row) {
  if (absl::Now() - kept_ < lease_ / 10) return absl::OkStatus();
  return TransactOwn(row, [](Statements&) { return absl::OkStatus(); });
}

absl::Status ExportStore::Release(const ExportRow& row, absl::Duration pause) {
  static const Query kRelease{
      "release_export",
      "UPDATE export SET lease_id = NULL, lease_until = now() + $2::bigint * interval '1 millisecond'"
      " WHERE export_id = $1::uuid"};
  const absl::Status status = TransactOwn(row, [&](Statements& transaction) {
    return transaction.Execute(kRelease, Parameters().Text(row.id).Integer(absl::ToInt64Milliseconds(pause)))
        .status();
  });
  Forget();
  return status;
}

absl::StatusOr<bool> ExportStore::SweepSome() {
  static const Query kFind{"find_unswept_export",
                           "SELECT export_id FROM export WHERE unswept LIMIT 1 FOR UPDATE SKIP LOCKED"};
  static const Query kSwept{"note_swept_export",
                            "UPDATE export SET unswept = false WHERE export_id = $1::uuid"};
  bool more = false;
  RETURN_IF_ERROR(Transact([&](Statements& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const Result found, transaction.Execute(kFind, {}));
    more = found.rows() > 0;
    if (!more) return absl::OkStatus();
    ASSIGN_OR_RETURN(const int64_t removed, RemoveChunks(transaction, found.Text(0, 0), ""));
    if (removed == kChunksPerRemoval) return absl::OkStatus();
    return transaction.Execute(kSwept, Parameters().Text(found.Text(0, 0))).status();
  }));
  return more;
}

absl::StatusOr<bool> ExportStore::PurgeSome(absl::Time deadline) {
  static const Query kFind{"find_expired_export",
                           "SELECT export_id FROM export WHERE create_time <= $1::timestamptz"
                           " ORDER BY create_time LIMIT 1 FOR UPDATE SKIP LOCKED"};
  static const Query kForget{"forget_export", "DELETE FROM export WHERE export_id = $1::uuid"};
  bool more = true;
  while (more && absl::Now() < deadline) {
    RETURN_IF_ERROR(Transact([&](Statements& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(const Result found,
                       transaction.Execute(kFind, Parameters().Time(parts_.now() - kExportLife)));
      more = found.rows() > 0;
      if (!more) return absl::OkStatus();
      const std::string id = found.Text(0, 0);
      ASSIGN_OR_RETURN(const int64_t removed, RemoveChunks(transaction, id, ""));
      if (removed == kChunksPerRemoval) return absl::OkStatus();
      RETURN_IF_ERROR(RemoveFiles(transaction, id));
      return transaction.Execute(kForget, Parameters().Text(id)).status();
    }));
  }
  return more;
}

}  // namespace lianqiao::bulk
