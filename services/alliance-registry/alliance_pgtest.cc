// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <future>
#include <memory>

#include "lianqiao/registry/v1/alliance_tree.pb.h"
#include "lianqiao/registry/v1/statistics.pb.h"
#include "services/alliance-registry/alliance_fixture.h"

namespace lianqiao::registry {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class AlliancePgTest : public AllianceFixture {
 protected:
  // A membership in force since 2021, as an import brings it.
  v1::Membership Held(const std::string& alliance_id, const std::string& party, v1::MembershipRole role) {
    auto request = Membership(alliance_id, party, role);
    request.mutable_membership()->set_state(v1::MEMBERSHIP_STATE_ACTIVE);
    request.mutable_membership()->set_joined_on("2021-09-01");
    return Propose(request);
  }
};

TEST_F(AlliancePgTest, ACountyAllianceGoesFromDraftToForceAndKeepsItsDates) {
  const auto drafted = CountyAlliance();
  EXPECT_EQ(drafted.state(), v1::ALLIANCE_STATE_DRAFTED);
  const auto active = Start(drafted.id());
  EXPECT_EQ(active.state(), v1::ALLIANCE_STATE_ACTIVE);
  EXPECT_NE(active.signed_on(), "");
  EXPECT_EQ(active.signed_on(), active.active_on());
  EXPECT_GT(active.revision(), drafted.revision());
}

TEST_F(AlliancePgTest, AWrongShapeIsNotActivatedAndSaysWhatIsMissing) {
  const auto alliance = Draft(v1::ALLIANCE_TYPE_COUNTY, city_.id());
  Join(Membership(alliance.id(), weibin_.id(), v1::MEMBERSHIP_ROLE_LEAD_COUNTY, true));
  Move<v1::Alliance>("Alliance", "Sign", alliance.id());
  Move<v1::Alliance>("Alliance", "File", alliance.id());
  const absl::Status refused = TryMove("Alliance", "Activate", alliance.id());
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(Explain(refused), ::testing::HasSubstr("needs at least 1 member, has 0"));
  EXPECT_EQ(Get<v1::Alliance>("Alliance", alliance.id()).state(), v1::ALLIANCE_STATE_FILED);
}

TEST_F(AlliancePgTest, EveryTransitionWorksFromItsStatesAndFromNoOther) {
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "lianqiao.registry.v1.AllianceService");
  int allowed_count = 0;
  for (int i = 0; i < service->method_count(); ++i) {
    const auto* method = service->method(i);
    if (!method->options().HasExtension(options::v1::transition) || method->name() == "ActivateAlliance")
      continue;
    const auto& rule = method->options().GetExtension(options::v1::transition);
    for (int value = 1; value < v1::AllianceState_descriptor()->value_count(); ++value) {
      const auto state = static_cast<v1::AllianceState>(value);
      const std::string name = v1::AllianceState_Name(state).substr(sizeof("ALLIANCE_STATE_") - 1);
      const bool allowed = std::find(rule.from().begin(), rule.from().end(), name) != rule.from().end();
      allowed_count += allowed;
      const auto alliance = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, state, weibin_.id());
      const std::string verb = method->name().substr(0, method->name().size() - sizeof("Alliance") + 1);
      const absl::Status status = TryMove("Alliance", verb, alliance.id(), "按文件");
      EXPECT_EQ(status.ok(), allowed) << method->name() << " from " << name << ": " << status;
      if (!allowed) {
        EXPECT_EQ(base::FailureOf(status).reason(), base::ErrorReason::WRONG_STATE) << status;
      }
    }
  }
  EXPECT_EQ(allowed_count, 1 + 1 + 2);
}

TEST_F(AlliancePgTest, OnlyAnImportGivesAState) {
  std::vector<access::Grant> grants;
  for (const char* permission :
       {"registry.alliance.write", "registry.alliance.read", "registry.jurisdiction.read"})
    grants.push_back(access::testing::MakeGrant(permission, access::ScopeKind::kJurisdiction, weibin_.id()));
  service_.AddCaller("writer", access::testing::MakeCaller(std::move(grants)));
  v1::CreateAllianceRequest request;
  request.mutable_alliance()->set_name("甲联盟");
  request.mutable_alliance()->set_type(v1::ALLIANCE_TYPE_IN_COUNTY);
  request.mutable_alliance()->set_jurisdiction_id(weibin_.id());
  request.mutable_alliance()->set_state(v1::ALLIANCE_STATE_ACTIVE);
  const absl::Status refused = Try<v1::Alliance>("AllianceService/CreateAlliance", request, "writer");
  EXPECT_THAT(ViolatedFields(refused), ElementsAre("alliance.state"));
  request.mutable_alliance()->clear_state();
  EXPECT_EQ(Must<v1::Alliance>("AllianceService/CreateAlliance", request, "writer").state(),
            v1::ALLIANCE_STATE_DRAFTED);
}

