// SPDX-License-Identifier: Apache-2.0
// What courses, brand projects and equipment facts must satisfy. Pure.
#pragma once

#include "lianqiao/resources/v1/brand_project.pb.h"
#include "lianqiao/resources/v1/course.pb.h"
#include "lianqiao/resources/v1/equipment_facts.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::resources {

// Facts of all three: "school" (teaches); of the first and the last also "year" (starts_on, ends_on).
resource::Violations CheckCourse(const v1::Course* before, const v1::Course& after,
                                 const resource::Facts& facts);
resource::Violations CheckBrandProject(const v1::BrandProject* before, const v1::BrandProject& after,
                                       const resource::Facts& facts);
resource::Violations CheckEquipmentFacts(const v1::EquipmentFacts* before, const v1::EquipmentFacts& after,
                                         const resource::Facts& facts);

}  // namespace lianqiao::resources
