// SPDX-License-Identifier: Apache-2.0
#include "libs/testing/postgres.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <utility>

#include "libs/base/ids.h"
#include "libs/testing/cluster.h"

namespace lianqiao::testing {
namespace {

void MakeRole(Cluster& cluster, const std::string& role) {
  if (cluster.Exists("SELECT 1 FROM pg_roles WHERE rolname = '" + role + "'")) return;
  cluster.Administer("CREATE ROLE " + postgres::QuoteIdentifier(role) + " LOGIN");
}

// The database that has these migrations applied already; made once per binary.
std::string Template(Cluster& cluster, const std::string& schema,
                     const std::vector<postgres::Migration>& migrations) {
  static std::mutex mutex;
  static std::map<std::string, std::string> templates;
  std::string text = schema;
  for (const postgres::Migration& migration : migrations)
    text += '\0' + migration.name + '\0' + migration.sql;
  const std::string hash = base::Hex(base::Sha256(text)).substr(0, 16);
  const std::lock_guard lock(mutex);
  if (templates.contains(hash)) return templates[hash];
  const std::string name = "template_" + hash;
  const std::string owner = schema + "_owner";
  MakeRole(cluster, schema);
  MakeRole(cluster, owner);
  cluster.Administer("CREATE DATABASE " + name + " OWNER " + postgres::QuoteIdentifier(owner));
  const absl::Status status = postgres::Migrate(cluster.Connection(owner, name), schema, schema, migrations);
  if (!status.ok()) {
    std::fprintf(stderr, "test PostgreSQL: migrations of %s: %s\n", schema.c_str(),
                 status.ToString().c_str());
    std::exit(1);
  }
  return templates[hash] = name;
}

}  // namespace

TestDatabase::TestDatabase(const std::string& schema, const std::vector<postgres::Migration>& migrations)
    : schema_(schema) {
  static std::atomic<int> count{0};
  Cluster& cluster = Cluster::Instance();
  const std::string original = Template(cluster, schema, migrations);
  name_ = "test_" + std::to_string(++count);
  cluster.Administer("CREATE DATABASE " + name_ + " TEMPLATE " + original + " OWNER " +
                     postgres::QuoteIdentifier(schema + "_owner"));
  connection_ = cluster.Connection(schema, name_);
  owner_connection_ = cluster.Connection(schema + "_owner", name_);
}

TestDatabase::~TestDatabase() {
  Cluster::Instance().Administer("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
}

std::string TestDatabase::superuser_connection() const {
  return Cluster::Instance().Connection("postgres", name_);
}

void TestDatabase::StopServer() {
  Cluster::Instance().StopNow();
}
void TestDatabase::StartServer() {
  Cluster::Instance().Start();
}

}  // namespace lianqiao::testing
