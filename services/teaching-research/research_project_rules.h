// SPDX-License-Identifier: Apache-2.0
// What research projects must satisfy (domain D71). Pure.
#pragma once

#include "lianqiao/research/v1/research_project.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::research {

// Fact "unknown_participants".
resource::Violations CheckResearchProject(const v1::ResearchProject* before, const v1::ResearchProject& after,
                                          const resource::Facts& facts);
// Only an application may have been a mistake.
resource::Violations CheckResearchProjectDeletion(const v1::ResearchProject& record,
                                                  const resource::Facts& facts);

}  // namespace lianqiao::research
