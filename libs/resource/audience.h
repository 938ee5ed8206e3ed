// SPDX-License-Identifier: Apache-2.0
// Audiences that open downwards: `scope { audience_from: "county_id" }` lets everybody read a record whose
// grant lies on that county or below it. A row's scope holds ids upwards, which cannot say that; so the row
// also holds store::BelowId of the county, and a reader's scope that of everything which its grants lie
// below. Only for libs/resource.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/access/authenticator.h"
#include "libs/resource/engine.h"

namespace lianqiao::resource {

// What each of some ids lies below: itself, its ancestors, the alliances of which one of those is a party
// today, and whatever was merged into one of them, in up to two steps. $1: the ids, $2: today. As the tables
// say it at that moment, so that a school that moves reads what its new county may from the next call on.
// A migration of the service holds the indexes: the parties of memberships, `replaced_by` of audiences.
absl::StatusOr<postgres::Query> LiesBelowQuery(const Engine::Options& options);

// Gives every caller what its grants lie below (Caller::lies_below), by one read together with whoever calls
// at the same time. Null where no kind opens downwards; what does not fit is added to `mistakes`.
std::unique_ptr<access::Authenticator> WithAudiences(const Engine::Options& options,
                                                     std::vector<std::string>* mistakes);

}  // namespace lianqiao::resource
