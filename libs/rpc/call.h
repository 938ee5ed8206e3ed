// SPDX-License-Identifier: Apache-2.0
// One call as every layer above sees it. gRPC stays out of this header.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
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
// The address outside that a call began from. Set by the gateway alone, which passes on nobody else's.
inline constexpr char kCallerAddress[] = "lianqiao-caller-address";
inline constexpr char kPosition[] = "lianqiao-position";  // Response: "service:bucket:pos".
inline constexpr char kReplayed[] = "lianqiao-replayed";  // Response: "true" for a repeated request_id.

// What to do when the caller gives a call up before it is answered. Thread-safe.
class CancelSlot {
 public:
  // Runs `cancel` when the caller goes, at once if it has gone; null when there is nothing to stop any more.
  void Set(std::function<void()> cancel);
  void Cancel();

 private:
  std::mutex mutex_;
  bool cancelled_ = false;        // Guarded by mutex_.
  std::function<void()> cancel_;  // Guarded by mutex_.
};

struct CallContext {
  std::string method;  // "/package.Service/Method"
  std::string peer;    // The caller's address: behind the gateway what it says, else that of the socket.
  std::string caller_address;  // What the gateway said; empty for calls of our own processes.
  absl::Time deadline = absl::InfiniteFuture();
  std::unordered_map<std::string, std::string> metadata;  // Lower-case names.
  base::Language language = base::Language::kChinese;     // From Accept-Language; zh-CN by default.
  std::string request_id;  // Made by the server if the caller sent none; in every log line and error.
  std::string trace_id;    // 32 hex digits of traceparent, or made here.
  std::shared_ptr<CancelSlot> cancel;  // Null where nobody would use it.

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
