// SPDX-License-Identifier: Apache-2.0
// What must be true of school years and terms. Pure.
#pragma once

#include "lianqiao/registry/v1/calendar.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::registry {

resource::Violations CheckSchoolYear(const v1::SchoolYear* before, const v1::SchoolYear& after,
                                     const resource::Facts& facts);

// Facts: "school_year" (key, starts_on, ends_on) of the term.
resource::FactQuery TermYearFacts();
resource::Violations CheckTerm(const v1::Term* before, const v1::Term& after, const resource::Facts& facts);

}  // namespace lianqiao::registry
