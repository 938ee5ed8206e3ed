// SPDX-License-Identifier: Apache-2.0
// The counts of the exchange statistics as SQL. Parameters of all: $1 jurisdiction, $2 first day, $3 last
// day, $4 alliance or null, $5 whether only what began in the period counts. Of those over a school year: $2
// is the school year, and there is no $5.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::exchange {

// Of what is listed by alliance or school; one row more is asked for, to know that there are more.
inline constexpr int kStatisticsRowsMax = 10'000;

// One row: sent (assignments, persons, backbone persons), received (the same).
const resource::NamedQuery& StatisticsTotals();
// Rows: type, direction, host role (two of the three null), assignments, persons, backbone persons.
const resource::NamedQuery& StatisticsGroups();
// Rows: state, assignments, persons, backbone persons of what does not count.
const resource::NamedQuery& StatisticsNotCounted();
// One row ($6: the types that are rotation), persons: dispatched, of them principals, from quality schools,
// undetermined; reserve cadres; support teaching (and its assignments); rotated, of them backbone; outflow,
// of them backbone, for three years, undetermined.
const resource::NamedQuery& StatisticsRules();
// One row ($6 as above, $7: the school year), persons sent by the schools that told how many are eligible:
// rotated, outflow.
const resource::NamedQuery& StatisticsOfTold();
// One row: whether the place sends by some assignment that the caller may not read.
const resource::NamedQuery& StatisticsHidden();
// Rows: alliance, school, persons.
const resource::NamedQuery& StatisticsSeconded();
// Over a school year. Rows: alliance, jurisdiction, quotas, met, planned, filled, filled at most as planned.
const resource::NamedQuery& StatisticsQuotas();
// Over a school year. One row: eligible, schools that told, schools that owe a number.
const resource::NamedQuery& StatisticsEligible();
// Over a school year. Rows: submission, jurisdiction, state, paired schools, their full-time teachers;
// schools without facts, or without a number in them, are a row without a submission.
const resource::NamedQuery& StatisticsPaired();

}  // namespace lianqiao::exchange
