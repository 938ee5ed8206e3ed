// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/receiver.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/limits.h"
#include "libs/bulk/limits.h"
#include "libs/resource/bulk_unit.h"

namespace lianqiao::bulk {

using base::ErrorReason;
using base::Refuse;
using postgres::Parameters;
using postgres::Query;

namespace {

absl::Status Reused() {
  return base::Fail(absl::StatusCode::kAlreadyExists, ErrorReason::REQUEST_ID_REUSED);
}

absl::Status TooLarge() {
  return base::Fail(absl::StatusCode::kInvalidArgument, ErrorReason::IMPORT_TOO_LARGE, {{"max", "1 GiB"}});
}

absl::Status WrongOffset(int64_t expected) {
  const std::string place = absl::StrCat(expected);
  return base::FailIfAny(
      {Refuse("chunk.offset", ErrorReason::FIELD_OUT_OF_RANGE, {{"min", "0"}, {"max", place}})});
}

std::string Varint(size_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>((value & 0x7F) | 0x80));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

const Query& ByRequest() {
  static const Query query{
      "import_of_request",
      absl::StrCat("SELECT ", kImportColumns, " FROM import i WHERE i.client_id = $1 AND i.request_id = $2")};
  return query;
}

}  // namespace

Receiver::Receiver(const contract::Contract* contract, From from)
    : contract_(contract), from_(std::move(from)), hash_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  EVP_DigestInit_ex(hash_.get(), EVP_sha256(), nullptr);
}
Receiver::~Receiver() = default;

absl::Status Receiver::CheckOptions(const v1::ImportOptions& options, absl::Time now) const {
  std::vector<base::Violation> violations;
  contract::Validate(options, "options", &violations);
  const contract::Resource* kind = options.kind().empty() ? nullptr : contract_->FindKind(options.kind());
  const bool deletes = options.mode() == v1::ImportOptions::MODE_DELETE;
  const bool may = kind != nullptr && (deletes ? resource::BulkUnit::MayDelete(*contract_, *kind)
                                               : resource::BulkUnit::MayUpsert(*contract_, *kind));
  if (!options.kind().empty() && !may)
    violations.push_back(
        Refuse("options.kind", ErrorReason::KIND_UNKNOWN, {{"value", options.kind()}}));
  if (options.kind().empty() && options.format() == v1::ImportOptions::FORMAT_CSV)
    violations.push_back(Refuse("options.kind", ErrorReason::FIELD_REQUIRED));
  if (!options.source_system().empty() && !from_.caller.MayWriteSourceSystem(options.source_system(), now))
    violations.push_back(Refuse("options.sourceSystem", ErrorReason::SOURCE_SYSTEM_NOT_ALLOWED,
                                {{"value", options.source_system()}}));
  RETURN_IF_ERROR(base::FailIfAny(violations));
  // The lines of other kinds are looked at when they are written.
  const std::string permission = kind == nullptr ? "" : kind->rule->permission() + ".write";
  if (kind != nullptr && from_.caller.ScopeFor(permission, now).empty())
    return base::Fail(absl::StatusCode::kPermissionDenied, ErrorReason::PERMISSION_DENIED,
                      {{"permission", permission}});
  return absl::OkStatus();
}

absl::Status Receiver::Begin(postgres::Session& session, const v1::ImportOptions& options, absl::Time now) {
  RETURN_IF_ERROR(CheckOptions(options, now));
  if (options.request_id().empty()) return Insert(session, options, now);
  ASSIGN_OR_RETURN(
      const postgres::Result rows,
      session.Execute(ByRequest(), Parameters().Text(from_.caller.client_id).Text(options.request_id())));
  if (rows.rows() == 0) return Insert(session, options, now);
  ASSIGN_OR_RETURN(row_, DecodeImport(rows, 0));
  if (row_.options_hash != OptionsHash(options)) return Reused();
  known_ = row_.state != v1::Import::STATE_RECEIVING;
  return known_ ? absl::OkStatus() : Resume(session, row_);
}

