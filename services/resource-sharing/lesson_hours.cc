// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/lesson_hours.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "libs/resource/timetable.h"

namespace lianqiao::resources {
namespace {

using resource::FactRow;
using resource::TimetableEntry;

constexpr char kTeacher[] = "teacher:";
constexpr char kRoom[] = "room:";
constexpr char kClass[] = "class:";

TimetableEntry EntryOf(const LessonHours& hours) {
  TimetableEntry entry;
  entry.id = hours.id;
  entry.time.weekday = WeekdayOf(hours.date);
  entry.time.begins_minute = MinuteOf(hours.starts_at);
  entry.time.ends_minute = MinuteOf(hours.ends_at);
  entry.time.from_on = hours.date;
  entry.time.to_on = hours.date;
  const auto add = [&](const char* what, const std::string& owner, const std::string& name) {
    if (!name.empty()) entry.needs.push_back(absl::StrCat(what, owner, name));
  };
  add(kTeacher, "", hours.teacher_id);
  add(kRoom, hours.school_id + "/", hours.room);
  add(kClass, hours.school_id + "/", hours.class_name);
  return entry;
}

LessonHours HoursOf(const FactRow& row, const std::string& date) {
  return {row.Text("id"),         date,
          row.Text("starts_at"),  row.Text("ends_at"),
          row.Text("school_id"),  row.Text("room"),
          row.Text("class_name"), row.Text("teacher_id")};
}

base::Violation Taken(const char* field, const char* zh, const char* en, const FactRow& by) {
  const bool lesson = by.Text("record") == "online_lesson";
  const std::string hours = absl::StrCat(by.Text("starts_at"), "–", by.Text("ends_at"));
  return base::RefuseRule(
      field,
      absl::StrCat(zh, "在该时段已被", lesson ? "线上课 " : "接收记录 ", by.Text("id"), "(", hours, ")占用"),
      absl::StrCat("is the ", en, " of the ", lesson ? "online lesson " : "reception ", by.Text("id"),
                   " at that time (", hours, ")"));
}

}  // namespace

int WeekdayOf(const std::string& date) {
  absl::CivilDay day;
  return absl::ParseCivilTime(date, &day) ? static_cast<int>(absl::GetWeekday(day)) + 1 : 0;
}

int MinuteOf(const std::string& time) {
  int hour = 0;
  int minute = 0;
  if (time.size() != 5 || !absl::SimpleAtoi(time.substr(0, 2), &hour) ||
      !absl::SimpleAtoi(time.substr(3), &minute))
    return -1;
  return hour * 60 + minute;
}

void RefuseConflicts(const LessonHours& hours, const resource::Facts& facts, const LessonFields& fields,
                     resource::Violations* violations) {
  resource::Timetable timetable;
  std::map<std::string, const FactRow*> by_id;
  for (const FactRow& row : facts.rows("taken")) {
    timetable.Add(EntryOf(HoursOf(row, hours.date)));
    by_id[row.Text("id")] = &row;
  }
  for (const resource::TimetableConflict& conflict : timetable.ConflictsOf(EntryOf(hours))) {
    const FactRow& by = *by_id.at(conflict.id);
    if (conflict.need.rfind(kTeacher, 0) == 0)
      violations->push_back(Taken(fields.teacher, "教师", "teacher", by));
    else if (conflict.need.rfind(kRoom, 0) == 0)
      violations->push_back(Taken(fields.room, "教室", "room", by));
    else
      violations->push_back(Taken(fields.class_name, "班级", "class", by));
  }
}

}  // namespace lianqiao::resources
