// SPDX-License-Identifier: Apache-2.0
// What bell schedules and online lessons must satisfy: whose they are, their hours, and nobody and nothing in
// two places at a time. Pure.
#pragma once

#include "lianqiao/resources/v1/lesson_timetable.pb.h"
#include "lianqiao/resources/v1/online_lesson.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::resources {

// Facts: "school" (teaches).
resource::Violations CheckBellSchedule(const v1::BellSchedule* before, const v1::BellSchedule& after,
                                       const resource::Facts& facts);

// The weekday, the hours of the period, how often they have changed, and the room of the pair. Facts:
// "schedule" (school_id, starts_at, ends_at of the period), "stored" (lesson_date, starts_at, ends_at,
// move_count as they were), "pair" (school_a_id, school_b_id, room_a, room_b).
void FillOnlineLesson(v1::OnlineLesson* lesson, const resource::Facts& facts);

// Facts: those above ("pair" with state, in_service_on, out_of_service_on), "party" (a row if the sender is
// one of the alliance on that day), "term" (starts_on, ends_on), "missed" (the lesson that this one makes up
// for: sender_school_id, state, lesson_date), "made_up" (a row if a lesson made up for this one), "confirmed"
// (school_count) and "taken" (lesson_hours.h).
resource::Violations CheckOnlineLesson(const v1::OnlineLesson* before, const v1::OnlineLesson& after,
                                       const resource::Facts& facts);

}  // namespace lianqiao::resources
