// SPDX-License-Identifier: Apache-2.0
// Files and their quotas: rules, facts, and the bytes on their way.
#pragma once

#include "libs/content/store.h"
#include "libs/resource/service.h"

namespace lianqiao::resources {

void AddStorageQuotas(resource::Service& service);
// The store outlives the service.
void AddFiles(resource::Service& service, content::Store* store);

}  // namespace lianqiao::resources
