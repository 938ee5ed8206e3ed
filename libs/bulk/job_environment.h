// SPDX-License-Identifier: Apache-2.0
// What the parts of a job share.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "libs/access/caller.h"
#include "libs/base/clock.h"
#include "libs/bulk/limits.h"
#include "libs/bulk/order.h"
#include "libs/bulk/tally.h"
#include "libs/resource/engine.h"

namespace lianqiao::bulk {

struct JobEnvironment {
  resource::Engine* engine = nullptr;  // All outlive the job.
  const KindOrder* order = nullptr;
  // The client with its grants of now. Blocks.
  std::function<absl::StatusOr<access::Caller>(const std::string& client_id)> caller_of;
  ImportTally* tally = nullptr;

  const contract::Contract& contract() const { return *engine->options().contract; }
  postgres::Database& reads() const { return *engine->options().reads; }
  postgres::Database& writes() const { return *engine->options().writes; }
  absl::Time now() const { return engine->options().clock->Now(); }
};

// What is known of an import's lines while they are ordered and written; at most some 25 bytes per line.
struct Lines {
  LineIndex index;
  std::vector<bool> refused;
  // Refused, and nobody knows their records: whatever refers to them cannot be written.
  std::vector<bool> gone;
  std::set<int> kinds;  // Numbers of the kinds that the lines are of.
  // Lines have to do with records of others: none can be checked without those.
  bool linked = false;

  void Refuse(uint32_t line, bool exists);
  bool IsRefused(uint32_t line) const { return line < refused.size() && refused[line]; }
  bool IsGone(uint32_t line) const { return line < gone.size() && gone[line]; }
};

// Where blocks stand in the order of writing: kinds by rank, in it level by level; deletes behind all others
// and the other way round.
inline constexpr int kStepsPerRank = kDepthMax + 1;
inline constexpr int kDeleteStep = 1 << 29;
inline int LevelOfStep(int step) {
  return step < kDeleteStep ? step % kStepsPerRank : kDepthMax - (step - kDeleteStep) % kStepsPerRank;
}

// A transaction of the job's own, well within what read_time relies on.
absl::Status Transact(const JobEnvironment& environment,
                      const std::function<absl::Status(postgres::Statements&)>& body);

// Whether the submission is to blame, and not the platform.
bool IsClients(const absl::Status& status);

}  // namespace lianqiao::bulk
