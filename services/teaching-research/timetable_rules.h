// SPDX-License-Identifier: Apache-2.0
// What joint timetables, their teachers and their lessons must satisfy: nobody and nothing is needed twice at
// a time, and who is in the way is named. Pure.
#pragma once

#include "lianqiao/research/v1/joint_timetable.pb.h"
#include "lianqiao/research/v1/timetable_lesson.pb.h"
#include "lianqiao/research/v1/timetable_teacher.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::research {

// What is closed stays as it is: nothing in it is deleted either, for which the same facts are asked.

// Facts: "lesson" (one, if there is any), only when it is published.
resource::Violations CheckJointTimetable(const v1::JointTimetable* before, const v1::JointTimetable& after,
                                         const resource::Facts& facts);
resource::Violations CheckJointTimetableDeletion(const v1::JointTimetable& record,
                                                 const resource::Facts& facts);

// Facts: "timetable" (state).
resource::Violations CheckTimetableTeacher(const v1::TimetableTeacher* before,
                                           const v1::TimetableTeacher& after, const resource::Facts& facts);
resource::Violations CheckTimetableTeacherDeletion(const v1::TimetableTeacher& record,
                                                   const resource::Facts& facts);

// Timetables share schools and teachers, also those of two alliances, and the lock of one guards nothing
// beyond it. So whoever writes a lesson holds, to the end of its transaction, what the lesson needs on that
// weekday of the term: of two that want the same slot, the later one sees the other.
resource::FactQuery HeldFacts();

// The lessons that could be in the way; ≤ 5 ms among 5,000 of a timetable.
resource::FactQuery LessonFacts();

// Facts: "timetable" (state), "teacher" (joint_timetable_id, teacher_ref), "lessons": the others of that
// weekday in the timetables of the term with the same teacher, class or room (id, period, starts_at, ends_at,
// weeks, from_on, to_on, joint_timetable_id, timetable_teacher_id, teacher_ref, organisation_id, class_name,
// room, of_another_alliance).
resource::Violations CheckTimetableLesson(const v1::TimetableLesson* before, const v1::TimetableLesson& after,
                                          const resource::Facts& facts);
resource::Violations CheckTimetableLessonDeletion(const v1::TimetableLesson& record,
                                                  const resource::Facts& facts);

}  // namespace lianqiao::research
