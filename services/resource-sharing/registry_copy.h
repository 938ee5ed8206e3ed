// SPDX-License-Identifier: Apache-2.0
// What this service keeps of alliance-registry in its own tables `registry_…`: whom records refer to, who may
// see them, and what rules ask about schools, alliances and terms.
#pragma once

#include "libs/runtime/main.h"

namespace lianqiao::resources {

// Its tables are migrations/0010_follow_registry.sql; the schema gate holds that both agree.
runtime::Follow RegistryCopy();

}  // namespace lianqiao::resources
