// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/alliance_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace lianqiao::registry {
namespace {

using resource::FactRow;
using resource::Facts;
using v1::Alliance;

Alliance Of(v1::AllianceType type, v1::AllianceState state) {
  Alliance alliance;
  alliance.set_type(type);
  alliance.set_state(state);
  return alliance;
}

bool Names(const resource::Violations& violations, const std::string& field) {
  return std::any_of(violations.begin(), violations.end(),
                     [&](const base::Violation& violation) { return violation.field() == field; });
}

TEST(AllianceRules, EndComesAfterTheBeginning) {
  Alliance alliance = Of(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_DISSOLVED);
  alliance.set_active_on("2021-09-01");
  alliance.set_ended_on("2021-09-01");
  EXPECT_TRUE(CheckAlliance(nullptr, alliance, Facts()).empty());
  alliance.set_ended_on("2021-08-31");
  EXPECT_TRUE(Names(CheckAlliance(nullptr, alliance, Facts()), "endedOn"));
}

TEST(AllianceRules, AgreementFilingAndStartFollowEachOther) {
  Alliance alliance = Of(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE);
  alliance.set_signed_on("2020-08-20");
  alliance.set_filed_on("2020-08-21");
  alliance.set_active_on("2020-09-01");
  EXPECT_TRUE(CheckAlliance(nullptr, alliance, Facts()).empty());
  alliance.set_filed_on("2020-08-19");
  EXPECT_TRUE(Names(CheckAlliance(nullptr, alliance, Facts()), "filedOn"));
  alliance.set_filed_on("2020-09-02");
  EXPECT_TRUE(Names(CheckAlliance(nullptr, alliance, Facts()), "activeOn"));
}

TEST(AllianceRules, OnlyAnEndedAllianceHasAnEnd) {
  Alliance alliance = Of(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE);
  alliance.set_ended_on("2022-08-31");
  EXPECT_TRUE(Names(CheckAlliance(nullptr, alliance, Facts()), "endedOn"));
}

TEST(AllianceRules, HistoryMayEndOnAnUnknownDay) {
  EXPECT_TRUE(
      CheckAlliance(nullptr, Of(v1::ALLIANCE_TYPE_COUNTY, v1::ALLIANCE_STATE_DISSOLVED), Facts()).empty());
}

TEST(AllianceRules, ADraftHasNoFirstDayInForce) {
  Alliance alliance = Of(v1::ALLIANCE_TYPE_COUNTY, v1::ALLIANCE_STATE_FILED);
  alliance.set_active_on("2022-01-01");
  EXPECT_TRUE(Names(CheckAlliance(nullptr, alliance, Facts()), "activeOn"));
}

TEST(AllianceRules, WhatWasAbandonedWasNeverInForce) {
  Alliance alliance = Of(v1::ALLIANCE_TYPE_COUNTY, v1::ALLIANCE_STATE_ABANDONED);
  alliance.set_filed_on("2022-01-01");
  alliance.set_ended_on("2022-02-01");
  EXPECT_TRUE(CheckAlliance(nullptr, alliance, Facts()).empty());
  alliance.set_active_on("2022-01-01");
  alliance.set_assessed_on("2022-01-01");
  const auto violations = CheckAlliance(nullptr, alliance, Facts());
  EXPECT_TRUE(Names(violations, "activeOn"));
  EXPECT_TRUE(Names(violations, "assessedOn"));
}

TEST(AllianceRules, AnUnknownStartCarriesNoDate) {
  Alliance alliance = Of(v1::ALLIANCE_TYPE_COUNTY, v1::ALLIANCE_STATE_ACTIVE);
  alliance.set_start_precision(v1::DATE_PRECISION_UNKNOWN);
  EXPECT_TRUE(CheckAlliance(nullptr, alliance, Facts()).empty());
  alliance.set_founded_on("2016-01-01");
  EXPECT_TRUE(Names(CheckAlliance(nullptr, alliance, Facts()), "startPrecision"));
}

TEST(AllianceRules, SubtypeBelongsToGroups) {
  Alliance alliance = Of(v1::ALLIANCE_TYPE_EDUCATION_GROUP, v1::ALLIANCE_STATE_DRAFTED);
  alliance.set_group_subtype(v1::GROUP_SUBTYPE_TIGHT);
  EXPECT_TRUE(CheckAlliance(nullptr, alliance, Facts()).empty());
  alliance.set_type(v1::ALLIANCE_TYPE_IN_COUNTY);
  EXPECT_TRUE(Names(CheckAlliance(nullptr, alliance, Facts()), "groupSubtype"));
}

TEST(AllianceRules, AnAspectOfIntegrationStandsOnce) {
  Alliance alliance = Of(v1::ALLIANCE_TYPE_EDUCATION_GROUP, v1::ALLIANCE_STATE_ACTIVE);
  alliance.add_integrations()->set_aspect(v1::INTEGRATION_ASPECT_ENROLMENT);
  alliance.add_integrations()->set_aspect(v1::INTEGRATION_ASPECT_FINANCE);
  EXPECT_TRUE(CheckAlliance(nullptr, alliance, Facts()).empty());
  alliance.add_integrations()->set_aspect(v1::INTEGRATION_ASPECT_ENROLMENT);
  EXPECT_TRUE(Names(CheckAlliance(nullptr, alliance, Facts()), "integrations[2].aspect"));
}

Facts Parent(const std::string& type) {
  Facts facts;
  facts.Add("parent", {FactRow({{"type", type}, {"state", "ALLIANCE_STATE_ACTIVE"}})});
  return facts;
}

TEST(AllianceRules, ACooperationUnitStandsInACountyAlliance) {
  Alliance alliance = Of(v1::ALLIANCE_TYPE_COOPERATION_UNIT, v1::ALLIANCE_STATE_DRAFTED);
  EXPECT_TRUE(Names(CheckAlliance(nullptr, alliance, Facts()), "parentAllianceId"));
  alliance.set_parent_alliance_id("0190b0a0-0000-7000-8000-000000000001");
  EXPECT_TRUE(CheckAlliance(nullptr, alliance, Parent("ALLIANCE_TYPE_COUNTY")).empty());
  EXPECT_TRUE(Names(CheckAlliance(nullptr, alliance, Parent("ALLIANCE_TYPE_REGIONAL")), "parentAllianceId"));
}

TEST(AllianceRules, ATypeWithoutAParentTakesNone) {
  Alliance alliance = Of(v1::ALLIANCE_TYPE_EDUCATION_GROUP, v1::ALLIANCE_STATE_DRAFTED);
  alliance.set_parent_alliance_id("0190b0a0-0000-7000-8000-000000000001");
  EXPECT_TRUE(
      Names(CheckAlliance(nullptr, alliance, Parent("ALLIANCE_TYPE_EDUCATION_GROUP")), "parentAllianceId"));
}

FactRow County(const std::string& role, const std::string& id, const std::string& position) {
  return FactRow({{"role", "MEMBERSHIP_ROLE_" + role},
                  {"party_id", id},
                  {"position", position},
                  {"jurisdiction_id", id},
                  {"jurisdiction_level", "JURISDICTION_LEVEL_COUNTY"}});
}

TEST(AllianceRules, ShapeIsCheckedWhenItIsActivatedOnly) {
  const Alliance before = Of(v1::ALLIANCE_TYPE_COUNTY, v1::ALLIANCE_STATE_FILED);
  const Alliance after = Of(v1::ALLIANCE_TYPE_COUNTY, v1::ALLIANCE_STATE_ACTIVE);
  Facts facts;
  facts.set_method("BatchUpsertAlliances");
  EXPECT_TRUE(CheckAlliance(&before, after, facts).empty());
  facts.set_method("ActivateAlliance");
  EXPECT_TRUE(Names(CheckAlliance(&before, after, facts), "memberships"));
  facts.Add("parties", {County("LEAD_COUNTY", "weibin", "1"), County("MEMBER", "feng", "2")});
  EXPECT_TRUE(CheckAlliance(&before, after, facts).empty());
}

TEST(AllianceRules, NoCountyFilesItsOwnAlliance) {
  const Alliance before = Of(v1::ALLIANCE_TYPE_COUNTY, v1::ALLIANCE_STATE_AGREEMENT_SIGNED);
  Alliance after = Of(v1::ALLIANCE_TYPE_COUNTY, v1::ALLIANCE_STATE_FILED);
  Facts facts;
  facts.set_method("FileAlliance");
  facts.Add("parties", {County("LEAD_COUNTY", "weibin", "1"), County("MEMBER", "feng", "2")});
  after.set_jurisdiction_id("baoji");
  EXPECT_TRUE(CheckAlliance(&before, after, facts).empty());
  after.set_jurisdiction_id("weibin");
  EXPECT_TRUE(Names(CheckAlliance(&before, after, facts), "jurisdictionId"));
}

// Parties that join after the filing are seen when it is activated.
TEST(AllianceRules, NoCountyActivatesItsOwnAlliance) {
  Alliance before = Of(v1::ALLIANCE_TYPE_COUNTY, v1::ALLIANCE_STATE_FILED);
  Alliance after = Of(v1::ALLIANCE_TYPE_COUNTY, v1::ALLIANCE_STATE_ACTIVE);
  Facts facts;
  facts.set_method("ActivateAlliance");
  facts.Add("parties", {County("LEAD_COUNTY", "weibin", "1"), County("MEMBER", "feng", "2")});
  after.set_jurisdiction_id("baoji");
  EXPECT_TRUE(CheckAlliance(&before, after, facts).empty());
  after.set_jurisdiction_id("feng");
  EXPECT_TRUE(Names(CheckAlliance(&before, after, facts), "jurisdictionId"));
  before.set_type(v1::ALLIANCE_TYPE_IN_COUNTY);
  after.set_type(v1::ALLIANCE_TYPE_IN_COUNTY);
  EXPECT_FALSE(Names(CheckAlliance(&before, after, facts), "jurisdictionId")) << "of places only";
}

TEST(AllianceRules, DatesOfStepsBelongToStatesThatWereReached) {
  const struct {
    const char* field;
    std::string* (Alliance::*date)();
    v1::AllianceState before;
    v1::AllianceState after;
  } steps[] = {
      {"signedOn", &Alliance::mutable_signed_on, v1::ALLIANCE_STATE_DRAFTED,
       v1::ALLIANCE_STATE_AGREEMENT_SIGNED},
      {"filedOn", &Alliance::mutable_filed_on, v1::ALLIANCE_STATE_AGREEMENT_SIGNED, v1::ALLIANCE_STATE_FILED},
      {"assessedOn", &Alliance::mutable_assessed_on, v1::ALLIANCE_STATE_FILED,
       v1::ALLIANCE_STATE_UNDER_ASSESSMENT},
      {"renewedOn", &Alliance::mutable_renewed_on, v1::ALLIANCE_STATE_FILED, v1::ALLIANCE_STATE_RENEWED}};
  for (const auto& step : steps) {
    Alliance alliance = Of(v1::ALLIANCE_TYPE_IN_COUNTY, step.before);
    *(alliance.*step.date)() = "2024-01-01";
    EXPECT_TRUE(Names(CheckAlliance(nullptr, alliance, Facts()), step.field)) << step.field;
    alliance.set_state(step.after);
    EXPECT_TRUE(CheckAlliance(nullptr, alliance, Facts()).empty()) << step.field;
  }
}

TEST(AllianceRules, MembersOfAnAllianceTypeGroupStayLegalPersons) {
  Alliance alliance = Of(v1::ALLIANCE_TYPE_EDUCATION_GROUP, v1::ALLIANCE_STATE_DRAFTED);
  alliance.set_legal_form(v1::LEGAL_FORM_SINGLE);
  for (const auto subtype : {v1::GROUP_SUBTYPE_ALLIANCE, v1::GROUP_SUBTYPE_COOPERATION}) {
    alliance.set_group_subtype(subtype);
    EXPECT_TRUE(Names(CheckAlliance(nullptr, alliance, Facts()), "legalForm"));
  }
  alliance.set_group_subtype(v1::GROUP_SUBTYPE_TIGHT);
  EXPECT_TRUE(CheckAlliance(nullptr, alliance, Facts()).empty());
}

TEST(AllianceRules, AChildStartsUnderAParentInForceOnly) {
  Alliance alliance = Of(v1::ALLIANCE_TYPE_COOPERATION_UNIT, v1::ALLIANCE_STATE_ACTIVE);
  alliance.set_parent_alliance_id("county");
  for (const auto& [state, allowed] :
       {std::pair{"ACTIVE", true}, {"RENEWED", true}, {"DRAFTED", false}, {"DISSOLVED", false}}) {
    Facts facts;
    facts.set_method("ActivateAlliance");
    facts.Add(
        "parent",
        {FactRow({{"type", "ALLIANCE_TYPE_COUNTY"}, {"state", std::string("ALLIANCE_STATE_") + state}})});
    EXPECT_NE(Names(CheckAlliance(&alliance, alliance, facts), "parentAllianceId"), allowed) << state;
  }
}

TEST(AllianceRules, AnotherModelInForceMustFitThePartiesToo) {
  const Alliance before = Of(v1::ALLIANCE_TYPE_IN_COUNTY, v1::ALLIANCE_STATE_ACTIVE);
  Alliance after = before;
  Facts facts;
  facts.set_method("UpdateAlliance");
  after.set_name("甲联盟");
  EXPECT_TRUE(CheckAlliance(&before, after, facts).empty()) << "the parties are not looked at";
  after.set_model(v1::ALLIANCE_MODEL_ONE_TO_ONE);
  EXPECT_TRUE(Names(CheckAlliance(&before, after, facts), "memberships"));
  facts.set_method("BatchUpsertAlliances");
  EXPECT_TRUE(Names(CheckAlliance(&before, after, facts), "memberships"));
  facts.set_imports(true);
  EXPECT_TRUE(CheckAlliance(&before, after, facts).empty()) << "history is as it was";
}

TEST(AllianceRules, EveryStateIsPendingInForceOrEnded) {
  int in_force = 0, ended = 0;
  for (int state = 1; state < v1::AllianceState_descriptor()->value_count(); ++state) {
    in_force += IsInForce(static_cast<v1::AllianceState>(state));
    ended += HasEnded(static_cast<v1::AllianceState>(state));
    EXPECT_FALSE(IsInForce(static_cast<v1::AllianceState>(state)) &&
                 HasEnded(static_cast<v1::AllianceState>(state)));
  }
  EXPECT_EQ(in_force, 3);
  EXPECT_EQ(ended, 3);
}

}  // namespace
}  // namespace lianqiao::registry
