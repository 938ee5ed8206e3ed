// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/export_methods.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/limits.h"
#include "libs/base/status.h"
#include "libs/bulk/export_row.h"
#include "libs/feed/packing.h"
#include "libs/store/write.h"

namespace lianqiao::bulk {

using base::ErrorReason;
using postgres::Parameters;
using postgres::Query;
using sync::Parts;

namespace {

constexpr char kPagePurpose[] = "lianqiao export page token";
// Chunks that a cancellation removes by itself; the job removes the rest.
constexpr int64_t kSweptChunks = 64;

absl::Status TooMany(ErrorReason reason, int64_t max, absl::Duration retry_after) {
  return base::WithRetryAfter(
      base::Fail(absl::StatusCode::kResourceExhausted, reason,
                 {{"kind", "export"}, {"kind_zh", "导出"}, {"max", absl::StrCat(max)}}),
      absl::ToInt64Milliseconds(std::max(retry_after, absl::Seconds(1))));
}

struct Created {
  ExportRow row;
  bool replayed = false;
};

// Decodes, checks and runs `answer` on a session of the pool.
template <typename Request, typename Answer>
resource::RawMethod Method(const Parts& parts, bool writes, Answer answer) {
  return
      [&parts, writes, answer](const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                               std::string bytes, rpc::Done done) {
        Request request;
        if (const absl::Status status = sync::Decode(bytes, &request); !status.ok()) return done(status);
        postgres::Database* pool = writes ? parts.engine->options().writes : parts.engine->options().reads;
        pool->Submit(
            context->deadline,
            [answer, caller, request = std::move(request), done](postgres::Session& session) {
              const auto response = answer(session, caller, request);
              if (!response.ok()) return done(response.status());
              done(rpc::Reply{response->SerializeAsString(), {}});
            },
            done);
      };
}

// As it is stored: what means the same is the same.
v1::CreateExportRequest Normalised(v1::CreateExportRequest request) {
  for (auto* list : {request.mutable_kinds(), request.mutable_jurisdiction_ids()}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  if (request.format() == v1::CreateExportRequest::FORMAT_UNSPECIFIED)
    request.set_format(v1::CreateExportRequest::FORMAT_NDJSON);
  return request;
}

std::string HashOf(v1::CreateExportRequest request) {
  request.clear_request_id();
  return base::Sha256(store::StateBytes(request));
}

// Counts and inserts are one after another for one client.
absl::Status LockClient(postgres::Statements& transaction, const std::string& client_id) {
  static const Query kLock{"lock_export_client",
                           "INSERT INTO export_client AS c (client_id) VALUES ($1)"
                           " ON CONFLICT (client_id) DO UPDATE SET client_id = excluded.client_id"};
  return transaction.Execute(kLock, Parameters().Text(client_id)).status();
}

absl::StatusOr<std::optional<ExportRow>> FindRepeated(postgres::Statements& transaction,
                                                      const ExportRow& wanted) {
  static const Query kFind{
      "find_repeated_export",
      absl::StrCat("SELECT ", kExportColumns,
                   " FROM export e WHERE e.client_id = $1 AND e.request_id = $2 AND e.request_id <> ''"
                   " AND e.state <> 'STATE_CANCELLED' AND e.create_time > $3::timestamptz"
                   " ORDER BY e.export_id DESC LIMIT 1")};
  ASSIGN_OR_RETURN(const postgres::Result row,
                   transaction.Execute(kFind, Parameters()
                                                  .Text(wanted.client_id)
                                                  .Text(wanted.request.request_id())
                                                  .Time(wanted.create_time - kExportLife)));
  if (row.rows() == 0) return std::nullopt;
  ASSIGN_OR_RETURN(ExportRow found, DecodeExport(row, 0));
  if (found.request_hash != wanted.request_hash)
    return base::Fail(absl::StatusCode::kAlreadyExists, ErrorReason::REQUEST_ID_REUSED);
  return std::make_optional(std::move(found));
}

absl::Status CheckLimits(postgres::Statements& transaction, const ExportRow& wanted) {
  static const Query kCount{
      "count_exports",
      "SELECT count(*) FILTER (WHERE state <> 'STATE_SUCCEEDED'), count(*), min(create_time) FROM export"
      " WHERE client_id = $1 AND create_time > $2::timestamptz"
      " AND state IN ('STATE_QUEUED', 'STATE_RUNNING', 'STATE_SUCCEEDED')"};
  ASSIGN_OR_RETURN(const postgres::Result count,
                   transaction.Execute(
                       kCount, Parameters().Text(wanted.client_id).Time(wanted.create_time - kExportLife)));
  if (count.Integer(0, 0) >= kUnfinishedExportsMax)
    return TooMany(ErrorReason::TOO_MANY_UNFINISHED, kUnfinishedExportsMax, absl::Minutes(1));
  if (count.Integer(0, 1) >= kKeptExportsMax)
    return TooMany(ErrorReason::TOO_MANY_KEPT, kKeptExportsMax,
                   count.Time(0, 2) + kExportLife - wanted.create_time);
  return absl::OkStatus();
}

absl::Status Insert(postgres::Statements& transaction, const ExportRow& row) {
  static const Query kInsert{
      "insert_export",
      "INSERT INTO export (export_id, client_id, request_id, request, request_hash, token_id, acting_person,"
      " acting_role, peer, call_id, trace_id, state, create_time) VALUES ($1::uuid, $2, $3, $4::bytea,"
      " $5::bytea, $6, $7, $8, $9, $10, $11, 'STATE_QUEUED', $12::timestamptz)"};
  Parameters p;
  p.Text(row.id).Text(row.client_id).Text(row.request.request_id()).Bytes(row.request.SerializeAsString());
  p.Bytes(row.request_hash).Text(row.origin.token_id).Text(row.origin.acting_person);
  p.Text(row.origin.acting_role).Text(row.origin.peer).Text(row.origin.call_id).Text(row.origin.trace_id);
  return transaction.Execute(kInsert, p.Time(row.create_time)).status();
}

absl::StatusOr<Created> Create(postgres::Session& session, const ExportRow& wanted) {
  Created created;
  RETURN_IF_ERROR(session.Transact([&](postgres::Statements& transaction) -> absl::Status {
    RETURN_IF_ERROR(LockClient(transaction, wanted.client_id));
    ASSIGN_OR_RETURN(std::optional<ExportRow> repeated, FindRepeated(transaction, wanted));
    created.replayed = repeated.has_value();
    created.row = created.replayed ? *std::move(repeated) : wanted;
    if (created.replayed) return absl::OkStatus();
    RETURN_IF_ERROR(CheckLimits(transaction, wanted));
    return Insert(transaction, wanted);
  }));
  return created;
}

void LogExport(const Parts& parts, const access::Caller& caller, const rpc::CallContext& context,
               const ExportRow& row) {
  access::AccessLog* log = parts.engine->options().access_log;
  if (log == nullptr) return;
  access::AccessEntry entry = access::MakeAccessEntry(access::AccessEvent::kExport, context, &caller);
  entry.method = context.method;
  if (row.request.kinds_size() == 1) {
    entry.kind = row.request.kinds(0);
    entry.permission = parts.contract().FindKind(entry.kind)->rule->permission() + ".changes";
  }
  entry.record_ids = {row.id};
  log->Record(std::move(entry));
}

absl::StatusOr<v1::Export> Cancel(postgres::Session& session, const Parts& parts,
                                  const access::Caller& caller, const std::string& id) {
  static const Query kCancel{
      "cancel_export",
      "UPDATE export SET state = 'STATE_CANCELLED', end_time = $2::timestamptz, unswept = true,"
      " lease_id = NULL WHERE export_id = $1::uuid"
      " AND state IN ('STATE_QUEUED', 'STATE_RUNNING', 'STATE_SUCCEEDED')"};
  static const Query kForget{"forget_export_files", "DELETE FROM export_file WHERE export_id = $1::uuid"};
  static const Query kSweep{
      "sweep_cancelled_export",
      "DELETE FROM export_chunk WHERE (export_id, name, number) IN (SELECT export_id, name, number FROM"
      " export_chunk WHERE export_id = $1::uuid LIMIT $2::bigint)"};
  ExportRow row;
  RETURN_IF_ERROR(session.Transact([&](postgres::Statements& transaction) -> absl::Status {
    RETURN_IF_ERROR(ReadExport(transaction, caller.client_id, id, parts.now()).status());
    RETURN_IF_ERROR(transaction.Execute(kCancel, Parameters().Text(id).Time(parts.now())).status());
    ASSIGN_OR_RETURN(row, ReadExport(transaction, caller.client_id, id, parts.now()));
    RETURN_IF_ERROR(transaction.Execute(kForget, Parameters().Text(id)).status());
    return transaction.Execute(kSweep, Parameters().Text(id).Integer(kSweptChunks)).status();
  }));
  return ToProto(row, parts.cursors->service());
}

// Where a list stopped. Names its client, so that nobody reads on with another's.
std::string PageTokenOf(const store::TokenKey& key, const std::string& client_id, const std::string& id) {
  feed::Packer packer;
  packer.Bytes(client_id);
  packer.Bytes(base::IdBytes(id));
  return feed::Seal(key, kPagePurpose, packer.packed());
}

absl::StatusOr<std::string> PlaceOf(const store::TokenKey& key, const std::string& client_id,
                                    const std::string& token) {
  if (token.empty()) return std::string("ffffffff-ffff-ffff-ffff-ffffffffffff");
  std::string packed;
  if (feed::Open(key, kPagePurpose, token, &packed)) {
    feed::Unpacker unpacker(std::move(packed));
    const bool own = unpacker.Bytes() == client_id;
    const std::string id = base::IdFromBytes(unpacker.Bytes());
    if (unpacker.done() && own && base::IsId(id)) return id;
  }
  return base::FailIfAny({base::Refuse("pageToken", ErrorReason::PAGE_TOKEN_INVALID)});
}

absl::StatusOr<v1::ListExportsResponse> List(postgres::Session& session, const Parts& parts,
                                             const access::Caller& caller,
                                             const v1::ListExportsRequest& request) {
  static const Query kList{
      "list_exports",
      absl::StrCat("SELECT ", kExportColumns,
                   " FROM export e WHERE e.client_id = $1 AND e.export_id < $2::uuid"
                   " AND e.create_time > $3::timestamptz ORDER BY e.export_id DESC LIMIT $4::bigint")};
  ASSIGN_OR_RETURN(const store::TokenKey* key, parts.cursors->Key(session));
  ASSIGN_OR_RETURN(const std::string before, PlaceOf(*key, caller.client_id, request.page_token()));
  const int size = request.page_size() == 0 ? base::kPageSizeDefault : request.page_size();
  Parameters p;
  p.Text(caller.client_id).Text(before).Time(parts.now() - kExportLife).Integer(size + 1);
  ASSIGN_OR_RETURN(const postgres::Result rows, session.Execute(kList, p));
  v1::ListExportsResponse response;
  size_t bytes = 0;
  for (int i = 0; i < rows.rows(); ++i) {
    if (i == size || bytes > base::kPageBytesMax) {
      response.set_next_page_token(PageTokenOf(*key, caller.client_id, rows.Text(i - 1, 0)));
      break;
    }
    ASSIGN_OR_RETURN(const ExportRow row, DecodeExport(rows, i));
    *response.add_exports() = ToProto(row, parts.cursors->service());
    bytes += response.exports(i).ByteSizeLong();
  }
  return response;
}

}  // namespace

resource::RawMethod CreateExport(const Parts& parts, std::function<void()> wake) {
  return [&parts, wake](const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                        std::string bytes, rpc::Done done) {
    v1::CreateExportRequest request;
    if (const absl::Status status = sync::Decode(bytes, &request); !status.ok()) return done(status);
    const auto view = sync::View::Make(parts.contract(), caller, sync::FilterOf(request), parts.now());
    sync::LogDenied(parts, caller, *context, view.status());
    if (!view.ok()) return done(view.status());
    ExportRow wanted;
    wanted.create_time = parts.now();
    wanted.id = base::NewId(wanted.create_time);
    wanted.client_id = caller.client_id;
    wanted.request = Normalised(std::move(request));
    wanted.request_hash = HashOf(wanted.request);
    wanted.origin = {caller.token_id, caller.acting_person, caller.acting_role,
                     context->peer,   context->request_id,  context->trace_id};
    parts.engine->options().writes->Submit(
        context->deadline,
        [&parts, wake, caller, context, wanted = std::move(wanted), done](postgres::Session& session) {
          const auto created = Create(session, wanted);
          if (!created.ok()) return done(created.status());
          rpc::Reply reply{ToProto(created->row, parts.cursors->service()).SerializeAsString(), {}};
          if (created->replayed) {
            reply.metadata.emplace_back(rpc::kReplayed, "true");
          } else {
            LogExport(parts, caller, *context, created->row);
            wake();
          }
          done(std::move(reply));
        },
        done);
  };
}

resource::RawMethod GetExport(const Parts& parts) {
  return Method<v1::GetExportRequest>(
      parts, false,
      [&parts](postgres::Session& session, const access::Caller& caller,
               const v1::GetExportRequest& request) -> absl::StatusOr<v1::Export> {
        ASSIGN_OR_RETURN(const ExportRow row,
                         ReadExport(session, caller.client_id, request.id(), parts.now()));
        v1::Export shown = ToProto(row, parts.cursors->service());
        RETURN_IF_ERROR(AddManifest(session, row, &shown));
        return shown;
      });
}

resource::RawMethod ListExports(const Parts& parts) {
  return Method<v1::ListExportsRequest>(
      parts, false,
      [&parts](postgres::Session& session, const access::Caller& caller,
               const v1::ListExportsRequest& request) { return List(session, parts, caller, request); });
}

resource::RawMethod CancelExport(const Parts& parts, std::function<void()> wake) {
  return Method<v1::CancelExportRequest>(
      parts, true,
      [&parts, wake](postgres::Session& session, const access::Caller& caller,
                     const v1::CancelExportRequest& request) {
        auto cancelled = Cancel(session, parts, caller, request.id());
        if (cancelled.ok()) wake();
        return cancelled;
      });
}

}  // namespace lianqiao::bulk
