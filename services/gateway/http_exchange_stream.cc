// SPDX-License-Identifier: Apache-2.0
// What a request for a stream says in its headers, and how its stream is opened.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/log.h"
#include "libs/rpc/errors.h"
#include "services/gateway/error.h"
#include "services/gateway/http_exchange.h"
#include "services/gateway/http_status.h"
#include "services/gateway/stream_exchange.h"
#include "services/gateway/upload_exchange.h"
#include "services/gateway/wire.h"

namespace lianqiao::gateway {
namespace {

using base::ErrorReason;

// "text/csv; charset=utf-8" -> "text/csv"
std::string TypeOf(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return std::string(absl::StripAsciiWhitespace(absl::string_view(type.data(), type.size())));
}

bool IsGzip(std::string_view encoding) {
  return absl::EqualsIgnoreCase(absl::string_view(encoding.data(), encoding.size()), "gzip");
}

bool ParseOffset(std::string_view text, int64_t* offset) {
  constexpr size_t kDigitsMax = 18;
  const bool digits = !text.empty() && text.size() <= kDigitsMax &&
                      std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  return digits && absl::SimpleAtoi(std::string(text), offset);
}

}  // namespace

// Whoever asks a list for NDJSON or events watches it.
void HttpExchange::ChooseForm() {
  if (match_.route == nullptr) return;
  wanted_ = WantedOf(request_[Header::kAccept]);
  const bool watch = match_.route->watch != nullptr;
  if (watch && wanted_ != Wanted::kJson) match_.route = match_.route->watch.get();
  has_forms_ = watch || match_.route->stream.kind == StreamShape::Kind::kRecords;
}

bool HttpExchange::TakeUpload() {
  const StreamShape& shape = match_.route->stream;
  const std::string_view encoding = request_[Header::kContentEncoding];
  const bool plain = encoding.empty() || encoding == "identity";
  const bool packed = IsGzip(encoding) && shape.gzip != nullptr;
  const bool known =
      shape.format == nullptr || FormatOf(shape, TypeOf(request_[Header::kContentType])) != nullptr;
  if ((plain || packed) && known) return true;
  if (!plain && !packed && shape.gzip != nullptr) AddHeader("Accept-Encoding", "gzip", &response_.headers);
  Fail(base::Fail(absl::StatusCode::kInvalidArgument, ErrorReason::UNSUPPORTED_MEDIA_TYPE,
                  {{"expected", plain || packed         ? absl::StrJoin(ContentTypesOf(shape), ", ")
                                : shape.gzip != nullptr ? "gzip"
                                                        : "identity"}}),
       415);
  return false;
}

void HttpExchange::AddStreamHeaders(RequestParts* parts, std::vector<base::Violation>* violations) {
  const StreamShape& shape = match_.route->stream;
  if (shape.kind == StreamShape::Kind::kRecords && shape.request_resume != nullptr) {
    // A browser that lost its connection asks the same address again: what it has since is newer.
    const std::string last(request_[Header::kLastEventId]);
    if (!last.empty()) parts->headers.push_back({shape.request_resume, "Last-Event-ID", last, true});
  } else if (shape.kind == StreamShape::Kind::kFile && shape.offset != nullptr &&
             request_[Header::kIfRange].empty() && request_.method == "GET") {
    // RFC 9110 §14.2: a range is for GET only.
    const ByteRange range = RangeOf(request_[Header::kRange], shape.length != nullptr);
    offset_ = range.offset;
    length_ = range.length;
    if (offset_ >= 0) parts->headers.push_back({shape.offset, "Range", absl::StrCat(offset_)});
    if (length_ > 0) parts->headers.push_back({shape.length, "Range", absl::StrCat(length_)});
  } else if (shape.kind == StreamShape::Kind::kUpload) {
    AddUploadHeaders(parts, violations);
  }
}

void HttpExchange::AddUploadHeaders(RequestParts* parts, std::vector<base::Violation>* violations) {
  const StreamShape& shape = match_.route->stream;
  if (const auto* format = FormatOf(shape, TypeOf(request_[Header::kContentType])); format != nullptr)
    parts->headers.push_back({shape.format, "Content-Type", format->name()});
  if (IsGzip(request_[Header::kContentEncoding]))
    parts->headers.push_back({shape.gzip, "Content-Encoding", "true"});
  if (shape.offset == nullptr) return;
  TakeOffset(parts, violations);
  constexpr std::string_view kUnit = "bytes ";
  const std::string_view range = request_[Header::kContentRange];
  int64_t from = 0;
  if (range.empty()) return;
  const size_t dash = std::min(range.find('-'), range.size());
  if (range.substr(0, kUnit.size()) != kUnit || dash == range.size() ||
      !ParseOffset(range.substr(kUnit.size(), dash - kUnit.size()), &from)) {
    violations->push_back(
        base::Refuse("Content-Range", ErrorReason::FIELD_BAD_FORMAT, {{"expected", "bytes 1048576-*/*"}}));
  } else if (offset_ >= 0 && offset_ != from) {
    violations->push_back(base::Refuse("offset", ErrorReason::FIELD_CONFLICT, {{"other", "Content-Range"}}));
  }
  offset_ = from;
}

// `offset` of the query is no option: it is the first chunk's.
void HttpExchange::TakeOffset(RequestParts* parts, std::vector<base::Violation>* violations) {
  constexpr std::string_view kName = "offset=";
  std::string_view rest = parts->query;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.substr(0, kName.size()) != kName) {
      absl::StrAppend(&query_, query_.empty() ? "" : "&", absl::string_view(pair.data(), pair.size()));
    } else if (offset_ >= 0) {
      violations->push_back(base::Refuse("offset", ErrorReason::FIELD_DUPLICATE));
    } else if (!ParseOffset(pair.substr(kName.size()), &offset_)) {
      violations->push_back(base::Refuse("offset", ErrorReason::FIELD_WRONG_TYPE, {{"expected", "integer"}}));
    }
  }
  parts->query = query_;
}

