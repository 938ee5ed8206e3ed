// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/group_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/teacher-exchange/rules_testing.h"

namespace lianqiao::exchange {
namespace {

using resource::FactRow;
using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;

Facts WithHeads(const std::string& method, int count) {
  Facts facts = By(method);
  facts.Add("heads", std::vector<FactRow>(static_cast<size_t>(count), Row({{"id", "head"}})));
  return facts;
}

FactRow Group(const std::string& state, const std::string& founded_on = "",
              const std::string& ended_on = "") {
  return Row({{"state", "GROUP_STATE_" + state}, {"founded_on", founded_on}, {"ended_on", ended_on}});
}

TEST(GroupRules, AGroupBeginsUnderOneHead) {
  for (const int heads : {0, 2}) {
    EXPECT_THAT(FieldsOf(CheckStudio(nullptr, {}, WithHeads("ActivateStudio", heads))), ElementsAre("state"));
    EXPECT_THAT(FieldsOf(CheckResearchCommunity(nullptr, {}, WithHeads("ActivateResearchCommunity", heads))),
                ElementsAre("state"));
  }
  EXPECT_THAT(FieldsOf(CheckStudio(nullptr, {}, WithHeads("ActivateStudio", 1))), IsEmpty());
  EXPECT_THAT(FieldsOf(CheckResearchCommunity(nullptr, {}, WithHeads("ActivateResearchCommunity", 1))),
              IsEmpty());
  EXPECT_THAT(FieldsOf(CheckStudio(nullptr, {}, By("CreateStudio"))), IsEmpty());
}

TEST(GroupRules, AGroupEndsByItsStepAndAfterItsBeginning) {
  v1::Studio studio;
  studio.set_state(v1::GROUP_STATE_ACTIVE);
  studio.set_founded_on("2024-09-01");
  EXPECT_THAT(FieldsOf(CheckStudio(nullptr, studio, By("UpdateStudio"))), IsEmpty());
  studio.set_ended_on("2026-08-31");
  EXPECT_THAT(FieldsOf(CheckStudio(nullptr, studio, By("UpdateStudio"))), ElementsAre("endedOn"));
  studio.set_state(v1::GROUP_STATE_ENDED);
  EXPECT_THAT(FieldsOf(CheckStudio(nullptr, studio, By("EndStudio"))), IsEmpty());
  studio.set_ended_on("2024-08-31");
  EXPECT_THAT(FieldsOf(CheckStudio(nullptr, studio, By("EndStudio"))), ElementsAre("endedOn"));
}

TEST(GroupRules, WhatIsOverStands) {
  for (const auto state : {v1::GROUP_STATE_ENDED, v1::GROUP_STATE_ABANDONED}) {
    v1::ResearchCommunity before;
    before.set_state(state);
    v1::ResearchCommunity after = before;
    after.set_name("新名");
    EXPECT_THAT(FieldsOf(CheckResearchCommunity(&before, after, By("UpdateResearchCommunity"))),
                ElementsAre("state"));
    const Facts batch = By("BatchUpsertResearchCommunities");
    EXPECT_THAT(FieldsOf(CheckResearchCommunity(&before, after, batch)), ElementsAre("state"));
    EXPECT_THAT(FieldsOf(CheckResearchCommunity(&before, after, Imported(batch))), IsEmpty());
  }
}

TEST(GroupRules, CommunitiesBelongToLeaguesAndLeaguesToNone) {
  v1::ResearchCommunity community;
  community.set_kind(v1::RESEARCH_COMMUNITY_KIND_MASTER_LED);
  community.set_league_id("league");
  const auto refused = [&](const std::string& kind) {
    Facts facts = By("CreateResearchCommunity");
    facts.Add("league", {Row({{"kind", "RESEARCH_COMMUNITY_KIND_" + kind}})});
    return FieldsOf(CheckResearchCommunity(nullptr, community, facts));
  };
  EXPECT_THAT(refused("MASTER_TEACHER_LEAGUE"), IsEmpty());
  EXPECT_THAT(refused("MASTER_LED"), ElementsAre("leagueId"));
  community.set_kind(v1::RESEARCH_COMMUNITY_KIND_MASTER_TEACHER_LEAGUE);
  EXPECT_THAT(refused("MASTER_TEACHER_LEAGUE"), ElementsAre("leagueId"));
}

TEST(GroupRules, ThereIsOneHeadAtATime) {
  v1::StudioMember member;
  member.set_role(v1::STUDIO_ROLE_OWNER);
  member.set_state(v1::GROUP_MEMBER_STATE_ACTIVE);
  EXPECT_THAT(FieldsOf(CheckStudioMember(nullptr, member, WithHeads("CreateStudioMember", 0))), IsEmpty());
  EXPECT_THAT(FieldsOf(CheckStudioMember(nullptr, member, WithHeads("CreateStudioMember", 1))),
              ElementsAre("role"));
  member.set_state(v1::GROUP_MEMBER_STATE_ENDED);
  EXPECT_THAT(FieldsOf(CheckStudioMember(nullptr, member, WithHeads("CreateStudioMember", 1))), IsEmpty())
      << "a former owner";
  member.set_state(v1::GROUP_MEMBER_STATE_ACTIVE);
  member.set_role(v1::STUDIO_ROLE_ASSISTANT);
  EXPECT_THAT(FieldsOf(CheckStudioMember(nullptr, member, WithHeads("CreateStudioMember", 1))), IsEmpty());
  v1::ResearchCommunityMember leader;
  leader.set_role(v1::COMMUNITY_ROLE_LEADER);
  leader.set_state(v1::GROUP_MEMBER_STATE_ACTIVE);
  EXPECT_THAT(
      FieldsOf(CheckResearchCommunityMember(nullptr, leader, WithHeads("CreateResearchCommunityMember", 1))),
      ElementsAre("role"));
  leader.set_role(v1::COMMUNITY_ROLE_MASTER);
  EXPECT_THAT(
      FieldsOf(CheckResearchCommunityMember(nullptr, leader, WithHeads("CreateResearchCommunityMember", 1))),
      IsEmpty());
}

TEST(GroupRules, NobodyJoinsWhatIsOver) {
  for (const char* state : {"ENDED", "ABANDONED"}) {
    Facts facts = By("CreateStudioMember");
    facts.Add("group", {Group(state)});
    EXPECT_THAT(FieldsOf(CheckStudioMember(nullptr, {}, facts)), ElementsAre("studioId")) << state;
    facts.set_method("BatchUpsertStudioMembers");
    EXPECT_THAT(FieldsOf(CheckStudioMember(nullptr, {}, facts)), ElementsAre("studioId")) << state;
    EXPECT_THAT(FieldsOf(CheckStudioMember(nullptr, {}, Imported(facts))), IsEmpty()) << state;
    for (const char* method : {"CreateResearchCommunityMember", "BatchUpsertResearchCommunityMembers"}) {
      facts.set_method(method);
      EXPECT_THAT(FieldsOf(CheckResearchCommunityMember(nullptr, {}, facts)),
                  ElementsAre("researchCommunityId"));
    }
    EXPECT_THAT(FieldsOf(CheckResearchCommunityMember(nullptr, {}, Imported(facts))), IsEmpty());
  }
  for (const char* state : {"PLANNED", "ACTIVE"}) {
    Facts facts = By("CreateStudioMember");
    facts.Add("group", {Group(state)});
    EXPECT_THAT(FieldsOf(CheckStudioMember(nullptr, {}, facts)), IsEmpty()) << state;
  }
}

TEST(GroupRules, MembersLeaveByTheirStep) {
  v1::StudioMember member;
  member.set_state(v1::GROUP_MEMBER_STATE_ACTIVE);
  member.set_joined_on("2025-09-01");
  member.set_left_on("2026-07-01");
  EXPECT_THAT(FieldsOf(CheckStudioMember(nullptr, member, By("UpdateStudioMember"))), ElementsAre("leftOn"));
  member.set_state(v1::GROUP_MEMBER_STATE_ENDED);
  EXPECT_THAT(FieldsOf(CheckStudioMember(nullptr, member, By("EndStudioMember"))), IsEmpty());
  member.set_left_on("2025-08-31");
  EXPECT_THAT(FieldsOf(CheckStudioMember(nullptr, member, By("EndStudioMember"))), ElementsAre("leftOn"));
}

TEST(GroupRules, IdsElsewhereAreNoResidentIds) {
  v1::StudioMember member;
  member.add_external_ids()->set_id("13800138000");
  EXPECT_THAT(FieldsOf(CheckStudioMember(nullptr, member, By("CreateStudioMember"))),
              ElementsAre("externalIds[0].id"));
}

TEST(StudioRules, AStudioCoversPlacesWherePupilsAreTaught) {
  Facts facts = By("CreateStudioCampus");
  facts.Add("group", {Group("ACTIVE")});
  EXPECT_THAT(FieldsOf(CheckStudioCampus(nullptr, {}, facts)), ElementsAre("organisationId"));
  const v1::StudioCampus before;
  EXPECT_THAT(FieldsOf(CheckStudioCampus(&before, {}, facts)), IsEmpty()) << "what it became since";
  facts.Add("school", {Row({{"id", "school"}})});
  EXPECT_THAT(FieldsOf(CheckStudioCampus(nullptr, {}, facts)), IsEmpty());
  v1::StudioCampus campus;
  campus.set_covered_from("2025-09-01");
  campus.set_covered_to("2025-08-31");
  EXPECT_THAT(FieldsOf(CheckStudioCampus(nullptr, campus, facts)), ElementsAre("coveredTo"));
  facts.Add("group", {Group("ENDED")});
  EXPECT_THAT(FieldsOf(CheckStudioCampus(nullptr, {}, facts)), ElementsAre("studioId"));
  facts.set_method("BatchUpsertStudioCampuses");
  EXPECT_THAT(FieldsOf(CheckStudioCampus(nullptr, {}, facts)), ElementsAre("studioId"));
  EXPECT_THAT(FieldsOf(CheckStudioCampus(nullptr, {}, Imported(facts))), IsEmpty());
}

class StudioSessionRules : public testing::Test {
 protected:
  StudioSessionRules() { session_.set_held_on("2026-10-15"); }
  std::vector<std::string> Refused(const FactRow& group = Group("ACTIVE", "2025-09-01")) {
    Facts facts = By("CreateStudioSession");
    facts.Add("group", {group});
    return FieldsOf(CheckStudioSession(nullptr, session_, facts));
  }
  v1::StudioSession session_;
};

TEST_F(StudioSessionRules, ItWasHeldWhileTheStudioWasOpen) {
  EXPECT_THAT(Refused(), IsEmpty());
  EXPECT_THAT(Refused(Group("PLANNED")), ElementsAre("studioId"));
  EXPECT_THAT(Refused(Group("ABANDONED")), ElementsAre("studioId"));
  EXPECT_THAT(Refused(Group("ACTIVE", "2026-10-16")), ElementsAre("heldOn"));
  EXPECT_THAT(Refused(Group("ENDED", "2025-09-01", "2026-10-14")), ElementsAre("heldOn"));
  EXPECT_THAT(Refused(Group("ENDED", "2025-09-01", "2026-10-15")), IsEmpty());
  session_.set_held_on("2026-11-27");
  EXPECT_THAT(Refused(), ElementsAre("heldOn"));
  session_.set_held_on("2026-10-15");
  session_.set_ended_on("2026-10-14");
  EXPECT_THAT(Refused(), ElementsAre("endedOn"));
}

TEST_F(StudioSessionRules, ItsFiguresFitEachOther) {
  session_.set_person_time_count_comparison(type::v1::COMPARISON_MORE_THAN);
  EXPECT_THAT(Refused(), ElementsAre("personTimeCountComparison"));
  session_.set_person_time_count(80);
  EXPECT_THAT(Refused(), IsEmpty());
  session_.set_distinct_person_count(90);
  EXPECT_THAT(Refused(), IsEmpty()) << "more than 80 may be 90";
  session_.set_person_time_count_comparison(type::v1::COMPARISON_EQUAL);
  EXPECT_THAT(Refused(), ElementsAre("personTimeCount"));
  session_.set_distinct_person_count_comparison(type::v1::COMPARISON_ABOUT);
  EXPECT_THAT(Refused(), IsEmpty()) << "about 90 may be 80";
  session_.set_distinct_person_count(80);
  session_.clear_distinct_person_count_comparison();
  EXPECT_THAT(Refused(), IsEmpty());
}

}  // namespace
}  // namespace lianqiao::exchange
