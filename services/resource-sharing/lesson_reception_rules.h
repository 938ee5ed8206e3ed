// SPDX-License-Identifier: Apache-2.0
// What a reception of an online lesson must satisfy. Pure.
#pragma once

#include "lianqiao/resources/v1/lesson_reception.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::resources {

// What is confirmed, and the room of the pair. Facts: "lesson" (sender_school_id, mode, lesson_date,
// starts_at, ends_at, move_count, state, max_receiver_count, on_pair, school_a_id, school_b_id, room_a,
// room_b).
void FillLessonReception(v1::LessonReception* reception, const resource::Facts& facts);

// Facts: "lesson", "party" (a row if the receiver is one of the alliance on that day), "schedule"
// (school_id), "others" (school_count: other schools that have confirmed) and "taken" (lesson_hours.h).
resource::Violations CheckLessonReception(const v1::LessonReception* before, const v1::LessonReception& after,
                                          const resource::Facts& facts);

}  // namespace lianqiao::resources