TEST_F(AlliancePgTest, ARuleNamesTheFieldOfTheRequest) {
  v1::CreateAllianceRequest request;
  request.mutable_alliance()->set_name("甲联盟");
  request.mutable_alliance()->set_type(v1::ALLIANCE_TYPE_COOPERATION_UNIT);
  request.mutable_alliance()->set_jurisdiction_id(city_.id());
  EXPECT_THAT(ViolatedFields(Try<v1::Alliance>("AllianceService/CreateAlliance", request)),
              ElementsAre("alliance.parentAllianceId"));
}

TEST_F(AlliancePgTest, RenewalBeginsTheNextCycle) {
  const auto alliance =
      Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_UNDER_ASSESSMENT, weibin_.id());
  v1::CreateCycleRequest first;
  first.mutable_cycle()->set_jurisdiction_id(weibin_.id());
  first.mutable_cycle()->set_alliance_id(alliance.id());
  first.mutable_cycle()->set_number(1);
  first.mutable_cycle()->set_starts_on("2021-09-01");
  first.mutable_cycle()->set_ends_on("2024-08-31");
  Must<v1::Cycle>("CycleService/CreateCycle", first);
  v1::RenewAllianceRequest request;
  request.set_id(alliance.id());
  request.set_effective_on("2024-09-01");
  request.set_cycle_ends_on("2027-08-31");
  const auto renewed = Must<v1::RenewAllianceResponse>("AllianceService/RenewAlliance", request);
  EXPECT_EQ(renewed.alliance().state(), v1::ALLIANCE_STATE_RENEWED);
  EXPECT_EQ(renewed.alliance().renewed_on(), "2024-09-01");
  EXPECT_EQ(renewed.cycle().number(), 2);
  EXPECT_EQ(renewed.cycle().alliance_id(), alliance.id());
  const absl::Status again = Try<v1::RenewAllianceResponse>("AllianceService/RenewAlliance", request);
  EXPECT_EQ(base::FailureOf(again).reason(), base::ErrorReason::WRONG_STATE) << again;
  EXPECT_EQ(TryMove("Alliance", "Assess", alliance.id()), absl::OkStatus());
}

TEST_F(AlliancePgTest, CyclesOfOneAllianceDoNotOverlap) {
  v1::CreateCycleRequest request;
  request.mutable_cycle()->set_jurisdiction_id(weibin_.id());
  request.mutable_cycle()->set_number(1);
  request.mutable_cycle()->set_starts_on("2021-09-01");
  request.mutable_cycle()->set_ends_on("2024-08-31");
  Must<v1::Cycle>("CycleService/CreateCycle", request);
  EXPECT_THAT(ViolatedFields(Try<v1::Cycle>("CycleService/CreateCycle", request)), Contains("cycle.number"));
  request.mutable_cycle()->set_number(2);
  EXPECT_THAT(ViolatedFields(Try<v1::Cycle>("CycleService/CreateCycle", request)),
              ElementsAre("cycle.startsOn"));
  request.mutable_cycle()->set_starts_on("2024-09-01");
  request.mutable_cycle()->set_ends_on("2027-08-31");
  Must<v1::Cycle>("CycleService/CreateCycle", request);
}

TEST_F(AlliancePgTest, AMergerMovesTheMembersAndKeepsTheOldIdAnswering) {
  const auto ending = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  const auto staying = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  const auto lead = School("甲小学", weibin_.id());
  const auto both = School("乙小学", weibin_.id());
  const auto other = School("丙小学", weibin_.id());
  for (const auto& [alliance, school, role] : {std::tuple{ending, other, v1::MEMBERSHIP_ROLE_LEAD_SCHOOL},
                                               {ending, both, v1::MEMBERSHIP_ROLE_MEMBER},
                                               {staying, lead, v1::MEMBERSHIP_ROLE_LEAD_SCHOOL},
                                               {staying, both, v1::MEMBERSHIP_ROLE_MEMBER}}) {
    auto request = Membership(alliance.id(), school.id(), role);
    request.mutable_membership()->set_state(v1::MEMBERSHIP_STATE_ACTIVE);
    request.mutable_membership()->set_joined_on("2021-09-01");
    Propose(request);
  }
  v1::MergeAllianceRequest request;
  request.set_id(ending.id());
  request.set_into_alliance_id(staying.id());
  request.set_effective_on("2024-08-31");
  request.set_reason("合并示例");
  const auto merged = Must<v1::Alliance>("AllianceService/MergeAlliance", request);
  EXPECT_EQ(merged.state(), v1::ALLIANCE_STATE_MERGED);
  EXPECT_EQ(merged.replaced_by(), staying.id());
  EXPECT_EQ(merged.ended_on(), "2024-08-31");
  EXPECT_EQ(Get<v1::Alliance>("Alliance", ending.id()).replaced_by(), staying.id());
  const std::string of = " FROM membership WHERE alliance_id = '";
  EXPECT_EQ(Value("SELECT count(*)" + of + ending.id() +
                  "' AND state = 'MEMBERSHIP_STATE_ENDED' AND left_on = '2024-08-31'"),
            "2");
  EXPECT_EQ(Value("SELECT count(*)" + of + staying.id() + "' AND state = 'MEMBERSHIP_STATE_ACTIVE'"), "3");
  EXPECT_EQ(
      Value("SELECT role || joined_on" + of + staying.id() + "' AND organisation_id = '" + other.id() + "'"),
      "MEMBERSHIP_ROLE_MEMBER2024-09-01");
  EXPECT_EQ(
      Value("SELECT operation FROM change WHERE id = '" + ending.id() + "' ORDER BY revision DESC LIMIT 1"),
      "MERGE");
}

