// SPDX-License-Identifier: Apache-2.0
// The test binary's own PostgreSQL: started on first use, removed when the binary ends, however it ends.
// For TestDatabase and tests/e2e only.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "libs/postgres/database.h"

namespace lianqiao::testing {

class Cluster {
 public:
  static Cluster& Instance();
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // libpq string for a role and a database.
  std::string Connection(const std::string& role, const std::string& database) const;

  // Runs one statement as the superuser in the database "postgres"; ends the binary if that fails.
  void Administer(const std::string& sql);
  bool Exists(const std::string& sql);

  void Start();
  void StopNow();

 private:
  Cluster();
  void Guard();
  // Ends the binary with the command's output if it fails.
  void Run(const std::vector<std::string>& command) const;
  std::vector<std::string> AsServerAccount(const std::vector<std::string>& command) const;

  std::string folder_;  // Short: a socket's path has at most 107 bytes.
  int guard_pipe_ = -1;
  pid_t guard_ = -1;
  std::unique_ptr<postgres::Database> administrator_;
};

}  // namespace lianqiao::testing
