// SPDX-License-Identifier: Apache-2.0
// Counts over courses, brand projects and equipment.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::resources {

void AddCourseStatistics(resource::Service& service);

}  // namespace lianqiao::resources