TEST_F(AlliancePgTest, AMergerKeepsRolesThatManyMayHold) {
  const auto ending = Existing(v1::ALLIANCE_TYPE_EDUCATION_GROUP, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  const auto staying = Existing(v1::ALLIANCE_TYPE_EDUCATION_GROUP, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  v1::CreateOrganisationRequest partner;
  partner.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_PARTNER);
  partner.mutable_organisation()->set_partner_kind(v1::PARTNER_KIND_COMPANY);
  partner.mutable_organisation()->set_name("科技公司");
  partner.mutable_organisation()->set_jurisdiction_id(weibin_.id());
  partner.mutable_organisation()->set_status(v1::ORGANISATION_STATUS_ACTIVE);
  const auto company = Must<v1::Organisation>("OrganisationService/CreateOrganisation", partner);
  const auto branch = School("分校", weibin_.id());
  const auto invited = School("受邀小学", weibin_.id());
  Held(ending.id(), company.id(), v1::MEMBERSHIP_ROLE_PARTNER);
  Held(ending.id(), branch.id(), v1::MEMBERSHIP_ROLE_BRANCH);
  const auto proposal = Propose(Membership(ending.id(), invited.id(), v1::MEMBERSHIP_ROLE_MEMBER));
  v1::MergeAllianceRequest request;
  request.set_id(ending.id());
  request.set_into_alliance_id(staying.id());
  request.set_reason("合并示例");
  Must<v1::Alliance>("AllianceService/MergeAlliance", request);
  const std::string roles =
      "SELECT string_agg(role, ' ' ORDER BY role) FROM membership WHERE alliance_id = '" + staying.id() +
      "' AND state = 'MEMBERSHIP_STATE_ACTIVE'";
  EXPECT_EQ(Value(roles), "MEMBERSHIP_ROLE_BRANCH MEMBERSHIP_ROLE_PARTNER");
  EXPECT_EQ(Get<v1::Membership>("Membership", proposal.id()).state(), v1::MEMBERSHIP_STATE_WITHDRAWN);
}

TEST_F(AlliancePgTest, APartyWithoutAPossibleRoleStopsAMerger) {
  const auto ending = Existing(v1::ALLIANCE_TYPE_SCHOOL_COMMUNITY, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  const auto staying = Existing(v1::ALLIANCE_TYPE_SCHOOL_COMMUNITY, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  Held(ending.id(), School("城区小学", weibin_.id()).id(), v1::MEMBERSHIP_ROLE_URBAN_LEAD);
  v1::MergeAllianceRequest request;
  request.set_id(ending.id());
  request.set_into_alliance_id(staying.id());
  request.set_reason("合并示例");
  EXPECT_THAT(ViolatedFields(Try<v1::Alliance>("AllianceService/MergeAlliance", request)),
              ElementsAre("intoAllianceId"));
}

TEST_F(AlliancePgTest, DissolvingWorksFromEveryStateThatIsNotAnEnd) {
  for (int value = 1; value < v1::AllianceState_descriptor()->value_count(); ++value) {
    const auto state = static_cast<v1::AllianceState>(value);
    const auto alliance = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, state, weibin_.id());
    const absl::Status status = TryMove("Alliance", "Dissolve", alliance.id(), "按文件");
    const bool ended = state == v1::ALLIANCE_STATE_MERGED || state == v1::ALLIANCE_STATE_DISSOLVED ||
                       state == v1::ALLIANCE_STATE_ABANDONED;
    EXPECT_EQ(status.ok(), !ended) << v1::AllianceState_Name(state) << ": " << status;
    if (ended) {
      EXPECT_EQ(base::FailureOf(status).reason(), base::ErrorReason::WRONG_STATE) << status;
    }
  }
}

TEST_F(AlliancePgTest, DissolvingEndsMembershipsAndWithdrawsProposals) {
  const auto alliance = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  const auto member =
      Held(alliance.id(), School("甲小学", weibin_.id()).id(), v1::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  const auto proposal =
      Propose(Membership(alliance.id(), School("乙小学", weibin_.id()).id(), v1::MEMBERSHIP_ROLE_MEMBER));
  EXPECT_FALSE(TryMove("Alliance", "Dissolve", alliance.id()).ok()) << "a reason is due";
  type::v1::TransitionRequest request;
  request.set_id(alliance.id());
  request.set_reason("周期届满");
  request.set_effective_on("2024-08-31");
  const auto dissolved = Must<v1::Alliance>("AllianceService/DissolveAlliance", request);
  EXPECT_EQ(dissolved.ended_on(), "2024-08-31");
  EXPECT_EQ(dissolved.end_reason(), "周期届满");
  const auto ended = Get<v1::Membership>("Membership", member.id());
  EXPECT_EQ(ended.state(), v1::MEMBERSHIP_STATE_ENDED);
  EXPECT_EQ(ended.left_on(), "2024-08-31");
  EXPECT_EQ(Get<v1::Membership>("Membership", proposal.id()).state(), v1::MEMBERSHIP_STATE_WITHDRAWN);
}

// With its own membership the lead loses the right to write, but not before it is done.
TEST_F(AlliancePgTest, ALeadSchoolMergesAndDissolvesWhatItLeads) {
  const auto lead = School("甲小学", weibin_.id());
  AddClient("lead", access::ScopeKind::kOrganisation, lead.id());
  const auto first = Existing(v1::ALLIANCE_TYPE_EDUCATION_GROUP, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  const auto second = Existing(v1::ALLIANCE_TYPE_EDUCATION_GROUP, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  for (const auto& alliance : {first, second})
    Held(alliance.id(), lead.id(), v1::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  Held(first.id(), School("乙小学", weibin_.id()).id(), v1::MEMBERSHIP_ROLE_MEMBER);
  v1::MergeAllianceRequest merge;
  merge.set_id(first.id());
  merge.set_into_alliance_id(second.id());
  merge.set_reason("合并示例");
  Must<v1::Alliance>("AllianceService/MergeAlliance", merge, "lead");
  EXPECT_EQ(TryMove("Alliance", "Dissolve", second.id(), "周期届满", "lead"), absl::OkStatus());
  EXPECT_EQ(
      Value("SELECT count(*) FROM membership WHERE state <> 'MEMBERSHIP_STATE_ENDED' AND alliance_id = '" +
            first.id() + "'"),
      "0");
}

TEST_F(AlliancePgTest, AParentEndsAfterItsCooperationUnits) {
  const auto parent = Start(CountyAlliance().id());
  v1::CreateAllianceRequest request;
  request.mutable_alliance()->set_name("教研室合作机构");
  request.mutable_alliance()->set_type(v1::ALLIANCE_TYPE_COOPERATION_UNIT);
  request.mutable_alliance()->set_jurisdiction_id(city_.id());
  request.mutable_alliance()->set_parent_alliance_id(parent.id());
  request.mutable_alliance()->set_state(v1::ALLIANCE_STATE_ACTIVE);
  const auto unit = Must<v1::Alliance>("AllianceService/CreateAlliance", request);
  EXPECT_TRUE(absl::IsFailedPrecondition(TryMove("Alliance", "Dissolve", parent.id(), "改制")));
  EXPECT_EQ(TryMove("Alliance", "Dissolve", unit.id(), "改制"), absl::OkStatus());
  EXPECT_EQ(TryMove("Alliance", "Dissolve", parent.id(), "改制"), absl::OkStatus());
}

TEST_F(AlliancePgTest, TheManagingJurisdictionAloneFiles) {
  AddClient("weibin", access::ScopeKind::kJurisdiction, weibin_.id());
  AddClient("city", access::ScopeKind::kJurisdiction, city_.id());
  const auto alliance = CountyAlliance();
  EXPECT_EQ(TryMove("Alliance", "Sign", alliance.id(), "", "weibin"), absl::OkStatus());
  EXPECT_TRUE(absl::IsPermissionDenied(TryMove("Alliance", "File", alliance.id(), "", "weibin")));
  EXPECT_EQ(TryMove("Alliance", "File", alliance.id(), "", "city"), absl::OkStatus());
}

// Filed while its parties had only agreed, which is no taking part: it does not come into force.
TEST_F(AlliancePgTest, ACountyDoesNotEvadeTheFilingByItsOrder) {
  const auto alliance = Draft(v1::ALLIANCE_TYPE_COUNTY, weibin_.id());
  auto lead = Membership(alliance.id(), weibin_.id(), v1::MEMBERSHIP_ROLE_LEAD_COUNTY, true);
  lead.mutable_membership()->set_position(1);
  auto member = Membership(alliance.id(), feng_.id(), v1::MEMBERSHIP_ROLE_MEMBER, true);
  member.mutable_membership()->set_position(2);
  const std::string ids[] = {Propose(lead).id(), Propose(member).id()};
  for (const std::string& id : ids) Move<v1::Membership>("Membership", "Agree", id);
  Move<v1::Alliance>("Alliance", "Sign", alliance.id());
  Move<v1::Alliance>("Alliance", "File", alliance.id());
  for (const std::string& id : ids) Move<v1::Membership>("Membership", "Activate", id);
  const absl::Status refused = TryMove("Alliance", "Activate", alliance.id());
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(ViolatedFields(refused), ElementsAre("jurisdictionId"));
}

TEST_F(AlliancePgTest, TheAreaOfADistrictIsAPlaceOfTheRegistry) {
  v1::CreateAllianceRequest request;
  request.mutable_alliance()->set_name("第二学区");
  request.mutable_alliance()->set_type(v1::ALLIANCE_TYPE_SCHOOL_DISTRICT);
  request.mutable_alliance()->set_jurisdiction_id(weibin_.id());
  request.mutable_alliance()->set_division_id("0190a0b0-0000-7000-8000-000000000000");
  EXPECT_THAT(ViolatedFields(Try<v1::Alliance>("AllianceService/CreateAlliance", request)),
              ElementsAre("alliance.divisionId"));
  request.mutable_alliance()->set_division_id(weibin_.id());
  Must<v1::Alliance>("AllianceService/CreateAlliance", request);
}

TEST_F(AlliancePgTest, AGroupReachesAnotherCountyAndACommunityIsOneTownship) {
  const auto group = Draft(v1::ALLIANCE_TYPE_EDUCATION_GROUP, weibin_.id());
  Join(Membership(group.id(), School("核心校", weibin_.id()).id(), v1::MEMBERSHIP_ROLE_LEAD_SCHOOL));
  Join(Membership(group.id(), School("外县校", feng_.id()).id(), v1::MEMBERSHIP_ROLE_MEMBER));
  EXPECT_EQ(Start(group.id()).state(), v1::ALLIANCE_STATE_ACTIVE);
  const auto town =
      Place(v1::JURISDICTION_KIND_TOWNSHIP, v1::JURISDICTION_LEVEL_TOWNSHIP, "某镇", "610330100", feng_.id());
  const auto community = Draft(v1::ALLIANCE_TYPE_SCHOOL_COMMUNITY, feng_.id());
  Join(Membership(community.id(), School("城区小学", feng_.id()).id(), v1::MEMBERSHIP_ROLE_URBAN_LEAD));
  Join(Membership(community.id(), town.id(), v1::MEMBERSHIP_ROLE_TOWNSHIP, true));
  const auto rural = School("镇小学", feng_.id());
  Join(Membership(community.id(), rural.id(), v1::MEMBERSHIP_ROLE_RURAL_SCHOOL));
  Move<v1::Alliance>("Alliance", "Sign", community.id());
  Move<v1::Alliance>("Alliance", "File", community.id());
  EXPECT_FALSE(TryMove("Alliance", "Activate", community.id()).ok()) << "its township is not known";
  v1::UpdateOrganisationRequest update;
  update.mutable_organisation()->set_id(rural.id());
  update.mutable_organisation()->set_township_id(town.id());
  update.mutable_update_mask()->add_paths("township_id");
  Must<v1::Organisation>("OrganisationService/UpdateOrganisation", update);
  EXPECT_EQ(TryMove("Alliance", "Activate", community.id()), absl::OkStatus());
}

TEST_F(AlliancePgTest, ARegionalAllianceHoldsSchoolPairsSideBySide) {
  const auto regional = Draft(v1::ALLIANCE_TYPE_REGIONAL, city_.id());
  const auto side = [&](v1::CreateMembershipRequest request, v1::MembershipSide value) {
    request.mutable_membership()->set_side(value);
    return request;
  };
  Join(side(Membership(regional.id(), weibin_.id(), v1::MEMBERSHIP_ROLE_HELPER, true),
            v1::MEMBERSHIP_SIDE_FIRST));
  Join(side(Membership(regional.id(), feng_.id(), v1::MEMBERSHIP_ROLE_HELPED, true),
            v1::MEMBERSHIP_SIDE_SECOND));
  const auto pair = Draft(v1::ALLIANCE_TYPE_SCHOOL_PAIR, city_.id(), regional.id());
  Join(side(Membership(pair.id(), School("甲小学", weibin_.id()).id(), v1::MEMBERSHIP_ROLE_HELPER),
            v1::MEMBERSHIP_SIDE_FIRST));
  Join(side(Membership(pair.id(), School("乙小学", feng_.id()).id(), v1::MEMBERSHIP_ROLE_HELPED),
            v1::MEMBERSHIP_SIDE_SECOND));
  Move<v1::Alliance>("Alliance", "Sign", pair.id());
  Move<v1::Alliance>("Alliance", "File", pair.id());
  EXPECT_FALSE(TryMove("Alliance", "Activate", pair.id()).ok()) << "its regional alliance is a draft";
  Start(regional.id());
  EXPECT_EQ(TryMove("Alliance", "Activate", pair.id()), absl::OkStatus());
}

TEST_F(AlliancePgTest, FactsWithValidityDecideWhoMayTakePart) {
  const auto alliance = Draft(v1::ALLIANCE_TYPE_IN_COUNTY, weibin_.id());
  const auto lead = School("主任小学", weibin_.id());
  Join(Membership(alliance.id(), lead.id(), v1::MEMBERSHIP_ROLE_LEAD_SCHOOL));
  Join(Membership(alliance.id(), School("成员小学", weibin_.id()).id(), v1::MEMBERSHIP_ROLE_MEMBER));
  const auto hold = [&](v1::QualityTier tier, const std::string& from, const std::string& to) {
    v1::UpdateOrganisationRequest update;
    update.mutable_organisation()->set_id(lead.id());
    auto* period = update.mutable_organisation()->add_quality_tier();
    period->set_tier(tier);
    period->set_valid_from(from);
    period->set_valid_to(to);
    update.mutable_update_mask()->add_paths("quality_tier");
    Must<v1::Organisation>("OrganisationService/UpdateOrganisation", update);
  };
  Move<v1::Alliance>("Alliance", "Sign", alliance.id());
  Move<v1::Alliance>("Alliance", "File", alliance.id());
  hold(v1::QUALITY_TIER_WEAK, "2020-01-01", "");
  const absl::Status refused = TryMove("Alliance", "Activate", alliance.id());
  EXPECT_THAT(Explain(refused), ::testing::HasSubstr("the lead must be a quality school"));
  hold(v1::QUALITY_TIER_WEAK, "2020-01-01", "2021-12-31");
  EXPECT_EQ(TryMove("Alliance", "Activate", alliance.id()), absl::OkStatus()) << "it was weak once";
}

TEST_F(AlliancePgTest, AllianceOfAnotherTypeCannotTakeOver) {
  v1::MergeAllianceRequest request;
  request.set_id(Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE, weibin_.id()).id());
  request.set_into_alliance_id(
      Existing(v1::ALLIANCE_TYPE_EDUCATION_GROUP, v1::ALLIANCE_STATE_ACTIVE, weibin_.id()).id());
  request.set_reason("合并示例");
  EXPECT_THAT(ViolatedFields(Try<v1::Alliance>("AllianceService/MergeAlliance", request)),
              ElementsAre("intoAllianceId"));
}

TEST_F(AlliancePgTest, PartiesReadTheAllianceAndOnlyTheLeadsSideWrites) {
  AddClient("weibin", access::ScopeKind::kJurisdiction, weibin_.id());
  AddClient("feng", access::ScopeKind::kJurisdiction, feng_.id());
  const auto foreign =
      Place(v1::JURISDICTION_KIND_COUNTY, v1::JURISDICTION_LEVEL_COUNTY, "眉县", "610326", city_.id());
  AddClient("mei", access::ScopeKind::kJurisdiction, foreign.id());
  const auto alliance = CountyAlliance();
  EXPECT_EQ(Get<v1::Alliance>("Alliance", alliance.id(), "feng").id(), alliance.id());
  type::v1::GetRequest get;
  get.set_id(alliance.id());
  EXPECT_TRUE(absl::IsNotFound(Try<v1::Alliance>("AllianceService/GetAlliance", get, "mei")));
  EXPECT_TRUE(absl::IsPermissionDenied(TryMove("Alliance", "Sign", alliance.id(), "", "feng")));
  EXPECT_TRUE(absl::IsNotFound(TryMove("Alliance", "Sign", alliance.id(), "", "mei")));
  EXPECT_EQ(TryMove("Alliance", "Sign", alliance.id(), "", "weibin"), absl::OkStatus());
}

TEST_F(AlliancePgTest, ValidOnFollowsStateAndDates) {
  const auto ended = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_DISSOLVED, weibin_.id());
  const auto active = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE, weibin_.id());
  Draft(v1::ALLIANCE_TYPE_IN_COUNTY, weibin_.id());
  type::v1::ListRequest request;
  EXPECT_THAT(Must<v1::ListAlliancesResponse>("AllianceService/ListAlliances", request).alliances(),
              SizeIs(3));
  request.set_valid_on("2023-12-31");
  const auto held = Must<v1::ListAlliancesResponse>("AllianceService/ListAlliances", request);
  ASSERT_THAT(held.alliances(), SizeIs(1)) << "a draft never held, an end that is not known is no end today";
  EXPECT_EQ(held.alliances(0).id(), active.id());
}

// An alliance whose parties had agreed and begun, given up before it was active, was in force on no day.
TEST_F(AlliancePgTest, WhatIsGivenUpBeforeItIsActiveNeverWasInForce) {
  const auto alliance = Draft(v1::ALLIANCE_TYPE_IN_COUNTY, weibin_.id());
  const auto lead = School("甲小学", weibin_.id());
  std::vector<std::string> memberships;
  for (const auto& [school, role] : {std::pair{lead.id(), v1::MEMBERSHIP_ROLE_LEAD_SCHOOL},
                                     {School("乙小学", weibin_.id()).id(), v1::MEMBERSHIP_ROLE_MEMBER}}) {
    memberships.push_back(Propose(Membership(alliance.id(), school, role)).id());
    Move<v1::Membership>("Membership", "Agree", memberships.back());
    type::v1::TransitionRequest join;
    join.set_id(memberships.back());
    join.set_effective_on("2024-01-01");
    Must<v1::Membership>("MembershipService/ActivateMembership", join);
  }
  type::v1::TransitionRequest dissolve;
  dissolve.set_id(alliance.id());
  dissolve.set_reason("未能成立");
  dissolve.set_effective_on("2024-06-30");
  const auto abandoned = Must<v1::Alliance>("AllianceService/DissolveAlliance", dissolve);
  EXPECT_EQ(abandoned.state(), v1::ALLIANCE_STATE_ABANDONED);
  EXPECT_EQ(abandoned.ended_on(), "2024-06-30");
  for (const std::string& id : memberships) {
    const auto membership = Get<v1::Membership>("Membership", id);
    EXPECT_EQ(membership.state(), v1::MEMBERSHIP_STATE_WITHDRAWN);
    EXPECT_EQ(membership.left_on(), "");
  }
  v1::GetRegistryStatisticsRequest statistics;
  statistics.set_jurisdiction_id(weibin_.id());
  statistics.set_date("2024-03-01");
  const auto counted =
      Must<v1::RegistryStatistics>("RegistryStatisticsService/GetRegistryStatistics", statistics);
  EXPECT_EQ(counted.alliance_types_size(), 0);
  type::v1::ListRequest list;
  list.set_valid_on("2024-03-01");
  EXPECT_THAT(Must<v1::ListAlliancesResponse>("AllianceService/ListAlliances", list).alliances(), SizeIs(0));
  v1::ListPartyAlliancesRequest of;
  of.set_organisation_id(lead.id());
  of.set_valid_on("2024-03-01");
  EXPECT_THAT(Must<v1::ListPartyAlliancesResponse>("AllianceTreeService/ListPartyAlliances", of).alliances(),
              SizeIs(0));
}

// History may bring memberships of what never was in force; they do not count there either.
TEST_F(AlliancePgTest, StatisticsCountNoAbandonedAlliance) {
  const auto alliance = Existing(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ABANDONED, weibin_.id());
  const auto school = School("甲小学", weibin_.id());
  Held(alliance.id(), school.id(), v1::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  v1::GetRegistryStatisticsRequest statistics;
  statistics.set_jurisdiction_id(weibin_.id());
  EXPECT_EQ(Must<v1::RegistryStatistics>("RegistryStatisticsService/GetRegistryStatistics", statistics)
                .alliance_types_size(),
            0);
  v1::ListPartyAlliancesRequest of;
  of.set_organisation_id(school.id());
  EXPECT_THAT(Must<v1::ListPartyAlliancesResponse>("AllianceTreeService/ListPartyAlliances", of).alliances(),
              SizeIs(0));
}

// The lead's side writes the alliance, but does not choose who files it.
TEST_F(AlliancePgTest, TheLeadDoesNotChooseItsManagingJurisdiction) {
  AddClient("weibin", access::ScopeKind::kJurisdiction, weibin_.id());
  AddClient("city", access::ScopeKind::kJurisdiction, city_.id());
  const auto other =
      Place(v1::JURISDICTION_KIND_CITY, v1::JURISDICTION_LEVEL_CITY, "汉中市", "610700", province_.id());
  const auto alliance = CountyAlliance();
  ASSERT_EQ(TryMove("Alliance", "Sign", alliance.id(), "", "weibin"), absl::OkStatus());
  const auto hand_over = [&](const std::string& to, const std::string& token) {
    v1::UpdateAllianceRequest update;
    update.mutable_alliance()->set_id(alliance.id());
    update.mutable_alliance()->set_jurisdiction_id(to);
    return Try<v1::Alliance>("AllianceService/UpdateAlliance", update, token);
  };
  EXPECT_TRUE(absl::IsPermissionDenied(hand_over(weibin_.id(), "weibin")));
  v1::BatchUpsertAlliancesRequest upsert;
  *upsert.add_alliances() = Get<v1::Alliance>("Alliance", alliance.id());
  upsert.mutable_alliances(0)->set_jurisdiction_id(weibin_.id());
  upsert.set_atomic(true);
  const absl::Status upserted =
      Try<v1::BatchUpsertAlliancesResponse>("AllianceService/BatchUpsertAlliances", upsert, "weibin");
  EXPECT_TRUE(absl::IsPermissionDenied(upserted)) << Explain(upserted);
  EXPECT_EQ(Get<v1::Alliance>("Alliance", alliance.id()).jurisdiction_id(), city_.id());
  EXPECT_TRUE(absl::IsPermissionDenied(TryMove("Alliance", "File", alliance.id(), "", "weibin")));
  v1::UpdateAllianceRequest rename;
  rename.mutable_alliance()->set_id(alliance.id());
  rename.mutable_alliance()->set_name("渭滨—凤县联盟");
  Must<v1::Alliance>("AllianceService/UpdateAlliance", rename, "weibin");
  EXPECT_FALSE(hand_over(other.id(), "city").ok()) << "the new one has a say too";
  EXPECT_EQ(hand_over(weibin_.id(), "city"), absl::OkStatus());
  EXPECT_EQ(hand_over(other.id(), "operator"), absl::OkStatus());
}

// A child that starts and a parent that ends at the same moment: one waits for the other and sees it.
TEST_F(AlliancePgTest, AChildDoesNotStartWhileItsParentEnds) {
  const auto parent = Start(CountyAlliance().id());
  const auto unit = Draft(v1::ALLIANCE_TYPE_COOPERATION_UNIT, city_.id(), parent.id());
  Join(Membership(unit.id(), School("甲小学", weibin_.id()).id(), v1::MEMBERSHIP_ROLE_LEAD_UNIT));
  Join(Membership(unit.id(), School("乙小学", feng_.id()).id(), v1::MEMBERSHIP_ROLE_MEMBER));
  Move<v1::Alliance>("Alliance", "Sign", unit.id());
  Move<v1::Alliance>("Alliance", "File", unit.id());
  std::promise<void> locked, release;
  // What dissolving the parent does: it holds its row, has seen no child in force, and ends it.
  auto dissolving = std::async(std::launch::async, [&] {
    return service_.reads().Run(absl::Now() + absl::Seconds(60), [&](postgres::Session& session) {
      return session.Transact([&](postgres::Statements& statements) {
        const postgres::Query lock{"lock_parent",
                                   "SELECT 1 FROM alliance WHERE id = '" + parent.id() + "' FOR UPDATE"};
        RETURN_IF_ERROR(statements.Execute(lock, {}).status());
        locked.set_value();
        release.get_future().wait();
        const postgres::Query end{"end_parent",
                                  "UPDATE alliance SET state = 'ALLIANCE_STATE_DISSOLVED',"
                                  " ended_on = '2026-01-01' WHERE id = '" +
                                      parent.id() + "'"};
        return statements.Execute(end, {}).status();
      });
    });
  });
  locked.get_future().wait();
  auto starting = std::async(std::launch::async, [&] { return TryMove("Alliance", "Activate", unit.id()); });
  EXPECT_EQ(starting.wait_for(std::chrono::milliseconds(500)), std::future_status::timeout)
      << "it waits for its parent";
  release.set_value();
  EXPECT_EQ(dissolving.get(), absl::OkStatus());
  const absl::Status refused = starting.get();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_EQ(Get<v1::Alliance>("Alliance", unit.id()).state(), v1::ALLIANCE_STATE_FILED);
}

// A school that was closed, or is only planned, makes no alliance.
TEST_F(AlliancePgTest, OnlyPartiesThatExistMakeAnAlliance) {
  const auto alliance = Draft(v1::ALLIANCE_TYPE_IN_COUNTY, weibin_.id());
  const auto member = School("乙小学", weibin_.id());
  Join(Membership(alliance.id(), School("甲小学", weibin_.id()).id(), v1::MEMBERSHIP_ROLE_LEAD_SCHOOL));
  Join(Membership(alliance.id(), member.id(), v1::MEMBERSHIP_ROLE_MEMBER));
  Move<v1::Alliance>("Alliance", "Sign", alliance.id());
  Move<v1::Alliance>("Alliance", "File", alliance.id());
  type::v1::TransitionRequest close;
  close.set_id(member.id());
  close.set_effective_on("2025-08-31");
  Must<v1::Organisation>("OrganisationService/CloseOrganisation", close);
  const absl::Status refused = TryMove("Alliance", "Activate", alliance.id());
  EXPECT_THAT(Explain(refused), ::testing::HasSubstr("a party does not exist"));
  Move<v1::Organisation>("Organisation", "Reopen", member.id());
  EXPECT_EQ(TryMove("Alliance", "Activate", alliance.id()), absl::OkStatus());
  const auto late = School("丙小学", weibin_.id());
  const auto invitation = Propose(Membership(alliance.id(), late.id(), v1::MEMBERSHIP_ROLE_MEMBER));
  Move<v1::Membership>("Membership", "Agree", invitation.id());
  close.set_id(late.id());
  Must<v1::Organisation>("OrganisationService/CloseOrganisation", close);
  EXPECT_THAT(Explain(TryMove("Membership", "Activate", invitation.id())),
              ::testing::HasSubstr("a party does not exist"));
  Move<v1::Organisation>("Organisation", "Reopen", late.id());
  close.set_id(member.id());
  Must<v1::Organisation>("OrganisationService/CloseOrganisation", close);
  EXPECT_EQ(TryMove("Membership", "Activate", invitation.id()), absl::OkStatus())
      << "who is on the way out does not keep others from joining";
}

}  // namespace
}  // namespace lianqiao::registry
