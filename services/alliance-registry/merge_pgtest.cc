// SPDX-License-Identifier: Apache-2.0
// What a merger of schools, places or alliances does to everything that hangs on them.
#include <gmock/gmock.h>

#include "lianqiao/registry/v1/agreement.pb.h"
#include "lianqiao/registry/v1/role_holder.pb.h"
#include "lianqiao/registry/v1/statistics.pb.h"
#include "services/alliance-registry/alliance_fixture.h"

namespace lianqiao::registry {
namespace {

class MergePgTest : public AllianceFixture {
 protected:
  v1::Organisation Merge(const std::string& source, const std::string& target) {
    v1::MergeRequest request;
    request.add_source_ids(source);
    request.set_target_id(target);
    request.set_document("合并示例");
    const auto response =
        Must<v1::MergeOrganisationsResponse>("OrganisationService/MergeOrganisations", request);
    return response.merged_size() == 0 ? v1::Organisation() : response.merged(0);
  }
  // A membership in force since 2022.
  std::string Held(const std::string& alliance_id, const std::string& party, v1::MembershipRole role) {
    auto request = Membership(alliance_id, party, role);
    request.mutable_membership()->set_joined_on("2022-01-01");
    request.mutable_membership()->set_state(v1::MEMBERSHIP_STATE_ACTIVE);
    return Propose(request).id();
  }
  v1::Membership Now(const std::string& id) { return Get<v1::Membership>("Membership", id); }
};

// Two schools of one alliance become one: it is in the alliance once, and the alliance keeps its lead.
TEST_F(MergePgTest, MergedMembersOfOneAllianceAreInItOnce) {
  const auto target = School("甲小学", weibin_.id());
  const auto member = School("乙小学", weibin_.id());
  const auto lead = School("丙小学", weibin_.id());
  const auto alliance = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  const std::string as_lead = Held(alliance.id(), lead.id(), v1::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  const std::string as_target = Held(alliance.id(), target.id(), v1::MEMBERSHIP_ROLE_MEMBER);
  const std::string as_member = Held(alliance.id(), member.id(), v1::MEMBERSHIP_ROLE_MEMBER);
  Merge(member.id(), target.id());
  EXPECT_EQ(Now(as_member).state(), v1::MEMBERSHIP_STATE_ENDED);
  EXPECT_EQ(Now(as_member).organisation_id(), member.id());
  EXPECT_NE(Now(as_member).left_on(), "");
  EXPECT_EQ(Now(as_target).state(), v1::MEMBERSHIP_STATE_ACTIVE);

  Merge(lead.id(), target.id());
  EXPECT_EQ(Now(as_lead).organisation_id(), target.id());
  EXPECT_EQ(Now(as_lead).state(), v1::MEMBERSHIP_STATE_ACTIVE);
  EXPECT_EQ(Now(as_target).state(), v1::MEMBERSHIP_STATE_ENDED);
}

TEST_F(MergePgTest, BothHeadshipsOfASchoolDistrictMove) {
  const auto target = School("甲小学", weibin_.id());
  const auto head = School("乙小学", weibin_.id());
  const auto district = Existing(v1::ALLIANCE_TYPE_SCHOOL_DISTRICT, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  const std::string chief = Held(district.id(), head.id(), v1::MEMBERSHIP_ROLE_CHIEF_DISTRICT_HEAD);
  const std::string stage = Held(district.id(), head.id(), v1::MEMBERSHIP_ROLE_DISTRICT_HEAD);
  Merge(head.id(), target.id());
  for (const std::string& id : {chief, stage}) {
    EXPECT_EQ(Now(id).organisation_id(), target.id());
    EXPECT_EQ(Now(id).state(), v1::MEMBERSHIP_STATE_ACTIVE);
  }
}

// What is only offered follows a merge, or is withdrawn where it would be twice; what was declined stays.
TEST_F(MergePgTest, OpenInvitationsFollowAMerge) {
  const auto target = School("甲小学", weibin_.id());
  const auto source = School("乙小学", weibin_.id());
  const auto first = Draft(v1::ALLIANCE_TYPE_IN_COUNTY, weibin_.id());
  const auto second = Draft(v1::ALLIANCE_TYPE_IN_COUNTY, weibin_.id());
  const auto third = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  const auto invite = [&](const std::string& alliance_id) {
    return Propose(Membership(alliance_id, source.id(), v1::MEMBERSHIP_ROLE_MEMBER)).id();
  };
  const std::string open = invite(first.id());
  const std::string declined = invite(second.id());
  const std::string needless = invite(third.id());
  Held(third.id(), target.id(), v1::MEMBERSHIP_ROLE_MEMBER);
  ASSERT_EQ(TryMove("Membership", "Decline", declined, "不参加"), absl::OkStatus());
  Merge(source.id(), target.id());
  EXPECT_EQ(Now(open).organisation_id(), target.id());
  EXPECT_EQ(Now(open).state(), v1::MEMBERSHIP_STATE_PROPOSED);
  EXPECT_EQ(Now(declined).organisation_id(), source.id());
  EXPECT_EQ(Now(needless).state(), v1::MEMBERSHIP_STATE_WITHDRAWN);
}

// A member that had only agreed does not take the place of one that takes part.
TEST_F(MergePgTest, AnAgreementAloneEndsNoMembership) {
  const auto target = School("甲小学", weibin_.id());
  const auto source = School("乙小学", weibin_.id());
  const auto alliance = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  const std::string active = Held(alliance.id(), source.id(), v1::MEMBERSHIP_ROLE_MEMBER);
  Propose(Membership(alliance.id(), target.id(), v1::MEMBERSHIP_ROLE_MEMBER));
  Merge(source.id(), target.id());
  EXPECT_EQ(Now(active).organisation_id(), target.id());
  EXPECT_EQ(Now(active).state(), v1::MEMBERSHIP_STATE_ACTIVE);
}

// One principal of two schools: one record of the office is enough.
TEST_F(MergePgTest, TheSamePersonInTheSameOfficeIsKeptOnce) {
  const auto target = School("甲小学", weibin_.id());
  const auto source = School("乙小学", weibin_.id());
  const auto hold = [&](const std::string& organisation_id) {
    v1::CreateRoleHolderRequest request;
    request.mutable_role_holder()->set_person_ref("person-a");
    request.mutable_role_holder()->set_role(v1::HOLDER_ROLE_PRINCIPAL);
    request.mutable_role_holder()->set_organisation_id(organisation_id);
    request.mutable_role_holder()->set_from_on("2023-09-01");
    return Must<v1::RoleHolder>("RoleHolderService/CreateRoleHolder", request).id();
  };
  hold(target.id());
  const std::string of_source = hold(source.id());
  Merge(source.id(), target.id());
  const auto ended = Get<v1::RoleHolder>("RoleHolder", of_source);
  EXPECT_EQ(ended.organisation_id(), source.id());
  EXPECT_NE(ended.to_on(), "");
}

// The figures of a past day do not change because members become a new school today.
TEST_F(MergePgTest, StatisticsOfThePastStand) {
  const auto lead = School("甲小学", weibin_.id());
  const auto member = School("乙小学", weibin_.id());
  const auto alliance = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  Held(alliance.id(), lead.id(), v1::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  Held(alliance.id(), member.id(), v1::MEMBERSHIP_ROLE_MEMBER);
  v1::GetRegistryStatisticsRequest request;
  request.set_jurisdiction_id(city_.id());
  request.set_date("2023-12-31");
  const auto read = [&] {
    return Must<v1::RegistryStatistics>("RegistryStatisticsService/GetRegistryStatistics", request);
  };
  const auto before = read();
  ASSERT_EQ(before.alliance_types_size(), 1);
  EXPECT_EQ(before.alliance_types(0).distinct_school_count(), 2);
  v1::CreateOrganisationRequest create;
  create.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_SCHOOL);
  create.mutable_organisation()->set_name("新校");
  create.mutable_organisation()->set_jurisdiction_id(weibin_.id());
  create.mutable_organisation()->set_school_type(v1::SCHOOL_TYPE_PRIMARY);
  create.mutable_organisation()->add_stages(type::v1::STAGE_PRIMARY);
  create.mutable_organisation()->set_opened_on("2026-09-01");
  create.mutable_organisation()->set_status(v1::ORGANISATION_STATUS_ACTIVE);
  const auto opened = Must<v1::Organisation>("OrganisationService/CreateOrganisation", create);
  Merge(member.id(), opened.id());
  EXPECT_EQ(read().alliance_types(0).distinct_school_count(), 2);
  EXPECT_EQ(read().alliance_types(0).membership_count(), before.alliance_types(0).membership_count());
}

TEST_F(MergePgTest, WhatIsMadeForAMergedAllianceBelongsToTheOther) {
  const auto lead = School("甲小学", weibin_.id());
  const auto first = Existing(v1::ALLIANCE_TYPE_EDUCATION_GROUP, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  const auto second = Existing(v1::ALLIANCE_TYPE_EDUCATION_GROUP, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  for (const auto& alliance : {first, second})
    Held(alliance.id(), lead.id(), v1::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  v1::MergeAllianceRequest merge;
  merge.set_id(first.id());
  merge.set_into_alliance_id(second.id());
  merge.set_reason("合并示例");
  Must<v1::Alliance>("AllianceService/MergeAlliance", merge);
  EXPECT_EQ(Get<v1::Alliance>("Alliance", first.id()).replaced_by(), second.id());
  v1::CreateAgreementRequest create;
  create.mutable_agreement()->set_kind(v1::AGREEMENT_KIND_COOPERATION);
  create.mutable_agreement()->set_title("合作协议");
  create.mutable_agreement()->set_jurisdiction_id(weibin_.id());
  create.mutable_agreement()->set_alliance_id(first.id());
  EXPECT_EQ(Must<v1::Agreement>("AgreementService/CreateAgreement", create).alliance_id(), second.id());
}

// The lead gives its alliance away by ending it; the repetition still gets the first answer.
TEST_F(MergePgTest, ARepeatedDissolutionAnswersAsTheFirst) {
  const auto lead = School("甲小学", weibin_.id());
  AddClient("lead", access::ScopeKind::kOrganisation, lead.id());
  const auto alliance = Existing(v1::ALLIANCE_TYPE_EDUCATION_GROUP, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  Held(alliance.id(), lead.id(), v1::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  type::v1::TransitionRequest request;
  request.set_id(alliance.id());
  request.set_reason("周期届满");
  request.set_request_id("dissolve-1");
  const auto first = Must<v1::Alliance>("AllianceService/DissolveAlliance", request, "lead");
  const auto again = Must<v1::Alliance>("AllianceService/DissolveAlliance", request, "lead");
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
}

// A right to alliances alone does not end memberships: nothing is half done.
TEST_F(MergePgTest, NobodyDissolvesWithoutTheRightToTheMemberships) {
  const auto lead = School("甲小学", weibin_.id());
  const auto alliance = Existing(v1::ALLIANCE_TYPE_EDUCATION_GROUP, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  Held(alliance.id(), lead.id(), v1::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  service_.AddCaller("alliances", access::testing::MakeCaller({access::testing::MakeGrant(
                                      "registry.alliance.*", access::ScopeKind::kJurisdiction, city_.id())}));
  EXPECT_FALSE(TryMove("Alliance", "Dissolve", alliance.id(), "改制", "alliances").ok());
  EXPECT_EQ(Get<v1::Alliance>("Alliance", alliance.id()).state(), v1::ALLIANCE_STATE_ACTIVE);
}

TEST_F(MergePgTest, ACodeCanBeCorrectedAndGivenBack) {
  const auto school = School("甲小学", weibin_.id(), "2161999901");
  const auto recode = [&](const std::string& code) {
    v1::RecodeRequest request;
    request.set_id(school.id());
    request.set_kind(v1::CODE_KIND_SCHOOL);
    request.set_code(code);
    request.set_document("更码示例");
    return Must<v1::Organisation>("OrganisationService/RecodeOrganisation", request);
  };
  EXPECT_EQ(recode("2161999902").school_code(), "2161999902");
  EXPECT_EQ(recode("2161999903").school_code(), "2161999903");
  EXPECT_EQ(recode("2161999901").school_code(), "2161999901");
}

}  // namespace
}  // namespace lianqiao::registry
