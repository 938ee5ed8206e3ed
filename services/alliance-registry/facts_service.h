// SPDX-License-Identifier: Apache-2.0
// Fact submissions with their restatements, and yearly facts of schools and jurisdictions.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::registry {

void AddFacts(resource::Service& service);

}  // namespace lianqiao::registry