std::unique_ptr<StreamWriter> HttpExchange::Writer() const {
  const StreamShape& shape = match_.route->stream;
  if (shape.kind == StreamShape::Kind::kFile) {
    std::string_view path = request_.path();
    const std::string& verb = match_.route->path_template.verb;
    if (!verb.empty()) path.remove_suffix(verb.size() + 1);
    return FileWriter(shape, {FileName(path), std::string(request_[Header::kIfNoneMatch]), offset_, length_});
  }
  const auto* message = match_.route->method->descriptor->output_type();
  return wanted_ == Wanted::kEvents ? EventsWriter(message, shape) : LinesWriter(message, shape);
}

void HttpExchange::Open(std::string wire, absl::Time deadline) {
  const ServedMethod& method = *match_.route->method;
  const StreamShape& shape = match_.route->stream;
  auto upstream = front_.parts_.upstreams[method.upstream]->Open(method.path, Outgoing(), deadline);
  if (shape.kind == StreamShape::Kind::kUpload) {
    std::string options;
    AppendPart(shape.options->number(), wire, &options);
    std::make_shared<UploadExchange>(shared_from_this(), shape, std::move(upstream),
                                     std::max<int64_t>(offset_, 0))
        ->Run(std::move(options));
  } else {
    std::make_shared<StreamExchange>(shared_from_this(), Writer(), std::move(upstream))->Run(std::move(wire));
  }
}

void HttpExchange::BeginStream(const Metadata& metadata) {
  begun_ = SteadyNow();
  stages_.upstream = begun_ - upstream_start_;
  AddPositions(metadata, begun_);
  AddCommonHeaders();
}

void HttpExchange::EndStream(const Streamed& streamed) {
  admission_.decision.slot.Release();
  Record(begun_ - request_.received, streamed.bytes);
  if (!front_.options_.access_log) return;
  const auto seconds = static_cast<double>((SteadyNow() - begun_) / 1'000'000) / 1000;
  base::Log(base::Severity::kInfo, "http_stream",
            {{"route", match_.route->path},
             {"outcome", streamed.outcome},
             {"seconds", absl::StrCat(seconds)},
             {"messages", absl::StrCat(streamed.messages)},
             {"bytes", absl::StrCat(streamed.bytes)},
             {"client", admission_.client_id},
             {"request_id", ids_.request_id}});
}

std::string HttpExchange::ErrorJsonOf(const rpc::Answer& answer) const {
  const google::rpc::Status status = PublicStatusOf(answer);
  return ErrorJson(status, HttpStatusOf(status));
}

std::string HttpExchange::ErrorJsonOf(const absl::Status& own) const {
  const google::rpc::Status status = rpc::ToRpcStatus(own, language_, ids_.request_id);
  return ErrorJson(status, HttpStatusOf(status));
}

}  // namespace lianqiao::gateway
