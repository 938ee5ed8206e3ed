// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <memory>

#include "services/alliance-registry/alliance_fixture.h"

namespace lianqiao::registry {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class AlliancePgTest : public AllianceFixture {};

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
  EXPECT_EQ(allowed_count, 1 + 1 + 2 + 6);
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

}  // namespace
}  // namespace lianqiao::registry
