// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "services/alliance-registry/alliance_fixture.h"

namespace lianqiao::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class MembershipPgTest : public AllianceFixture {
 protected:
  v1::CreateMembershipRequest Held(const std::string& alliance_id, const std::string& school_id,
                                   const std::string& from, const std::string& to = "",
                                   v1::MembershipRole role = v1::MEMBERSHIP_ROLE_MEMBER) {
    auto request = Membership(alliance_id, school_id, role);
    request.mutable_membership()->set_state(to.empty() ? v1::MEMBERSHIP_STATE_ACTIVE
                                                       : v1::MEMBERSHIP_STATE_ENDED);
    request.mutable_membership()->set_joined_on(from);
    request.mutable_membership()->set_left_on(to);
    return request;
  }
};

TEST_F(MembershipPgTest, OnlyThePartyItselfConfirms) {
  AddClient("weibin", access::ScopeKind::kJurisdiction, weibin_.id());
  AddClient("feng", access::ScopeKind::kJurisdiction, feng_.id());
  const auto alliance = Draft(v1::ALLIANCE_TYPE_COUNTY, weibin_.id());
  const auto invitation =
      Propose(Membership(alliance.id(), feng_.id(), v1::MEMBERSHIP_ROLE_MEMBER, true), "weibin");
  EXPECT_EQ(invitation.state(), v1::MEMBERSHIP_STATE_PROPOSED);
  EXPECT_EQ(Get<v1::Membership>("Membership", invitation.id(), "feng").id(), invitation.id())
      << "sees its invitation";
  EXPECT_TRUE(absl::IsPermissionDenied(TryMove("Membership", "Agree", invitation.id(), "", "weibin")));
  EXPECT_EQ(TryMove("Membership", "Agree", invitation.id(), "", "feng"), absl::OkStatus());
  EXPECT_TRUE(absl::IsPermissionDenied(TryMove("Membership", "Activate", invitation.id(), "", "feng")));
  EXPECT_EQ(TryMove("Membership", "Activate", invitation.id(), "", "weibin"), absl::OkStatus());
}

TEST_F(MembershipPgTest, ASchoolConfirmsThroughItsOwnClient) {
  const auto school = School("甲小学", feng_.id());
  AddClient("school", access::ScopeKind::kOrganisation, school.id());
  const auto alliance = Draft(v1::ALLIANCE_TYPE_IN_COUNTY, feng_.id());
  type::v1::GetRequest get;
  get.set_id(alliance.id());
  EXPECT_TRUE(absl::IsNotFound(Try<v1::Alliance>("AllianceService/GetAlliance", get, "school")));
  const auto invitation = Propose(Membership(alliance.id(), school.id(), v1::MEMBERSHIP_ROLE_MEMBER));
  EXPECT_EQ(TryMove("Membership", "Agree", invitation.id(), "", "school"), absl::OkStatus());
  EXPECT_EQ(Get<v1::Alliance>("Alliance", alliance.id(), "school").id(), alliance.id())
      << "a party reads its alliance";
  EXPECT_TRUE(absl::IsPermissionDenied(TryMove("Alliance", "Sign", alliance.id(), "", "school")));
}

TEST_F(MembershipPgTest, ADeclinedInvitationWasNeverAMembership) {
  const auto alliance = Draft(v1::ALLIANCE_TYPE_IN_COUNTY, feng_.id());
  const auto school = School("甲小学", feng_.id());
  const auto invitation = Propose(Membership(alliance.id(), school.id(), v1::MEMBERSHIP_ROLE_MEMBER));
  EXPECT_FALSE(TryMove("Membership", "Decline", invitation.id()).ok()) << "a reason is due";
  EXPECT_EQ(TryMove("Membership", "Decline", invitation.id(), "另有安排"), absl::OkStatus());
  EXPECT_EQ(Join(Membership(alliance.id(), school.id(), v1::MEMBERSHIP_ROLE_MEMBER)).state(),
            v1::MEMBERSHIP_STATE_ACTIVE);
}

TEST_F(MembershipPgTest, AnAgreedInvitationMayStillComeToNothing) {
  const auto alliance = Draft(v1::ALLIANCE_TYPE_IN_COUNTY, feng_.id());
  for (const char* verb : {"Decline", "Withdraw"}) {
    const auto invitation =
        Propose(Membership(alliance.id(), School("甲小学", feng_.id()).id(), v1::MEMBERSHIP_ROLE_MEMBER));
    Move<v1::Membership>("Membership", "Agree", invitation.id());
    EXPECT_EQ(Move<v1::Membership>("Membership", verb, invitation.id(), "另有安排").state(),
              v1::MEMBERSHIP_STATE_WITHDRAWN);
  }
}

