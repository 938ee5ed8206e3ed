// SPDX-License-Identifier: Apache-2.0
// Jobs that run in several services under one id: which part is where. In identity's schema; everything else
// about a job stands in its service.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/database.h"

namespace lianqiao::gateway::sync {

// (service, id of its import or export), in the order of the services.
using JobParts = std::vector<std::pair<std::string, std::string>>;

// Kept a day longer than services keep their jobs.
inline constexpr absl::Duration kJobGroupKept = absl::Hours(24 * 8);

// Thread-safe; never blocks.
class JobGroups {
 public:
  // `database` on identity's schema outlives it and what it was asked.
  explicit JobGroups(postgres::Database* database) : database_(database) {}

  // The id that these parts of this client always have: a repeated submission has the same parts, and so the
  // same id.
  static std::string IdOf(const std::string& client_id, const JobParts& parts);
  // Stores the group under IdOf and removes some that are past their time; `then` runs on a thread of the
  // database.
  void Save(const std::string& client_id, const JobParts& parts, absl::Time now, absl::Time deadline,
            std::function<void(const absl::Status&)> then);
  // The parts; none if this client has no such group.
  void Find(const std::string& id, const std::string& client_id, absl::Time deadline,
            std::function<void(absl::StatusOr<JobParts>)> then);

 private:
  postgres::Database* const database_;
};

}  // namespace lianqiao::gateway::sync
