// SPDX-License-Identifier: Apache-2.0
// Joint timetables, their teachers and lessons: rules and facts.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::research {

void AddTimetables(resource::Service& service);

}  // namespace lianqiao::research
