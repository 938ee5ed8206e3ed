// SPDX-License-Identifier: Apache-2.0
// Errors: absl::Status whose payload is a lianqiao.options.v1.Failure. A Failure names a reason of the error
// catalogue (proto/lianqiao/options/v1/errors.proto) and its arguments; texts in Chinese and English are made
// from it at the edge (libs/rpc), so no message is written twice and none in one language only.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lianqiao/options/v1/errors.pb.h"

namespace lianqiao::base {

using options::v1::ErrorReason;
using options::v1::Failure;
using options::v1::Violation;
using Arguments = std::initializer_list<std::pair<const char*, std::string>>;

// One refused field: base::Refuse("organisation.name", ErrorReason::FIELD_TOO_LONG, {{"max", "200"}}).
Violation Refuse(const std::string& field, ErrorReason reason, Arguments arguments = {});

// A violation of a business rule whose text exists in both languages and nowhere else.
Violation RefuseRule(const std::string& field, const std::string& zh, const std::string& en);

// A failed call. The canonical code is the caller's choice; the message is the English text of the reason.
absl::Status Fail(absl::StatusCode code, ErrorReason reason, Arguments arguments = {});

// INVALID_ARGUMENT with all violations; OK if there are none.
absl::Status FailIfAny(const std::vector<Violation>& violations);

// The same under another code, e.g. FAILED_PRECONDITION for a rule on stored state.
absl::Status FailIfAny(absl::StatusCode code, const std::vector<Violation>& violations);

// Adds "retry after" advice to a failed status.
absl::Status WithRetryAfter(absl::Status status, int64_t milliseconds);

// A status that carries this failure, e.g. one received from another process.
absl::Status FromFailure(absl::StatusCode code, const std::string& message, const Failure& failure);

// The Failure inside a status; for a foreign status one with the nearest reason of the catalogue.
Failure FailureOf(const absl::Status& status);

enum class Language { kChinese, kEnglish };

// The catalogue's text with {arguments} filled in (in Chinese {kind} is "kind_zh" if given); the remedy
// likewise.
std::string Describe(ErrorReason reason, const google::protobuf::Map<std::string, std::string>& arguments,
                     Language language);
std::string Remedy(ErrorReason reason, Language language);

// "ErrorReason" by name: "FIELD_REQUIRED".
std::string ReasonName(ErrorReason reason);

}  // namespace lianqiao::base

#define LIANQIAO_CONCAT_INNER(a, b) a##b
#define LIANQIAO_CONCAT(a, b) LIANQIAO_CONCAT_INNER(a, b)

#define RETURN_IF_ERROR(expression) \
  if (absl::Status lianqiao_status = (expression); !lianqiao_status.ok()) return lianqiao_status

#define ASSIGN_OR_RETURN(declaration, expression) \
  ASSIGN_OR_RETURN_INNER(LIANQIAO_CONCAT(lianqiao_result_, __LINE__), declaration, expression)
#define ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
  auto result = (expression);                                   \
  if (!result.ok()) return std::move(result).status();          \
  declaration = *std::move(result)
