// SPDX-License-Identifier: Apache-2.0
// What an assignment keeps of its day: the direction between both schools, their tiers, what the teacher was.
// Figures of past years rest on it, so that it stays when schools and teachers change. Pure.
#pragma once

#include "lianqiao/exchange/v1/assignment.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::exchange {

// "schools": classes of both schools, and their tiers on the day.
resource::FactQuery SchoolFacts();
// "teacher": what the teacher is and since when; at_school: whether the sending school is the teacher's own.
resource::FactQuery TeacherFacts();

// Written anew until the teacher is on post, and when that happens; then only what is not known is filled in,
// so that an import's own values stay.
void TakeSnapshot(v1::Assignment* assignment, const resource::Facts& facts);

}  // namespace lianqiao::exchange
