// SPDX-License-Identifier: Apache-2.0
// What a grant must be beyond its fields. Pure.
#pragma once

#include "lianqiao/identity/v1/grant.pb.h"
#include "libs/resource/service.h"

namespace lianqiao::identity {

// The platform has no scope id, everything else has one; validity runs forward.
resource::Violations CheckGrant(const v1::Grant* before, const v1::Grant& after,
                                const resource::Facts& facts);

}  // namespace lianqiao::identity
