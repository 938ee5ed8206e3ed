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
      .facts(HeldFacts())
      .facts(LessonFacts())
      .rules(CheckTimetableLesson)
      .deletion_rules(CheckTimetableLessonDeletion);
}

}  // namespace lianqiao::research
