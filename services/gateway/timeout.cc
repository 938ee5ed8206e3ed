// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/timeout.h"

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"

namespace lianqiao::gateway {
namespace {

bool ParseGrpc(std::string_view text, absl::Duration* timeout) {
  int64_t value = 0;
  if (text.size() < 2 || text.size() > 9) return false;
  const std::string digits(text.substr(0, text.size() - 1));
  if (digits.find_first_not_of("0123456789") != std::string::npos || !absl::SimpleAtoi(digits, &value))
    return false;
  switch (text.back()) {
    case 'H':
      *timeout = absl::Hours(value);
      return true;
    case 'M':
      *timeout = absl::Minutes(value);
      return true;
    case 'S':
      *timeout = absl::Seconds(value);
      return true;
    case 'm':
      *timeout = absl::Milliseconds(value);
      return true;
    case 'u':
      *timeout = absl::Microseconds(value);
      return true;
    case 'n':
      *timeout = absl::Nanoseconds(value);
      return true;
    default:
      return false;
  }
}

}  // namespace

void TimeoutOf(std::string_view grpc_timeout, std::string_view server_timeout, absl::Duration* timeout,
               std::vector<base::Violation>* violations) {
  absl::Duration asked = absl::InfiniteDuration();
  if (!grpc_timeout.empty() && !ParseGrpc(grpc_timeout, &asked)) {
    violations->push_back(
        base::Refuse("Grpc-Timeout", base::ErrorReason::FIELD_BAD_FORMAT, {{"expected", "5S"}}));
  }
  double seconds = 0;
  if (!server_timeout.empty()) {
    if (absl::SimpleAtod(std::string(server_timeout), &seconds) && seconds > 0 && seconds < 1e9) {
      asked = std::min(asked, absl::Seconds(seconds));
    } else {
      violations->push_back(
          base::Refuse("X-Server-Timeout", base::ErrorReason::FIELD_BAD_FORMAT, {{"expected", "2.5"}}));
    }
  }
  if (asked != absl::InfiniteDuration()) *timeout = asked;
}

}  // namespace lianqiao::gateway
