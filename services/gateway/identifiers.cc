// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identifiers.h"

#include <random>

#include "libs/base/ids.h"
#include "libs/base/limits.h"

namespace lianqiao::gateway {
namespace {

bool IsRequestId(std::string_view text) {
  if (text.empty() || text.size() > base::kRequestIdCharactersMax) return false;
  for (const char c : text) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("-_.:+/=@").find(c) != std::string_view::npos;
    if (!fine) return false;
  }
  return true;
}

bool IsHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsTraceParent(std::string_view text) {
  return text.size() >= 55 && (text.size() == 55 || text[55] == '-') && text[2] == '-' && text[35] == '-' &&
         text[52] == '-' && IsHex(text.substr(0, 2)) && text.substr(0, 2) != "ff" &&
         IsHex(text.substr(3, 32)) && IsHex(text.substr(36, 16)) && IsHex(text.substr(53, 2)) &&
         text.substr(3, 32).find_first_not_of('0') != std::string_view::npos &&
         text.substr(36, 16).find_first_not_of('0') != std::string_view::npos;
}

// Trace and span ids need not be secret, so no system call for them.
void AppendRandomHex(size_t digits, std::string* out) {
  thread_local std::mt19937_64 generator{[] {
    std::random_device device;
    return (static_cast<uint64_t>(device()) << 32) | device();
  }()};
  for (size_t i = 0; i < digits; i += 16) {
    uint64_t value = generator() | 1;  // Never all zero.
    for (int nibble = 0; nibble < 16; ++nibble, value >>= 4) out->push_back("0123456789abcdef"[value & 15]);
  }
}

}  // namespace

Identifiers IdentifiersOf(std::string_view request_id, std::string_view trace_parent) {
  Identifiers ids;
  ids.request_id = IsRequestId(request_id) ? std::string(request_id) : base::RandomId();
  ids.trace_parent.reserve(55);
  ids.trace_parent = "00-";
  const bool given = IsTraceParent(trace_parent);
  ids.continues_trace = given;
  if (given) {
    ids.trace_parent.append(trace_parent.substr(3, 32));
  } else {
    AppendRandomHex(32, &ids.trace_parent);
  }
  ids.trace_parent.push_back('-');
  AppendRandomHex(16, &ids.trace_parent);
  ids.trace_parent.push_back('-');
  ids.trace_parent.append(given ? trace_parent.substr(53, 2) : "00");
  return ids;
}

}  // namespace lianqiao::gateway
