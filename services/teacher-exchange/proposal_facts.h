// SPDX-License-Identifier: Apache-2.0
// What a proposal looks at, as the tables have it now: teachers, vacancies, quotas and schools.
#pragma once

#include <string>
#include <vector>

#include "lianqiao/exchange/v1/proposal.pb.h"
#include "libs/resource/service.h"
#include "services/teacher-exchange/proposal_model.h"

namespace lianqiao::exchange {

// A quota beside its place in the problem.
struct ProposalQuotaCounts {
  std::string id;
  int planned_count = 0;
  int taken_count = 0;
};

struct ProposalLeftOut {
  v1::ProposalReason reason = v1::PROPOSAL_REASON_NOT_AVAILABLE;
  std::string id;
  std::string school_id;  // Empty: not known to whoever asks.
};

struct ProposalFacts {
  ProposalProblem problem;
  std::vector<ProposalQuotaCounts> counts;  // By quota of the problem.
  std::vector<v1::HostRole> host_roles;     // By post of the problem.
  // Out before the choice begins: teachers on exchange in that time already, each with the school; quotas
  // that end before the planned first day.
  std::vector<std::pair<std::string, std::string>> away;
  // Out as well: who has a place in one of the quotas already, and fills no second one of it.
  std::vector<std::pair<std::string, std::string>> placed;
  std::vector<ProposalQuotaCounts> due;
  // Out by the limits on persons, or named and not found.
  std::vector<ProposalLeftOut> left_out_teachers;
  std::vector<ProposalLeftOut> left_out_posts;
  std::vector<std::string> unknown_quotas;
};

// By the limits of the proposal and by what the caller may read. `without`: assignments that are taken for
// not there. INVALID_ARGUMENT if there is more than one proposal takes, or quotas of both kinds.
absl::StatusOr<ProposalFacts> ReadProposalFacts(resource::Writing& writing,
                                                const v1::AssignmentProposal& proposal,
                                                const std::vector<std::string>& without);

}  // namespace lianqiao::exchange
