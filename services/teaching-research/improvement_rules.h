// SPDX-License-Identifier: Apache-2.0
// What improvement definitions and coefficients must satisfy (domain I11). Pure.
#pragma once

#include "lianqiao/research/v1/improvement_coefficient.pb.h"
#include "lianqiao/research/v1/improvement_definition.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::research {

resource::Violations CheckImprovementDefinition(const v1::ImprovementDefinition* before,
                                                const v1::ImprovementDefinition& after,
                                                const resource::Facts& facts);

// Fact "definition": its origin.
resource::FactQuery CoefficientDefinitionFacts();
resource::Violations CheckImprovementCoefficient(const v1::ImprovementCoefficient* before,
                                                 const v1::ImprovementCoefficient& after,
                                                 const resource::Facts& facts);

}  // namespace lianqiao::research
