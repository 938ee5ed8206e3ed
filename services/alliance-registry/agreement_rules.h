// SPDX-License-Identifier: Apache-2.0
// What an agreement must satisfy. Pure.
#pragma once

#include "lianqiao/registry/v1/agreement.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::registry {

resource::Violations CheckAgreement(const v1::Agreement* before, const v1::Agreement& after,
                                    const resource::Facts& facts);

}  // namespace lianqiao::registry
