// SPDX-License-Identifier: Apache-2.0
// The role that a service runs as: what a stolen connection or an injected statement could not do.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "libs/testing/postgres.h"
#include "tests/gates/schema/catalog.h"
#include "tests/gates/schema/service_schemas.h"

namespace lianqiao::gates {
namespace {

class RuntimeRoleGate : public ::testing::TestWithParam<ServiceSchema> {
 protected:
  // Refused for want of the right, and for nothing else.
  void ExpectRefused(const std::string& sql) {
    const absl::Status status = runtime_.Run(sql);
    const auto error = postgres::DatabaseErrorOf(status);
    const bool refused = error.has_value() && error->sqlstate == "42501";
    EXPECT_TRUE(refused) << "The runtime role " << GetParam().schema << " may run: " << sql << "\n  "
                         << status
                         << "\nTake the right away in the migration or in deploy/postgres/bootstrap.sql.";
  }

  testing::TestDatabase database_{GetParam().schema, GetParam().migrations};
  Catalog runtime_{database_.connection(), GetParam().schema};
  Catalog superuser_{database_.superuser_connection(), GetParam().schema};
};

TEST_P(RuntimeRoleGate, ItHasNoDdl) {
  ExpectRefused("CREATE TABLE mine (id int)");
  ExpectRefused("CREATE TABLE public.mine (id int)");
  ExpectRefused("CREATE SCHEMA mine");
  ExpectRefused("CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'");
  ExpectRefused("CREATE ROLE mine");
  ExpectRefused("COPY feed_meta TO PROGRAM 'true'");
  for (const auto& [table, catalog] : superuser_.Tables(GetParam().schema)) {
    ExpectRefused(absl::StrCat("ALTER TABLE ", table, " ADD COLUMN mine int"));
    ExpectRefused(absl::StrCat("CREATE INDEX ON ", table, " (mine)"));
    ExpectRefused(absl::StrCat("TRUNCATE ", table));
    ExpectRefused(absl::StrCat("DROP TABLE ", table));
  }
}

TEST_P(RuntimeRoleGate, ItOwnsNothing) {
  const auto owned = superuser_.Query(
      absl::StrCat("SELECT relname FROM pg_class WHERE relowner = '", GetParam().schema, "'::regrole"));
  ASSERT_TRUE(owned.ok()) << owned.status();
  EXPECT_EQ(owned->rows(), 0) << "Give " << owned->Text(0, 0) << " to the owner role.";
}

TEST_P(RuntimeRoleGate, ItReachesNoOtherSchema) {
  ASSERT_TRUE(superuser_.Run("CREATE SCHEMA other_service").ok());
  ASSERT_TRUE(superuser_.Run("CREATE TABLE other_service.record (id int)").ok());
  for (const char* sql : {"SELECT * FROM other_service.record", "INSERT INTO other_service.record VALUES (1)",
                          "UPDATE other_service.record SET id = 2", "DELETE FROM other_service.record"})
    ExpectRefused(sql);
}

TEST_P(RuntimeRoleGate, ItCannotChangeTheAccessLog) {
  ExpectRefused("UPDATE access_log SET method = ''");
  ExpectRefused("DELETE FROM access_log");
  EXPECT_TRUE(runtime_.Run("SELECT * FROM access_log").ok());
  EXPECT_TRUE(runtime_.Run("UPDATE access_log SET forward_time = now()").ok()) << "once it was sent on";
}

INSTANTIATE_TEST_SUITE_P(Services, RuntimeRoleGate, ::testing::ValuesIn(ServiceSchemas()),
                         [](const auto& info) { return info.param.schema; });

}  // namespace
}  // namespace lianqiao::gates
