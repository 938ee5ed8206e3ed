// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/timetable.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace lianqiao::resource {
namespace {

// Dates are compared as text: YYYY-MM-DD, where empty is open.
bool ShareAWeekday(int weekday, const std::string& from, const std::string& to) {
  absl::CivilDay first;
  absl::CivilDay last;
  if (from.empty() || to.empty() || !absl::ParseCivilTime(from, &first) || !absl::ParseCivilTime(to, &last))
    return true;                                                     // An open end holds every weekday.
  const int begins = static_cast<int>(absl::GetWeekday(first)) + 1;  // Monday is absl's 0.
  const int days_until = (weekday - begins + 7) % 7;
  return first + days_until <= last;
}

bool DaysMeet(const LessonTime& a, const LessonTime& b) {
  const std::string& from = std::max(a.from_on, b.from_on);
  const std::string& to = a.to_on.empty() ? b.to_on : b.to_on.empty() ? a.to_on : std::min(a.to_on, b.to_on);
  if (!from.empty() && !to.empty() && to < from) return false;
  return ShareAWeekday(a.weekday, from, to);
}

bool HoursMeet(const LessonTime& a, const LessonTime& b) {
  if (a.begins_minute >= 0 && b.begins_minute >= 0)
    return a.begins_minute < b.ends_minute && b.begins_minute < a.ends_minute;
  return a.period > 0 && a.period == b.period;
}

bool WeeksMeet(Weeks a, Weeks b) {
  return a == Weeks::kEvery || b == Weeks::kEvery || a == b;
}

std::string KeyOf(int weekday, const std::string& need) {
  return absl::StrCat(weekday, "/", need);
}

}  // namespace

bool TakePlaceTogether(const LessonTime& a, const LessonTime& b) {
  return a.weekday == b.weekday && WeeksMeet(a.weeks, b.weeks) && HoursMeet(a, b) && DaysMeet(a, b);
}

void Timetable::Add(TimetableEntry entry) {
  for (const std::string& need : entry.needs)
    by_need_[KeyOf(entry.time.weekday, need)].push_back(entries_.size());
  entries_.push_back(std::move(entry));
}

std::vector<TimetableConflict> Timetable::ConflictsOf(const TimetableEntry& entry) const {
  std::vector<TimetableConflict> conflicts;
  for (const std::string& need : entry.needs) {
    const auto others = by_need_.find(KeyOf(entry.time.weekday, need));
    if (others == by_need_.end()) continue;
    for (const size_t index : others->second) {
      const TimetableEntry& other = entries_[index];
      if (other.id != entry.id && TakePlaceTogether(entry.time, other.time))
        conflicts.push_back({other.id, need});
    }
  }
  return conflicts;
}

}  // namespace lianqiao::resource
