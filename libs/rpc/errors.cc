// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/errors.h"

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace lianqiao::rpc {
namespace {

using base::ErrorReason;
using base::Failure;
using base::Language;

constexpr char kVerbatimUrl[] = "google.rpc.Status";

const char* Tag(Language language) {
  return language == Language::kChinese ? "zh-CN" : "en";
}

std::string Sentence(const base::Violation& violation, Language language) {
  const std::string text = base::Describe(violation.reason(), violation.arguments(), language);
  const std::string remedy = base::Remedy(violation.reason(), language);
  return language == Language::kChinese ? absl::StrCat(text, ";", remedy) : absl::StrCat(text, "; ", remedy);
}

void AddViolations(const Failure& failure, Language language, google::rpc::Status* status) {
  if (failure.violations().empty()) return;
  google::rpc::BadRequest bad;
  for (const base::Violation& violation : failure.violations()) {
    auto* field = bad.add_field_violations();
    field->set_field(violation.field());
    field->set_reason(base::ReasonName(violation.reason()));
    field->set_description(Sentence(violation, language));
    field->mutable_localized_message()->set_locale(Tag(language));
    field->mutable_localized_message()->set_message(
        base::Describe(violation.reason(), violation.arguments(), language));
  }
  status->add_details()->PackFrom(bad);
}

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& status, Language language,
                                const std::string& request_id) {
  google::rpc::Status result;
  if (auto verbatim = status.GetPayload(kVerbatimUrl);
      verbatim.has_value() && result.ParseFromString(std::string(*verbatim))) {
    return result;
  }
  const Failure failure = base::FailureOf(status);
  result.set_code(static_cast<int>(status.code()));
  // INTERNAL and the like: what happened stands in the log under the request id, never in an answer.
  const bool hidden = failure.reason() == ErrorReason::INTERNAL;
  result.set_message(hidden ? base::Describe(ErrorReason::INTERNAL, {}, Language::kEnglish)
                            : std::string(status.message()));
  google::rpc::ErrorInfo info;
  info.set_reason(base::ReasonName(failure.reason()));
  info.set_domain(kErrorDomain);
  for (const auto& [name, value] : failure.arguments()) (*info.mutable_metadata())[name] = value;
  result.add_details()->PackFrom(info);
  AddViolations(failure, language, &result);
  google::rpc::LocalizedMessage text;
  text.set_locale(Tag(language));
  text.set_message(absl::StrCat(base::Describe(failure.reason(), failure.arguments(), language),
                                language == Language::kChinese ? "。" : ". ",
                                base::Remedy(failure.reason(), language),
                                language == Language::kChinese ? "。" : "."));
  result.add_details()->PackFrom(text);
  if (failure.retry_after_milliseconds() > 0) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(failure.retry_after_milliseconds() / 1000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(failure.retry_after_milliseconds() % 1000) *
                                           1000000);
    result.add_details()->PackFrom(retry);
  }
  if (!request_id.empty()) {
    google::rpc::RequestInfo request;
    request.set_request_id(request_id);
    result.add_details()->PackFrom(request);
  }
  return result;
}

absl::Status Verbatim(const google::rpc::Status& status) {
  absl::Status verbatim(static_cast<absl::StatusCode>(status.code()), status.message());
  verbatim.SetPayload(kVerbatimUrl, absl::Cord(status.SerializeAsString()));
  return verbatim;
}

absl::Status FromRpcStatus(const google::rpc::Status& status) {
  const auto code = static_cast<absl::StatusCode>(status.code());
  if (code == absl::StatusCode::kOk) return absl::OkStatus();
  Failure failure = base::FailureOf(absl::Status(code, ""));
  for (const auto& detail : status.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&info) && info.domain() == kErrorDomain) {
      ErrorReason reason;
      if (options::v1::ErrorReason_Parse(info.reason(), &reason)) failure.set_reason(reason);
      for (const auto& [name, value] : info.metadata()) (*failure.mutable_arguments())[name] = value;
    } else if (detail.UnpackTo(&bad)) {
      for (const auto& field : bad.field_violations()) {
        auto* violation = failure.add_violations();
        violation->set_field(field.field());
        // The texts are made already: carry them as a rule's own text.
        violation->set_reason(ErrorReason::RULE_VIOLATED);
        (*violation->mutable_arguments())["detail_zh"] = field.localized_message().message();
        (*violation->mutable_arguments())["detail_en"] = field.localized_message().message();
        ErrorReason reason;
        if (options::v1::ErrorReason_Parse(field.reason(), &reason))
          (*violation->mutable_arguments())["reason"] = field.reason();
      }
    } else if (detail.UnpackTo(&retry)) {
      failure.set_retry_after_milliseconds(retry.retry_delay().seconds() * 1000 +
                                           retry.retry_delay().nanos() / 1000000);
    }
  }
  return base::FromFailure(code, status.message(), failure);
}

}  // namespace lianqiao::rpc
