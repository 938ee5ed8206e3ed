// SPDX-License-Identifier: Apache-2.0
// The rows of restamp_job: what hangs on a record that moved is stamped in the background (restamp.cc), and
// until then what the record lost counts for nobody (pending.h). Only for libs/resource.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/postgres/database.h"

namespace lianqiao::resource {

// Who may read a row, and who may write it; sorted ids.
struct Scopes {
  std::vector<std::string> scope;
  std::vector<std::string> write_scope;
};

struct RestampJob {
  std::string kind;  // "organisation", or "registry/organisation" of a followed service.
  std::string id;
  Scopes before;
  Scopes now;
  std::string root_id;  // The job of which this is a part; empty: none.
};

// The record moves again while its dependants are still waiting: what it lost grows, what it got back goes.
absl::Status TellRestampJobs(postgres::Statements& transaction, const RestampJob& job);
absl::Status AddRestampJob(postgres::Statements& transaction, const RestampJob& job, absl::Time now);

}  // namespace lianqiao::resource
