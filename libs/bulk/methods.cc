// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/methods.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/limits.h"
#include "libs/bulk/import_row.h"

namespace lianqiao::bulk {

using base::ErrorReason;
using postgres::Parameters;
using postgres::Query;

namespace {

constexpr char kService[] = "/lianqiao.sync.v1.ImportService/";

absl::Status BadToken() {
  return base::FailIfAny({base::Refuse("pageToken", ErrorReason::PAGE_TOKEN_INVALID)});
}

// Where a list stopped, as numbers and ids with a tag in front. Nothing in it is a secret, and all that it
// opens is the client's own.
std::string TokenOf(const std::string& tag, const std::string& place) {
  return base::Base64Url(absl::StrCat(tag, ":", place));
}

absl::StatusOr<std::string> PlaceOf(const std::string& tag, const std::string& token) {
  std::string text;
  if (!base::FromBase64Url(token, &text) || text.rfind(tag + ":", 0) != 0) return BadToken();
  return text.substr(tag.size() + 1);
}

int PageSize(int given) {
  return given == 0 ? base::kPageSizeDefault : given;
}

absl::StatusOr<v1::Import> GetImport(postgres::Session& session, const access::Caller& caller,
                                     const v1::GetImportRequest& request, const std::string& service) {
  ASSIGN_OR_RETURN(const ImportRow row, ReadImport(session, caller.client_id, request.id()));
  return ToProto(row, service);
}

absl::StatusOr<v1::ListImportsResponse> ListImports(postgres::Session& session, const access::Caller& caller,
                                                    const v1::ListImportsRequest& request,
                                                    const std::string& service) {
  static const Query kList{
      "list_imports",
      absl::StrCat(
          "SELECT ", kImportColumns,
          " FROM import i WHERE i.client_id = $1 AND (i.create_time, i.import_id) <"
          " ($2::timestamptz, $3::uuid) ORDER BY i.create_time DESC, i.import_id DESC LIMIT $4::integer")};
  absl::Time before = absl::FromUnixSeconds(253402300799);
  std::string before_id = "ffffffff-ffff-ffff-ffff-ffffffffffff";
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(const std::string place, PlaceOf("imports", request.page_token()));
    const std::vector<std::string> parts = absl::StrSplit(place, '/');
    int64_t micros = 0;
    if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &micros) || !base::IsId(parts[1])) return BadToken();
    before = absl::FromUnixMicros(micros);
    before_id = parts[1];
  }
  const int size = PageSize(request.page_size());
  Parameters p;
  p.Text(caller.client_id).Time(before).Text(before_id).Integer(size + 1);
  ASSIGN_OR_RETURN(const postgres::Result rows, session.Execute(kList, p));
  v1::ListImportsResponse response;
  for (int i = 0; i < rows.rows() && i < size; ++i) {
    ASSIGN_OR_RETURN(const ImportRow row, DecodeImport(rows, i));
    *response.add_imports() = ToProto(row, service);
    if (i + 1 == size && rows.rows() > size)
      response.set_next_page_token(
          TokenOf("imports", absl::StrCat(absl::ToUnixMicros(row.create_time), "/", row.id)));
  }
  return response;
}

// What has not begun is cancelled at once; what is under way ends behind its chunk.
absl::StatusOr<v1::Import> CancelImport(postgres::Session& session, const access::Caller& caller,
                                        const v1::CancelImportRequest& request, const std::string& service) {
  static const Query kCancel{
      "cancel_import",
      "UPDATE import SET cancel_requested = true,"
      " state = CASE state WHEN 'STATE_RUNNING' THEN state ELSE 'STATE_CANCELLED' END,"
      " end_time = CASE state WHEN 'STATE_RUNNING' THEN end_time ELSE $3::timestamptz END"
      " WHERE import_id = $1::uuid AND client_id = $2"
      " AND state IN ('STATE_RECEIVING', 'STATE_QUEUED', 'STATE_RUNNING')"};
  RETURN_IF_ERROR(ReadImport(session, caller.client_id, request.id()).status());
  RETURN_IF_ERROR(
      session.ExecuteWrite(kCancel, Parameters().Text(request.id()).Text(caller.client_id).Time(absl::Now()))
          .status());
  ASSIGN_OR_RETURN(const ImportRow row, ReadImport(session, caller.client_id, request.id()));
  return ToProto(row, service);
}

