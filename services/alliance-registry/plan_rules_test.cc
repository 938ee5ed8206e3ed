// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/plan_rules.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace lianqiao::registry {
namespace {

using resource::FactRow;
using resource::Facts;

FactRow Row(const std::string& column, const std::string& value) {
  return FactRow(std::map<std::string, std::string>{{column, value}});
}

TEST(PlanRules, ACycleEndsAfterItBeginsAndItsNumberIsNew) {
  v1::Cycle cycle;
  cycle.set_starts_on("2021-09-01");
  cycle.set_ends_on("2024-08-31");
  EXPECT_TRUE(CheckCycle(nullptr, cycle, Facts()).empty());
  Facts taken;
  taken.Add("same_number", {FactRow()});
  EXPECT_EQ(CheckCycle(nullptr, cycle, taken).at(0).field(), "number");
  Facts ended;
  ended.Add("ended_place", {FactRow()});
  EXPECT_EQ(CheckCycle(nullptr, cycle, ended).at(0).field(), "jurisdictionId");
  EXPECT_TRUE(CheckCycle(&cycle, cycle, ended).empty()) << "the place has merged since";
  cycle.set_ends_on("2021-08-31");
  EXPECT_EQ(CheckCycle(nullptr, cycle, Facts()).at(0).field(), "endsOn");
}

v1::DevelopmentPlan Plan() {
  v1::DevelopmentPlan plan;
  plan.set_alliance_id("alliance");
  plan.set_starts_on("2021-09-01");
  plan.set_ends_on("2024-08-31");
  return plan;
}

TEST(PlanRules, APlanTakesACycleOfItsAllianceOrOfTheJurisdiction) {
  for (const char* owner : {"alliance", ""}) {
    Facts facts;
    facts.Add("cycle", {Row("alliance_id", owner)});
    EXPECT_TRUE(CheckDevelopmentPlan(nullptr, Plan(), facts).empty()) << owner;
  }
  Facts foreign;
  foreign.Add("cycle", {Row("alliance_id", "another")});
  EXPECT_EQ(CheckDevelopmentPlan(nullptr, Plan(), foreign).at(0).field(), "cycleId");
}

TEST(PlanRules, APlanIsOnFileOnlyWithAnAcceptedFiling) {
  Facts facts;
  facts.set_method("FileDevelopmentPlan");
  EXPECT_EQ(CheckDevelopmentPlan(nullptr, Plan(), facts).at(0).field(), "state");
  facts.Add("accepted", {FactRow()});
  EXPECT_TRUE(CheckDevelopmentPlan(nullptr, Plan(), facts).empty());
}

TEST(PlanRules, AnItemisedPlanNamesItsItemAndAnOverallPlanOfItsAlliance) {
  v1::ImplementationPlan plan;
  plan.set_alliance_id("alliance");
  plan.set_kind(v1::IMPLEMENTATION_PLAN_KIND_ITEMISED);
  EXPECT_EQ(CheckImplementationPlan(nullptr, plan, Facts()).at(0).field(), "item");
  plan.set_item("教师交流");
  EXPECT_TRUE(CheckImplementationPlan(nullptr, plan, Facts()).empty());
  plan.set_overall_plan_id("overall");
  Facts facts;
  facts.Add("overall",
            {FactRow({{"kind", "IMPLEMENTATION_PLAN_KIND_OVERALL"}, {"alliance_id", "alliance"}})});
  EXPECT_TRUE(CheckImplementationPlan(nullptr, plan, facts).empty());
  facts.Add("overall",
            {FactRow({{"kind", "IMPLEMENTATION_PLAN_KIND_ITEMISED"}, {"alliance_id", "alliance"}})});
  EXPECT_EQ(CheckImplementationPlan(nullptr, plan, facts).at(0).field(), "overallPlanId");
  facts.Add("overall", {FactRow({{"kind", "IMPLEMENTATION_PLAN_KIND_OVERALL"}, {"alliance_id", "another"}})});
  EXPECT_EQ(CheckImplementationPlan(nullptr, plan, facts).at(0).field(), "overallPlanId");
}

TEST(PlanRules, AnOverallPlanHasNoItem) {
  v1::ImplementationPlan plan;
  plan.set_kind(v1::IMPLEMENTATION_PLAN_KIND_OVERALL);
  EXPECT_TRUE(CheckImplementationPlan(nullptr, plan, Facts()).empty());
  plan.set_item("教研");
  EXPECT_EQ(CheckImplementationPlan(nullptr, plan, Facts()).at(0).field(), "item");
  plan.clear_item();
  plan.set_overall_plan_id("overall");
  EXPECT_EQ(CheckImplementationPlan(nullptr, plan, Facts()).at(0).field(), "overallPlanId");
}

TEST(PlanRules, AnAnnualPlanBeginsInItsYear) {
  v1::AnnualPlan plan;
  plan.set_year(2023);
  plan.set_starts_on("2023-09-01");
  plan.set_ends_on("2024-08-31");
  plan.set_school_year("2023-2024");
  EXPECT_TRUE(CheckAnnualPlan(nullptr, plan, Facts()).empty());
  plan.set_school_year("2022-2023");
  EXPECT_EQ(CheckAnnualPlan(nullptr, plan, Facts()).at(0).field(), "schoolYear");
  plan.set_school_year("");
  plan.set_starts_on("2022-09-01");
  EXPECT_EQ(CheckAnnualPlan(nullptr, plan, Facts()).at(0).field(), "startsOn");
}

TEST(PlanRules, ATaskIsDueAfterItBegins) {
  v1::AnnualPlan plan;
  plan.set_year(2023);
  plan.add_tasks()->set_starts_on("2023-03-01");
  plan.mutable_tasks(0)->set_due_on("2023-02-28");
  EXPECT_EQ(CheckAnnualPlan(nullptr, plan, Facts()).at(0).field(), "tasks[0].dueOn");
}

TEST(PlanRules, AProgrammeBelongsToACountyOrZone) {
  Facts facts;
  facts.Add("jurisdiction", {Row("level", "JURISDICTION_LEVEL_COUNTY")});
  EXPECT_TRUE(CheckCountyProgramme(nullptr, v1::CountyProgramme(), facts).empty());
  facts.Add("jurisdiction", {Row("level", "JURISDICTION_LEVEL_CITY")});
  EXPECT_EQ(CheckCountyProgramme(nullptr, v1::CountyProgramme(), facts).at(0).field(), "jurisdictionId");
}

TEST(PlanRules, WhatWasAgreedStandsUntilThePlanIsReopened) {
  v1::DevelopmentPlan before = Plan();
  before.set_state(v1::PLAN_STATE_AGREED);
  v1::DevelopmentPlan after = before;
  Facts facts;
  facts.set_method("UpdateDevelopmentPlan");
  after.add_evidence()->set_title("扫描件");
  EXPECT_TRUE(CheckDevelopmentPlan(&before, after, facts).empty());
  after.set_goals("别的目标");
  for (const auto state :
       {v1::PLAN_STATE_AGREED, v1::PLAN_STATE_FILED, v1::PLAN_STATE_CLOSED, v1::PLAN_STATE_WITHDRAWN}) {
    before.set_state(state);
    after.set_state(state);
    EXPECT_EQ(CheckDevelopmentPlan(&before, after, facts).at(0).field(), "state");
  }
  before.set_state(v1::PLAN_STATE_DRAFTED);
  after.set_state(v1::PLAN_STATE_DRAFTED);
  EXPECT_TRUE(CheckDevelopmentPlan(&before, after, facts).empty());
}

TEST(PlanRules, DatesOfStepsAreSetBySteps) {
  v1::DevelopmentPlan plan = Plan();
  plan.set_state(v1::PLAN_STATE_AGREED);
  plan.set_filed_on("2024-01-01");
  EXPECT_EQ(CheckDevelopmentPlan(nullptr, plan, Facts()).at(0).field(), "filedOn");
  plan.set_state(v1::PLAN_STATE_FILED);
  plan.set_closed_on("2024-01-01");
  EXPECT_EQ(CheckDevelopmentPlan(nullptr, plan, Facts()).at(0).field(), "closedOn");
  plan.set_state(v1::PLAN_STATE_CLOSED);
  EXPECT_TRUE(CheckDevelopmentPlan(nullptr, plan, Facts()).empty());
  plan.set_state(v1::PLAN_STATE_WITHDRAWN);
  EXPECT_EQ(CheckDevelopmentPlan(nullptr, plan, Facts()).at(0).field(), "filedOn")
      << "it was never agreed on";
  plan.clear_filed_on();
  EXPECT_TRUE(CheckDevelopmentPlan(nullptr, plan, Facts()).empty());
}

TEST(PlanRules, WhatWasHandedInIsNotReopened) {
  v1::DevelopmentPlan plan = Plan();
  Facts facts;
  facts.set_method("ReopenDevelopmentPlan");
  EXPECT_TRUE(CheckDevelopmentPlan(&plan, plan, facts).empty());
  facts.Add("handed_in", {FactRow()});
  EXPECT_EQ(CheckDevelopmentPlan(&plan, plan, facts).at(0).field(), "state");
}

// An accepted filing is not returned: the way on is another one.
TEST(PlanRules, WhoMayNotReopenIsToldTheWayOn) {
  v1::DevelopmentPlan plan = Plan();
  plan.set_state(v1::PLAN_STATE_AGREED);
  Facts facts;
  facts.set_method("ReopenDevelopmentPlan");
  facts.Add("handed_in", {FactRow()});
  const auto violations = CheckDevelopmentPlan(&plan, plan, facts);
  ASSERT_EQ(violations.size(), 1u);
  for (const std::string& text :
       {violations[0].arguments().at("detail_zh"), violations[0].arguments().at("detail_en")}) {
    EXPECT_NE(text.find(":file"), std::string::npos) << text;
    EXPECT_NE(text.find(":close"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace lianqiao::registry
