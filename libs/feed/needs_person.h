// SPDX-License-Identifier: Apache-2.0
// What stops a consumer for good and only a person can put right, in both languages.
#pragma once

#include <string>

#include "libs/base/status.h"

namespace lianqiao::feed {

inline absl::Status NeedsPerson(const std::string& zh, const std::string& en) {
  return base::Fail(absl::StatusCode::kFailedPrecondition, base::ErrorReason::RULE_VIOLATED,
                    {{"detail_zh", zh}, {"detail_en", en}});
}

inline absl::Status WrittenElsewhere() {
  return NeedsPerson("另一进程正在写入此副本,请只保留一个",
                     "another process writes this copy; keep one of them");
}

}  // namespace lianqiao::feed
