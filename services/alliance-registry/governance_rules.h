// SPDX-License-Identifier: Apache-2.0
// What governing bodies and role holders must satisfy. Pure.
#pragma once

#include "lianqiao/registry/v1/governance.pb.h"
#include "lianqiao/registry/v1/role_holder.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::registry {

resource::Violations CheckGoverningBody(const v1::GoverningBody* before, const v1::GoverningBody& after,
                                        const resource::Facts& facts);

resource::Violations CheckRoleHolder(const v1::RoleHolder* before, const v1::RoleHolder& after,
                                     const resource::Facts& facts);

}  // namespace lianqiao::registry
