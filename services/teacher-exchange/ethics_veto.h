// SPDX-License-Identifier: Apache-2.0
// The veto of a failed ethics year (domain D68, CY-04): against posts, the lead of a team, awards and titles.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "libs/resource/facts.h"

namespace lianqiao::exchange {

// "ethics": the outcome of the latest year of the teacher whom `teacher_field` names.
resource::FactQuery EthicsFacts(const std::string& teacher_field, std::vector<std::string> methods);

// Says no more than that something stands against the teacher: whoever asks may not read ethics results.
void CheckEthics(const char* teacher_field, const resource::Facts& facts, resource::Violations* violations);

}  // namespace lianqiao::exchange
