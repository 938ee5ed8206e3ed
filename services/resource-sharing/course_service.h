// SPDX-License-Identifier: Apache-2.0
// Courses, brand projects and equipment facts of schools.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::resources {

void AddCourses(resource::Service& service);

}  // namespace lianqiao::resources
