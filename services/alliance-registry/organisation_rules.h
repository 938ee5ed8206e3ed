// SPDX-License-Identifier: Apache-2.0
// What must be true of an organisation: kind, type, stages, codes, parents and places agree. Pure.
#pragma once

#include "lianqiao/registry/v1/organisation.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::registry {

// Schools, campuses, points, kindergartens, special-education units: what has pupils.
bool IsTeaching(v1::OrganisationKind kind);

// Facts: "places", one row: level of the education jurisdiction, of the township, province of the
// jurisdiction (two digits), kind of the parent organisation, and whose school code it was before (code_of)
// if that was another school's that this one does not succeed.
resource::FactQuery OrganisationPlaceFacts();
// On closing "open_units": a row if something below it is still open.
resource::FactQuery OpenUnitsFacts();
resource::Violations CheckOrganisation(const v1::Organisation* before, const v1::Organisation& after,
                                       const resource::Facts& facts);

}  // namespace lianqiao::registry