absl::Status Receiver::Insert(postgres::Session& session, const v1::ImportOptions& options, absl::Time now) {
  static const Query kInsert{
      "begin_import",
      "INSERT INTO import (import_id, client_id, request_id, options, options_hash, acting_person, "
      "acting_role,"
      " trace_id, state, create_time, receive_time) SELECT $1::uuid, $2, $3, $4::bytea, $5::bytea, $6, $7, "
      "$8,"
      " 'STATE_RECEIVING', $9::timestamptz, $9::timestamptz WHERE (SELECT count(*) FROM import WHERE"
      " client_id = $2 AND state IN ('STATE_RECEIVING', 'STATE_QUEUED', 'STATE_RUNNING')) < $10::bigint"};
  row_ = ImportRow();
  row_.id = base::NewId(now);
  row_.client_id = from_.caller.client_id;
  row_.request_id = options.request_id();
  row_.options = options;
  row_.options_hash = OptionsHash(options);
  row_.state = v1::Import::STATE_RECEIVING;
  Parameters p;
  p.Text(row_.id).Text(row_.client_id).Text(row_.request_id).Bytes(options.SerializeAsString());
  p.Bytes(row_.options_hash).Text(from_.caller.acting_person).Text(from_.caller.acting_role);
  p.Text(from_.trace_id).Time(now).Integer(kUnfinishedMax);
  const auto inserted = session.ExecuteWrite(kInsert, p);
  // The same request at once on another connection: one of them stores it.
  if (absl::IsAlreadyExists(inserted.status()))
    return base::WithRetryAfter(base::Fail(absl::StatusCode::kAborted, ErrorReason::WRITE_CONFLICT), 1000);
  RETURN_IF_ERROR(inserted.status());
  if (inserted->affected_rows() == 1) return absl::OkStatus();
  return base::WithRetryAfter(
      base::Fail(absl::StatusCode::kResourceExhausted, ErrorReason::TOO_MANY_UNFINISHED,
                 {{"kind", "import"}, {"kind_zh", "导入"}, {"max", absl::StrCat(kUnfinishedMax)}}),
      10000);
}

// Goes on where the last connection broke; what it had stored goes into the hash again.
absl::Status Receiver::Resume(postgres::Session& session, const ImportRow& row) {
  static const Query kRead{
      "hash_import_chunk",
      "SELECT content FROM import_chunk WHERE import_id = $1::uuid AND number = $2::integer"};
  for (int number = 0; number < row.chunks; ++number) {
    ASSIGN_OR_RETURN(const postgres::Result rows,
                     session.Execute(kRead, Parameters().Text(row.id).Integer(number)));
    if (rows.rows() == 0) return absl::DataLossError("a chunk of an import is missing");
    RETURN_IF_ERROR(Hash(rows.Bytes(0, 0)));
  }
  received_ = row.received_bytes;
  return absl::OkStatus();
}

absl::Status Receiver::Append(postgres::Session& session, int64_t offset, const std::string& content,
                              absl::Time now) {
  if (content.size() > kChunkBytesMax)
    return base::FailIfAny(
        {Refuse("chunk.content", ErrorReason::FIELD_TOO_LONG, {{"max", absl::StrCat(kChunkBytesMax)}})});
  if (offset < 0 || offset > received_ || (row_.typed && !known_)) return WrongOffset(received_);
  if (offset + static_cast<int64_t>(content.size()) > kSubmissionBytesMax) return TooLarge();
  const auto again =
      static_cast<size_t>(std::min<int64_t>(received_ - offset, static_cast<int64_t>(content.size())));
  if (again > 0 && !known_) RETURN_IF_ERROR(CompareStored(session, offset, content.substr(0, again)));
  const std::string rest = content.substr(again);
  RETURN_IF_ERROR(Hash(rest));
  received_ += static_cast<int64_t>(rest.size());
  if (known_) return absl::OkStatus();
  pending_ += rest;
  return pending_.size() >= kChunkBytesMax ? Store(session, now) : absl::OkStatus();
}

