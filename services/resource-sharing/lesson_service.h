// SPDX-License-Identifier: Apache-2.0
// Online lessons, who receives them, and what they are planned with.
#pragma once

#include <string>

#include "libs/resource/service.h"

namespace lianqiao::resources {

void AddLessons(resource::Service& service);

// What stands in a lesson's way: $1 its id, $2 the sending school, $3 the teacher, $4 the day.
std::string TakenByLessonSql();

// A condition: the confirmation of the reception (an alias) is of the hour that its lesson (an alias) has
// now.
std::string CurrentSql(const std::string& reception, const std::string& lesson);

}  // namespace lianqiao::resources
