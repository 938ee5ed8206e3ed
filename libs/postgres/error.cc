// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/error.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/cord.h"
#include "libs/base/log.h"
#include "libs/base/status.h"

namespace lianqiao::postgres {
namespace {

using base::ErrorReason;

constexpr char kDatabaseErrorUrl[] = "lianqiao.postgres.DatabaseError";
constexpr int64_t kRetryMilliseconds = 1000;
constexpr int64_t kOverloadRetryMilliseconds = 250;

bool StartsWith(const std::string& text, const char* prefix) {
  return text.rfind(prefix, 0) == 0;
}

bool IsSqlstate(const std::string& text) {
  return text.size() == 5 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isdigit(c) || (c >= 'A' && c <= 'Z');
         });
}

absl::Status WithError(absl::Status status, const ServerError& error) {
  if (!error.sqlstate.empty()) {
    status.SetPayload(kDatabaseErrorUrl, absl::Cord(error.sqlstate + error.constraint));
  }
  return status;
}

// The fallback for violations that the engine does not translate by the constraint's name.
absl::Status ConstraintStatus(const ServerError& error) {
  if (error.sqlstate == "23505") {
    return base::Fail(absl::StatusCode::kAlreadyExists, ErrorReason::ALREADY_EXISTS,
                      {{"kind", "record"}, {"fields", error.constraint}});
  }
  if (error.sqlstate == "23503") {
    return base::Fail(absl::StatusCode::kFailedPrecondition, ErrorReason::REFERENCE_NOT_FOUND,
                      {{"kind", error.constraint}});
  }
  return base::Fail(absl::StatusCode::kInvalidArgument, ErrorReason::REQUEST_INVALID, {{"count", "1"}});
}

}  // namespace

ServerError ParseServerError(const std::string& verbose) {
  ServerError error;
  error.message = verbose.substr(0, verbose.find('\n'));
  const size_t severity_end = error.message.find(":  ");
  if (severity_end != std::string::npos && error.message.size() >= severity_end + 8) {
    const std::string sqlstate = error.message.substr(severity_end + 3, 5);
    if (IsSqlstate(sqlstate)) error.sqlstate = sqlstate;
  }
  // The last one: an earlier one could be part of a value that DETAIL quotes.
  constexpr char kLabel[] = "\nCONSTRAINT NAME:  ";
  if (const size_t at = verbose.rfind(kLabel); at != std::string::npos) {
    const size_t begin = at + sizeof(kLabel) - 1;
    error.constraint = verbose.substr(begin, verbose.find('\n', begin) - begin);
  }
  return error;
}

absl::Status StatusOf(const ServerError& error, const std::string& query_name) {
  const std::string& sqlstate = error.sqlstate;
  if (StartsWith(sqlstate, "22") || StartsWith(sqlstate, "23")) {
    return WithError(ConstraintStatus(error), error);
  }
  if (sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "55P03") {
    return WithError(base::Fail(absl::StatusCode::kAborted, ErrorReason::WRITE_CONFLICT), error);
  }
  if (sqlstate == "57014") return WithError(DeadlineExceeded(), error);
  if (StartsWith(sqlstate, "53")) return WithError(Overloaded(), error);
  // It mends itself on the next connection; often, it is a pooler between us and the server.
  if (sqlstate == "42P05")
    base::Log(base::Severity::kWarning, "statement_known_already",
              {{"query", query_name}, {"message", error.message}});
  if (SpoilsConnection(sqlstate)) return Unavailable(error);
  base::Log(base::Severity::kError, "query_failed",
            {{"query", query_name}, {"sqlstate", sqlstate}, {"message", error.message}});
  return WithError(base::Fail(absl::StatusCode::kInternal, ErrorReason::INTERNAL), error);
}

absl::Status OutcomeUnknown(const ServerError& error) {
  return WithError(base::Fail(absl::StatusCode::kUnknown, ErrorReason::OUTCOME_UNKNOWN), error);
}

absl::Status Unavailable(const ServerError& error) {
  return WithError(
      base::WithRetryAfter(base::Fail(absl::StatusCode::kUnavailable, ErrorReason::BACKEND_UNAVAILABLE,
                                      {{"service", "PostgreSQL"}}),
                           kRetryMilliseconds),
      error);
}

absl::Status Overloaded() {
  return base::WithRetryAfter(base::Fail(absl::StatusCode::kResourceExhausted, ErrorReason::OVERLOADED),
                              kOverloadRetryMilliseconds);
}

absl::Status DeadlineExceeded() {
  return base::Fail(absl::StatusCode::kDeadlineExceeded, ErrorReason::DEADLINE_EXCEEDED);
}

bool Repeatable(const absl::Status& status) {
  if (status.code() != absl::StatusCode::kAborted && status.code() != absl::StatusCode::kUnavailable)
    return false;
  return DatabaseErrorOf(status).has_value();
}

bool SpoilsConnection(const std::string& sqlstate) {
  return StartsWith(sqlstate, "08") || StartsWith(sqlstate, "57P") || sqlstate == "25006" ||
         sqlstate == "25P02" || sqlstate == "25P03" || sqlstate == "26000" || sqlstate == "42P05" ||
         sqlstate == "0A000";
}

std::optional<DatabaseError> DatabaseErrorOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kDatabaseErrorUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string text(*payload);
  return DatabaseError{text.substr(0, 5), text.substr(5)};
}

}  // namespace lianqiao::postgres
