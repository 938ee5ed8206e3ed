// SPDX-License-Identifier: Apache-2.0
// Where an import or export runs: in one service, under its id, or as a group in several. On the loop.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "services/gateway/sync/call.h"
#include "services/gateway/sync/job_groups.h"

namespace lianqiao::gateway::sync {

// Stores the group; `then` gets its id.
void SaveGroup(const CallPointer& call, const JobParts& parts,
               std::function<void(absl::StatusOr<std::string>)> then);

// The parts of a job that is a group; with the only service there is, its one part; none if any service may
// have it.
void FindParts(const CallPointer& call, const std::string& id,
               std::function<void(absl::StatusOr<JobParts>)> then);

// Asks every service for something that only one can have; `then` gets that one's answer. NOT_FOUND only if
// all say so; UNAVAILABLE if one that could have it is away.
void AskOwner(const CallPointer& call, const std::string& path, const std::string& request,
              std::function<void(absl::StatusOr<Told>)> then);

// Asks about every part of a group, with the request that `request` makes for a part's id; all must answer.
void AskParts(const CallPointer& call, const std::string& path, const JobParts& parts,
              const std::function<std::string(const std::string& id)>& request,
              std::function<void(absl::StatusOr<std::vector<Told>>)> then);

}  // namespace lianqiao::gateway::sync
