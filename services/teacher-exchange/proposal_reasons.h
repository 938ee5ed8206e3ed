// SPDX-License-Identifier: Apache-2.0
// Why a teacher or a post is not in a proposal, and why a quota keeps places open. Pure.
#pragma once

#include <vector>

#include "lianqiao/exchange/v1/proposal.pb.h"
#include "services/teacher-exchange/proposal_solver.h"

namespace lianqiao::exchange {

struct ProposalReasons {
  // By index; unspecified: it has its move, or all of its places.
  std::vector<v1::ProposalReason> teachers;
  std::vector<v1::ProposalReason> posts;
  std::vector<v1::ProposalReason> quotas;
};

ProposalReasons ReasonsOf(const ProposalProblem& problem, const ProposalPairs& pairs,
                          const ProposalSolution& solution);

}  // namespace lianqiao::exchange
