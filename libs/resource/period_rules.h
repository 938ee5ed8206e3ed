// SPDX-License-Identifier: Apache-2.0
// Checks of lists of periods (messages with valid_from and valid_to) inside one record, and the calendar step
// that renaming and recoding need. Used by the rules of places and organisations. Pure.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "libs/resource/date_order.h"

namespace lianqiao::resource {

// Each period in order; with `disjoint`, no two of them share a day. `field` is the list's JSON name.
template <typename Periods>
void CheckPeriods(const Periods& periods, const std::string& field, bool disjoint, Violations* violations) {
  for (int i = 0; i < periods.size(); ++i) {
    const std::string path = absl::StrCat(field, "[", i, "]");
    const std::string from_field = path + ".validFrom";
    const std::string to_field = path + ".validTo";
    RequireOrder(from_field.c_str(), periods[i].valid_from(), to_field.c_str(), periods[i].valid_to(),
                 violations);
    for (int j = 0; disjoint && j < i; ++j) {
      if (PeriodsMeet(periods[i].valid_from(), periods[i].valid_to(), periods[j].valid_from(),
                      periods[j].valid_to()))
        violations->push_back(base::RefuseRule(path, "时段不得重叠", "overlaps another period of the list"));
    }
  }
}

// Some days after a date, or before it; empty for what is no date.
inline std::string ShiftDate(const std::string& date, int days) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(absl::string_view(date.data(), date.size()), &day)) return "";
  return absl::FormatCivilTime(day + days);
}
inline std::string DayBefore(const std::string& date) {
  return ShiftDate(date, -1);
}
inline std::string DayAfter(const std::string& date) {
  return ShiftDate(date, 1);
}

}  // namespace lianqiao::resource
