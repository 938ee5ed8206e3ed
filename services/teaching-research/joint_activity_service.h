// SPDX-License-Identifier: Apache-2.0
// Joint activities and their parties: rules and facts.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::research {

void AddJointActivities(resource::Service& service);

}  // namespace lianqiao::research
