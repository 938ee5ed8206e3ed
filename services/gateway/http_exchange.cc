// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http_exchange.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "libs/base/limits.h"
#include "libs/base/log.h"
#include "libs/rpc/errors.h"
#include "services/gateway/compression.h"
#include "services/gateway/error.h"
#include "services/gateway/http_status.h"
#include "services/gateway/timeout.h"
#include "services/gateway/transcode.h"

namespace lianqiao::gateway {

using base::ErrorReason;

namespace {

std::string Text(std::string_view view) {
  return std::string(view);
}

constexpr char kTraceState[] = "tracestate";

// Other systems' part of a trace, passed on as it is; what cannot be is left out, as W3C wants it.
bool IsTraceState(std::string_view text) {
  return !text.empty() && text.size() <= 512 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

// All that an upstream learns from outside; identity headers and everything else end here.
struct Forwarded {
  Header header;
  const char* name;
  size_t bytes_max;  // Together well below the 8 KiB that gRPC takes as metadata.
};
constexpr Forwarded kForwarded[] = {{Header::kAuthorization, rpc::kAuthorization, 3072},
                                    {Header::kAcceptLanguage, rpc::kAcceptLanguage, 256},
                                    {Header::kActingPerson, rpc::kActingPerson, 256},
                                    {Header::kActingRole, rpc::kActingRole, 256},
                                    {Header::kAfter, rpc::kAfter, 3072}};

// Larger answers take longer to encode and compress than others should wait: they go to their own
// connection's thread, which for small ones would cost more than it saves.
constexpr size_t kEncodeAtOnceBytesMax = 4096;

bool IsJson(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(absl::string_view(type.data(), type.size())),
                                "application/json");
}

}  // namespace

HttpExchange::HttpExchange(HttpFront& front, std::shared_ptr<HttpCall> call)
    : presence_(&front),
      front_(front),
      call_(std::move(call)),
      request_(call_->request),
      response_(call_->response),
      ids_(IdentifiersOf(request_[Header::kRequestId], request_[Header::kTraceParent])) {
  if (!request_[Header::kAcceptLanguage].empty())
    language_ = rpc::LanguageOf(Text(request_[Header::kAcceptLanguage]));
}

void HttpExchange::Run() {
  if (const Endpoints::Endpoint* endpoint = front_.parts_.endpoints->Find(request_.path()))
    return Serve(*endpoint);
  match_ = front_.parts_.routes->Find(request_.method, request_.path());
  ChooseForm();
  const bool needs_token = match_.route != nullptr && match_.route->method->needs_token;
  if (!Admit(needs_token)) return;
  if (match_.route == nullptr) return NoRoute();
  if (request_.body_refused) return BodyRefused();
  const int64_t start = SteadyNow();
  stages_.auth = start - request_.received;
  std::string wire;
  absl::Time deadline;
  if (!Decode(&wire, &deadline)) return;
  upstream_start_ = SteadyNow();
  stages_.decode = upstream_start_ - start;
  wants_stream() ? Open(std::move(wire), deadline) : Forward(std::move(wire), deadline);
}

bool HttpExchange::Admit(bool needs_token) {
  const std::string_view method = match_.route != nullptr ? match_.route->method->path : std::string_view();
  const CallOrigin origin = {method, request_.peer, ids_.request_id, ids_.trace_id()};
  const std::string_view token = request_[Header::kAuthorization];
  Guard& guard = *front_.parts_.guard;
  admission_ = wants_stream() ? guard.AdmitStream(token, origin, needs_token, request_.received)
                              : guard.Admit(token, origin, needs_token, request_.received);
  if (admission_.status.ok()) return true;
  Fail(admission_.status);
  return false;
}

void HttpExchange::Fail(const absl::Status& status, int http_status) {
  RenderError(status, http_status, language_, ids_.request_id, &response_, admission_.token_sent);
  Send();
}

// The gateway's own endpoints. HEAD works like GET everywhere.
void HttpExchange::Serve(const Endpoints::Endpoint& endpoint) {
  own_endpoint_ = true;
  if (endpoint.limited && !Admit(false)) return;
  const bool head = request_.method == "HEAD" && endpoint.http_method == "GET";
  if (request_.method != endpoint.http_method && !head) {
    match_.allowed = {endpoint.http_method};
    return NoRoute();
  }
  if (request_.body_refused) return TooLarge(request_.body_bytes_max);
  endpoint.function(call_, ids_.request_id, [self = shared_from_this()] { self->Send(); });
}

void HttpExchange::NoRoute() {
  if (match_.allowed.empty()) {
    return Fail(base::Fail(absl::StatusCode::kNotFound, ErrorReason::ROUTE_NOT_FOUND));
  }
  std::vector<std::string> allowed(match_.allowed.begin(), match_.allowed.end());
  if (std::find(allowed.begin(), allowed.end(), "GET") != allowed.end()) allowed.push_back("HEAD");
  allowed.push_back("OPTIONS");
  std::sort(allowed.begin(), allowed.end());
  allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
  AddHeader("Allow", absl::StrJoin(allowed, ", "), &response_.headers);
  if (request_.method != "OPTIONS") {
    return Fail(base::Fail(absl::StatusCode::kUnimplemented, ErrorReason::METHOD_NOT_ALLOWED), 405);
  }
  response_.status = 204;
  Send();
}

// The body as JSON text; false if it was refused.
bool HttpExchange::TakeBody() {
  if (match_.route->stream.kind == StreamShape::Kind::kUpload) return TakeUpload();
  if (request_.body.empty()) return true;
  const std::string_view encoding = request_[Header::kContentEncoding];
  const bool gzip = absl::EqualsIgnoreCase(absl::string_view(encoding.data(), encoding.size()), "gzip");
  const bool plain = encoding.empty() || encoding == "identity";
  if ((!gzip && !plain) || (match_.route->takes_body() && !IsJson(request_[Header::kContentType]))) {
    if (!gzip && !plain) AddHeader("Accept-Encoding", "gzip", &response_.headers);
    Fail(base::Fail(absl::StatusCode::kInvalidArgument, ErrorReason::UNSUPPORTED_MEDIA_TYPE,
                    {{"expected", plain || gzip ? "application/json" : "gzip"}}),
         415);
    return false;
  }
  if (!gzip) return true;
  switch (Gunzip(&call_->request.body, front_.options_.body_bytes_max)) {
    case Inflated::kOk:
      return true;
    case Inflated::kTooLarge:
      TooLarge(front_.options_.body_bytes_max);
      return false;
    default:
      Fail(base::FailIfAny({base::Refuse("body", ErrorReason::FIELD_BAD_FORMAT, {{"expected", "gzip"}})}));
      return false;
  }
}

void HttpExchange::TooLarge(size_t bytes_max) {
  Fail(base::Fail(absl::StatusCode::kInvalidArgument, ErrorReason::BODY_TOO_LARGE,
                  {{"max", absl::StrCat(bytes_max)}}),
       413);
}

// The token was no good when the body was about to be read, and is now: identity came back, or a client was
// enabled. The request was not carried out, so it may simply come again.
void HttpExchange::BodyRefused() {
  Fail(base::WithRetryAfter(base::Fail(absl::StatusCode::kUnavailable, ErrorReason::OVERLOADED), 1000));
}

bool HttpExchange::Decode(std::string* wire, absl::Time* deadline) {
  if (!TakeBody()) return false;
  RequestParts parts;
  parts.query = request_.query();
  if (match_.route->stream.kind != StreamShape::Kind::kUpload) parts.body = &request_.body;
  parts.if_match = request_[Header::kIfMatch];
  parts.idempotency_key = request_[Header::kIdempotencyKey];
  std::vector<base::Violation> violations;
  // A stream lasts as long as both sides want it.
  absl::Duration timeout = wants_stream() ? absl::InfiniteDuration() : front_.options_.deadline;
  const absl::Duration timeout_max = wants_stream() ? absl::InfiniteDuration() : front_.options_.deadline_max;
  TimeoutOf(request_[Header::kGrpcTimeout], request_[Header::kServerTimeout], &timeout, &violations);
  CheckForwarded(&violations);
  AddStreamHeaders(&parts, &violations);
  absl::Status status = ToRequest(*front_.parts_.routes, match_, parts, wire, &violations);
  if (status.ok()) status = base::FailIfAny(violations);
  if (!status.ok()) {
    const bool large = base::FailureOf(status).reason() == ErrorReason::BODY_TOO_LARGE;
    Fail(status, large ? 413 : 0);
    return false;
  }
  *deadline = absl::Now() + std::min(timeout, timeout_max);
  return true;
}

// gRPC metadata is printable ASCII of a bounded size; else the whole call would fail later, as our fault.
void HttpExchange::CheckForwarded(std::vector<base::Violation>* violations) const {
  for (const Forwarded& one : kForwarded) {
    const std::string_view value = request_[one.header];
    if (value.size() > one.bytes_max) {
      violations->push_back(
          base::Refuse(one.name, ErrorReason::FIELD_TOO_LONG, {{"max", absl::StrCat(one.bytes_max)}}));
    }
    const bool ascii = std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    if (ascii) continue;
    violations->push_back(base::Refuse(one.name, ErrorReason::FIELD_BAD_FORMAT, {{"expected", "ASCII"}}));
  }
}

rpc::Client::Metadata HttpExchange::Outgoing() const {
  rpc::Client::Metadata metadata;
  metadata.reserve(9);
  metadata.emplace_back(rpc::kRequestId, ids_.request_id);
  metadata.emplace_back(rpc::kCallerAddress, request_.peer);
  metadata.emplace_back(rpc::kTraceParent, ids_.trace_parent);
  if (const std::string_view state = request_[Header::kTraceState];
      ids_.continues_trace && IsTraceState(state))
    metadata.emplace_back(kTraceState, state);
  for (const Forwarded& one : kForwarded) {
    if (!request_[one.header].empty()) metadata.emplace_back(one.name, request_[one.header]);
  }
  if (request_[Header::kAfter].empty() && !admission_.client_id.empty()) {
    std::string after = front_.parts_.positions->After(admission_.client_id, match_.route->method->upstream,
                                                       request_.received);
    if (!after.empty()) metadata.emplace_back(rpc::kAfter, std::move(after));
  }
  return metadata;
}

void HttpExchange::Forward(std::string wire, absl::Time deadline) {
  rpc::Client* upstream = front_.parts_.upstreams[match_.route->method->upstream];
  call_->cancel = upstream->Call(
      match_.route->method->path, std::move(wire), Outgoing(), deadline,
      [self = shared_from_this()](rpc::Answer answer) { self->OnUpstream(std::move(answer)); });
}

// On the thread where all calls of the process end.
void HttpExchange::OnUpstream(rpc::Answer answer) {
  stages_.upstream = SteadyNow() - upstream_start_;
  if (answer.bytes.size() <= kEncodeAtOnceBytesMax) return OnAnswer(answer);
  HttpCall& call = *call_;
  call.Resume([self = shared_from_this(), answer = std::move(answer)] { self->OnAnswer(answer); });
}

void HttpExchange::OnAnswer(const rpc::Answer& answer) {
  const int64_t now = SteadyNow();
  AddPositions(answer.metadata, now);
  if (!answer.status.ok()) {
    RenderError(PublicStatusOf(answer), 0, admission_.token_sent, &response_);
    return Send();
  }
  Encode(answer.bytes);
  stages_.encode = SteadyNow() - now;
  Send();
}

void HttpExchange::Encode(const std::string& wire) {
  std::string etag;
  response_.body.reserve(wire.size() * 2 + 64);
  const absl::Status status = ToResponse(*match_.route, wire, &response_.body, &etag);
  if (!status.ok()) {
    base::Log(base::Severity::kError, "bad_upstream_answer",
              {{"method", match_.route->method->path}, {"request_id", ids_.request_id}});
    return RenderError(base::Fail(absl::StatusCode::kInternal, ErrorReason::INTERNAL), 0, language_,
                       ids_.request_id, &response_);
  }
  response_.headers.append(
      "Content-Type: application/json; charset=utf-8\r\nCache-Control: private, no-cache\r\n");
  if (etag.empty()) return;
  AddHeader("ETag", etag, &response_.headers);
  if (match_.route->http_method == "GET" && NamesEtag(request_[Header::kIfNoneMatch], etag)) {
    response_.status = 304;
    response_.body.clear();
  }
}

// Where a write stands, which the client's next reads elsewhere wait for.
void HttpExchange::AddPositions(const Metadata& metadata, int64_t now) {
  for (const auto& [name, value] : metadata) {
    if (name == rpc::kPosition) {
      AddHeader("Lianqiao-Position", value, &response_.headers);
      if (!admission_.client_id.empty()) {
        front_.parts_.positions->Remember(admission_.client_id, match_.route->method->upstream, value, now);
      }
    } else if (name == rpc::kReplayed) {
      AddHeader("Lianqiao-Replayed", value, &response_.headers);
    }
  }
}

google::rpc::Status HttpExchange::PublicStatusOf(const rpc::Answer& answer) const {
  google::rpc::Status status =
      PublicStatus(answer, match_.route->method->descriptor->file()->package(), language_, ids_.request_id);
  // The options of an upload are parameters here.
  if (match_.route->stream.options != nullptr)
    DropPrefix(absl::StrCat(match_.route->stream.options->json_name(), "."), &status);
  return status;
}

void HttpExchange::AddCommonHeaders() {
  std::string& headers = response_.headers;
  headers.append("X-Request-Id: ")
      .append(ids_.request_id)
      .append("\r\ntraceparent: ")
      .append(ids_.trace_parent);
  headers.append("\r\nX-Content-Type-Options: nosniff\r\n");
  AddRateHeaders(admission_.decision, &headers);
  if (has_forms_) headers.append("Vary: Accept\r\n");
}

void HttpExchange::Send() {
  std::string& headers = response_.headers;
  AddCommonHeaders();
  if (response_.body.size() > kGzipBytesMin) {
    headers.append("Vary: Accept-Encoding\r\n");
    if (AcceptsGzip(request_[Header::kAcceptEncoding])) {
      headers.append("Content-Encoding: gzip\r\n");
      Gzip(&response_.body);
    }
  }
  admission_.decision.slot.Release();
  Record(SteadyNow() - request_.received, static_cast<int64_t>(response_.body.size()));
  call_->Finish();
}

// `took`: until the answer was ready, of a stream until it began.
void HttpExchange::Record(int64_t took, int64_t bytes) {
  const RouteTable& routes = *front_.parts_.routes;
  const size_t index =
      match_.route != nullptr ? match_.route->index : routes.routes().size() + (own_endpoint_ ? 0 : 1);
  front_.parts_.metrics->OnHttp(index, response_.status, took, stages_);
  if (!front_.options_.access_log) return;
  // Templates, ids and outcomes only: paths and queries can hold what must not be logged.
  base::Log(
      base::Severity::kInfo, "http_request",
      {{"route", match_.route != nullptr ? match_.route->path
                 : own_endpoint_         ? Text(request_.path())
                                         : "-"},
       {"method", match_.route != nullptr ? match_.route->http_method : Text(request_.method.substr(0, 16))},
       {"status", std::to_string(response_.status)},
       {"milliseconds", absl::StrCat(static_cast<double>(took / 1000) / 1000)},
       {"bytes", std::to_string(bytes)},
       {"client", admission_.client_id},
       {"request_id", ids_.request_id},
       {"trace_id", Text(ids_.trace_id())}});
}

}  // namespace lianqiao::gateway
