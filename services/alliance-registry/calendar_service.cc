// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/calendar_service.h"

#include "services/alliance-registry/calendar_rules.h"

namespace lianqiao::registry {

void AddCalendars(resource::Service& service) {
  resource::Resource<v1::SchoolYear>(service).rules(CheckSchoolYear);
  resource::Resource<v1::Term>(service).facts(TermYearFacts()).rules(CheckTerm);
}

}  // namespace lianqiao::registry
