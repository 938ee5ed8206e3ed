// SPDX-License-Identifier: Apache-2.0
// What placements of classes must satisfy (domain D75b). Pure.
#pragma once

#include "lianqiao/research/v1/class_placement.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::research {

// Fact "schools": id, kind and stages of the home and the host school.
resource::FactQuery PlacementSchoolFacts();
resource::Violations CheckClassPlacement(const v1::ClassPlacement* before, const v1::ClassPlacement& after,
                                         const resource::Facts& facts);
// Only a proposal may have been a mistake.
resource::Violations CheckClassPlacementDeletion(const v1::ClassPlacement& record,
                                                 const resource::Facts& facts);

}  // namespace lianqiao::research
