// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {
namespace {

class DailyJob : public RegistryWorld {
 protected:
  void RunAll() {
    while (true) {
      const auto more = service_.engine().RunDaily(absl::Now() + absl::Seconds(30));
      ASSERT_TRUE(more.ok()) << more.status();
      if (!*more) return;
    }
  }
  absl::Status FarSees(const std::string& id) {
    type::v1::GetRequest get;
    get.set_id(id);
    return service_.Call<registry::Alliance>("AllianceService/GetAlliance", get, "far").status();
  }
};

TEST_F(DailyJob, AMembershipThatBeginsByDateShowsTheAllianceToItsPartyThatDay) {
  RunAll();
  registry::CreateAllianceRequest alliance;
  alliance.mutable_alliance()->set_name("联盟");
  alliance.mutable_alliance()->set_type(registry::ALLIANCE_TYPE_CROSS_COUNTY);
  alliance.mutable_alliance()->set_jurisdiction_id(near_id_);
  const auto made = service_.Call<registry::Alliance>("AllianceService/CreateAlliance", alliance);
  ASSERT_TRUE(made.ok()) << made.status();
  registry::CreateMembershipRequest membership;
  membership.mutable_membership()->set_alliance_id(made->id());
  membership.mutable_membership()->set_organisation_id(School("远处小学", far_id_).id());
  membership.mutable_membership()->set_role(registry::MEMBERSHIP_ROLE_MEMBER);
  membership.mutable_membership()->set_state(registry::MEMBERSHIP_STATE_AGREED);
  membership.mutable_membership()->set_joined_on(
      base::BusinessDate(service_.clock().Now() + absl::Hours(72)));
  const auto joined = service_.Call<registry::Membership>("MembershipService/CreateMembership", membership);
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(FarSees(made->id()).code(), absl::StatusCode::kNotFound);
  service_.clock().Advance(absl::Hours(24));
  RunAll();
  EXPECT_EQ(FarSees(made->id()).code(), absl::StatusCode::kNotFound);
  service_.clock().Advance(absl::Hours(24 * 5));  // Catches up over the days between.
  RunAll();
  EXPECT_TRUE(FarSees(made->id()).ok()) << FarSees(made->id());
  EXPECT_EQ(
      Count(absl::StrCat("SELECT count(*) FROM change WHERE id = '", made->id(), "' AND actor = 'platform'")),
      1);
}

// A write that arrived before midnight stamps by its own day; the pass of the new day comes after it.
TEST_F(DailyJob, TheDaysPassWaitsForYesterdaysLastWrites) {
  const absl::TimeZone zone = absl::FixedTimeZone(8 * 3600);
  const absl::Time midnight =
      absl::FromCivil(absl::CivilDay(absl::ToCivilDay(service_.clock().Now(), zone)) + 1, zone);
  service_.clock().Advance(midnight - service_.clock().Now() + absl::Seconds(20));
  RunAll();
  EXPECT_EQ(Count("SELECT count(*) FROM daily_stamp"), 0);
  service_.clock().Advance(absl::Seconds(60));
  RunAll();
  EXPECT_GT(Count("SELECT count(*) FROM daily_stamp"), 0);
}

}  // namespace
}  // namespace lianqiao::conformance
