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
// "quota": the one that it names, for which year and sides, on which sides of its alliance both schools are,
// how many teachers have a place by other assignments, and whether this one is among them.
resource::FactQuery QuotaFacts();
// "team": state and host school of the team that it names, locked against its own steps.
resource::FactQuery TeamFacts();
// "team_sender": whether that team is one of the sending school; of an approval and a start.
resource::FactQuery TeamSenderFacts();
// "vacancy": what the post that it fills asks for; of an edit.
resource::FactQuery FilledVacancyFacts();

resource::Violations CheckAssignment(const v1::Assignment* before, const v1::Assignment& after,
                                     const resource::Facts& facts);
resource::Violations CheckAssignmentDeletion(const v1::Assignment& record, const resource::Facts& facts);

}  // namespace lianqiao::exchange
