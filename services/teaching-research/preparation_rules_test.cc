// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/preparation_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lianqiao::research {
namespace {

using resource::FactRow;
using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;

FactRow Row(std::map<std::string, std::string> values) {
  return FactRow(std::move(values));
}

std::vector<std::string> FieldsOf(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const auto& violation : violations) fields.push_back(violation.field());
  return fields;
}

TEST(PreparationGroupRules, AGradeGroupNamesGradesAndASubjectGroupSubjects) {
  for (int kind = 1; kind < v1::PreparationGroupKind_ARRAYSIZE; ++kind) {
    v1::PreparationGroup group;
    group.set_kind(static_cast<v1::PreparationGroupKind>(kind));
    const bool of_grade = group.kind() == v1::PREPARATION_GROUP_KIND_DISTRICT_GRADE ||
                          group.kind() == v1::PREPARATION_GROUP_KIND_MERGED_GRADE;
    EXPECT_THAT(FieldsOf(CheckPreparationGroup(nullptr, group, Facts())),
                ElementsAre(of_grade ? "grades" : "subjects"));
    group.add_grades(type::v1::GRADE_5);
    group.add_subjects(type::v1::SUBJECT_CHINESE);
    EXPECT_THAT(FieldsOf(CheckPreparationGroup(nullptr, group, Facts())), IsEmpty());
  }
}

TEST(PreparationGroupRules, ItIsDissolvedAfterItIsFormedAndByDissolvingIt) {
  v1::PreparationGroup group;
  group.set_kind(v1::PREPARATION_GROUP_KIND_SUBJECT);
  group.add_subjects(type::v1::SUBJECT_CHINESE);
  group.set_state(v1::PREPARATION_GROUP_STATE_DISSOLVED);
  group.set_formed_on("2022-09-01");
  group.set_dissolved_on("2022-08-31");
  EXPECT_THAT(FieldsOf(CheckPreparationGroup(nullptr, group, Facts())), ElementsAre("dissolvedOn"));
  group.set_dissolved_on("2023-08-31");
  EXPECT_THAT(FieldsOf(CheckPreparationGroup(nullptr, group, Facts())), IsEmpty());
  group.set_state(v1::PREPARATION_GROUP_STATE_ACTIVE);
  EXPECT_THAT(FieldsOf(CheckPreparationGroup(nullptr, group, Facts())), ElementsAre("dissolvedOn"));
}

v1::PreparationGroupMember Member(const std::string& teacher, v1::PreparationGroupRole role,
                                  const std::string& from = "", const std::string& to = "") {
  v1::PreparationGroupMember member;
  member.set_teacher_ref(teacher);
  member.set_role(role);
  member.set_from_on(from);
  member.set_to_on(to);
  return member;
}

Facts Among(const std::string& teacher, const std::string& role, const std::string& from,
            const std::string& to) {
  Facts facts;
  facts.Add("members", {Row({{"teacher_ref", teacher},
                             {"role", "PREPARATION_GROUP_ROLE_" + role},
                             {"from_on", from},
                             {"to_on", to}})});
  return facts;
}

TEST(PreparationGroupMemberRules, NobodyIsInTheGroupTwiceAtATime) {
  const auto member = Member("t-1", v1::PREPARATION_GROUP_ROLE_MEMBER, "2023-09-01");
  const auto check = [&](const Facts& facts) {
    return FieldsOf(CheckPreparationGroupMember(nullptr, member, facts));
  };
  EXPECT_THAT(check(Among("t-1", "MEMBER", "2022-09-01", "2023-09-01")), ElementsAre("fromOn"));
  EXPECT_THAT(check(Among("t-1", "MEMBER", "2022-09-01", "2023-08-31")), IsEmpty());
  EXPECT_THAT(check(Among("t-2", "MEMBER", "2022-09-01", "")), IsEmpty());
  const auto erased = Member("", v1::PREPARATION_GROUP_ROLE_MEMBER);
  EXPECT_THAT(FieldsOf(CheckPreparationGroupMember(nullptr, erased, Among("", "MEMBER", "", ""))), IsEmpty());
}

TEST(PreparationGroupMemberRules, OneHeadAtATime) {
  const auto head = Member("t-1", v1::PREPARATION_GROUP_ROLE_HEAD, "2023-09-01");
  const auto check = [&](const Facts& facts) {
    return FieldsOf(CheckPreparationGroupMember(nullptr, head, facts));
  };
  EXPECT_THAT(check(Among("t-2", "HEAD", "", "")), ElementsAre("role"));
  EXPECT_THAT(check(Among("t-2", "HEAD", "", "2023-08-31")), IsEmpty());
  EXPECT_THAT(check(Among("t-2", "DEPUTY_HEAD", "", "")), IsEmpty());
}

TEST(PreparationGroupMemberRules, AMembershipEndsAfterItBegins) {
  const auto member = Member("t-1", v1::PREPARATION_GROUP_ROLE_MEMBER, "2023-09-01", "2023-08-31");
  EXPECT_THAT(FieldsOf(CheckPreparationGroupMember(nullptr, member, Facts())), ElementsAre("toOn"));
}

