// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/timetable_service.h"

#include "services/teaching-research/timetable_rules.h"

namespace lianqiao::research {
namespace {

// Timetables share schools and teachers, also those of two alliances, and the lock of one guards nothing
// beyond it. So whoever writes a lesson holds, to the end of its transaction, what the lesson needs on that
// weekday of the term: of two that want the same slot, the later one sees the other. Always the school first.
constexpr char kHeld[] =
    "SELECT pg_advisory_xact_lock(needed.key) FROM (SELECT hashtextextended("
    "concat('lesson/', own.term_id, '/', $2::integer, '/', need.name), 0) AS key"
    " FROM joint_timetable own CROSS JOIN LATERAL ("
    "SELECT 1 AS place, concat('school/', $3::uuid) AS name"
    " UNION ALL SELECT 2, concat('teacher/', p.teacher_ref) FROM timetable_teacher p"
    " WHERE p.id = $4::uuid AND p.teacher_ref <> '') need"
    " WHERE own.id = $1::uuid ORDER BY need.place) needed";

// Of all timetables of the term that are not closed.
constexpr char kLessons[] =
    "SELECT l.id, l.period, l.starts_at, l.ends_at, l.weeks, l.from_on, l.to_on, l.joint_timetable_id,"
    " l.timetable_teacher_id, p.teacher_ref, l.organisation_id, l.class_name, l.room,"
    " o.alliance_id <> own.alliance_id AS of_another_alliance"
    " FROM joint_timetable own CROSS JOIN LATERAL ("
    "SELECT i.id FROM timetable_teacher mine JOIN timetable_teacher same ON same.id = mine.id"
    " OR (same.teacher_ref = mine.teacher_ref AND mine.teacher_ref <> '')"
    " JOIN timetable_lesson i ON i.timetable_teacher_id = same.id WHERE mine.id = $4::uuid"
    " UNION SELECT i.id FROM timetable_lesson i WHERE i.organisation_id = $5::uuid"
    " AND i.weekday = $2::integer AND (i.class_name = $6::text OR (i.room = $7::text AND i.room <> ''))"
    ") wanted JOIN timetable_lesson l ON l.id = wanted.id"
    " JOIN joint_timetable o ON o.id = l.joint_timetable_id"
    " LEFT JOIN timetable_teacher p ON p.id = l.timetable_teacher_id"
    " WHERE own.id = $1::uuid AND l.weekday = $2::integer AND l.id <> $3::uuid AND l.delete_time IS NULL"
    " AND o.term_id = own.term_id AND (o.id = own.id OR o.state <> 'JOINT_TIMETABLE_STATE_CLOSED')";

}  // namespace

void AddTimetables(resource::Service& service) {
  const resource::FactQuery timetable{
      "timetable", "SELECT t.state FROM joint_timetable t WHERE t.id = $1::uuid", {"joint_timetable_id"}, {}};
  resource::Resource<v1::JointTimetable>(service)
      .facts({"lesson",
              "SELECT l.id FROM timetable_lesson l WHERE l.joint_timetable_id = $1::uuid"
              " AND l.delete_time IS NULL LIMIT 1",
              {"id"},
              {"PublishJointTimetable"}})
      .rules(CheckJointTimetable)
      .deletion_rules(CheckJointTimetableDeletion);
  resource::Resource<v1::TimetableTeacher>(service)
      .facts(timetable)
      .rules(CheckTimetableTeacher)
      .deletion_rules(CheckTimetableTeacherDeletion);
  resource::Resource<v1::TimetableLesson>(service)
      .facts(timetable)
      .facts({"teacher",
              "SELECT t.joint_timetable_id, t.teacher_ref FROM timetable_teacher t WHERE t.id = $1::uuid",
              {"timetable_teacher_id"},
              {},
              true})
      .facts(
          {"held", kHeld, {"joint_timetable_id", "weekday", "organisation_id", "timetable_teacher_id"}, {}})
      .facts({"lessons",
              kLessons,
              {"joint_timetable_id", "weekday", "id", "timetable_teacher_id", "organisation_id", "class_name",
               "room"},
              {}})
      .rules(CheckTimetableLesson)
      .deletion_rules(CheckTimetableLessonDeletion);
}

}  // namespace lianqiao::research