TEST_F(MembershipPgTest, TheSameRoleAtTheSameTimeIsRefusedAndAfterwardsAllowed) {
  const auto alliance = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE, feng_.id());
  const auto school = School("甲小学", feng_.id());
  Propose(Held(alliance.id(), school.id(), "2019-09-01", "2021-08-31"));
  const absl::Status overlap = Try<v1::Membership>("MembershipService/CreateMembership",
                                                   Held(alliance.id(), school.id(), "2021-08-31"));
  EXPECT_THAT(ViolatedFields(overlap), ElementsAre("membership.joinedOn")) << overlap;
  Propose(Held(alliance.id(), school.id(), "2021-09-01"));
  EXPECT_FALSE(Try<v1::Membership>("MembershipService/CreateMembership",
                                   Held(alliance.id(), school.id(), "2023-09-01"))
                   .ok());
}

TEST_F(MembershipPgTest, TwoInvitationsOfTheSamePartyCannotBothTakeForce) {
  const auto alliance = Draft(v1::ALLIANCE_TYPE_IN_COUNTY, feng_.id());
  const auto school = School("甲小学", feng_.id());
  const auto first = Propose(Membership(alliance.id(), school.id(), v1::MEMBERSHIP_ROLE_MEMBER));
  Join(Membership(alliance.id(), school.id(), v1::MEMBERSHIP_ROLE_MEMBER));
  Move<v1::Membership>("Membership", "Agree", first.id());
  EXPECT_FALSE(TryMove("Membership", "Activate", first.id()).ok());
}

TEST_F(MembershipPgTest, ASchoolMayBeInSeveralAlliancesAtOnce) {
  const auto school = School("甲小学", feng_.id());
  for (const auto type :
       {v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_TYPE_CROSS_COUNTY, v1::ALLIANCE_TYPE_EDUCATION_GROUP})
    Propose(Held(Existing(type, v1::ALLIANCE_STATE_ACTIVE, feng_.id()).id(), school.id(), "2021-09-01"));
  type::v1::ListRequest list;
  list.set_filter("organisation_id = \"" + school.id() + "\"");
  EXPECT_THAT(Must<v1::ListMembershipsResponse>("MembershipService/ListMemberships", list).memberships(),
              SizeIs(3));
}

TEST_F(MembershipPgTest, ASecondLeadIsRefusedEvenInOneBatch) {
  const auto alliance = Existing(v1::ALLIANCE_TYPE_EDUCATION_GROUP, v1::ALLIANCE_STATE_ACTIVE, feng_.id());
  v1::BatchUpsertMembershipsRequest request;
  request.set_source_system("group-register");
  for (const char* name : {"甲小学", "乙小学"}) {
    v1::Membership& lead = *request.add_memberships();
    lead =
        Held(alliance.id(), School(name, feng_.id()).id(), "2021-09-01", "", v1::MEMBERSHIP_ROLE_LEAD_SCHOOL)
            .membership();
    auto& id = *lead.add_external_ids();
    id.set_system("group-register");
    id.set_id(name);
  }
  const auto answer =
      Must<v1::BatchUpsertMembershipsResponse>("MembershipService/BatchUpsertMemberships", request);
  ASSERT_THAT(answer.results(), SizeIs(2));
  EXPECT_EQ(answer.results(0).outcome(), type::v1::UpsertResult::CREATED);
  EXPECT_EQ(answer.results(1).outcome(), type::v1::UpsertResult::REFUSED);
  EXPECT_EQ(answer.results(1).violations(0).field(), "memberships[1].role");
}

TEST_F(MembershipPgTest, JoiningAnAllianceInForceKeepsItsShape) {
  const auto alliance = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE, feng_.id());
  Propose(Held(alliance.id(), School("甲小学", feng_.id()).id(), "2021-09-01", "",
               v1::MEMBERSHIP_ROLE_LEAD_SCHOOL));
  const auto foreign =
      Propose(Membership(alliance.id(), School("乙小学", weibin_.id()).id(), v1::MEMBERSHIP_ROLE_MEMBER));
  Move<v1::Membership>("Membership", "Agree", foreign.id());
  const absl::Status refused = TryMove("Membership", "Activate", foreign.id());
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(Explain(refused), ::testing::HasSubstr("all schools must belong to one county"));
}

