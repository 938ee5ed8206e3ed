// SPDX-License-Identifier: Apache-2.0
// What practice models must satisfy (domain D72, D76). Pure.
#pragma once

#include "lianqiao/research/v1/practice_model.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::research {

resource::Violations CheckPracticeModel(const v1::PracticeModel* before, const v1::PracticeModel& after,
                                        const resource::Facts& facts);

}  // namespace lianqiao::research
