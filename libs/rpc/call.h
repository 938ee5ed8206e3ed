// SPDX-License-Identifier: Apache-2.0
// One call as every layer above sees it. gRPC stays out of this header.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"

namespace lianqiao::rpc {

// Metadata names that cross process borders.
inline constexpr char kAuthorization[] = "authorization";
inline constexpr char kRequestId[] = "x-request-id";
inline constexpr char kTraceParent[] = "traceparent";
inline constexpr char kAcceptLanguage[] = "accept-language";
inline constexpr char kActingPerson[] = "lianqiao-acting-person";
inline constexpr char kActingRole[] = "lianqiao-acting-role";
inline constexpr char kAfter[] = "lianqiao-after";
inline constexpr char kPosition[] = "lianqiao-position";  // Response: "service:bucket:pos".
inline constexpr char kReplayed[] = "lianqiao-replayed";  // Response: "true" for a repeated request_id.

struct CallContext {
  std::string method;  // "/package.Service/Method"
  std::string peer;
  absl::Time deadline = absl::InfiniteFuture();
  std::unordered_map<std::string, std::string> metadata;  // Lower-case names.
  base::Language language = base::Language::kChinese;     // From Accept-Language; zh-CN by default.
  std::string request_id;  // Made by the server if the caller sent none; in every log line and error.
  std::string trace_id;    // 32 hex digits of traceparent, or made here.

  std::string Metadata(const std::string& name) const {
    const auto found = metadata.find(name);
    return found == metadata.end() ? std::string() : found->second;
  }
};

// A serialized response with what goes into the initial metadata (position, replayed).
struct Reply {
  std::string bytes;
  std::vector<std::pair<std::string, std::string>> metadata;
};

// "zh-CN,en;q=0.5" -> kChinese.
base::Language LanguageOf(const std::string& accept_language);

}  // namespace lianqiao::rpc
