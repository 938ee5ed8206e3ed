// SPDX-License-Identifier: Apache-2.0
// Persons and person-times of one record: each with its operator, and no fewer attendances than persons.
// Pure.
#pragma once

#include "libs/resource/reported_count.h"

namespace lianqiao::exchange {

template <typename Record>
void CheckPersonFigures(const Record& record, resource::Violations* violations) {
  resource::RequireNumber("distinctPersonCountComparison", record.has_distinct_person_count(),
                          record.distinct_person_count_comparison(), violations);
  resource::RequireNumber("personTimeCountComparison", record.has_person_time_count(),
                          record.person_time_count_comparison(), violations);
  if (!record.has_distinct_person_count() || !record.has_person_time_count()) return;
  // Unless one of the figures says that it may be otherwise.
  const bool may_fit = resource::MayBeMore(record.person_time_count_comparison()) ||
                       resource::MayBeLess(record.distinct_person_count_comparison());
  if (record.person_time_count() < record.distinct_person_count() && !may_fit)
    violations->push_back(
        base::RefuseRule("personTimeCount", "人次不得少于人数", "is fewer than the persons"));
}

// Whether a reported number of persons admits that so many are on record.
template <typename Record>
bool AdmitsOnRecord(const Record& record, int64_t recorded_count) {
  return !record.has_distinct_person_count() || recorded_count <= record.distinct_person_count() ||
         resource::MayBeMore(record.distinct_person_count_comparison());
}

}  // namespace lianqiao::exchange
