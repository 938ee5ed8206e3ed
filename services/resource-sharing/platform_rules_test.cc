// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/platform_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lianqiao::resources {
namespace {

using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Refused(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const base::Violation& violation : violations) fields.push_back(violation.field());
  return fields;
}

Facts Today() {
  Facts facts;
  facts.set_today("2026-03-02");
  return facts;
}

TEST(PlatformRules, InnerKindsBelongToACooperationPlatform) {
  v1::Platform platform;
  platform.set_kind(v1::PLATFORM_KIND_COOPERATION);
  platform.add_inner_kinds(v1::PLATFORM_INNER_KIND_INFORMATION_EXCHANGE);
  platform.add_inner_kinds(v1::PLATFORM_INNER_KIND_SCHOOL_INTERACTION);
  EXPECT_THAT(CheckPlatform(nullptr, platform, Today()), IsEmpty());
  platform.add_inner_kinds(v1::PLATFORM_INNER_KIND_INFORMATION_EXCHANGE);
  EXPECT_THAT(Refused(CheckPlatform(nullptr, platform, Today())), ElementsAre("innerKinds[2]"));
  platform.mutable_inner_kinds()->RemoveLast();
  platform.set_kind(v1::PLATFORM_KIND_RESOURCE);
  EXPECT_THAT(Refused(CheckPlatform(nullptr, platform, Today())), ElementsAre("innerKinds"));
}

TEST(PlatformRules, OnlineWithAnAddressFromADayOn) {
  v1::Platform platform;
  platform.set_kind(v1::PLATFORM_KIND_ONLINE_SCHOOL);
  platform.set_state(v1::PLATFORM_STATE_ONLINE);
  platform.set_online_on("2026-03-02");
  EXPECT_THAT(Refused(CheckPlatform(nullptr, platform, Today())), ElementsAre("url"));
  platform.set_url("https://example.org");
  EXPECT_THAT(CheckPlatform(nullptr, platform, Today()), IsEmpty());
  platform.set_online_on("2026-03-03");
  EXPECT_THAT(Refused(CheckPlatform(nullptr, platform, Today())), ElementsAre("onlineOn"));
  platform.set_online_on("2026-03-02");
  platform.set_offline_on("2026-03-02");
  EXPECT_THAT(Refused(CheckPlatform(nullptr, platform, Today())), ElementsAre("offlineOn"));
  platform.set_state(v1::PLATFORM_STATE_OFFLINE);
  EXPECT_THAT(CheckPlatform(nullptr, platform, Today()), IsEmpty());
  platform.set_offline_on("2026-03-01");
  EXPECT_THAT(Refused(CheckPlatform(nullptr, platform, Today())), ElementsAre("offlineOn"));
}

TEST(UpstreamCloudRules, LinkedWithAnAddress) {
  v1::UpstreamCloud cloud;
  EXPECT_THAT(CheckUpstreamCloud(nullptr, cloud, Today()), IsEmpty());
  cloud.set_sync_state(v1::UPSTREAM_SYNC_STATE_LINKED);
  EXPECT_THAT(Refused(CheckUpstreamCloud(nullptr, cloud, Today())), ElementsAre("url"));
  cloud.set_url("https://example.org");
  cloud.set_linked_on("2026-03-02");
  EXPECT_THAT(CheckUpstreamCloud(nullptr, cloud, Today()), IsEmpty());
  cloud.set_unlinked_on("2026-03-01");
  EXPECT_THAT(Refused(CheckUpstreamCloud(nullptr, cloud, Today())), ElementsAre("unlinkedOn"));
}

TEST(UpstreamUseRules, OfASchoolOrAPlaceInAPeriodThatIsOver) {
  v1::UpstreamUse use;
  use.set_school_id("school");
  use.set_period_from("2026-02-01");
  use.set_period_to("2026-03-02");
  use.set_visit_count(10);
  use.set_distinct_user_count(10);
  EXPECT_THAT(CheckUpstreamUse(nullptr, use, Today()), IsEmpty());
  use.set_distinct_user_count(11);
  EXPECT_THAT(Refused(CheckUpstreamUse(nullptr, use, Today())), ElementsAre("distinctUserCount"));
  use.clear_distinct_user_count();
  use.set_jurisdiction_id("county");
  EXPECT_THAT(Refused(CheckUpstreamUse(nullptr, use, Today())), ElementsAre("jurisdictionId"));
  use.clear_jurisdiction_id();
  use.clear_school_id();
  EXPECT_THAT(Refused(CheckUpstreamUse(nullptr, use, Today())), ElementsAre("schoolId"));
  use.set_school_id("school");
  use.set_period_to("2026-03-03");
  EXPECT_THAT(Refused(CheckUpstreamUse(nullptr, use, Today())), ElementsAre("periodTo"));
  use.set_period_to("2026-01-31");
  EXPECT_THAT(Refused(CheckUpstreamUse(nullptr, use, Today())), ElementsAre("periodTo"));
  use.set_period_to("2026-02-28");
  use.clear_visit_count();
  EXPECT_THAT(Refused(CheckUpstreamUse(nullptr, use, Today())), ElementsAre("useCount"));
}

}  // namespace
}  // namespace lianqiao::resources
