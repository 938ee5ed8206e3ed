// SPDX-License-Identifier: Apache-2.0
// Scopes that follow what a record hangs on: parties of an alliance, and the job that stamps in the
// background.
#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "lianqiao/registry/v1/role_holder.pb.h"
#include "libs/feed/reader.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {
namespace {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;

class Stamps : public RegistryWorld {
 protected:
  std::string Alliance() {
    registry::CreateAllianceRequest create;
    create.mutable_alliance()->set_name("联盟");
    create.mutable_alliance()->set_type(registry::ALLIANCE_TYPE_CROSS_COUNTY);
    create.mutable_alliance()->set_jurisdiction_id(city_id_);
    create.mutable_alliance()->set_state(registry::ALLIANCE_STATE_ACTIVE);
    const auto made = service_.Call<registry::Alliance>("AllianceService/CreateAlliance", create);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->id() : "";
  }
  void Join(const std::string& alliance, const std::string& school, registry::MembershipRole role) {
    registry::CreateMembershipRequest join;
    join.mutable_membership()->set_alliance_id(alliance);
    join.mutable_membership()->set_organisation_id(school);
    join.mutable_membership()->set_role(role);
    join.mutable_membership()->set_joined_on("2022-01-01");
    join.mutable_membership()->set_state(registry::MEMBERSHIP_STATE_ACTIVE);
    const auto made = service_.Call<registry::Membership>("MembershipService/CreateMembership", join);
    ASSERT_TRUE(made.ok()) << made.status();
  }
  // Somebody with an office at the campus.
  std::string HeadOf(const std::string& organisation) {
    registry::CreateRoleHolderRequest create;
    create.mutable_role_holder()->set_organisation_id(organisation);
    create.mutable_role_holder()->set_person_ref("p-1");
    create.mutable_role_holder()->set_role(registry::HOLDER_ROLE_PRINCIPAL);
    create.mutable_role_holder()->set_from_on("2023-09-01");
    const auto made = service_.Call<registry::RoleHolder>("RoleHolderService/CreateRoleHolder", create);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->id() : "";
  }
  // More than are stamped at once; the first one's id.
  std::string AddCampuses(const std::string& school) {
    auto campus = NewSchool("分校", near_id_);
    campus.mutable_organisation()->set_kind(registry::ORGANISATION_KIND_CAMPUS);
    campus.mutable_organisation()->set_parent_organisation_id(school);
    const auto first =
        service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", campus);
    EXPECT_TRUE(first.ok()) << first.status();
    EXPECT_TRUE(
        service_
            .Query("INSERT INTO organisation SELECT (jsonb_populate_record(o, jsonb_build_object('id', "
                   "gen_random_uuid()))).* FROM organisation o, generate_series(1, 310) WHERE name = '分校'")
            .ok());
    return first.ok() ? first->id() : "";
  }
  absl::Status See(const std::string& alliance, const std::string& token) {
    type::v1::GetRequest get;
    get.set_id(alliance);
    return service_.Call<registry::Alliance>("AllianceService/GetAlliance", get, token).status();
  }
  absl::Status Write(const std::string& alliance, const std::string& token) {
    registry::UpdateAllianceRequest update;
    update.mutable_alliance()->set_id(alliance);
    update.mutable_alliance()->set_name("联盟 " + token);
    return service_.Call<registry::Alliance>("AllianceService/UpdateAlliance", update, token).status();
  }
  void Move(const std::string& school, const std::string& jurisdiction) {
    registry::UpdateOrganisationRequest move;
    move.mutable_organisation()->set_id(school);
    move.mutable_organisation()->set_jurisdiction_id(jurisdiction);
    const auto moved = service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", move);
    ASSERT_TRUE(moved.ok()) << moved.status();
  }
};

TEST_F(Stamps, AnAllianceFollowsALeadWithManyDependantsIntoAnotherCounty) {
  const std::string lead = School("领航校", near_id_).id();
  const std::string alliance = Alliance();
  Join(alliance, lead, registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  Join(alliance, School("成员校", far_id_).id(), registry::MEMBERSHIP_ROLE_MEMBER);
  const std::string head = HeadOf(AddCampuses(lead));
  ASSERT_TRUE(Write(alliance, "near").ok()) << Write(alliance, "near");
  ASSERT_EQ(Write(alliance, "far").code(), absl::StatusCode::kPermissionDenied);
  Move(lead, far_id_);
  ASSERT_GT(Count("SELECT count(*) FROM restamp_job"), 0) << "too many for one write";
  type::v1::ListRequest campuses;
  campuses.set_filter("name = \"分校\"");
  for (const std::string token : {"near", "far"}) {
    const auto page = service_.Call<registry::ListOrganisationsResponse>(
        "OrganisationService/ListOrganisations", campuses, token);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->organisations_size(), 0) << token << ": not stamped yet, and the parent has gone";
  }
  const auto one = service_.Query("SELECT id FROM organisation WHERE name = '分校' LIMIT 1");
  EXPECT_EQ(Get(one->Text(0, 0), "near").status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Get(one->Text(0, 0)).ok());
  // Nor may those who lost it write, whether a record hangs on what moved or on something below.
  EXPECT_EQ(Rename(one->Text(0, 0), "新分校", "", "near").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Rename(one->Text(0, 0), "分校", "", "near").status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Rename(one->Text(0, 0), "分校", "").ok());
  type::v1::GetRequest holder;
  holder.set_id(head);
  EXPECT_EQ(
      service_.Call<registry::RoleHolder>("RoleHolderService/GetRoleHolder", holder, "near").status().code(),
      absl::StatusCode::kNotFound);
  EXPECT_EQ(service_.Call<registry::RoleHolder>("RoleHolderService/DeleteRoleHolder", holder, "near")
                .status()
                .code(),
            absl::StatusCode::kNotFound);
  type::v1::ListRequest holders;
  const auto page =
      service_.Call<registry::ListRoleHoldersResponse>("RoleHolderService/ListRoleHolders", holders, "near");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->role_holders_size(), 0);
  auto below = NewSchool("教学点", near_id_);
  below.mutable_organisation()->set_kind(registry::ORGANISATION_KIND_TEACHING_POINT);
  below.mutable_organisation()->set_parent_organisation_id(one->Text(0, 0));
  EXPECT_FALSE(
      service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", below, "near").ok());
  for (int runs = 0; runs < 200; ++runs) {
    const auto done = service_.engine().RestampSome(absl::Now() + absl::Seconds(30), 100);
    ASSERT_TRUE(done.ok()) << done.status();
    if (*done == 0) break;
  }
  EXPECT_EQ(Count("SELECT count(*) FROM restamp_job"), 0);
  EXPECT_TRUE(Get(one->Text(0, 0), "far").ok());
  EXPECT_TRUE(Write(alliance, "far").ok()) << Write(alliance, "far");
  EXPECT_EQ(Write(alliance, "near").code(), absl::StatusCode::kNotFound) << "no party of its own is left";
}

// One party's move takes nothing from the other, though its stamp and the alliance's hang together.
TEST_F(Stamps, AnAllianceStaysItsOtherPartysWhileOnePartyMoves) {
  const std::string mover = School("迁移校", near_id_).id();
  AddCampuses(mover);
  const std::string alliance = Alliance();
  Join(alliance, School("领航校", far_id_).id(), registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  Join(alliance, mover, registry::MEMBERSHIP_ROLE_MEMBER);
  ASSERT_TRUE(See(alliance, "near").ok()) << See(alliance, "near");
  Move(mover, city_id_);
  ASSERT_GT(Count("SELECT count(*) FROM restamp_job"), 0);
  EXPECT_TRUE(See(alliance, "far").ok()) << See(alliance, "far");
  EXPECT_TRUE(Write(alliance, "far").ok()) << Write(alliance, "far");
  EXPECT_EQ(See(alliance, "near").code(), absl::StatusCode::kNotFound);
  const auto page = service_.Call<registry::ListAlliancesResponse>("AllianceService/ListAlliances",
                                                                   type::v1::ListRequest(), "far");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->alliances_size(), 1);
}

TEST_F(Stamps, ChangesOfOneTransactionAreMarkedPerBucketAndChained) {
  const std::string school = School("一小", near_id_).id();
  for (int i = 0; i < 30; ++i) {
    auto campus = NewSchool(absl::StrCat("分校", i), near_id_);
    campus.mutable_organisation()->set_kind(registry::ORGANISATION_KIND_CAMPUS);
    campus.mutable_organisation()->set_parent_organisation_id(school);
    ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", campus).ok());
  }
  Move(school, far_id_);
  EXPECT_EQ(Count("SELECT count(*) FROM (SELECT count(*) FILTER (WHERE commit_last) AS lasts,"
                  " max(pos) FILTER (WHERE commit_last) AS last, max(pos) AS end FROM change GROUP BY "
                  "request_id, bucket) c"
                  " WHERE lasts <> 1 OR last <> c.end"),
            0);
  EXPECT_GT(
      Count("SELECT max(n) FROM (SELECT count(DISTINCT bucket) AS n FROM change GROUP BY request_id) c"), 3);
  feed::Places places;
  const absl::Status read = service_.reads().Run(
      absl::Now() + absl::Seconds(30),
      [&](postgres::Session& session) { return feed::ReadChanges(session, 10000, &places).status(); });
  EXPECT_TRUE(read.ok()) << read;
}

TEST_F(Stamps, AGrantOnAnAllianceCountsOnlyWhileTheClientsOrganisationIsAParty) {
  const std::string member = School("成员校", far_id_).id();
  const std::string alliance = Alliance();
  const std::string other = Alliance();
  Join(alliance, member, registry::MEMBERSHIP_ROLE_MEMBER);
  service_.AddCaller("member", MakeCaller({MakeGrant("registry.alliance.*", ScopeKind::kAlliance, alliance),
                                           MakeGrant("registry.alliance.*", ScopeKind::kAlliance, other)},
                                          member));
  service_.AddCaller("outsider",
                     MakeCaller({MakeGrant("registry.alliance.*", ScopeKind::kAlliance, alliance)},
                                School("外校", far_id_).id()));
  EXPECT_TRUE(See(alliance, "member").ok()) << See(alliance, "member");
  EXPECT_EQ(Write(alliance, "member").code(), absl::StatusCode::kPermissionDenied)
      << "only the lead's side writes";
  EXPECT_EQ(See(other, "member").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(See(alliance, "outsider").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Write(alliance, "outsider").code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace lianqiao::conformance
