// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/ledger.h"

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/bulk/limits.h"
#include "libs/store/codec.h"
#include "libs/store/write.h"

namespace lianqiao::bulk {

using postgres::Parameters;
using postgres::Query;

namespace {

constexpr char kLeaseLost[] = "the import is no longer this worker's";
constexpr int kRefusedPage = 20000;

std::string ByteaText(const std::string& bytes) {
  return "\\x" + base::Hex(bytes);
}

std::vector<int> Numbers(const postgres::Result& rows) {
  std::vector<int> numbers;
  for (int i = 0; i < rows.rows(); ++i) numbers.push_back(static_cast<int>(rows.Integer(i, 0)));
  return numbers;
}

}  // namespace

absl::Status LeaseLost() {
  return absl::CancelledError(kLeaseLost);
}

bool IsLeaseLost(const absl::Status& status) {
  return absl::IsCancelled(status) && status.message() == kLeaseLost;
}

LineError ErrorOf(int64_t line, const std::string& kind, const std::string& record,
                  const absl::Status& status) {
  return {line, kind, record, status.code(), base::FailureOf(status)};
}

absl::StatusOr<std::optional<ImportRow>> Ledger::Take(postgres::Statements& transaction,
                                                      const std::string& lease_id, absl::Time now) {
  static const Query kFind{"next_import",
                           absl::StrCat("SELECT ", kImportColumns,
                                        " FROM import i WHERE i.state IN ('STATE_QUEUED', 'STATE_RUNNING')"
                                        " AND (i.lease_until IS NULL OR i.lease_until <= $1::timestamptz)"
                                        " ORDER BY i.create_time LIMIT 1 FOR UPDATE SKIP LOCKED")};
  static const Query kTake{
      "take_import",
      "UPDATE import SET state = 'STATE_RUNNING', start_time = coalesce(start_time, $3::timestamptz),"
      " lease_id = $2::uuid, lease_until = $4::timestamptz, attempts = attempts + 1"
      " WHERE import_id = $1::uuid"};
  ASSIGN_OR_RETURN(const postgres::Result rows, transaction.Execute(kFind, Parameters().Time(now)));
  if (rows.rows() == 0) return std::optional<ImportRow>();
  ASSIGN_OR_RETURN(ImportRow row, DecodeImport(rows, 0));
  RETURN_IF_ERROR(
      transaction.Execute(kTake, Parameters().Text(row.id).Text(lease_id).Time(now).Time(now + kLease))
          .status());
  ++row.attempts;
  row.state = v1::Import::STATE_RUNNING;
  return std::optional<ImportRow>(std::move(row));
}

absl::Status Ledger::Progress(postgres::Statements& transaction, const Counts& counts, absl::Time now) const {
  static const Query kProgress{
      "import_progress",
      "UPDATE import SET created_count = created_count + $3::bigint, updated_count = updated_count + "
      "$4::bigint,"
      " unchanged_count = unchanged_count + $5::bigint, deleted_count = deleted_count + $6::bigint,"
      " refused_count = refused_count + $7::bigint, lease_until = $8::timestamptz, attempts = 1"
      " WHERE import_id = $1::uuid AND lease_id = $2::uuid AND state = 'STATE_RUNNING'"
      " AND NOT cancel_requested"};
  Parameters p;
  p.Text(import_id_).Text(lease_id_).Integer(counts.created).Integer(counts.updated);
  p.Integer(counts.unchanged).Integer(counts.deleted).Integer(counts.refused).Time(now + kLease);
  ASSIGN_OR_RETURN(const postgres::Result done, transaction.Execute(kProgress, p));
  return done.affected_rows() == 1 ? absl::OkStatus() : LeaseLost();
}

absl::Status Ledger::Clear(postgres::Statements& transaction, absl::Time now) const {
  static const Query kBlocks{"forget_import_blocks", "DELETE FROM import_block WHERE import_id = $1::uuid"};
  static const Query kErrors{"forget_import_errors", "DELETE FROM import_error WHERE import_id = $1::uuid"};
  static const Query kCounts{"forget_import_counts",
                             "UPDATE import SET refused_count = 0 WHERE import_id = $1::uuid AND NOT staged"};
  RETURN_IF_ERROR(Progress(transaction, {}, now));
  for (const Query* query : {&kBlocks, &kErrors, &kCounts})
    RETURN_IF_ERROR(transaction.Execute(*query, Parameters().Text(import_id_)).status());
  return absl::OkStatus();
}

absl::Status Ledger::AddBlocks(postgres::Statements& transaction, const std::vector<Block>& blocks,
                               int first_number) const {
  static const Query kAdd{
      "add_import_block",
      "INSERT INTO import_block (import_id, number, step, bucket, kind, removes, records) VALUES ($1::uuid,"
      " $2::integer, $3::integer, $4::smallint, $5, $6::boolean, $7::bytea)"};
  for (const Block& block : blocks) {
    Parameters p;
    p.Text(import_id_).Integer(first_number++).Integer(block.step).Integer(block.bucket).Text(block.kind);
    p.Boolean(block.removes).Bytes(block.bytes);
    RETURN_IF_ERROR(transaction.Execute(kAdd, p).status());
  }
  return absl::OkStatus();
}

absl::Status Ledger::AddErrors(postgres::Statements& transaction,
                               const std::vector<LineError>& errors) const {
  static const Query kAdd{"add_import_errors",
                          "INSERT INTO import_error (import_id, line, kind, record, code, failure)"
                          " SELECT $1::uuid, e.* FROM unnest($2::text::bigint[], $3::text::text[],"
                          " $4::text::text[], $5::text::smallint[], $6::text::bytea[]) AS e"};
  if (errors.empty()) return absl::OkStatus();
  std::vector<std::string> columns[5];
  for (const LineError& error : errors) {
    columns[0].push_back(absl::StrCat(error.line));
    columns[1].push_back(error.kind);
    columns[2].push_back(error.record);
    columns[3].push_back(absl::StrCat(static_cast<int>(error.code)));
    columns[4].push_back(ByteaText(store::StateBytes(error.failure)));
  }
  Parameters p;
  p.Text(import_id_);
  for (const auto& column : columns) p.TextArray(column);
  return transaction.Execute(kAdd, p).status();
}

absl::Status Ledger::RemoveBlock(postgres::Statements& transaction, int number) const {
  static const Query kRemove{"remove_import_block",
                             "DELETE FROM import_block WHERE import_id = $1::uuid AND number = $2::integer"};
  return transaction.Execute(kRemove, Parameters().Text(import_id_).Integer(number)).status();
}

absl::Status Ledger::Staged(postgres::Statements& transaction, int64_t records,
                            const std::vector<std::string>& header) const {
  static const Query kStaged{"import_staged",
                             "UPDATE import SET staged = true, record_count = $2::bigint,"
                             " header = $3::text::text[] WHERE import_id = $1::uuid"};
  return transaction.Execute(kStaged, Parameters().Text(import_id_).Integer(records).TextArray(header))
      .status();
}

absl::StatusOr<std::vector<int>> Ledger::Waiting(postgres::Statements& statements) const {
  static const Query kWaiting{"waiting_import_blocks",
                              "SELECT number FROM import_block WHERE import_id = $1::uuid AND NOT done"
                              " ORDER BY step, bucket, number"};
  ASSIGN_OR_RETURN(const postgres::Result rows, statements.Execute(kWaiting, Parameters().Text(import_id_)));
  return Numbers(rows);
}

absl::StatusOr<std::vector<int>> Ledger::All(postgres::Statements& statements) const {
  static const Query kAll{"import_blocks",
                          "SELECT number FROM import_block WHERE import_id = $1::uuid ORDER BY number"};
  ASSIGN_OR_RETURN(const postgres::Result rows, statements.Execute(kAll, Parameters().Text(import_id_)));
  return Numbers(rows);
}

absl::StatusOr<std::optional<Block>> Ledger::Load(postgres::Statements& statements, int number,
                                                  bool lock) const {
  static const Query kLock{"lock_import_block",
                           "SELECT done FROM import_block WHERE import_id = $1::uuid AND number = $2::integer"
                           " FOR UPDATE"};
  static const Query kLoad{"load_import_block",
                           "SELECT step, bucket, kind, removes, records FROM import_block"
                           " WHERE import_id = $1::uuid AND number = $2::integer"};
  const Parameters p = Parameters().Text(import_id_).Integer(number);
  ASSIGN_OR_RETURN(const postgres::Result rows, statements.Execute(lock ? kLock : kLoad, p));
  if (rows.rows() == 0) return std::optional<Block>();
  Block block;
  if (lock) return rows.Boolean(0, 0) ? std::optional<Block>() : std::optional<Block>(block);
  block.step = static_cast<int>(rows.Integer(0, 0));
  block.bucket = static_cast<int>(rows.Integer(0, 1));
  block.kind = rows.Text(0, 2);
  block.removes = rows.Boolean(0, 3);
  block.bytes = rows.Bytes(0, 4);
  return std::optional<Block>(std::move(block));
}

absl::Status Ledger::Done(postgres::Statements& transaction, int number) const {
  static const Query kDone{"import_block_done",
                           "UPDATE import_block SET done = true WHERE import_id = $1::uuid"
                           " AND number = $2::integer"};
  return transaction.Execute(kDone, Parameters().Text(import_id_).Integer(number)).status();
}

absl::StatusOr<int> Ledger::NextNumber(postgres::Statements& statements) const {
  static const Query kNext{
      "next_import_block",
      "SELECT coalesce(max(number), -1) + 1 FROM import_block WHERE import_id = $1::uuid"};
  ASSIGN_OR_RETURN(const postgres::Result row, statements.Execute(kNext, Parameters().Text(import_id_)));
  return static_cast<int>(row.Integer(0, 0));
}

absl::StatusOr<std::vector<int64_t>> Ledger::Refused(postgres::Statements& statements,
                                                     const std::string& import_id, int64_t after) {
  static const Query kRefused{"refused_lines",
                              "SELECT line FROM import_error WHERE import_id = $1::uuid AND line > $2::bigint"
                              " ORDER BY line LIMIT $3::integer"};
  ASSIGN_OR_RETURN(
      const postgres::Result rows,
      statements.Execute(kRefused, Parameters().Text(import_id).Integer(after).Integer(kRefusedPage)));
  std::vector<int64_t> lines;
  for (int i = 0; i < rows.rows(); ++i) lines.push_back(rows.Integer(i, 0));
  return lines;
}

absl::StatusOr<bool> Ledger::End(postgres::Statements& transaction, v1::Import::State state,
                                 const base::Failure& problem, absl::Time now) const {
  static const Query kEnd{"end_import",
                          "UPDATE import SET state = $3, problem = $4::bytea, end_time = $5::timestamptz,"
                          " lease_id = NULL, lease_until = NULL WHERE import_id = $1::uuid"
                          " AND lease_id = $2::uuid AND state = 'STATE_RUNNING'"};
  Parameters p;
  p.Text(import_id_).Text(lease_id_).Text(v1::Import::State_Name(state));
  if (problem.reason() == base::ErrorReason::ERROR_REASON_UNSPECIFIED) {
    p.Null();
  } else {
    p.Bytes(store::StateBytes(problem));
  }
  p.Time(now);
  ASSIGN_OR_RETURN(const postgres::Result ended, transaction.Execute(kEnd, p));
  return ended.affected_rows() == 1;
}

absl::Status Ledger::Release(postgres::Statements& transaction, absl::Time from) const {
  static const Query kRelease{
      "release_import",
      "UPDATE import SET lease_id = NULL, lease_until = $3::timestamptz WHERE import_id = $1::uuid"
      " AND lease_id = $2::uuid"};
  return transaction.Execute(kRelease, Parameters().Text(import_id_).Text(lease_id_).Time(from)).status();
}

}  // namespace lianqiao::bulk
