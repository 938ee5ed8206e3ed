// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/services.h"

#include <gmock/gmock.h>

#include "lianqiao/identity/v1/client.pb.h"
#include "lianqiao/registry/v1/organisation.pb.h"

namespace lianqiao::gateway::sync {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

class ServicesTest : public ::testing::Test {
 protected:
  ServicesTest() {
    // So that the packages are linked.
    registry::v1::Organisation::descriptor();
    identity::v1::Client::descriptor();
  }
};

TEST_F(ServicesTest, AreThePackagesWithRecords) {
  const auto services = ServicesBehind({{"lianqiao.registry.v1", "unix:/r"},
                                        {"lianqiao.registry.v1.OrganisationService", "unix:/o"},
                                        {"lianqiao.identity.v1", "unix:/i"},
                                        {"foreign.books.v1", "127.0.0.1:9"}});
  ASSERT_TRUE(services.ok()) << services.status();
  ASSERT_EQ(services->size(), 1u);
  EXPECT_EQ(services->front().name, "registry");
  EXPECT_EQ(services->front().target, "unix:/r");
  EXPECT_THAT(services->front().kinds, Contains("organisation"));
}

TEST_F(ServicesTest, MayBeNamedServiceByServiceAtOneAddressOnly) {
  EXPECT_EQ(ServicesBehind({{"lianqiao.registry.v1.OrganisationService", "unix:/r"},
                            {"lianqiao.registry.v1.AllianceService", "unix:/r"}})
                ->size(),
            1u);
  EXPECT_FALSE(ServicesBehind({{"lianqiao.registry.v1.OrganisationService", "unix:/r"},
                               {"lianqiao.registry.v1.AllianceService", "unix:/a"}})
                   .ok());
}

TEST_F(ServicesTest, AKindGoesToItsOwner) {
  const Services services({{"a", "unix:/a", {"x", "y"}}, {"b", "unix:/b", {"z"}}});
  std::vector<base::Violation> violations;
  const auto all = services.Route({}, &violations);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_TRUE(all[0].kinds.empty());
  const auto some = services.Route({"y", "x"}, &violations);
  ASSERT_EQ(some.size(), 1u);
  EXPECT_EQ(some[0].service, 0u);
  EXPECT_THAT(some[0].kinds, ElementsAre("y", "x"));
  EXPECT_TRUE(violations.empty());
  services.Route({"z", "no", "no"}, &violations);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field(), "kinds");
  EXPECT_EQ(violations[0].arguments().at("value"), "no");
}

}  // namespace
}  // namespace lianqiao::gateway::sync
