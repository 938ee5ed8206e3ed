// SPDX-License-Identifier: Apache-2.0
#include "libs/access/minute_gate.h"

#include "libs/base/ids.h"

namespace lianqiao::access {

bool MinuteGate::Take(const std::string& key, absl::Time now) {
  const int64_t minute = absl::ToUnixSeconds(now) / 60;
  std::string digest = base::Sha256(key);
  const std::lock_guard lock(mutex_);
  if (minute != minute_) taken_.clear();
  minute_ = minute;
  if (taken_.size() >= keys_max_) return false;
  return taken_.insert(std::move(digest)).second;
}

}  // namespace lianqiao::access
