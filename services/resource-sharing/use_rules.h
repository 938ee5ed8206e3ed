// SPDX-License-Identifier: Apache-2.0
// What uses and ratings of resource items must satisfy. Pure.
#pragma once

#include "lianqiao/resources/v1/resource_rating.pb.h"
#include "lianqiao/resources/v1/resource_use.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::resources {

// Facts: "item" (the item, and the whole school that gives it), "consumer" (the whole school that uses it).
resource::FactQuery ItemUsed();
resource::FactQuery Consumer();
void DeriveResourceUse(v1::ResourceUse* use, const resource::Facts& facts);
resource::Violations CheckResourceUse(const v1::ResourceUse* before, const v1::ResourceUse& after,
                                      const resource::Facts& facts);

// Facts: "item", "consumer", "used" (a row if the consumer has used it).
resource::FactQuery UsedByConsumer();
resource::Violations CheckResourceRating(const v1::ResourceRating* before, const v1::ResourceRating& after,
                                         const resource::Facts& facts);

}  // namespace lianqiao::resources
