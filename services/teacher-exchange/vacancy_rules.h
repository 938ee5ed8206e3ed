// SPDX-License-Identifier: Apache-2.0
// What a vacancy must satisfy. Pure.
#pragma once

#include "lianqiao/exchange/v1/vacancy.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::exchange {

// "assignment": the one that takes the post.
resource::FactQuery VacancyAssignmentFacts();

resource::Violations CheckVacancy(const v1::Vacancy* before, const v1::Vacancy& after,
                                  const resource::Facts& facts);
// What somebody has is not deleted.
resource::Violations CheckVacancyDeletion(const v1::Vacancy& vacancy, const resource::Facts& facts);

}  // namespace lianqiao::exchange
