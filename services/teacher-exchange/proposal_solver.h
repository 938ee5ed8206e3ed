// SPDX-License-Identifier: Apache-2.0
// Chooses who goes where. Pure; the arithmetic is LEMON's network simplex.
//
// Every move counts for exactly one quota, so the set is a flow: school (at most its movable teachers) ->
// teachers -> posts -> quota (at most what it lacks); with quotas_by_school the quota stands before the
// school. Capacities are all there is, the matrix is totally unimodular, and the simplex gives whole
// teachers. What holds, each of it exactly:
// 1. Every limit of FaultsOf.
// 2. No other set within them fills more of the quotas, backbone share included. The share is the one
//    condition outside the network. Let B(f) be the most backbone teachers among f moves, a minimum-cost
//    flow: it is concave in f, so the f with B(f) >= share x f form an interval from 0, and its end is found
//    by bisection over whole flows.
// 3. As few moves as the quotas filled allow: no move serves nothing, none counts twice.
// 4. Where the share does not bind, the least total distance among all such sets. Where it does, that set is
//    changed cycle by cycle towards the one with the most backbone teachers, fewest kilometres for each
//    first, until the share is kept: hardly a backbone teacher leaves without need, and the distance stays
//    short, but neither is proven to be the least.
// Equal input in any order gives the same set (like teachers: longest at the school, then by id).
#pragma once

#include <vector>

#include "services/teacher-exchange/proposal_model.h"

namespace lianqiao::exchange {

struct ProposalSolution {
  std::vector<ProposalMove> moves;  // By post id.
  // How many could be filled without the backbone share; more than the moves: the share holds some back.
  int fillable_count = 0;
};

// DEADLINE_EXCEEDED if the deadline comes before the set is complete: there is no half-good answer. It is
// looked at between runs of the simplex, each of which takes a second or two at the limits of the model.
absl::StatusOr<ProposalSolution> SolveProposal(const ProposalProblem& problem, const ProposalPairs& pairs,
                                               absl::Time deadline);

}  // namespace lianqiao::exchange