absl::Status Receiver::AppendRecord(postgres::Session& session, const v1::ImportRecord& record,
                                    absl::Time now) {
  static const Query kBegin{"begin_typed_import",
                            "UPDATE import SET typed = true, received_bytes = 0, chunks = 0"
                            " WHERE import_id = $1::uuid AND state = 'STATE_RECEIVING'"};
  static const Query kForget{"forget_import_chunks", "DELETE FROM import_chunk WHERE import_id = $1::uuid"};
  const std::string bytes = record.SerializeAsString();
  if (bytes.size() > kLineBytesMax)
    return base::FailIfAny(
        {Refuse("record", ErrorReason::LINE_TOO_LONG, {{"max", absl::StrCat(kLineBytesMax)}})});
  const bool first = pending_.empty() && hashed_records_ == 0;
  if (first && !known_) {
    if (!row_.typed && received_ > 0) return WrongOffset(received_);
    RETURN_IF_ERROR(session.Transact([&](postgres::Statements& transaction) -> absl::Status {
      RETURN_IF_ERROR(transaction.Execute(kForget, Parameters().Text(row_.id)).status());
      return transaction.Execute(kBegin, Parameters().Text(row_.id)).status();
    }));
    row_.typed = true;
    row_.received_bytes = 0;
    row_.chunks = 0;
    received_ = 0;
    EVP_DigestInit_ex(hash_.get(), EVP_sha256(), nullptr);
  }
  ++hashed_records_;
  const std::string framed = Varint(bytes.size()) + bytes;
  if (received_ + static_cast<int64_t>(framed.size()) > kSubmissionBytesMax) return TooLarge();
  RETURN_IF_ERROR(Hash(framed));
  received_ += static_cast<int64_t>(framed.size());
  if (known_) return absl::OkStatus();
  pending_ += framed;
  return pending_.size() >= kChunkBytesMax ? Store(session, now) : absl::OkStatus();
}

absl::Status Receiver::Store(postgres::Session& session, absl::Time now) {
  static const Query kStore{
      "store_import_chunk",
      "WITH taken AS (UPDATE import SET received_bytes = received_bytes + $4::bigint, chunks = chunks + 1,"
      " receive_time = $5::timestamptz WHERE import_id = $1::uuid AND chunks = $2::integer"
      " AND state = 'STATE_RECEIVING' RETURNING import_id)"
      " INSERT INTO import_chunk (import_id, number, first_byte, content)"
      " SELECT import_id, $2::integer, $3::bigint, $6::bytea FROM taken"};
  if (pending_.empty()) return absl::OkStatus();
  Parameters p;
  p.Text(row_.id).Integer(row_.chunks).Integer(row_.received_bytes);
  p.Integer(static_cast<int64_t>(pending_.size())).Time(now).Bytes(pending_);
  ASSIGN_OR_RETURN(const postgres::Result stored, session.ExecuteWrite(kStore, p));
  // Another connection has gone on with it, or it was cancelled.
  if (stored.affected_rows() != 1) return base::Fail(absl::StatusCode::kAborted, ErrorReason::WRITE_CONFLICT);
  row_.received_bytes += static_cast<int64_t>(pending_.size());
  ++row_.chunks;
  pending_.clear();
  return absl::OkStatus();
}

// What is sent once more must be what is stored: else the request id stands for two submissions.
absl::Status Receiver::CompareStored(postgres::Session& session, int64_t offset, const std::string& content) {
  static const Query kCompare{
      "compare_import_chunks",
      "SELECT first_byte, content FROM import_chunk WHERE import_id = $1::uuid AND first_byte < $3::bigint"
      " AND first_byte + length(content) > $2::bigint ORDER BY number"};
  const int64_t end = offset + static_cast<int64_t>(content.size());
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   session.Execute(kCompare, Parameters().Text(row_.id).Integer(offset).Integer(end)));
  std::string stored;
  int64_t from = offset;
  for (int i = 0; i < rows.rows(); ++i) {
    if (i == 0) from = rows.Integer(i, 0);
    stored += rows.Bytes(i, 1);
  }
  stored += pending_;
  if (rows.rows() == 0) from = row_.received_bytes;
  return stored.compare(static_cast<size_t>(offset - from), content.size(), content) == 0 ? absl::OkStatus()
                                                                                          : Reused();
}

