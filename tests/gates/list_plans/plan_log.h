// SPDX-License-Identifier: Apache-2.0
// How PostgreSQL ran the statements of a role, from auto_explain in the server's log. Only for this gate.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/postgres/database.h"

namespace lianqiao::gates {

class PlanLog {
 public:
  // Before the first connection of the role; the role is made if it is missing.
  explicit PlanLog(const std::string& role);

  // Passes over what was written so far: plans made before the tables were filled say nothing.
  void Skip();
  // Plans written since the call before. Waits until the statement with this text in it has been logged.
  std::string Take(const std::string& text);

  // As the superuser, in this database, with the role's schema first and without triggers: rows for a test
  // are made many times faster so.
  void Run(const std::string& database, const std::vector<std::string>& statements);
  // As the superuser: statistics of every table.
  static void Analyze(const std::string& database);
  // "force_generic_plan": how a statement runs whose plan is kept. Ends the role's connections, so that the
  // next ones have it.
  void SetPlanCacheMode(const std::string& mode);

 private:
  const std::string role_;
  std::unique_ptr<postgres::Database> superuser_;
  int64_t offset_ = 0;
};

}  // namespace lianqiao::gates
