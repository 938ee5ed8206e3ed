// SPDX-License-Identifier: Apache-2.0
// What rules for online research and its sessions must satisfy. Pure.
#pragma once

#include "lianqiao/resources/v1/online_research_rule.pb.h"
#include "lianqiao/resources/v1/online_research_session.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::resources {

resource::Violations CheckOnlineResearchRule(const v1::OnlineResearchRule* before,
                                             const v1::OnlineResearchRule& after,
                                             const resource::Facts& facts);

// Facts: "host" (a row if it takes part in the alliance on that day), "rule" (alliance_id, state,
// in_force_on, ended_on).
resource::Violations CheckOnlineResearchSession(const v1::OnlineResearchSession* before,
                                                const v1::OnlineResearchSession& after,
                                                const resource::Facts& facts);

}  // namespace lianqiao::resources