absl::StatusOr<v1::ListImportErrorsResponse> ListImportErrors(postgres::Session& session,
                                                              const access::Caller& caller,
                                                              const v1::ListImportErrorsRequest& request,
                                                              const contract::Contract& contract) {
  static const Query kList{
      "list_import_errors",
      "SELECT line, kind, record, code, failure FROM import_error"
      " WHERE import_id = $1::uuid AND line > $2::bigint ORDER BY line LIMIT $3::integer"};
  ASSIGN_OR_RETURN(const ImportRow row, ReadImport(session, caller.client_id, request.id()));
  int64_t after = 0;
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(const std::string place, PlaceOf("errors", request.page_token()));
    if (!absl::SimpleAtoi(place, &after)) return BadToken();
  }
  std::optional<Columns> columns;
  const contract::Resource* kind = contract.FindKind(row.options.kind());
  if (!row.header.empty() && kind != nullptr) {
    ASSIGN_OR_RETURN(columns, Columns::Parse(*kind, row.header));
  }
  const int size = PageSize(request.page_size());
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   session.Execute(kList, Parameters().Text(row.id).Integer(after).Integer(size + 1)));
  v1::ListImportErrorsResponse response;
  size_t bytes = 0;
  for (int i = 0; i < rows.rows(); ++i) {
    if (i == size || bytes > base::kPageBytesMax) {
      response.set_next_page_token(TokenOf("errors", rows.Text(i - 1, 0)));
      break;
    }
    v1::ImportError& error = *response.add_errors();
    error.set_line(rows.Integer(i, 0));
    error.set_kind(rows.Text(i, 1));
    error.set_record(rows.Text(i, 2));
    error.set_code(absl::StatusCodeToString(static_cast<absl::StatusCode>(rows.Integer(i, 3))));
    base::Failure failure;
    if (!failure.ParseFromString(rows.Bytes(i, 4)))
      return absl::DataLossError("an import's error cannot be read");
    for (const base::Violation& violation : ProblemsOf(failure))
      *error.add_problems() = ToProblem(violation, columns.has_value() ? &*columns : nullptr);
    bytes += error.ByteSizeLong();
  }
  return response;
}

// Decodes, checks, runs on a pool and encodes.
template <typename Request, typename Run>
void Add(resource::Engine* engine, const char* name, bool writes, Run run) {
  engine->AddRaw(absl::StrCat(kService, name), [engine, writes, run](
                                                   const access::Caller& caller,
                                                   const std::shared_ptr<const rpc::CallContext>& context,
                                                   const std::string& bytes, const rpc::Done& done) {
    Request request;
    if (!request.ParseFromString(bytes))
      return done(base::FailIfAny({base::Refuse("", ErrorReason::FIELD_BAD_FORMAT,
                                                {{"expected", Request::descriptor()->full_name()}})}));
    std::vector<base::Violation> violations;
    contract::RefuseUnknownFields(request, "", &violations);
    contract::Validate(request, "", &violations);
    if (!violations.empty()) return done(base::FailIfAny(violations));
    postgres::Database* database = writes ? engine->options().writes : engine->options().reads;
    database->Submit(
        std::min(context->deadline, absl::Now() + absl::Seconds(30)),
        [caller, request, run, done](postgres::Session& session) {
          auto answer = run(session, caller, request);
          if (!answer.ok()) return done(std::move(answer).status());
          done(rpc::Reply{answer->SerializeAsString(), {}});
        },
        [done](const absl::Status& status) { done(status); });
  });
}

}  // namespace

void AddImportMethods(const sync::Parts& parts, std::function<void()> submitted) {
  resource::Engine* engine = parts.engine;
  const std::string service = parts.cursors->service();
  const contract::Contract* contract = engine->options().contract.get();
  if (contract->FindMethod(absl::StrCat(kService, "ImportRecords")) == nullptr) return;
  Add<v1::GetImportRequest>(engine, "GetImport", false,
                            [service](auto& session, const auto& caller, const auto& request) {
                              return GetImport(session, caller, request, service);
                            });
  Add<v1::ListImportsRequest>(engine, "ListImports", false,
                              [service](auto& session, const auto& caller, const auto& request) {
                                return ListImports(session, caller, request, service);
                              });
  Add<v1::CancelImportRequest>(engine, "CancelImport", true,
                               [service](auto& session, const auto& caller, const auto& request) {
                                 return CancelImport(session, caller, request, service);
                               });
  Add<v1::ListImportErrorsRequest>(engine, "ListImportErrors", false,
                                   [contract](auto& session, const auto& caller, const auto& request) {
                                     return ListImportErrors(session, caller, request, *contract);
                                   });
  engine->AddStream(absl::StrCat(kService, "ImportRecords"),
                    [engine, service, submitted](const access::Caller& caller, auto context, auto stream) {
                      ReceiveImport(engine, service, submitted, caller, context, std::move(stream));
                    });
  engine->AddStream(absl::StrCat(kService, "ReadRefusedLines"), ReadRefusedLines(parts));
}

}  // namespace lianqiao::bulk
