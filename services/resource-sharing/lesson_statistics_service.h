// SPDX-License-Identifier: Apache-2.0
// Counts over remote classrooms and online lessons.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::resources {

void AddLessonStatistics(resource::Service& service);

}  // namespace lianqiao::resources
