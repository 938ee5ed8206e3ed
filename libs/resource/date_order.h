// SPDX-License-Identifier: Apache-2.0
// Order of business dates inside one record, for the rules of this service. Dates are YYYY-MM-DD, so text
// order is date order; an empty date is unknown and violates nothing.
#pragma once

#include <string>

#include "libs/resource/facts.h"

namespace lianqiao::resource {

// Refuses `later_field` if its date lies before that of `earlier_field`.
inline void RequireOrder(const char* earlier_field, const std::string& earlier, const char* later_field,
                         const std::string& later, Violations* violations) {
  if (earlier.empty() || later.empty() || earlier <= later) return;
  violations->push_back(
      base::Refuse(later_field, base::ErrorReason::DATES_OUT_OF_ORDER, {{"other", earlier_field}}));
}

// Whether the closed periods [from, to] meet; an empty bound is open.
inline bool PeriodsMeet(const std::string& from, const std::string& to, const std::string& other_from,
                        const std::string& other_to) {
  return (to.empty() || other_from.empty() || other_from <= to) &&
         (from.empty() || other_to.empty() || from <= other_to);
}

}  // namespace lianqiao::resource
