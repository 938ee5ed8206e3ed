// SPDX-License-Identifier: Apache-2.0
// The days of a lesson that is planned week by week. Pure.
#pragma once

#include <string>
#include <vector>

#include "lianqiao/resources/v1/online_lesson.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::resources {

inline constexpr int kPlannedTogetherMax = 200;

// In order; with what is wrong with the request instead in `violations`.
std::vector<std::string> WeeklyDates(const v1::PlanWeeklyOnlineLessonsRequest& request,
                                     resource::Violations* violations);

}  // namespace lianqiao::resources
