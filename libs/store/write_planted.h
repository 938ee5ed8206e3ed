// SPDX-License-Identifier: Apache-2.0
// The feed as it is written wrong on purpose (libs/base/mutant.h): heads are raised in another transaction
// than the write's. For libs/resource/unit.cc only.
#pragma once

#include <string>
#include <vector>

#include "libs/store/write.h"

namespace lianqiao::store {

absl::StatusOr<Positions> WriteFeedBeside(postgres::Statements& transaction, postgres::Statements& counter,
                                          const std::vector<Change>& changes, const Actor& actor,
                                          const IdempotencyKey& key, const std::vector<std::string>& answer);

}  // namespace lianqiao::store
