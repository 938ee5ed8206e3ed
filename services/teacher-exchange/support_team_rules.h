// SPDX-License-Identifier: Apache-2.0
// What a support team must satisfy. Pure.
#pragma once

#include "lianqiao/exchange/v1/support_team.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::exchange {

// "leader": until when its leader is in service; of an approval and an extension.
resource::FactQuery LeaderFacts();

resource::Violations CheckSupportTeam(const v1::SupportTeam* before, const v1::SupportTeam& after,
                                      const resource::Facts& facts);
resource::Violations CheckSupportTeamDeletion(const v1::SupportTeam& record, const resource::Facts& facts);

}  // namespace lianqiao::exchange
