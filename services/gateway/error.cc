// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/error.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/rpc/error_details.pb.h"
#include "libs/base/log.h"
#include "libs/json/json.h"
#include "libs/rpc/errors.h"
#include "services/gateway/http_status.h"

namespace lianqiao::gateway {
namespace {

bool IsOurs(const google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  for (const auto& detail : status.details()) {
    if (detail.Is<google::rpc::ErrorInfo>() && detail.UnpackTo(&info) && info.domain() == rpc::kErrorDomain)
      return true;
  }
  return false;
}

// Codes by which a service answers its caller; gRPC's own machinery produces the others.
bool IsCallersError(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kOutOfRange:
      return true;
    default:
      return false;
  }
}

void AddRequestInfo(const std::string& request_id, google::rpc::Status* status) {
  for (const auto& detail : status->details()) {
    if (detail.Is<google::rpc::RequestInfo>()) return;
  }
  google::rpc::RequestInfo info;
  info.set_request_id(request_id);
  status->add_details()->PackFrom(info);
}

}  // namespace

google::rpc::Status PublicStatus(const rpc::Answer& answer, const std::string& service,
                                 base::Language language, const std::string& request_id) {
  google::rpc::Status status;
  const absl::StatusCode code = answer.status.code();
  const bool rich = !answer.error_details.empty() && status.ParseFromString(answer.error_details) &&
                    status.code() == static_cast<int>(code);
  if (!rich) status.Clear();
  if (!(rich && IsOurs(status)) && !IsCallersError(code)) {
    base::ErrorReason reason = base::FailureOf(absl::Status(code, "")).reason();
    // Not ours, so nothing is known of a commit.
    if (code == absl::StatusCode::kUnknown) reason = base::ErrorReason::INTERNAL;
    return rpc::ToRpcStatus(base::Fail(code, reason, {{"service", service}}), language, request_id);
  }
  if (!rich) {
    status.set_code(static_cast<int>(code));
    status.set_message(std::string(answer.status.message()));
  }
  AddRequestInfo(request_id, &status);
  return status;
}

void DropPrefix(const std::string& prefix, google::rpc::Status* error) {
  google::rpc::BadRequest bad;
  for (auto& detail : *error->mutable_details()) {
    if (!detail.Is<google::rpc::BadRequest>() || !detail.UnpackTo(&bad)) continue;
    for (auto& violation : *bad.mutable_field_violations())
      if (violation.field().rfind(prefix, 0) == 0) violation.mutable_field()->erase(0, prefix.size());
    detail.PackFrom(bad);
  }
  error->set_message(absl::StrReplaceAll(
      error->message(), {{absl::StrCat(": ", prefix), ": "}, {absl::StrCat("; ", prefix), "; "}}));
}

int HttpStatusOf(const google::rpc::Status& error) {
  const auto code = static_cast<absl::StatusCode>(error.code());
  google::rpc::ErrorInfo info;
  for (const auto& detail : error.details()) {
    if (!detail.Is<google::rpc::ErrorInfo>() || !detail.UnpackTo(&info) || info.domain() != rpc::kErrorDomain)
      continue;
    if (info.reason() == options::v1::ErrorReason_Name(base::ErrorReason::CURSOR_EXPIRED)) return 410;
    if (info.reason() == options::v1::ErrorReason_Name(base::ErrorReason::CURSOR_DIVERGED)) return 409;
    if (info.reason() == options::v1::ErrorReason_Name(base::ErrorReason::IMPORT_TOO_LARGE)) return 413;
    if (info.reason() == options::v1::ErrorReason_Name(base::ErrorReason::RANGE_BEHIND_END)) return 416;
  }
  return HttpStatusOf(code);
}

std::string ErrorJson(const google::rpc::Status& error, int http_status) {
  std::string json = absl::StrCat("{\"error\":{\"code\":", http_status, ",\"status\":\"",
                                  CodeName(static_cast<absl::StatusCode>(error.code())),
                                  "\",\"message\":", base::JsonQuote(error.message()), ",\"details\":[");
  bool first = true;
  for (const auto& detail : error.details()) {
    std::string text;
    // Types that only the foreign service knows cannot be written; the rest still can.
    if (!json::MessageToJson(detail, {}, &text).ok()) continue;
    absl::StrAppend(&json, first ? "" : ",", text);
    first = false;
  }
  return absl::StrCat(json, "]}}");
}

void RenderError(const google::rpc::Status& error, int http_status, bool token_sent, HttpResponse* response) {
  response->status = http_status != 0 ? http_status : HttpStatusOf(error);
  response->body = ErrorJson(error, response->status);
  for (const auto& detail : error.details()) {
    google::rpc::ErrorInfo info;
    if (response->status == 416 && detail.Is<google::rpc::ErrorInfo>() && detail.UnpackTo(&info) &&
        info.metadata().contains("size"))
      AddHeader("Content-Range", absl::StrCat("bytes */", info.metadata().at("size")), &response->headers);
    google::rpc::RetryInfo retry;
    if (detail.Is<google::rpc::RetryInfo>() && detail.UnpackTo(&retry)) {
      const auto& delay = retry.retry_delay();
      AddHeader("Retry-After",
                std::to_string(std::max<int64_t>(delay.seconds() + (delay.nanos() > 0 ? 1 : 0), 1)),
                &response->headers);
    }
  }
  AddHeader("Content-Type", "application/json; charset=utf-8", &response->headers);
  AddHeader("Cache-Control", "no-store", &response->headers);
  if (response->status == 401) {
    AddHeader("WWW-Authenticate",
              token_sent ? "Bearer realm=\"lianqiao\", error=\"invalid_token\"" : "Bearer realm=\"lianqiao\"",
              &response->headers);
  }
}

void RenderError(const absl::Status& error, int http_status, base::Language language,
                 const std::string& request_id, HttpResponse* response, bool token_sent) {
  RenderError(rpc::ToRpcStatus(error, language, request_id), http_status, token_sent, response);
}

}  // namespace lianqiao::gateway
