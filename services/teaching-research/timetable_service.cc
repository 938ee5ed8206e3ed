// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/timetable_service.h"

#include "services/teaching-research/timetable_rules.h"

namespace lianqiao::research {

void AddTimetables(resource::Service& service) {
  const resource::FactQuery timetable{
      "timetable", "SELECT t.state FROM joint_timetable t WHERE t.id = $1::uuid", {"joint_timetable_id"}, {}};
  resource::Resource<v1::JointTimetable>(service)
      .facts({"lesson",
              "SELECT l.id FROM timetable_lesson l WHERE l.joint_timetable_id = $1::uuid"
              " AND l.delete_time IS NULL LIMIT 1",
              {"id"},
              {"PublishJointTimetable"}})
      .rules(CheckJointTimetable);
  resource::Resource<v1::TimetableTeacher>(service).facts(timetable).rules(CheckTimetableTeacher);
  resource::Resource<v1::TimetableLesson>(service)
      .facts(timetable)
      .facts({"teacher",
              "SELECT t.joint_timetable_id FROM timetable_teacher t WHERE t.id = $1::uuid",
              {"timetable_teacher_id"},
              {},
              true})
      // Under the lock of the timetable: of two lessons that want the same slot, the later one sees the
      // other.
      .facts({"lessons",
              "SELECT l.id, l.period, l.starts_at, l.ends_at, l.weeks, l.from_on, l.to_on,"
              " l.timetable_teacher_id, l.organisation_id, l.class_name, l.room FROM timetable_lesson l"
              " WHERE l.joint_timetable_id = $1::uuid AND l.weekday = $2::integer AND l.id <> $3::uuid"
              " AND l.delete_time IS NULL AND (l.timetable_teacher_id = $4::uuid"
              " OR (l.organisation_id = $5::uuid AND (l.class_name = $6::text"
              " OR (l.room = $7::text AND l.room <> ''))))",
              {"joint_timetable_id", "weekday", "id", "timetable_teacher_id", "organisation_id", "class_name",
               "room"},
              {}})
      .rules(CheckTimetableLesson);
}

}  // namespace lianqiao::research
