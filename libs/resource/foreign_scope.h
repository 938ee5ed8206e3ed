// SPDX-License-Identifier: Apache-2.0
// Scopes that come from records of a followed service: `scope { from: "school_id" }` where school_id is a
// "registry/organisation". The projection brings who may read and write that record; when that changes, what
// hangs on it here is stamped anew by the same background job as for records of this service.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/contract/contract.h"
#include "libs/feed/table.h"

namespace lianqiao::resource {

// "registry" for lianqiao.registry.v1: as references name it.
std::string ServiceOf(const std::string& package);

// The references from which kinds of `contract` take their scope, to this kind of another service. The order
// is that of the contract: jobs remember how far they are in it.
std::vector<contract::Reference> HangingOn(const contract::Contract& contract, const std::string& service,
                                           const std::string& kind);

// For the projection of `package`: a job for every moved record on which something hangs, and what it lost
// counts for nobody from that commit on.
feed::ScopeMover StampWhatHangsOn(std::shared_ptr<const contract::Contract> contract,
                                  const std::string& package);

}  // namespace lianqiao::resource
