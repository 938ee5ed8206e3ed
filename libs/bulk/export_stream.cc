// SPDX-License-Identifier: Apache-2.0
// ReadExportFile: rights, one piece, send, again.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/bulk/export_gzip.h"
#include "libs/bulk/export_methods.h"
#include "libs/bulk/export_rights.h"
#include "libs/bulk/export_row.h"
#include "libs/sync/turns.h"

namespace lianqiao::bulk {

using base::ErrorReason;
using postgres::Parameters;
using postgres::Query;
using sync::Parts;

namespace {

constexpr absl::Duration kReadLimit = absl::Seconds(30);

class FileReading final : public sync::Turns {
 public:
  using Turns::Turns;

 private:
  absl::Status Take(const std::string& request) override {
    RETURN_IF_ERROR(sync::Decode(request, &request_));
    offset_ = request_.offset();
    return absl::OkStatus();
  }

  void Turn(const access::Caller& caller) override {
    Submit(kReadLimit, [this, caller](postgres::Session& session) { Read(session, caller); });
  }

  void Read(postgres::Session& session, const access::Caller& caller) {
    std::string content;
    const absl::Status status = TryRead(session, caller, &content);
    if (!status.ok()) {
      sync::LogDenied(parts_, caller, *context_, status);
      return End(status);
    }
    if (content.empty()) return End(absl::OkStatus());
    Send(std::move(content));
  }

  // The bytes from the offset to the end of its piece; none: the file ends here.
  absl::Status TryRead(postgres::Session& session, const access::Caller& caller, std::string* content) {
    static const Query kRead{
        "read_export_file",
        "SELECT e.state, e.scopes, f.kind, f.size_bytes, f.sha256, c.content FROM export e"
        " LEFT JOIN export_file f ON f.export_id = e.export_id AND f.name = $3"
        " LEFT JOIN export_chunk c ON c.export_id = f.export_id AND c.name = f.name AND c.number = $4::bigint"
        " WHERE e.export_id = $1::uuid AND e.client_id = $2 AND e.create_time > $5::timestamptz"};
    const auto chunk_bytes = static_cast<int64_t>(kExportChunkBytes);
    Parameters p;
    p.Text(request_.id()).Text(caller.client_id).Text(request_.name()).Integer(offset_ / chunk_bytes);
    p.Time(parts_.now() - kExportLife);
    ASSIGN_OR_RETURN(const postgres::Result row, session.Execute(kRead, p));
    if (row.rows() == 0) return ExportNotFound();
    if (row.Text(0, 0) != v1::Export::State_Name(v1::Export::STATE_SUCCEEDED))
      return base::Fail(absl::StatusCode::kFailedPrecondition, ErrorReason::WRONG_STATE,
                        {{"state", row.Text(0, 0)}, {"allowed", "STATE_SUCCEEDED"}});
    if (row.IsNull(0, 2)) return ExportNotFound();
    const std::string kind = row.Text(0, 2);
    RETURN_IF_ERROR(CheckStillAllowed(parts_.contract(), caller, kind, row.Text(0, 1), parts_.now()));
    const int64_t size = row.Integer(0, 3);
    if (offset_ > size)
      return base::Fail(absl::StatusCode::kOutOfRange, ErrorReason::RANGE_BEHIND_END,
                        {{"size", absl::StrCat(size)}});
    if (!begun_) Begin(caller, kind, base::Hex(row.Bytes(0, 4)), size);
    if (offset_ == size) return absl::OkStatus();
    if (row.IsNull(0, 5)) return absl::DataLossError("a piece of an export's file is missing");
    *content = row.Bytes(0, 5).substr(static_cast<size_t>(offset_ % chunk_bytes));
    if (content->empty()) return absl::DataLossError("a piece of an export's file is too short");
    return absl::OkStatus();
  }

  void Begin(const access::Caller& caller, const std::string& kind, const std::string& sha256, int64_t size) {
    begun_ = true;
    stream_->AddMetadata(rpc::kFileEtag, sha256);
    stream_->AddMetadata(rpc::kFileSize, absl::StrCat(size));
    access::AccessLog* log = parts_.engine->options().access_log;
    if (log == nullptr) return;
    access::AccessEntry entry = access::MakeAccessEntry(access::AccessEvent::kExport, *context_, &caller);
    entry.method = context_->method;
    entry.permission = parts_.contract().FindKind(kind)->rule->permission() + ".changes";
    entry.kind = kind;
    entry.record_ids = {request_.id()};
    log->Record(std::move(entry));
  }

  void Send(std::string content) {
    offset_ += static_cast<int64_t>(content.size());
    v1::ReadExportFileResponse response;
    response.set_content(std::move(content));
    Write(response.SerializeAsString(), [this] { Step(); });
  }

  v1::ReadExportFileRequest request_;
  int64_t offset_ = 0;  // Of the next byte to send.
  bool begun_ = false;
};

}  // namespace

resource::StreamMethod ReadExportFile(const Parts& parts) {
  return [&parts](const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                  std::shared_ptr<rpc::ServerStream> stream) {
    std::make_shared<FileReading>(parts, std::move(context), std::move(stream))->Start(caller);
  };
}

}  // namespace lianqiao::bulk
