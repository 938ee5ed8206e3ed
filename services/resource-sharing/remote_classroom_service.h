// SPDX-License-Identifier: Apache-2.0
// Pairs of remote classrooms, their sessions, and online research.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::resources {

void AddRemoteClassrooms(resource::Service& service);
void AddOnlineResearch(resource::Service& service);

}  // namespace lianqiao::resources
