// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/timetable_rules.h"

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/date_order.h"
#include "libs/resource/record_content.h"
#include "libs/resource/timetable.h"

namespace lianqiao::research {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::LessonTime;
using resource::TimetableEntry;
using resource::Violations;
using v1::JointTimetable;
using v1::TimetableLesson;
using v1::TimetableTeacher;

namespace {

constexpr size_t kNamedConflictsMax = 10;

bool IsClosed(const Facts& facts) {
  const auto& rows = facts.rows("timetable");
  return !rows.empty() && rows.front().Text("state") == "JOINT_TIMETABLE_STATE_CLOSED";
}

void CheckOpen(const Facts& facts, Violations* violations) {
  if (IsClosed(facts))
    violations->push_back(
        RefuseRule("jointTimetableId", "课表已结束,不再变更", "is closed: it stays as it is"));
}

// "10:40" is 640; empty: -1.
int MinuteOf(const std::string& time) {
  int hour = 0;
  int minute = 0;
  if (time.size() != 5 || !absl::SimpleAtoi(time.substr(0, 2), &hour) ||
      !absl::SimpleAtoi(time.substr(3), &minute))
    return -1;
  return hour * 60 + minute;
}

resource::Weeks WeeksOf(v1::TimetableWeeks weeks) {
  if (weeks == v1::TIMETABLE_WEEKS_ODD) return resource::Weeks::kOdd;
  return weeks == v1::TIMETABLE_WEEKS_EVEN ? resource::Weeks::kEven : resource::Weeks::kEvery;
}

// A lesson with what is known of it beyond its record.
struct KnownLesson {
  TimetableLesson lesson;
  std::string teacher_ref;  // Empty once erased: then a teacher is the same within one timetable only.
  bool of_another_alliance = false;
};

// What a lesson needs for itself, in the order in which conflicts are told.
std::vector<std::string> NeedsOf(const KnownLesson& known) {
  const TimetableLesson& lesson = known.lesson;
  std::vector<std::string> needs;
  if (!known.teacher_ref.empty())
    needs.push_back("teacher/ref/" + known.teacher_ref);
  else if (!lesson.timetable_teacher_id().empty())
    needs.push_back("teacher/" + lesson.timetable_teacher_id());
  needs.push_back(absl::StrCat("class/", lesson.organisation_id(), "/", lesson.class_name()));
  if (!lesson.room().empty())
    needs.push_back(absl::StrCat("room/", lesson.organisation_id(), "/", lesson.room()));
  return needs;
}

TimetableEntry EntryOf(const KnownLesson& known) {
  const TimetableLesson& lesson = known.lesson;
  LessonTime time;
  time.weekday = lesson.weekday();
  time.period = lesson.period();
  time.begins_minute = MinuteOf(lesson.starts_at());
  time.ends_minute = MinuteOf(lesson.ends_at());
  time.weeks = WeeksOf(lesson.weeks());
  time.from_on = lesson.from_on();
  time.to_on = lesson.to_on();
  return {lesson.id(), time, NeedsOf(known)};
}

KnownLesson LessonOf(const FactRow& row, int weekday) {
  KnownLesson known;
  known.teacher_ref = row.Text("teacher_ref");
  known.of_another_alliance = row.Boolean("of_another_alliance");
  TimetableLesson& lesson = known.lesson;
  lesson.set_id(row.Text("id"));
  lesson.set_joint_timetable_id(row.Text("joint_timetable_id"));
  lesson.set_weekday(weekday);
  lesson.set_period(static_cast<int>(row.Integer("period")));
  lesson.set_starts_at(row.Text("starts_at"));
  lesson.set_ends_at(row.Text("ends_at"));
  v1::TimetableWeeks weeks = v1::TIMETABLE_WEEKS_UNSPECIFIED;
  v1::TimetableWeeks_Parse(row.Text("weeks"), &weeks);
  lesson.set_weeks(weeks);
  lesson.set_from_on(row.Text("from_on"));
  lesson.set_to_on(row.Text("to_on"));
  lesson.set_timetable_teacher_id(row.Text("timetable_teacher_id"));
  lesson.set_organisation_id(row.Text("organisation_id"));
  lesson.set_class_name(row.Text("class_name"));
  lesson.set_room(row.Text("room"));
  return known;
}

struct Text {
  std::string zh, en;
};

// When the other lesson takes place: "周三第3节(10:00–10:40,单周)".
Text When(const TimetableLesson& lesson) {
  static constexpr const char* kDays[][2] = {{"", ""},
                                             {"周一", "Monday"},
                                             {"周二", "Tuesday"},
                                             {"周三", "Wednesday"},
                                             {"周四", "Thursday"},
                                             {"周五", "Friday"},
                                             {"周六", "Saturday"},
                                             {"周日", "Sunday"}};
  const auto& day = kDays[lesson.weekday() >= 1 && lesson.weekday() <= 7 ? lesson.weekday() : 0];
  Text more;
  const auto add = [&more](const std::string& zh, const std::string& en) {
    absl::StrAppend(&more.zh, more.zh.empty() ? "(" : ",", zh);
    absl::StrAppend(&more.en, more.en.empty() ? " (" : ", ", en);
  };
  if (!lesson.starts_at().empty()) {
    const std::string times = absl::StrCat(lesson.starts_at(), "–", lesson.ends_at());
    add(times, times);
  }
  if (lesson.weeks() == v1::TIMETABLE_WEEKS_ODD) add("单周", "odd weeks");
  if (lesson.weeks() == v1::TIMETABLE_WEEKS_EVEN) add("双周", "even weeks");
  if (!lesson.from_on().empty() || !lesson.to_on().empty()) {
    const std::string days = absl::StrCat(lesson.from_on(), "–", lesson.to_on());
    add(days, days);
  }
  return {absl::StrCat(day[0], "第", lesson.period(), "节", more.zh, more.zh.empty() ? "" : ")"),
          absl::StrCat(day[1], ", period ", lesson.period(), more.en, more.en.empty() ? "" : ")")};
}

// Which lesson it is. Of another alliance's timetable nothing is told but that it stands in the way.
Text Which(const KnownLesson& other, const std::string& joint_timetable_id) {
  const TimetableLesson& lesson = other.lesson;
  if (other.of_another_alliance) return {"另一联盟的课表", "in a timetable of another alliance"};
  Text which{absl::StrCat("课时", lesson.id(), ",班级", lesson.class_name()),
             absl::StrCat("lesson ", lesson.id(), " of class ", lesson.class_name())};
  if (lesson.joint_timetable_id() == joint_timetable_id) return which;
  absl::StrAppend(&which.zh, ",课表", lesson.joint_timetable_id());
  absl::StrAppend(&which.en, " in timetable ", lesson.joint_timetable_id());
  return which;
}

// Persons are named by the record that stands for them in this timetable, never by their reference.
base::Violation Named(const TimetableLesson& lesson, const KnownLesson& other, const std::string& need) {
  const Text when = When(other.lesson);
  const Text which = Which(other, lesson.joint_timetable_id());
  const auto refuse = [&](const char* field, const std::string& zh, const std::string& en) {
    return RefuseRule(field, absl::StrCat(zh, "在", when.zh, "已有课:", which.zh),
                      absl::StrCat(en, " has a lesson then: ", when.en, ", ", which.en));
  };
  if (need.rfind("teacher/", 0) == 0)
    return refuse("timetableTeacherId", "教师" + lesson.timetable_teacher_id(),
                  "teacher " + lesson.timetable_teacher_id());
  if (need.rfind("room/", 0) == 0) return refuse("room", "教室" + lesson.room(), "room " + lesson.room());
  return refuse("className", "班级" + lesson.class_name(), "class " + lesson.class_name());
}

KnownLesson Known(const TimetableLesson& lesson, const Facts& facts) {
  KnownLesson known;
  known.lesson = lesson;
  for (const FactRow& teacher : facts.rows("teacher")) known.teacher_ref = teacher.Text("teacher_ref");
  return known;
}

void CheckConflicts(const TimetableLesson& lesson, const Facts& facts, Violations* violations) {
  resource::Timetable timetable;
  std::vector<KnownLesson> others;
  for (const FactRow& row : facts.rows("lessons")) {
    others.push_back(LessonOf(row, lesson.weekday()));
    timetable.Add(EntryOf(others.back()));
  }
  size_t named = 0;
  for (const resource::TimetableConflict& conflict : timetable.ConflictsOf(EntryOf(Known(lesson, facts)))) {
    for (const KnownLesson& other : others) {
      if (other.lesson.id() != conflict.id || named == kNamedConflictsMax) continue;
      violations->push_back(Named(lesson, other, conflict.need));
      ++named;
    }
  }
}

void CheckTimes(const TimetableLesson& lesson, Violations* violations) {
  if (lesson.starts_at().empty() != lesson.ends_at().empty())
    violations->push_back(
        Refuse(lesson.starts_at().empty() ? "startsAt" : "endsAt", ErrorReason::FIELD_REQUIRED));
  if (!lesson.starts_at().empty() && !lesson.ends_at().empty() && lesson.ends_at() <= lesson.starts_at())
    violations->push_back(RefuseRule("endsAt", "下课时间须晚于上课时间", "is not after the beginning"));
  resource::RequireOrder("fromOn", lesson.from_on(), "toOn", lesson.to_on(), violations);
}

}  // namespace

Violations CheckJointTimetable(const JointTimetable* before, const JointTimetable& after,
                               const Facts& facts) {
  Violations violations;
  resource::RequireOrder("publishedOn", after.published_on(), "closedOn", after.closed_on(), &violations);
  if (facts.method() == "PublishJointTimetable" && facts.rows("lesson").empty())
    violations.push_back(RefuseRule("id", "课表中尚无课时", "has no lessons yet"));
  const bool stands = before != nullptr && before->state() == after.state() &&
                      after.state() == v1::JOINT_TIMETABLE_STATE_CLOSED;
  if (stands && resource::ContentDiffers(*before, after, {}))
    violations.push_back(RefuseRule("state", "课表已结束,不再变更", "is closed: it stays as it is"));
  return violations;
}

Violations CheckTimetableTeacher(const TimetableTeacher* before, const TimetableTeacher& after,
                                 const Facts& facts) {
  Violations violations;
  CheckOpen(facts, &violations);
  return violations;
}

Violations CheckTimetableTeacherDeletion(const TimetableTeacher& record, const Facts& facts) {
  Violations violations;
  CheckOpen(facts, &violations);
  return violations;
}

Violations CheckJointTimetableDeletion(const JointTimetable& record, const Facts& facts) {
  if (record.state() != v1::JOINT_TIMETABLE_STATE_CLOSED) return {};
  return {RefuseRule("state", "已结束的课表不得删除", "is closed: it stays as it is")};
}

resource::FactQuery HeldFacts() {
  return {"held",
          "SELECT hashtextextended(concat('lesson/', own.term_id, '/', $2::integer, '/', need.name), 0)"
          " FROM joint_timetable own CROSS JOIN LATERAL (SELECT concat('school/', $3::uuid) AS name"
          " UNION ALL SELECT concat('teacher/', p.teacher_ref) FROM timetable_teacher p"
          " WHERE p.id = $4::uuid AND p.teacher_ref <> '') need WHERE own.id = $1::uuid",
          {"joint_timetable_id", "weekday", "organisation_id", "timetable_teacher_id"},
          {},
          false,
          true};
}

// Of all timetables of the term that are not closed. The lessons of the teacher and those of the class and
// the room are each read by an index: a join on their ids would be planned as a scan of the whole weekday.
resource::FactQuery LessonFacts() {
  const std::string lesson =
      "SELECT i.id, i.period, i.starts_at, i.ends_at, i.weeks, i.from_on, i.to_on, i.joint_timetable_id,"
      " i.timetable_teacher_id, i.organisation_id, i.class_name, i.room FROM ";
  const std::string living = " AND i.weekday = $2::integer AND i.id <> $3::uuid AND i.delete_time IS NULL";
  return {
      "lessons",
      absl::StrCat("SELECT l.*, p.teacher_ref, o.alliance_id <> own.alliance_id AS of_another_alliance"
                   " FROM joint_timetable own CROSS JOIN LATERAL (",
                   lesson,
                   "timetable_teacher mine JOIN timetable_teacher same ON same.id = mine.id"
                   " OR (same.teacher_ref = mine.teacher_ref AND mine.teacher_ref <> '')"
                   " JOIN timetable_lesson i ON i.timetable_teacher_id = same.id WHERE mine.id = $4::uuid",
                   living, " UNION ", lesson,
                   "timetable_lesson i WHERE i.organisation_id = $5::uuid"
                   " AND (i.class_name = $6::text OR (i.room = $7::text AND i.room <> ''))",
                   living,
                   ") l JOIN joint_timetable o ON o.id = l.joint_timetable_id"
                   " LEFT JOIN timetable_teacher p ON p.id = l.timetable_teacher_id"
                   " WHERE own.id = $1::uuid AND o.term_id = own.term_id"
                   " AND (o.id = own.id OR o.state <> 'JOINT_TIMETABLE_STATE_CLOSED')"),
      {"joint_timetable_id", "weekday", "id", "timetable_teacher_id", "organisation_id", "class_name",
       "room"},
      {}};
}

Violations CheckTimetableLesson(const TimetableLesson* before, const TimetableLesson& after,
                                const Facts& facts) {
  Violations violations;
  CheckTimes(after, &violations);
  CheckOpen(facts, &violations);
  for (const FactRow& teacher : facts.rows("teacher")) {
    if (teacher.Text("joint_timetable_id") != after.joint_timetable_id())
      violations.push_back(
          RefuseRule("timetableTeacherId", "教师属于另一课表", "is a teacher of another timetable"));
  }
  if (violations.empty()) CheckConflicts(after, facts, &violations);
  return violations;
}

Violations CheckTimetableLessonDeletion(const TimetableLesson& record, const Facts& facts) {
  Violations violations;
  CheckOpen(facts, &violations);
  return violations;
}

}  // namespace lianqiao::research
