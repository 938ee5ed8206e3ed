// SPDX-License-Identifier: Apache-2.0
// What cooperation projects and funding must satisfy. Pure.
#pragma once

#include "lianqiao/registry/v1/funding.pb.h"
#include "lianqiao/registry/v1/project.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::registry {

resource::Violations CheckCooperationProject(const v1::CooperationProject* before,
                                             const v1::CooperationProject& after,
                                             const resource::Facts& facts);

// Facts: "payer" (kind and partner_kind of the paying organisation, level of its place or of the one that
// pays), read only where a payer is named.
resource::FactQuery FundingPayerFacts();
resource::Violations CheckFunding(const v1::Funding* before, const v1::Funding& after,
                                  const resource::Facts& facts);

}  // namespace lianqiao::registry
