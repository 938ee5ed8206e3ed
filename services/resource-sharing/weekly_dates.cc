// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/weekly_dates.h"

#include <algorithm>
#include <set>

#include "absl/time/civil_time.h"
#include "libs/resource/date_order.h"

namespace lianqiao::resources {

using base::RefuseRule;

std::vector<std::string> WeeklyDates(const v1::PlanWeeklyOnlineLessonsRequest& request,
                                     resource::Violations* violations) {
  constexpr int kDaysMax = 366;
  std::vector<std::string> dates;
  absl::CivilDay from;
  absl::CivilDay to;
  if (!absl::ParseCivilTime(request.from_on(), &from) || !absl::ParseCivilTime(request.to_on(), &to))
    return dates;  // Refused as dates already.
  resource::RequireOrder("fromOn", request.from_on(), "toOn", request.to_on(), violations);
  if (to - from > kDaysMax)
    violations->push_back(RefuseRule("toOn", "不得超过一年", "is more than a year after the first day"));
  std::set<absl::CivilDay> skipped;
  for (int i = 0; i < request.skipped_dates_size(); ++i) {
    absl::CivilDay day;
    if (absl::ParseCivilTime(request.skipped_dates(i), &day))
      skipped.insert(day);
    else
      violations->push_back(
          base::Refuse("skippedDates", base::ErrorReason::FIELD_BAD_FORMAT, {{"expected", "YYYY-MM-DD"}}));
  }
  if (!violations->empty()) return dates;
  const absl::CivilDay first_monday = from - static_cast<int>(absl::GetWeekday(from));
  const int step = std::max(1, request.every_weeks());
  for (absl::CivilDay day = from; day <= to; ++day) {
    const auto weekday = static_cast<v1::Weekday>(static_cast<int>(absl::GetWeekday(day)) + 1);
    const bool wanted =
        std::find(request.weekdays().begin(), request.weekdays().end(), weekday) != request.weekdays().end();
    const bool week = (day - first_monday) / 7 % step == 0;
    if (wanted && week && skipped.count(day) == 0) dates.push_back(absl::FormatCivilTime(day));
  }
  if (dates.empty())
    violations->push_back(RefuseRule("weekdays", "所选日期内没有上课日", "gives no day between the dates"));
  if (dates.size() > kPlannedTogetherMax)
    violations->push_back(RefuseRule("toOn", "一次最多排200节课", "gives more than 200 lessons at once"));
  return dates;
}

}  // namespace lianqiao::resources
