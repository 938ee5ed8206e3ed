// SPDX-License-Identifier: Apache-2.0
// What quotas must satisfy, and how they stand on a day. Pure.
#pragma once

#include <string>
#include <vector>

#include "lianqiao/exchange/v1/quota.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::exchange {

// How a quota stands on a day, with so many places filled by then, by due_on at the latest. What counts after
// due_on is what was filled by then: whoever comes later does not make it met, whoever leaves later not
// missed.
v1::QuotaState QuotaStateOn(int64_t filled, int64_t planned, const std::string& due_on,
                            const std::string& day);

// "places": teacher, first day and, of recalled ones, last day of its assignments that began; "changed": a
// row if the stored quota has another number or day; "taken": how many teachers have a place.
resource::FactQuery PlaceFacts();
resource::FactQuery ChangedQuotaFacts();
resource::FactQuery TakenFacts();

// Counts anew on every write; once counted after due_on (or brought by an import) it stays, until it is
// settled again or its number or day changes.
void CountPlaces(v1::Quota* quota, const resource::Facts& facts);

resource::Violations CheckQuota(const v1::Quota* before, const v1::Quota& after,
                                const resource::Facts& facts);

}  // namespace lianqiao::exchange
