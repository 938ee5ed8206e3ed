// SPDX-License-Identifier: Apache-2.0
// What cycles, the plans of alliances and the programmes of counties must satisfy. Pure.
#pragma once

#include "lianqiao/registry/v1/annual_plan.pb.h"
#include "lianqiao/registry/v1/county_programme.pb.h"
#include "lianqiao/registry/v1/cycle.pb.h"
#include "lianqiao/registry/v1/implementation_plan.pb.h"
#include "lianqiao/registry/v1/plan.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::registry {

// Facts: "same_number" (other cycles of the same jurisdiction and alliance with this number), "ended_place"
// (the jurisdiction, if it had ended before the cycle begins).
resource::Violations CheckCycle(const v1::Cycle* before, const v1::Cycle& after,
                                const resource::Facts& facts);

// Facts of the three plans: on reopening "handed_in" (filings of it that are submitted or on file); "cycle"
// (alliance_id of the cycle named), "accepted" (filings of the plan that were accepted; for the File… methods
// only).
resource::Violations CheckDevelopmentPlan(const v1::DevelopmentPlan* before, const v1::DevelopmentPlan& after,
                                          const resource::Facts& facts);
// Fact "overall": kind and alliance_id of the overall plan named.
resource::Violations CheckImplementationPlan(const v1::ImplementationPlan* before,
                                             const v1::ImplementationPlan& after,
                                             const resource::Facts& facts);
resource::Violations CheckAnnualPlan(const v1::AnnualPlan* before, const v1::AnnualPlan& after,
                                     const resource::Facts& facts);

// Fact "jurisdiction": level of the county.
resource::Violations CheckCountyProgramme(const v1::CountyProgramme* before, const v1::CountyProgramme& after,
                                          const resource::Facts& facts);

}  // namespace lianqiao::registry
