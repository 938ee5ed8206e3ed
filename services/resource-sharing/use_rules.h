// SPDX-License-Identifier: Apache-2.0
// What uses and ratings of resource items must satisfy. Pure.
#pragma once

#include <string>

#include "lianqiao/resources/v1/resource_rating.pb.h"
#include "lianqiao/resources/v1/resource_use.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::resources {

// Facts: "item" (the item, and the whole school that gave it on the day of the record), "consumer" (the whole
// school that used it then).
resource::FactQuery ItemUsed(const std::string& day_field);
resource::FactQuery Consumer(const std::string& day_field);
void DeriveResourceUse(v1::ResourceUse* use, const resource::Facts& facts);
resource::Violations CheckResourceUse(const v1::ResourceUse* before, const v1::ResourceUse& after,
                                      const resource::Facts& facts);

// Facts: "item", "consumer", "used" (a row if the consumer has used it).
resource::FactQuery UsedByConsumer();
resource::Violations CheckResourceRating(const v1::ResourceRating* before, const v1::ResourceRating& after,
                                         const resource::Facts& facts);

}  // namespace lianqiao::resources
