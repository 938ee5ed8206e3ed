// SPDX-License-Identifier: Apache-2.0
// School years and terms: standard methods with rules.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::registry {

void AddCalendars(resource::Service& service);

}  // namespace lianqiao::registry
