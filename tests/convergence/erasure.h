// SPDX-License-Identifier: Apache-2.0
// What an erasure leaves of a record, said a second time, and the proof that it left no more.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/convergence/consumer.h"
#include "tests/convergence/ledger.h"
#include "tests/convergence/mirror.h"
#include "tests/convergence/world.h"

namespace lianqiao::convergence {

// Clears what an erasure clears.
void ClearErasable(const contract::Resource& resource, google::protobuf::Message* record);
// Whether `after` is what an erasure leaves of `before`.
bool IsErasedCopy(const Installation& installation, const Key& key, const std::string& before,
                  const std::string& after);

// Nothing of those who are erased: in no row of any table, in no copy, in nothing that was asked for after
// the erasure was acknowledged. `mirror` may be null.
void CheckErasure(Installation* installation, const World& world, const Ledger& ledger,
                  const std::vector<std::unique_ptr<Consumer>>& consumers, Mirror* mirror, Report* report);

}  // namespace lianqiao::convergence
