// SPDX-License-Identifier: Apache-2.0
#include "libs/base/status.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <cstdint>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace lianqiao::base {
namespace {

constexpr char kFailureUrl[] = "lianqiao.options.v1.Failure";

const options::v1::ErrorText& TextOf(ErrorReason reason) {
  const auto* value = options::v1::ErrorReason_descriptor()->FindValueByNumber(reason);
  if (value == nullptr) value = options::v1::ErrorReason_descriptor()->FindValueByNumber(0);
  return value->options().GetExtension(options::v1::error_text);
}

ErrorReason NearestReason(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kNotFound:
      return ErrorReason::RESOURCE_NOT_FOUND;
    case absl::StatusCode::kPermissionDenied:
      return ErrorReason::PERMISSION_DENIED;
    case absl::StatusCode::kUnauthenticated:
      return ErrorReason::UNAUTHENTICATED;
    case absl::StatusCode::kUnavailable:
      return ErrorReason::BACKEND_UNAVAILABLE;
    case absl::StatusCode::kDeadlineExceeded:
      return ErrorReason::DEADLINE_EXCEEDED;
    case absl::StatusCode::kResourceExhausted:
      return ErrorReason::OVERLOADED;
    case absl::StatusCode::kUnimplemented:
      return ErrorReason::METHOD_UNIMPLEMENTED;
    case absl::StatusCode::kCancelled:
      return ErrorReason::CANCELLED;
    case absl::StatusCode::kUnknown:
      return ErrorReason::OUTCOME_UNKNOWN;
    default:
      return ErrorReason::INTERNAL;
  }
}

// Deterministic, so that equal failures are equal statuses.
std::string Bytes(const Failure& failure) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  failure.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

absl::Status Pack(absl::StatusCode code, const std::string& message, const Failure& failure) {
  absl::Status status(code, message);
  status.SetPayload(kFailureUrl, absl::Cord(Bytes(failure)));
  return status;
}

}  // namespace

Violation Refuse(const std::string& field, ErrorReason reason, Arguments arguments) {
  Violation violation;
  violation.set_field(field);
  violation.set_reason(reason);
  for (const auto& [name, value] : arguments) (*violation.mutable_arguments())[name] = value;
  return violation;
}

Violation RefuseRule(const std::string& field, const std::string& zh, const std::string& en) {
  return Refuse(field, ErrorReason::RULE_VIOLATED, {{"detail_zh", zh}, {"detail_en", en}});
}

absl::Status Fail(absl::StatusCode code, ErrorReason reason, Arguments arguments) {
  Failure failure;
  failure.set_reason(reason);
  for (const auto& [name, value] : arguments) (*failure.mutable_arguments())[name] = value;
  return Pack(code, Describe(reason, failure.arguments(), Language::kEnglish), failure);
}

absl::Status FailIfAny(const std::vector<Violation>& violations) {
  return FailIfAny(absl::StatusCode::kInvalidArgument, violations);
}

absl::Status FailIfAny(absl::StatusCode code, const std::vector<Violation>& violations) {
  if (violations.empty()) return absl::OkStatus();
  Failure failure;
  failure.set_reason(ErrorReason::REQUEST_INVALID);
  (*failure.mutable_arguments())["count"] = absl::StrCat(violations.size());
  std::string message = Describe(failure.reason(), failure.arguments(), Language::kEnglish);
  for (const Violation& violation : violations) {
    *failure.add_violations() = violation;
    absl::StrAppend(&message, failure.violations_size() == 1 ? ": " : "; ", violation.field(), " ",
                    Describe(violation.reason(), violation.arguments(), Language::kEnglish));
  }
  return Pack(code, message, failure);
}

absl::Status WithRetryAfter(absl::Status status, int64_t milliseconds) {
  Failure failure = FailureOf(status);
  failure.set_retry_after_milliseconds(milliseconds);
  status.SetPayload(kFailureUrl, absl::Cord(Bytes(failure)));
  return status;
}

absl::Status FromFailure(absl::StatusCode code, const std::string& message, const Failure& failure) {
  return Pack(code, message, failure);
}

Failure FailureOf(const absl::Status& status) {
  Failure failure;
  if (auto payload = status.GetPayload(kFailureUrl);
      payload.has_value() && failure.ParseFromString(std::string(*payload))) {
    return failure;
  }
  failure.Clear();
  failure.set_reason(NearestReason(status.code()));
  return failure;
}

std::string Describe(ErrorReason reason, const google::protobuf::Map<std::string, std::string>& arguments,
                     Language language) {
  const auto& text = TextOf(reason);
  const std::string& pattern = language == Language::kChinese ? text.zh() : text.en();
  std::vector<std::pair<std::string, std::string>> replacements;
  for (const auto& [name, value] : arguments) {
    const auto chinese = language == Language::kChinese ? arguments.find(name + "_zh") : arguments.end();
    replacements.emplace_back(absl::StrCat("{", name, "}"),
                              chinese == arguments.end() ? value : chinese->second);
  }
  return absl::StrReplaceAll(pattern, replacements);
}

std::string Remedy(ErrorReason reason, Language language) {
  const auto& text = TextOf(reason);
  return language == Language::kChinese ? text.remedy_zh() : text.remedy_en();
}

std::string ReasonName(ErrorReason reason) {
  return options::v1::ErrorReason_Name(reason);
}

}  // namespace lianqiao::base
