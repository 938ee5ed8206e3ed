// SPDX-License-Identifier: Apache-2.0
// What growth records and their events must satisfy. Pure.
#pragma once

#include "lianqiao/exchange/v1/growth_event.pb.h"
#include "lianqiao/exchange/v1/growth_record.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::exchange {

resource::Violations CheckGrowthRecord(const v1::GrowthRecord* before, const v1::GrowthRecord& after,
                                       const resource::Facts& facts);

// Facts: "record" (state; starts_on and ends_on of its school year).
resource::Violations CheckGrowthEvent(const v1::GrowthEvent* before, const v1::GrowthEvent& after,
                                      const resource::Facts& facts);
resource::Violations CheckGrowthEventDeletion(const v1::GrowthEvent& record, const resource::Facts& facts);

}  // namespace lianqiao::exchange
