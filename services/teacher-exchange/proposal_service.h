// SPDX-License-Identifier: Apache-2.0
// Proposals of who goes where: found, kept, and carried out when they are approved.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::exchange {

void AddProposals(resource::Service& service);

}  // namespace lianqiao::exchange
