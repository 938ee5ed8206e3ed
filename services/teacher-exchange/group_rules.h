// SPDX-License-Identifier: Apache-2.0
// What groups of teachers must satisfy: research communities, leagues and studios, their members, the
// campuses that a studio covers and the sessions that it holds. Pure.
#pragma once

#include "lianqiao/exchange/v1/research_community.pb.h"
#include "lianqiao/exchange/v1/research_community_member.pb.h"
#include "lianqiao/exchange/v1/studio.pb.h"
#include "lianqiao/exchange/v1/studio_campus.pb.h"
#include "lianqiao/exchange/v1/studio_member.pb.h"
#include "lianqiao/exchange/v1/studio_session.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::exchange {

// Facts: "heads" (a row for each active leader; of activating), "league" (kind; where one is named).
resource::Violations CheckResearchCommunity(const v1::ResearchCommunity* before,
                                            const v1::ResearchCommunity& after, const resource::Facts& facts);

// Facts: "heads" (a row for each active owner; of activating).
resource::Violations CheckStudio(const v1::Studio* before, const v1::Studio& after,
                                 const resource::Facts& facts);

// Facts: "group" (state, founded_on, ended_on), "heads" (a row for each other active head).
resource::Violations CheckResearchCommunityMember(const v1::ResearchCommunityMember* before,
                                                  const v1::ResearchCommunityMember& after,
                                                  const resource::Facts& facts);
resource::Violations CheckStudioMember(const v1::StudioMember* before, const v1::StudioMember& after,
                                       const resource::Facts& facts);

// Facts: "group", "school" (a row if the organisation is a place where pupils are taught).
resource::Violations CheckStudioCampus(const v1::StudioCampus* before, const v1::StudioCampus& after,
                                       const resource::Facts& facts);

// Facts: "group".
resource::Violations CheckStudioSession(const v1::StudioSession* before, const v1::StudioSession& after,
                                        const resource::Facts& facts);

}  // namespace lianqiao::exchange
