// SPDX-License-Identifier: Apache-2.0
// What alliances put on paper: agreements, cycles, plans, county programmes and filings; rules and facts.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::registry {

void AddAgreements(resource::Service& service);
void AddPlans(resource::Service& service);
void AddFilings(resource::Service& service);

}  // namespace lianqiao::registry
