// SPDX-License-Identifier: Apache-2.0
// A private PostgreSQL cluster per test binary and a database of its own per test (cloned from a migrated
// template, so it costs milliseconds). Tests only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/postgres/migrate.h"

namespace lianqiao::testing {

class TestDatabase {
 public:
  // Starts the binary's cluster on first use (initdb as an unprivileged account when root), makes or reuses
  // the template for these migrations, clones it. Aborts the test binary with a clear text if PostgreSQL 15
  // is not installed. Dropped at destruction.
  TestDatabase(const std::string& schema, const std::vector<postgres::Migration>& migrations);
  ~TestDatabase();

  // libpq strings: as the runtime role (DML only) and as the owner.
  const std::string& connection() const { return connection_; }
  const std::string& owner_connection() const { return owner_connection_; }
  const std::string& schema() const { return schema_; }
  // As the superuser, for what a test does behind the service's back.
  std::string superuser_connection() const;

  // The whole server, for fault tests: immediate stop (like kill -9) and start.
  static void StopServer();
  static void StartServer();

 private:
  std::string schema_;
  std::string name_;
  std::string connection_;
  std::string owner_connection_;
};

}  // namespace lianqiao::testing
