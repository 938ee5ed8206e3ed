// SPDX-License-Identifier: Apache-2.0
// When an online lesson or a reception needs which teacher, room and class of which school, and what stands
// in its way there. Pure.
#pragma once

#include <string>

#include "libs/resource/facts.h"

namespace lianqiao::resources {

// What a lesson or a reception needs for itself. Names of rooms and classes mean those of the school.
struct LessonHours {
  std::string id;
  std::string date;       // YYYY-MM-DD
  std::string starts_at;  // HH:MM
  std::string ends_at;
  std::string school_id;
  std::string room;
  std::string class_name;
  std::string teacher_id;

  bool operator==(const LessonHours& other) const = default;
};

// The fields of the record that the needs stand in.
struct LessonFields {
  const char* room;
  const char* class_name;
  const char* teacher;
};

// 1 Monday … 7 Sunday; 0: no date.
int WeekdayOf(const std::string& date);
// Minutes since midnight of HH:MM; -1: none.
int MinuteOf(const std::string& time);

// Facts: "taken", rows of what needs the same school or teacher on that day (columns record, id, school_id,
// room, class_name, teacher_id, starts_at, ends_at). A violation for every need that one of them has at the
// same time, which names it by its id: whoever may not read it learns nothing else of it.
void RefuseConflicts(const LessonHours& hours, const resource::Facts& facts, const LessonFields& fields,
                     resource::Violations* violations);

}  // namespace lianqiao::resources
