// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http_message.h"

#include <chrono>

namespace lianqiao::gateway {

void AddHeader(std::string_view name, std::string_view value, std::string* headers) {
  if (value.find_first_of("\r\n") != std::string_view::npos) return;
  headers->append(name).append(": ").append(value).append("\r\n");
}

int64_t SteadyNow() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace lianqiao::gateway
