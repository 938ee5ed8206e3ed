// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http_front.h"

#include "absl/strings/str_cat.h"
#include "services/gateway/error.h"
#include "services/gateway/http_exchange.h"
#include "services/gateway/identifiers.h"

namespace lianqiao::gateway {

using base::ErrorReason;

namespace {

constexpr size_t kSmallBodyBytesMax = 8u << 10;

}  // namespace

void HttpFront::Handle(std::shared_ptr<HttpCall> call) {
  std::make_shared<HttpExchange>(*this, std::move(call))->Run();
}

HttpFront::Presence::Presence(HttpFront* front) : front_(front) {
  const std::lock_guard lock(front_->mutex_);
  ++front_->live_;
}

HttpFront::Presence::~Presence() {
  const std::lock_guard lock(front_->mutex_);
  if (--front_->live_ == 0) front_->idle_.notify_all();
}

bool HttpFront::WaitIdle(absl::Duration limit) {
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, absl::ToChronoMilliseconds(limit), [this] { return live_ == 0; });
}

// Our own endpoints take forms of a few hundred bytes. Whoever has no right to a method gets no more of a
// body read than what keeps the connection usable: a client whose token has just expired asks again on it.
BodyLimit HttpFront::LimitBody(const HttpRequest& request) {
  if (parts_.endpoints->Find(request.path()) != nullptr) return {kSmallBodyBytesMax, true};
  const Match match = parts_.routes->Find(request.method, request.path());
  if (match.route == nullptr) return {kSmallBodyBytesMax, true};
  if (parts_.guard->Knows(request[Header::kAuthorization])) {
    return {options_.body_bytes_max, false, match.route->stream.kind == StreamShape::Kind::kUpload};
  }
  return {match.route->method->needs_token ? kSmallBodyBytesMax : options_.body_bytes_max, true};
}

void HttpFront::Refuse(ReadFailure failure, const HttpRequest& request, HttpResponse* response) {
  const Identifiers ids = IdentifiersOf("", "");
  absl::Status status = base::Fail(absl::StatusCode::kInvalidArgument, ErrorReason::HEADER_TOO_LARGE);
  int http_status = 431;
  if (failure == ReadFailure::kMalformed) {
    http_status = 400;
    status =
        base::FailIfAny({base::Refuse("request", ErrorReason::FIELD_BAD_FORMAT, {{"expected", "HTTP/1.1"}})});
  } else if (failure == ReadFailure::kBodyTooLarge) {
    http_status = 413;
    status = base::Fail(absl::StatusCode::kInvalidArgument, ErrorReason::BODY_TOO_LARGE,
                        {{"max", absl::StrCat(options_.body_bytes_max)}});
  } else if (failure == ReadFailure::kTimeout) {
    http_status = 408;
    status = base::Fail(absl::StatusCode::kDeadlineExceeded, ErrorReason::REQUEST_TIMEOUT);
  } else if (failure == ReadFailure::kTooManyConnections || failure == ReadFailure::kTooManyBytes) {
    http_status = 503;
    status = base::WithRetryAfter(base::Fail(absl::StatusCode::kUnavailable, ErrorReason::OVERLOADED), 1000);
  }
  RenderError(status, http_status, base::Language::kChinese, ids.request_id, response);
  AddHeader("X-Request-Id", ids.request_id, &response->headers);
  parts_.metrics->OnHttp(parts_.routes->routes().size() + 1, http_status, 0, {});
}

std::vector<Metrics::RouteName> HttpFront::RouteNames(const RouteTable& routes) {
  std::vector<Metrics::RouteName> names;
  for (const auto& route : routes.routes()) names.push_back({route->http_method, route->path});
  names.push_back({"own", "own"});
  names.push_back({kNoRoute, kNoRoute});
  return names;
}

}  // namespace lianqiao::gateway