TEST(PreparationGroupMemberRules, NobodyJoinsADissolvedGroupAnyMore) {
  Facts facts;
  facts.Add("group", {Row({{"state", "PREPARATION_GROUP_STATE_DISSOLVED"}, {"dissolved_on", "2023-08-31"}})});
  auto member = Member("t-1", v1::PREPARATION_GROUP_ROLE_MEMBER, "2022-09-01");
  EXPECT_THAT(FieldsOf(CheckPreparationGroupMember(nullptr, member, facts)),
              ElementsAre("preparationGroupId"));
  member.set_to_on("2023-08-31");
  EXPECT_THAT(FieldsOf(CheckPreparationGroupMember(nullptr, member, facts)), IsEmpty()) << "was one then";
  member.set_to_on("2023-09-01");
  EXPECT_THAT(FieldsOf(CheckPreparationGroupMember(nullptr, member, facts)),
              ElementsAre("preparationGroupId"));
  EXPECT_THAT(FieldsOf(CheckPreparationGroupMember(&member, member, facts)), IsEmpty())
      << "goes on as it was";
}

v1::SynchronousPlan Plan(v1::SynchronousPlanState state) {
  v1::SynchronousPlan plan;
  plan.set_alliance_id("alliance");
  plan.set_state(state);
  for (const int week : {1, 2, 2, 4}) plan.add_units()->set_week(week);
  return plan;
}

TEST(SynchronousPlanRules, UnitsStandInTheOrderOfTheWeeks) {
  auto plan = Plan(v1::SYNCHRONOUS_PLAN_STATE_DRAFTED);
  EXPECT_THAT(FieldsOf(CheckSynchronousPlan(nullptr, plan, Facts())), IsEmpty());
  plan.mutable_units(3)->set_week(1);
  EXPECT_THAT(FieldsOf(CheckSynchronousPlan(nullptr, plan, Facts())), ElementsAre("units[3].week"));
}

TEST(SynchronousPlanRules, TheGroupIsOneOfTheAlliance) {
  const auto plan = Plan(v1::SYNCHRONOUS_PLAN_STATE_DRAFTED);
  Facts facts;
  facts.Add("group", {Row({{"alliance_id", "alliance"}})});
  EXPECT_THAT(FieldsOf(CheckSynchronousPlan(nullptr, plan, facts)), IsEmpty());
  facts.Add("group", {Row({{"alliance_id", "other"}})});
  EXPECT_THAT(FieldsOf(CheckSynchronousPlan(nullptr, plan, facts)), ElementsAre("preparationGroupId"));
}

TEST(SynchronousPlanRules, AnEmptyPlanIsNotAgreed) {
  auto plan = Plan(v1::SYNCHRONOUS_PLAN_STATE_AGREED);
  Facts facts;
  facts.set_method("AgreeSynchronousPlan");
  EXPECT_THAT(FieldsOf(CheckSynchronousPlan(nullptr, plan, facts)), IsEmpty());
  plan.clear_units();
  EXPECT_THAT(FieldsOf(CheckSynchronousPlan(nullptr, plan, facts)), ElementsAre("units"));
}

TEST(SynchronousPlanRules, WhatWasAgreedStands) {
  for (int state = 1; state < v1::SynchronousPlanState_ARRAYSIZE; ++state) {
    const auto before = Plan(static_cast<v1::SynchronousPlanState>(state));
    auto after = before;
    after.mutable_units(3)->set_topic("分数除法");
    const bool drafted = before.state() == v1::SYNCHRONOUS_PLAN_STATE_DRAFTED;
    EXPECT_EQ(CheckSynchronousPlan(&before, after, Facts()).empty(), drafted) << state;
    after = before;
    after.add_evidence()->set_title("会议纪要");
    after.set_agreed_on("2023-09-01");
    EXPECT_THAT(FieldsOf(CheckSynchronousPlan(&before, after, Facts())), IsEmpty());
  }
}

TEST(SynchronousPlanRules, ItClosesAfterItIsAgreed) {
  auto plan = Plan(v1::SYNCHRONOUS_PLAN_STATE_CLOSED);
  plan.set_agreed_on("2023-09-01");
  plan.set_closed_on("2023-08-31");
  EXPECT_THAT(FieldsOf(CheckSynchronousPlan(nullptr, plan, Facts())), ElementsAre("closedOn"));
}

TEST(PlanDeviationRules, OnlyFromWhatWasAgreedAndNotAhead) {
  v1::PlanDeviation deviation;
  deviation.set_noted_on("2023-10-09");
  Facts facts;
  facts.set_today("2023-10-09");
  facts.Add("plan", {Row({{"state", "SYNCHRONOUS_PLAN_STATE_AGREED"}})});
  EXPECT_THAT(FieldsOf(CheckPlanDeviation(nullptr, deviation, facts)), IsEmpty());
  deviation.set_noted_on("2023-10-10");
  EXPECT_THAT(FieldsOf(CheckPlanDeviation(nullptr, deviation, facts)), ElementsAre("notedOn"));
  deviation.clear_noted_on();
  facts.Add("plan", {Row({{"state", "SYNCHRONOUS_PLAN_STATE_DRAFTED"}})});
  EXPECT_THAT(FieldsOf(CheckPlanDeviation(nullptr, deviation, facts)), ElementsAre("synchronousPlanId"));
  EXPECT_THAT(FieldsOf(CheckPlanDeviation(&deviation, deviation, facts)), IsEmpty());
}

}  // namespace
}  // namespace lianqiao::research
