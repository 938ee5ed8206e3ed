// SPDX-License-Identifier: Apache-2.0
// Who takes part in an alliance on a day, which school an organisation is and which organisations teach, as
// SQL over the copy of the registry.
#pragma once

#include <string>

#include "libs/resource/facts.h"

namespace lianqiao::resources {

// A condition: the organisation, the school above it or the place that it lies in is a party of the alliance
// on that day. Each argument is an SQL expression, which may be NULL.
std::string PartyOnDaySql(const std::string& alliance_id, const std::string& organisation_id,
                          const std::string& day);

// A condition: the membership (an alias of its copy) held on that day, as far as is known.
std::string HeldOnDaySql(const std::string& membership, const std::string& day);

// The school that an organisation is on that day: a campus is its school, and what was merged is, from the
// merger on, what it was merged into. Whoever asks for no day means today's.
std::string SchoolSql(const std::string& organisation_id, const std::string& day = "'infinity'::date");

// What an organisation was merged into, or itself.
std::string SuccessorSql(const std::string& organisation_id);

// A condition on a column of type text: the kind of an organisation is one that teaches.
std::string TeachesSql(const std::string& kind);

// "school": whether the record's school_id names one that teaches.
resource::FactQuery SchoolFacts();

}  // namespace lianqiao::resources
