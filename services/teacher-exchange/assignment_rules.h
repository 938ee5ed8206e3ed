// SPDX-License-Identifier: Apache-2.0
// What an assignment must satisfy: its type's form, its days, whether the teacher may be sent, nobody for
// more than a whole week, no quota beyond its places. Pure.
#pragma once

#include "lianqiao/exchange/v1/assignment.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::exchange {

// States in which an assignment takes a place of its quota, as SQL.
inline constexpr char kTakesPlace[] =
    "('ASSIGNMENT_STATE_APPROVED', 'ASSIGNMENT_STATE_ON_POST', 'ASSIGNMENT_STATE_EXTENDED',"
    " 'ASSIGNMENT_STATE_COMPLETED', 'ASSIGNMENT_STATE_ASSESSED')";

// "others": the teacher's other assignments, with the columns of kShareColumns.
resource::FactQuery OtherAssignmentFacts();
// "ethics": the outcome of the teacher's latest year.
resource::FactQuery EthicsFacts();
// "quota": the one that it names, how many places others take, and whether the sending school may fill it.
resource::FactQuery QuotaFacts();
// "team": the host school of the team that it names.
resource::FactQuery TeamFacts();

resource::Violations CheckAssignment(const v1::Assignment* before, const v1::Assignment& after,
                                     const resource::Facts& facts);

}  // namespace lianqiao::exchange
