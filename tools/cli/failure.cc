// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/failure.h"

#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace lianqiao::cli {

using base::ErrorReason;
using base::Language;

namespace {

constexpr char kUsagePayload[] = "lianqiao.cli/usage";
constexpr char kFailurePayload[] = "lianqiao.options.v1.Failure";

std::string Because(const std::error_code& cause) {
  return cause ? absl::StrCat(" (", cause.message(), ")") : "";
}

// gRPC's own words, English only: nobody of ours answered.
void PrintNoAnswer(const absl::Status& status, bool chinese, std::ostream& out) {
  const bool http = absl::StrContains(status.message(), "http1") ||
                    absl::StrContains(status.message(), "HTTP/1") ||
                    absl::StrContains(status.message(), "settings frame");
  out << (chinese ? "lianqiao: 平台没有应答:" : "lianqiao: the platform did not answer: ") << status.message()
      << '\n';
  if (http) {
    out << (chinese ? "  → 该地址似为 HTTP 端口,--gateway 应为平台的 gRPC 地址\n"
                    : "  → this looks like an HTTP port: --gateway takes the platform's gRPC address\n");
  } else {
    out << (chinese ? "  → 请核对 --gateway(平台的 gRPC 地址,不是 HTTP 地址),并确认平台正在运行\n"
                    : "  → check --gateway (the platform's gRPC address, not its HTTP one) and that the "
                      "platform runs\n");
  }
}

// A violation that came over the wire has its text, and its reason by name.
std::string RemedyOf(const base::Violation& violation, Language language) {
  ErrorReason reason = violation.reason();
  const auto name = violation.arguments().find("reason");
  if (name != violation.arguments().end() && !options::v1::ErrorReason_Parse(name->second, &reason))
    return "";
  return reason == ErrorReason::RULE_VIOLATED ? "" : base::Remedy(reason, language);
}

}  // namespace

int ExitCodeOf(const absl::Status& status) {
  if (IsWrongUsage(status)) return kWrongUsage;
  if (!status.ok() && base::FailureOf(status).reason() == ErrorReason::CURSOR_DIVERGED) return kConflict;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kSuccess;
    case absl::StatusCode::kNotFound:
      return kNotFound;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return kDenied;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return kConflict;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return kUnavailable;
    default:
      return kFailure;
  }
}

absl::Status Failed(absl::StatusCode code, const std::string& zh, const std::string& en) {
  return base::Fail(code, ErrorReason::RULE_VIOLATED, {{"detail_zh", zh}, {"detail_en", en}});
}

absl::Status WrongUsage(const std::string& zh, const std::string& en) {
  absl::Status status = Failed(absl::StatusCode::kInvalidArgument, zh, en);
  status.SetPayload(kUsagePayload, absl::Cord("1"));
  return status;
}

bool IsWrongUsage(const absl::Status& status) {
  return status.GetPayload(kUsagePayload).has_value();
}

absl::Status CannotRead(const std::string& path, std::error_code cause) {
  return Failed(absl::StatusCode::kFailedPrecondition, absl::StrCat("无法读取 ", path, Because(cause)),
                absl::StrCat("cannot read ", path, Because(cause)));
}

absl::Status CannotWrite(const std::string& path, std::error_code cause) {
  return Failed(absl::StatusCode::kFailedPrecondition, absl::StrCat("无法写入 ", path, Because(cause)),
                absl::StrCat("cannot write ", path, Because(cause)));
}

std::error_code LastError() {
  return std::error_code(errno, std::generic_category());
}

// A foreign status says more than the nearest reason of the catalogue does.
std::string TextOf(const absl::Status& status, Language language) {
  if (!status.GetPayload(kFailurePayload).has_value()) return std::string(status.message());
  const base::Failure failure = base::FailureOf(status);
  return base::Describe(failure.reason(), failure.arguments(), language);
}

void PrintFailure(const absl::Status& status, Language language, std::ostream& out) {
  const base::Failure failure = base::FailureOf(status);
  const bool chinese = language == Language::kChinese;
  const bool foreign = !status.GetPayload(kFailurePayload).has_value();
  if (foreign && absl::IsUnavailable(status)) return PrintNoAnswer(status, chinese, out);
  out << "lianqiao: " << TextOf(status, language) << '\n';
  for (const base::Violation& violation : failure.violations()) {
    out << "  " << violation.field() << (chinese ? ":" : ": ")
        << base::Describe(violation.reason(), violation.arguments(), language);
    const std::string remedy = RemedyOf(violation, language);
    if (!remedy.empty()) out << (chinese ? ";" : "; ") << remedy;
    out << '\n';
  }
  // Texts of our own and those of rules say themselves what to do.
  if (foreign || failure.reason() == ErrorReason::RULE_VIOLATED) return;
  const std::string remedy = base::Remedy(failure.reason(), language);
  if (!remedy.empty()) out << "  → " << remedy << '\n';
}

}  // namespace lianqiao::cli