TEST_F(MembershipPgTest, SuspensionAndReturnAndEnd) {
  const auto alliance = Draft(v1::ALLIANCE_TYPE_IN_COUNTY, feng_.id());
  const auto member =
      Join(Membership(alliance.id(), School("甲小学", feng_.id()).id(), v1::MEMBERSHIP_ROLE_MEMBER));
  EXPECT_EQ(Move<v1::Membership>("Membership", "Suspend", member.id(), "整改").suspend_reason(), "整改");
  EXPECT_EQ(Move<v1::Membership>("Membership", "Resume", member.id()).state(), v1::MEMBERSHIP_STATE_ACTIVE);
  const auto ended = Move<v1::Membership>("Membership", "End", member.id(), "学校撤并");
  EXPECT_EQ(ended.state(), v1::MEMBERSHIP_STATE_ENDED);
  EXPECT_NE(ended.left_on(), "");
  EXPECT_EQ(base::FailureOf(TryMove("Membership", "Resume", member.id())).reason(),
            base::ErrorReason::WRONG_STATE);
}

TEST_F(MembershipPgTest, NothingDeletesAMembership) {
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "lianqiao.registry.v1.MembershipService");
  EXPECT_EQ(service->FindMethodByName("DeleteMembership"), nullptr);
  EXPECT_EQ(service->FindMethodByName("UndeleteMembership"), nullptr);
}

TEST_F(MembershipPgTest, ASecondSourceSystemAddsItsIdAndLeavesTheOthers) {
  const auto alliance = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE, feng_.id());
  const auto upsert = [&](const std::string& system, const std::vector<std::string>& systems) {
    v1::BatchUpsertAlliancesRequest request;
    request.set_source_system(system);
    v1::Alliance& record = *request.add_alliances();
    record.set_name("甲联盟");
    record.set_type(v1::ALLIANCE_TYPE_IN_COUNTY);
    record.set_jurisdiction_id(feng_.id());
    for (const std::string& name : systems) {
      record.add_external_ids()->set_system(name);
      record.mutable_external_ids(record.external_ids_size() - 1)->set_id("1");
    }
    return Must<v1::BatchUpsertAlliancesResponse>("AllianceService/BatchUpsertAlliances", request).results(0);
  };
  const auto created = upsert("first", {"first", "second"});
  EXPECT_EQ(created.outcome(), type::v1::UpsertResult::CREATED);
  const auto second = upsert("second", {"second"});
  EXPECT_EQ(second.id(), created.id());
  EXPECT_EQ(second.outcome(), type::v1::UpsertResult::UNCHANGED);
  EXPECT_EQ(upsert("first", {"first"}).outcome(), type::v1::UpsertResult::UNCHANGED);
  EXPECT_THAT(Get<v1::Alliance>("Alliance", created.id()).external_ids(), SizeIs(2));
}

v1::MergeAllianceRequest Into(const std::string& ending, const std::string& staying) {
  v1::MergeAllianceRequest request;
  request.set_id(ending);
  request.set_into_alliance_id(staying);
  request.set_reason("合并示例");
  return request;
}

// A merger takes parties in like any other joining.
TEST_F(MembershipPgTest, AMergerKeepsTheShapeOfTheAllianceThatGoesOn) {
  const auto led = [&](v1::AllianceType type, const v1::Organisation& lead, const v1::Organisation& member) {
    const auto alliance = Existing(type, v1::ALLIANCE_STATE_ACTIVE, city_.id());
    Propose(Held(alliance.id(), lead.id(), "2021-09-01", "", v1::MEMBERSHIP_ROLE_LEAD_SCHOOL));
    Propose(Held(alliance.id(), member.id(), "2021-09-01"));
    return alliance.id();
  };
  const std::string weibin =
      led(v1::ALLIANCE_TYPE_IN_COUNTY, School("甲小学", weibin_.id()), School("乙小学", weibin_.id()));
  const std::string feng =
      led(v1::ALLIANCE_TYPE_IN_COUNTY, School("丙小学", feng_.id()), School("丁小学", feng_.id()));
  const absl::Status refused = Try<v1::Alliance>("AllianceService/MergeAlliance", Into(feng, weibin));
  EXPECT_THAT(Explain(refused), ::testing::HasSubstr("all schools must belong to one county"));
  EXPECT_EQ(Get<v1::Alliance>("Alliance", feng).state(), v1::ALLIANCE_STATE_ACTIVE);

  const auto direct = [&](const std::string& name, bool junior) {
    v1::UpdateOrganisationRequest update;
    *update.mutable_organisation() = School(name, city_.id());
    update.mutable_organisation()->set_affiliation(v1::AFFILIATION_MUNICIPAL_DIRECT);
    update.mutable_organisation()->clear_etag();
    if (junior) {
      update.mutable_organisation()->set_school_type(v1::SCHOOL_TYPE_JUNIOR);
      update.mutable_organisation()->set_stages(0, type::v1::STAGE_JUNIOR);
    }
    return Must<v1::Organisation>("OrganisationService/UpdateOrganisation", update);
  };
  const std::string primary =
      led(v1::ALLIANCE_TYPE_MUNICIPAL_DIRECT, direct("市直小学", false), School("戊小学", feng_.id()));
  const std::string junior =
      led(v1::ALLIANCE_TYPE_MUNICIPAL_DIRECT, direct("市直初中", true), School("己小学", feng_.id()));
  EXPECT_FALSE(Try<v1::Alliance>("AllianceService/MergeAlliance", Into(junior, primary)).ok());
}

