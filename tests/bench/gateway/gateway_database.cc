// SPDX-License-Identifier: Apache-2.0
// A private PostgreSQL with identity's tables, for the gateway with all checks: prints how to connect as the
// runtime role, then stays until its standard input ends.
#include <cstdio>

#include "libs/testing/postgres.h"
#include "services/gateway/identity/identity_host.h"

int main() {
  const lianqiao::testing::TestDatabase database("identity", lianqiao::identity::IdentityMigrations());
  std::printf("%s\n", database.connection().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
