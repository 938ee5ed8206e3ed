// SPDX-License-Identifier: Apache-2.0
// Time. Everything that asks "now" takes a Clock, so that tests choose it; business dates are days in
// Asia/Shanghai whatever the host's zone (design §4). Deadlines use the steady clock, never this one.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace lianqiao::base {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
  static const Clock& System();
};

// The calendar day in Asia/Shanghai, YYYY-MM-DD.
std::string BusinessDate(absl::Time time);

// "2024-02-30" is not a date. Years 1900 to 2200.
bool IsDate(const std::string& text);

}  // namespace lianqiao::base