// BJ-05: the first-named county leads, and goes on doing so.
TEST_F(MembershipPgTest, EditsDoNotBreakTheShapeOfAnAllianceInForce) {
  const auto alliance = CountyAlliance();
  type::v1::ListRequest list;
  list.set_filter("alliance_id = \"" + alliance.id() + "\"");
  std::string lead, member;
  const auto members = Must<v1::ListMembershipsResponse>("MembershipService/ListMemberships", list);
  for (const auto& membership : members.memberships())
    (membership.position() == 1 ? lead : member) = membership.id();
  const auto place = [&](const std::string& id, int position) {
    v1::UpdateMembershipRequest update;
    update.mutable_membership()->set_id(id);
    update.mutable_membership()->set_position(position);
    update.mutable_update_mask()->add_paths("position");
    return Try<v1::Membership>("MembershipService/UpdateMembership", update);
  };
  EXPECT_EQ(place(lead, 3), absl::OkStatus()) << "a draft is checked when it is activated";
  EXPECT_EQ(place(lead, 1), absl::OkStatus());
  Start(alliance.id());
  EXPECT_FALSE(place(lead, 2).ok());
  EXPECT_FALSE(place(member, 1).ok());
  EXPECT_EQ(place(member, 3), absl::OkStatus());
}

// What an import brought out of shape can be mended, one membership after the other.
TEST_F(MembershipPgTest, WhatIsOutOfShapeMayBeMended) {
  const auto alliance = Existing(v1::ALLIANCE_TYPE_COUNTY, v1::ALLIANCE_STATE_ACTIVE, city_.id());
  const auto held = [&](const std::string& place, v1::MembershipRole role, int position) {
    auto request = Membership(alliance.id(), place, role, true);
    request.mutable_membership()->set_state(v1::MEMBERSHIP_STATE_ACTIVE);
    request.mutable_membership()->set_position(position);
    return Propose(request).id();
  };
  v1::UpdateMembershipRequest update;
  update.mutable_membership()->set_id(held(weibin_.id(), v1::MEMBERSHIP_ROLE_LEAD_COUNTY, 2));
  const std::string member = held(feng_.id(), v1::MEMBERSHIP_ROLE_MEMBER, 1);
  update.mutable_membership()->set_position(1);
  Must<v1::Membership>("MembershipService/UpdateMembership", update);
  update.mutable_membership()->set_id(member);
  update.mutable_membership()->set_position(2);
  Must<v1::Membership>("MembershipService/UpdateMembership", update);
  update.mutable_membership()->set_position(1);
  EXPECT_FALSE(Try<v1::Membership>("MembershipService/UpdateMembership", update).ok());
}

// A step that can be taken again has its own day each time; one that is taken once keeps the day that people
// wrote.
TEST_F(MembershipPgTest, AStepTakenAgainHasADayOfItsOwn) {
  const auto alliance = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  auto request = Held(alliance.id(), School("甲小学", weibin_.id()).id(), "2022-09-01");
  request.mutable_membership()->set_suspended_on("2024-01-01");
  request.mutable_membership()->set_resumed_on("2024-02-01");
  const auto member = Propose(request);
  const std::string today = base::BusinessDate(service_.clock().Now());
  EXPECT_EQ(Move<v1::Membership>("Membership", "Suspend", member.id(), "整改").suspended_on(), today);
  v1::CreateOrganisationRequest create;
  *create.mutable_organisation() = School("乙小学", weibin_.id());
  create.mutable_organisation()->clear_id();
  v1::Organisation& school = *create.mutable_organisation();
  for (const char* engine : {"revision", "etag", "create_time", "update_time", "status"})
    school.GetReflection()->ClearField(&school, school.GetDescriptor()->FindFieldByName(engine));
  school.set_name("丙小学");
  school.set_opened_on("2001-09-01");
  const auto planned = Must<v1::Organisation>("OrganisationService/CreateOrganisation", create);
  EXPECT_EQ(Move<v1::Organisation>("Organisation", "Activate", planned.id()).opened_on(), "2001-09-01");
}

}  // namespace
}  // namespace lianqiao::registry