absl::Status Receiver::Hash(const std::string& content) {
  return EVP_DigestUpdate(hash_.get(), content.data(), content.size()) == 1
             ? absl::OkStatus()
             : absl::InternalError("sha256 failed");
}

absl::StatusOr<std::string> Receiver::HashOf() const {
  std::string digest(32, '\0');
  unsigned int size = 0;
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> copy(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (EVP_MD_CTX_copy_ex(copy.get(), hash_.get()) != 1 ||
      EVP_DigestFinal_ex(copy.get(), reinterpret_cast<unsigned char*>(digest.data()), &size) != 1)
    return absl::InternalError("sha256 failed");
  return digest;
}

absl::StatusOr<ImportRow> Receiver::Reread(postgres::Session& session, const std::string& id) const {
  return ReadImport(session, from_.caller.client_id, id);
}

absl::StatusOr<ImportRow> Receiver::Finish(postgres::Session& session, absl::Time now) {
  static const Query kQueue{
      "queue_import",
      "UPDATE import SET state = 'STATE_QUEUED', content_sha256 = $2::bytea,"
      " receive_time = $3::timestamptz WHERE import_id = $1::uuid AND chunks = $4::integer"
      " AND state = 'STATE_RECEIVING'"};
  static const Query kSame{"import_of_content",
                           absl::StrCat("SELECT ", kImportColumns,
                                        " FROM import i WHERE i.client_id = $1 AND i.request_id = ''"
                                        " AND i.options_hash = $2::bytea AND i.content_sha256 = $3::bytea")};
  ASSIGN_OR_RETURN(const std::string hash, HashOf());
  if (known_) {
    ASSIGN_OR_RETURN(const ImportRow row, Reread(session, row_.id));
    // A client that only asks whether all has arrived sends no content again; of what was cancelled while it
    // was received there is no hash.
    if (received_ > 0 && !row.content_sha256.empty() && row.content_sha256 != hash) return Reused();
    return row;
  }
  RETURN_IF_ERROR(Store(session, now));
  const auto queued =
      session.ExecuteWrite(kQueue, Parameters().Text(row_.id).Bytes(hash).Time(now).Integer(row_.chunks));
  if (queued.ok() && queued->affected_rows() == 1) return Reread(session, row_.id);
  if (queued.ok()) {
    ASSIGN_OR_RETURN(const ImportRow row, Reread(session, row_.id));
    return row.content_sha256 == hash || row.state == v1::Import::STATE_CANCELLED
               ? absl::StatusOr<ImportRow>(row)
               : base::Fail(absl::StatusCode::kAborted, ErrorReason::WRITE_CONFLICT);
  }
  if (!absl::IsAlreadyExists(queued.status())) return queued.status();
  // The same content with the same options came before.
  ASSIGN_OR_RETURN(
      const postgres::Result rows,
      session.Execute(kSame, Parameters().Text(row_.client_id).Bytes(row_.options_hash).Bytes(hash)));
  if (rows.rows() == 0) return queued.status();
  RETURN_IF_ERROR(Forget(session));
  return DecodeImport(rows, 0);
}

absl::Status Receiver::Forget(postgres::Session& session) {
  static const Query kChunks{"forget_import_chunks", "DELETE FROM import_chunk WHERE import_id = $1::uuid"};
  static const Query kImport{"forget_import",
                             "DELETE FROM import WHERE import_id = $1::uuid AND state = 'STATE_RECEIVING'"};
  return session.Transact([&](postgres::Statements& transaction) -> absl::Status {
    RETURN_IF_ERROR(transaction.Execute(kChunks, Parameters().Text(row_.id)).status());
    return transaction.Execute(kImport, Parameters().Text(row_.id)).status();
  });
}

void Receiver::Abandon(postgres::Session& session, absl::Time now) {
  if (known_ || row_.id.empty()) return;
  // If it fails, the client goes on from an earlier byte.
  if (row_.request_id.empty()) {
    Forget(session).IgnoreError();
  } else {
    Store(session, now).IgnoreError();
  }
}

}  // namespace lianqiao::bulk
