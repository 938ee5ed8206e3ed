// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http_message.h"

#include <chrono>

namespace lianqiao::gateway {

std::string ForwardedAddress(std::string_view chain, std::string_view peer) {
  constexpr size_t kAddressCharactersMax = 64;
  const size_t last = chain.find_last_not_of(" \t,");
  const size_t end = last == std::string_view::npos ? 0 : last + 1;
  chain = chain.substr(0, end);
  const size_t start = chain.find_last_of(" \t,");
  const std::string_view address = chain.substr(start == std::string_view::npos ? 0 : start + 1);
  const bool is_address = !address.empty() && address.size() <= kAddressCharactersMax &&
                          address.find_first_not_of("0123456789abcdefABCDEF.:[]%") == std::string_view::npos;
  return std::string(is_address ? address : peer);
}

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
