// SPDX-License-Identifier: Apache-2.0
// What ranking records must satisfy (domain D77, §1.13 on ranks). Pure.
#pragma once

#include "lianqiao/research/v1/ranking_record.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::research {

// Facts: "unit" (stages of the organisation that is ranked), "earlier" (series and term of the record that
// it is compared with).
resource::FactQuery RankedUnitFacts();
resource::FactQuery EarlierRankFacts();
// Says whether the rank is one of the compulsory stages; what is not known counts as one.
void DeriveCompulsory(v1::RankingRecord* record, const resource::Facts& facts);
resource::Violations CheckRankingRecord(const v1::RankingRecord* before, const v1::RankingRecord& after,
                                        const resource::Facts& facts);

}  // namespace lianqiao::research
