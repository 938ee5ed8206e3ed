// SPDX-License-Identifier: Apache-2.0
// One import under a worker's hands, from its lease to its end.
#pragma once

#include <memory>
#include <string>

#include "libs/bulk/stager.h"
#include "libs/bulk/writer.h"

namespace lianqiao::bulk {

class Job {
 public:
  // Takes the next import that waits; null: there is none.
  static absl::StatusOr<std::unique_ptr<Job>> Take(const JobEnvironment& environment);

  // Reads or writes some more; true: the import has ended, or is another worker's. After an error the job is
  // to be released.
  absl::StatusOr<bool> Step();
  // Lets another worker, or this one, take it up again after `pause`.
  void Release(absl::Duration pause);

  const std::string& import_id() const { return row_.id; }

 private:
  Job(const JobEnvironment& environment, ImportRow row, const std::string& lease_id);
  absl::StatusOr<bool> Work();
  // With the state that is found; if none is, it stays open.
  using StateFinder = std::function<absl::StatusOr<v1::Import::State>(postgres::Statements&)>;
  absl::Status EndAs(const StateFinder& find, const base::Failure& failure);
  absl::Status End();
  absl::Status Fail(const absl::Status& status);
  absl::Status Lost();

  const JobEnvironment& environment_;
  const ImportRow row_;
  const Ledger ledger_;
  std::unique_ptr<Stager> stager_;  // Until everything is in order.
  std::unique_ptr<Writer> writer_;
};

}  // namespace lianqiao::bulk
