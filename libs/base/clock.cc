// SPDX-License-Identifier: Apache-2.0
#include "libs/base/clock.h"

#include <cstdlib>

#include "absl/time/civil_time.h"
#include "absl/time/clock.h"

namespace lianqiao::base {
namespace {

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace

const Clock& Clock::System() {
  static const SystemClock clock;
  return clock;
}

std::string BusinessDate(absl::Time time) {
  // China has had one zone without daylight saving since 1991; a fixed offset needs no zone database.
  static const absl::TimeZone shanghai = absl::FixedTimeZone(8 * 60 * 60);
  return absl::FormatTime("%Y-%m-%d", time, shanghai);
}

bool IsDate(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i != 4 && i != 7 && (text[i] < '0' || text[i] > '9')) return false;
  }
  const int year = std::atoi(text.substr(0, 4).c_str());
  const int month = std::atoi(text.substr(5, 2).c_str());
  const int day = std::atoi(text.substr(8, 2).c_str());
  if (year < 1900 || year > 2200) return false;
  const absl::CivilDay civil(year, month, day);
  return civil.year() == year && civil.month() == month && civil.day() == day;  // Normalised otherwise.
}

}  // namespace lianqiao::base
