// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/course_service.h"

#include "services/resource-sharing/course_rules.h"
#include "services/resource-sharing/party_on_day.h"

namespace lianqiao::resources {
namespace {

resource::FactQuery YearFacts() {
  return {"year",
          "SELECT y.starts_on, y.ends_on FROM registry_school_year y WHERE y.id = $1::uuid",
          {"school_year_id"},
          {}};
}

}  // namespace

void AddCourses(resource::Service& service) {
  resource::Resource<v1::Course>(service).facts(SchoolFacts()).facts(YearFacts()).rules(CheckCourse);
  resource::Resource<v1::BrandProject>(service).facts(SchoolFacts()).rules(CheckBrandProject);
  resource::Resource<v1::EquipmentFacts>(service)
      .facts(SchoolFacts())
      .facts(YearFacts())
      .rules(CheckEquipmentFacts);
}

}  // namespace lianqiao::resources
