// SPDX-License-Identifier: Apache-2.0
// Lets the first event of each key through in a minute, so that what strangers or a broken client do over and
// over becomes one entry of the access log. Bounded; thread-safe; free of gRPC.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_set>

#include "absl/time/time.h"

namespace lianqiao::access {

class MinuteGate {
 public:
  // Beyond so many keys in a minute the others are not let through: that many tell enough.
  explicit MinuteGate(size_t keys_max = 1000) : keys_max_(keys_max) {}
  bool Take(const std::string& key, absl::Time now);

 private:
  const size_t keys_max_;
  std::mutex mutex_;
  int64_t minute_ = 0;
  std::unordered_set<std::string> taken_;  // Digests: keys may be as long as a stranger likes.
};

}  // namespace lianqiao::access
