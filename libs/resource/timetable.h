// SPDX-License-Identifier: Apache-2.0
// Timetables: when lessons take place at the same time, and which of them need somebody or something that is
// there only once. Used by the rules of services that keep timetables. Pure.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

namespace lianqiao::resource {

enum class Weeks { kEvery, kOdd, kEven };  // 每周、单周、双周.

// When a lesson takes place: once a week, or every other week, from a date to a date.
struct LessonTime {
  int weekday = 0;  // 1 Monday … 7 Sunday.
  int period = 0;   // Which lesson of the day; 0: only the minutes are known.
  // Of the day, the end excluded; both -1: only the period is known. Where two lessons both have minutes,
  // these decide: schools ring their bells at different times.
  int begins_minute = -1;
  int ends_minute = -1;
  Weeks weeks = Weeks::kEvery;
  // First and last day, YYYY-MM-DD; empty: open. A single lesson has the same day in both.
  std::string from_on;
  std::string to_on;
};

// Whether there is a day on which both take place at the same time, as far as is known: what one of them has
// as a period only and the other as minutes only are not compared.
bool TakePlaceTogether(const LessonTime& a, const LessonTime& b);

// A lesson, and what it needs for itself: keys that the caller makes up, such as "room:<school>/301". The
// same key means the same teacher, room or class.
struct TimetableEntry {
  std::string id;
  LessonTime time;
  std::vector<std::string> needs;
};

struct TimetableConflict {
  std::string id;    // Of the lesson that stands in the way.
  std::string need;  // What both need.
  bool operator==(const TimetableConflict& other) const = default;
};

// Lessons by what they need, so that one more is compared with few of them.
class Timetable {
 public:
  void Add(TimetableEntry entry);
  // Of the lesson with those that were added; one that bears its own id is itself. In the order of its needs,
  // then as added.
  std::vector<TimetableConflict> ConflictsOf(const TimetableEntry& entry) const;
  size_t size() const { return entries_.size(); }

 private:
  std::vector<TimetableEntry> entries_;
  // By weekday and need.
  std::unordered_map<std::string, std::vector<size_t>> by_need_;
};

}  // namespace lianqiao::resource
