// SPDX-License-Identifier: Apache-2.0
// What the question of a proposal must satisfy, what its answer says in words, and whether a line still
// holds. Pure.
#pragma once

#include <string>
#include <vector>

#include "lianqiao/exchange/v1/proposal.pb.h"
#include "libs/resource/facts.h"
#include "services/teacher-exchange/proposal_facts.h"
#include "services/teacher-exchange/proposal_reasons.h"

namespace lianqiao::exchange {

resource::Violations CheckProposalRequest(const v1::ProposeAssignmentsRequest& request);

// The question as the record keeps it.
v1::AssignmentProposal ProposalOf(const v1::ProposeAssignmentsRequest& request);

// Lines, quotas, refusals and numbers.
void Describe(const ProposalFacts& facts, const ProposalSolution& solution, const ProposalReasons& reasons,
              v1::AssignmentProposal* proposal);

// A violation for every line that the facts of today do not bear any more: somebody is gone, a post is taken,
// a quota is full, a school would fall below its minimum. The facts are of the proposal's own teachers,
// vacancies and quotas, or of more.
resource::Violations StaleLines(const ProposalFacts& facts, const v1::AssignmentProposal& proposal);

}  // namespace lianqiao::exchange
