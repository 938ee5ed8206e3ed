// SPDX-License-Identifier: Apache-2.0
// Dates of a record's course: each is written by its step, none lies ahead of its step, and they follow one
// another. Used by the rules of this service. Pure.
#pragma once

#include <string>
#include <vector>

#include "libs/resource/date_order.h"

namespace lianqiao::research {

struct StepDate {
  const char* field;
  std::string date;
  bool reached;                // The record is in a state that comes with or after this step.
  bool may_lie_ahead = false;  // A day that people agree on beforehand.
};

// In the order of the course.
inline void CheckStepDates(const std::vector<StepDate>& steps, const std::string& today,
                           resource::Violations* violations) {
  const StepDate* earlier = nullptr;
  for (const StepDate& step : steps) {
    if (step.date.empty()) continue;
    if (!step.reached)
      violations->push_back(base::RefuseRule(step.field, "该日期由相应操作填写", "is set by its step"));
    else if (!step.may_lie_ahead && !today.empty() && step.date > today)
      violations->push_back(base::RefuseRule(step.field, "不得晚于今天", "lies in the future"));
    if (earlier != nullptr)
      resource::RequireOrder(earlier->field, earlier->date, step.field, step.date, violations);
    earlier = &step;
  }
}

}  // namespace lianqiao::research
