// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/assignment_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "services/teacher-exchange/rules_testing.h"
#include "services/teacher-exchange/support_team_rules.h"

namespace lianqiao::exchange {
namespace {

using resource::Facts;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using v1::Assignment;

Assignment In(v1::AssignmentState state) {
  Assignment assignment;
  assignment.set_teacher_id("teacher");
  assignment.set_type(v1::ASSIGNMENT_TYPE_SUPPORT_TEACHING);
  assignment.set_from_school_id("from");
  assignment.set_to_school_id("to");
  assignment.set_host_role(v1::HOST_ROLE_TEACHER);
  assignment.set_state(state);
  assignment.set_planned_from("2026-12-01");
  assignment.set_planned_until("2027-08-31");
  assignment.set_weekly_share_percent(60);
  return assignment;
}

Facts Sent(const std::string& method, bool at_school = true) {
  Facts facts = By(method);
  facts.Add("teacher", {Row({{"at_school", at_school ? "t" : "f"}})});
  return facts;
}

Facts WithOther(const std::string& method, const std::string& state, const std::string& from,
                const std::string& until, int percent) {
  Facts facts = Sent(method);
  facts.Add("others", {Row({{"state", "ASSIGNMENT_STATE_" + state},
                            {"planned_from", from},
                            {"planned_until", until},
                            {"weekly_share_percent", std::to_string(percent)}})});
  return facts;
}

Facts WithQuota(const std::string& method, int taken, int planned, const std::string& alliance = "",
                bool side = true, const std::string& type = "SUPPORT_TEACHING") {
  Facts facts = Sent(method);
  facts.Add("quota", {Row({{"taken", std::to_string(taken)},
                           {"planned_count", std::to_string(planned)},
                           {"type", "ASSIGNMENT_TYPE_" + type},
                           {"alliance_id", alliance},
                           {"of_this_side", side ? "t" : "f"}})});
  return facts;
}

std::vector<std::string> Refused(const Assignment* before, const Assignment& after, const Facts& facts) {
  return FieldsOf(CheckAssignment(before, after, facts));
}

std::vector<std::string> RefusedNew(const Assignment& after) {
  return Refused(nullptr, after, Sent("CreateAssignment"));
}

// From nominated to approved.
std::vector<std::string> RefusedApproval(const Assignment& nominated, const Facts& facts) {
  Assignment approved = nominated;
  approved.set_state(v1::ASSIGNMENT_STATE_APPROVED);
  return Refused(&nominated, approved, facts);
}

TEST(AssignmentRules, FormFollowsFromItsType) {
  Assignment assignment = In(v1::ASSIGNMENT_STATE_NOMINATED);
  EXPECT_THAT(RefusedNew(assignment), IsEmpty());
  assignment.set_rotation_kind(v1::ROTATION_KIND_WITHIN_GROUP);
  EXPECT_THAT(RefusedNew(assignment), ElementsAre("rotationKind"));
  assignment.set_type(v1::ASSIGNMENT_TYPE_ROTATION);
  EXPECT_THAT(RefusedNew(assignment), IsEmpty());
  assignment.clear_rotation_kind();
  EXPECT_THAT(RefusedNew(assignment), ElementsAre("rotationKind"));
  assignment = In(v1::ASSIGNMENT_STATE_NOMINATED);
  assignment.set_to_school_id("from");
  EXPECT_THAT(RefusedNew(assignment), ElementsAre("toSchoolId"));
}

TEST(AssignmentRules, RolesOfTypesThatMeanOne) {
  const struct {
    v1::AssignmentType type;
    std::vector<v1::HostRole> allowed;
  } rows[] = {{v1::ASSIGNMENT_TYPE_CADRE_DISPATCH, {v1::HOST_ROLE_PRINCIPAL, v1::HOST_ROLE_VICE_PRINCIPAL}},
              {v1::ASSIGNMENT_TYPE_CONCURRENT_VICE_PRINCIPAL, {v1::HOST_ROLE_VICE_PRINCIPAL}},
              {v1::ASSIGNMENT_TYPE_SHADOWING, {v1::HOST_ROLE_TRAINEE}}};
  for (const auto& row : rows) {
    for (int role = v1::HOST_ROLE_PRINCIPAL; role <= v1::HOST_ROLE_TRAINEE; ++role) {
      Assignment assignment = In(v1::ASSIGNMENT_STATE_NOMINATED);
      assignment.set_type(row.type);
      assignment.set_host_role(static_cast<v1::HostRole>(role));
      const bool allowed = std::count(row.allowed.begin(), row.allowed.end(), role) > 0;
      EXPECT_EQ(RefusedNew(assignment).empty(), allowed) << row.type << " " << role;
    }
  }
}

TEST(AssignmentRules, DaysBelongToStates) {
  Assignment assignment = In(v1::ASSIGNMENT_STATE_NOMINATED);
  assignment.set_started_on("2026-11-01");
  assignment.set_ended_on("2026-11-20");
  EXPECT_THAT(RefusedNew(assignment), ElementsAre("startedOn", "endedOn"));
  assignment.set_state(v1::ASSIGNMENT_STATE_ON_POST);
  EXPECT_THAT(RefusedNew(assignment), ElementsAre("endedOn"));
  for (const auto state :
       {v1::ASSIGNMENT_STATE_COMPLETED, v1::ASSIGNMENT_STATE_ASSESSED, v1::ASSIGNMENT_STATE_RECALLED}) {
    assignment.set_state(state);
    EXPECT_THAT(RefusedNew(assignment), IsEmpty());
  }
  assignment.set_ended_on("2026-10-31");
  EXPECT_THAT(RefusedNew(assignment), ElementsAre("endedOn"));
  assignment.set_ended_on("2026-11-27");
  EXPECT_THAT(RefusedNew(assignment), ElementsAre("endedOn")) << "tomorrow";
  assignment.set_started_on("2026-11-27");
  EXPECT_THAT(RefusedNew(assignment), ElementsAre("startedOn", "endedOn"));
  assignment = In(v1::ASSIGNMENT_STATE_NOMINATED);
  assignment.set_planned_until("2026-11-30");
  EXPECT_THAT(RefusedNew(assignment), ElementsAre("plannedUntil"));
}

TEST(AssignmentRules, SentByTheSchoolWhereTheTeacherIs) {
  const Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  EXPECT_THAT(Refused(nullptr, nominated, Sent("CreateAssignment", false)), ElementsAre("fromSchoolId"));
  EXPECT_THAT(RefusedApproval(nominated, Sent("ApproveAssignment", false)), ElementsAre("fromSchoolId"));
  EXPECT_THAT(Refused(&nominated, nominated, Sent("UpdateAssignment", false)), IsEmpty());
  EXPECT_THAT(Refused(nullptr, In(v1::ASSIGNMENT_STATE_ASSESSED), Sent("BatchUpsertAssignments", false)),
              IsEmpty())
      << "history: the teacher has moved since";
}

TEST(AssignmentRules, ApprovalAsksForDays) {
  Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  EXPECT_THAT(RefusedApproval(nominated, Sent("ApproveAssignment")), IsEmpty());
  nominated.clear_planned_until();
  EXPECT_THAT(RefusedApproval(nominated, Sent("ApproveAssignment")), IsEmpty());
  nominated.set_type(v1::ASSIGNMENT_TYPE_POST_EXCHANGE);
  EXPECT_THAT(RefusedApproval(nominated, Sent("ApproveAssignment")), ElementsAre("plannedUntil"));
  nominated.clear_planned_from();
  EXPECT_THAT(RefusedApproval(nominated, Sent("ApproveAssignment")),
              ElementsAre("plannedFrom", "plannedUntil"));
}

TEST(AssignmentRules, ApprovalAsksForARank) {
  Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  nominated.set_host_role(v1::HOST_ROLE_VICE_PRINCIPAL);
  const Facts facts = Sent("ApproveAssignment");
  const struct {
    v1::AssignmentType type;
    v1::CadreRank least;
  } rows[] = {{v1::ASSIGNMENT_TYPE_CADRE_DISPATCH, v1::CADRE_RANK_MID_LEVEL},
              {v1::ASSIGNMENT_TYPE_CONCURRENT_VICE_PRINCIPAL, v1::CADRE_RANK_VICE_PRINCIPAL},
              {v1::ASSIGNMENT_TYPE_SUPPORT_TEACHING, v1::CADRE_RANK_UNSPECIFIED}};
  for (const auto& row : rows) {
    for (int rank = v1::CADRE_RANK_UNSPECIFIED; rank <= v1::CADRE_RANK_PRINCIPAL; ++rank) {
      nominated.set_type(row.type);
      nominated.set_cadre_rank(static_cast<v1::CadreRank>(rank));
      EXPECT_EQ(RefusedApproval(nominated, facts).empty(), rank >= row.least) << row.type << " " << rank;
    }
  }
  nominated.set_type(v1::ASSIGNMENT_TYPE_RESERVE_CADRE_TRAINING);
  EXPECT_THAT(RefusedApproval(nominated, facts), ElementsAre("teacherId"));
  nominated.set_reserve_cadre(true);
  EXPECT_THAT(RefusedApproval(nominated, facts), IsEmpty());
}

TEST(AssignmentRules, AFailedYearStandsAgainstApprovalOnly) {
  const Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  Facts facts = Sent("ApproveAssignment");
  facts.Add("ethics", {Row({{"outcome", "ETHICS_OUTCOME_PASSED"}})});
  EXPECT_THAT(RefusedApproval(nominated, facts), IsEmpty());
  facts.Add("ethics", {Row({{"outcome", "ETHICS_OUTCOME_FAILED"}})});
  const auto violations = CheckAssignment(
      &nominated,
      [&] {
        Assignment approved = nominated;
        approved.set_state(v1::ASSIGNMENT_STATE_APPROVED);
        return approved;
      }(),
      facts);
  ASSERT_THAT(FieldsOf(violations), ElementsAre("teacherId"));
  EXPECT_THAT(violations[0].ShortDebugString(), testing::Not(testing::HasSubstr("thic")))
      << "whoever asks may not read it";
  facts.set_method("StartAssignment");
  EXPECT_THAT(RefusedApproval(nominated, facts), IsEmpty());
}

TEST(AssignmentRules, WhoHasLeftIsNotSent) {
  const Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  Facts facts = By("ApproveAssignment");
  facts.Add("teacher", {Row({{"at_school", "t"}, {"left_on", "2026-11-30"}})});
  EXPECT_THAT(RefusedApproval(nominated, facts), ElementsAre("teacherId"));
  facts.Add("teacher", {Row({{"at_school", "t"}, {"left_on", "2027-08-31"}})});
  EXPECT_THAT(RefusedApproval(nominated, facts), IsEmpty());
}

TEST(AssignmentRules, NobodyGivesMoreThanAWholeWeek) {
  const Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  const auto other = [&](const char* state, int percent) {
    return RefusedApproval(nominated,
                           WithOther("ApproveAssignment", state, "2027-01-01", "2027-02-01", percent));
  };
  EXPECT_THAT(other("APPROVED", 40), IsEmpty());
  EXPECT_THAT(other("APPROVED", 41), ElementsAre("weeklySharePercent"));
  EXPECT_THAT(other("ON_POST", 41), ElementsAre("weeklySharePercent"));
  EXPECT_THAT(other("NOMINATED", 41), IsEmpty());
  EXPECT_THAT(other("WITHDRAWN", 41), IsEmpty());
  EXPECT_THAT(
      Refused(nullptr, nominated, WithOther("CreateAssignment", "APPROVED", "2027-01-01", "2027-02-01", 100)),
      IsEmpty())
      << "many may be named for one teacher; one is approved";
}

TEST(AssignmentRules, TheWeekIsLookedAtWhereSomethingIsTakenAnew) {
  const Facts facts = WithOther("UpdateAssignment", "APPROVED", "2027-01-01", "2027-02-01", 100);
  const Assignment approved = In(v1::ASSIGNMENT_STATE_APPROVED);
  Assignment noted = approved;
  noted.set_tasks("任教五年级数学");
  EXPECT_THAT(Refused(&approved, noted, facts), IsEmpty()) << "an import took too much before";
  Assignment deleted = approved;
  deleted.mutable_delete_time();
  EXPECT_THAT(Refused(&deleted, approved, facts), ElementsAre("weeklySharePercent")) << "brought back";
  EXPECT_THAT(Refused(nullptr, In(v1::ASSIGNMENT_STATE_ASSESSED), facts), IsEmpty()) << "history";
  EXPECT_THAT(Refused(nullptr, In(v1::ASSIGNMENT_STATE_ON_POST), facts), ElementsAre("weeklySharePercent"));
}

TEST(AssignmentRules, WhatWasApprovedIsNotMadeAnother) {
  const Assignment approved = In(v1::ASSIGNMENT_STATE_APPROVED);
  Assignment changed = approved;
  changed.set_host_role(v1::HOST_ROLE_PRINCIPAL);
  changed.set_weekly_share_percent(100);
  changed.set_planned_from("2027-01-01");
  changed.set_planned_until("2028-08-31");
  EXPECT_THAT(Refused(&approved, changed, Sent("UpdateAssignment")),
              ElementsAre("hostRole", "weeklySharePercent", "plannedFrom", "plannedUntil"));
  EXPECT_THAT(Refused(&approved, changed, Sent("BatchUpsertAssignments")), IsEmpty());
  const Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  changed.set_state(v1::ASSIGNMENT_STATE_NOMINATED);
  EXPECT_THAT(Refused(&nominated, changed, Sent("UpdateAssignment")), IsEmpty());
}

TEST(AssignmentRules, AQuotaIsForOneTypeAllianceAndSide) {
  Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  nominated.set_quota_id("quota");
  const auto refused = [&](const Facts& facts) { return Refused(nullptr, nominated, facts); };
  const char* create = "CreateAssignment";
  EXPECT_THAT(refused(WithQuota(create, 0, 1)), IsEmpty());
  EXPECT_THAT(refused(WithQuota(create, 0, 1, "", true, "SHADOWING")), ElementsAre("quotaId"));
  EXPECT_THAT(refused(WithQuota(create, 0, 1, "alliance")), ElementsAre("quotaId"));
  nominated.set_alliance_id("alliance");
  EXPECT_THAT(refused(WithQuota(create, 0, 1, "alliance")), IsEmpty());
  EXPECT_THAT(refused(WithQuota(create, 0, 1, "alliance", false)), ElementsAre("quotaId"));
  EXPECT_THAT(refused(WithQuota(create, 1, 1, "alliance")), IsEmpty()) << "a nomination takes no place";
}

TEST(AssignmentRules, AQuotaHasSoManyPlaces) {
  Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  nominated.set_quota_id("quota");
  EXPECT_THAT(RefusedApproval(nominated, WithQuota("ApproveAssignment", 1, 2)), IsEmpty());
  EXPECT_THAT(RefusedApproval(nominated, WithQuota("ApproveAssignment", 2, 2)), ElementsAre("quotaId"));
  Assignment approved = nominated;
  approved.set_state(v1::ASSIGNMENT_STATE_APPROVED);
  Assignment started = nominated;
  started.set_state(v1::ASSIGNMENT_STATE_ON_POST);
  EXPECT_THAT(Refused(&approved, started, WithQuota("StartAssignment", 2, 2)), IsEmpty()) << "has one";
  Assignment unnamed = approved;
  unnamed.clear_quota_id();
  EXPECT_THAT(Refused(&unnamed, approved, WithQuota("UpdateAssignment", 2, 2)), ElementsAre("quotaId"));
  Assignment deleted = approved;
  deleted.mutable_delete_time();
  EXPECT_THAT(Refused(&deleted, approved, WithQuota("UndeleteAssignment", 2, 2)), ElementsAre("quotaId"));
  EXPECT_THAT(Refused(nullptr, started, WithQuota("BatchUpsertAssignments", 2, 2)), IsEmpty());
}

TEST(AssignmentRules, MembersGoWhereTheirTeamIs) {
  Assignment member = In(v1::ASSIGNMENT_STATE_NOMINATED);
  member.set_type(v1::ASSIGNMENT_TYPE_TEAM_SUPPORT);
  EXPECT_THAT(RefusedNew(member), IsEmpty());
  EXPECT_THAT(RefusedApproval(member, Sent("ApproveAssignment")), ElementsAre("supportTeamId"));
  member.set_support_team_id("team");
  Facts facts = Sent("ApproveAssignment");
  facts.Add("team", {Row({{"host_school_id", "to"}})});
  EXPECT_THAT(RefusedApproval(member, facts), IsEmpty());
  facts.Add("team", {Row({{"host_school_id", "elsewhere"}})});
  EXPECT_THAT(RefusedApproval(member, facts), ElementsAre("supportTeamId"));
  member.set_type(v1::ASSIGNMENT_TYPE_JOINT_HIRING);
  EXPECT_THAT(RefusedNew(member), ElementsAre("supportTeamId"));
}

TEST(AssignmentRules, AnExtensionGoesOnAndAnAssessmentSaysHow) {
  const Assignment on_post = In(v1::ASSIGNMENT_STATE_ON_POST);
  Assignment extended = In(v1::ASSIGNMENT_STATE_EXTENDED);
  EXPECT_THAT(Refused(&on_post, extended, Sent("ExtendAssignment")), ElementsAre("plannedUntil"));
  extended.set_planned_until("2028-08-31");
  EXPECT_THAT(Refused(&on_post, extended, Sent("ExtendAssignment")), IsEmpty());
  Assignment old = on_post;
  old.set_planned_from("2025-09-01");
  old.set_planned_until("2026-08-31");
  Assignment late = old;
  late.set_state(v1::ASSIGNMENT_STATE_EXTENDED);
  late.set_planned_until("2026-10-31");
  EXPECT_THAT(Refused(&old, late, Sent("ExtendAssignment")), ElementsAre("plannedUntil")) << "past already";
  const Assignment completed = In(v1::ASSIGNMENT_STATE_COMPLETED);
  Assignment assessed = In(v1::ASSIGNMENT_STATE_ASSESSED);
  EXPECT_THAT(Refused(&completed, assessed, Sent("AssessAssignment")), ElementsAre("assessment"));
  assessed.set_assessment(v1::ASSIGNMENT_ASSESSMENT_QUALIFIED);
  EXPECT_THAT(Refused(&completed, assessed, Sent("AssessAssignment")), IsEmpty());
}

TEST(SupportTeamRules, AnApprovedTeamHasALeaderTasksAndADay) {
  v1::SupportTeam team;
  team.set_sending_organisation_id("from");
  team.set_host_school_id("to");
  team.set_state(v1::ASSIGNMENT_STATE_NOMINATED);
  EXPECT_THAT(CheckSupportTeam(nullptr, team, By("CreateSupportTeam")), IsEmpty());
  v1::SupportTeam approved = team;
  approved.set_state(v1::ASSIGNMENT_STATE_APPROVED);
  EXPECT_THAT(FieldsOf(CheckSupportTeam(&team, approved, By("ApproveSupportTeam"))),
              ElementsAre("leaderTeacherId", "tasks", "plannedFrom"));
  approved.set_leader_teacher_id("teacher");
  approved.set_tasks("驻校帮扶");
  approved.set_planned_from("2026-12-01");
  EXPECT_THAT(CheckSupportTeam(&team, approved, By("ApproveSupportTeam")), IsEmpty());
  approved.set_host_school_id("from");
  EXPECT_THAT(FieldsOf(CheckSupportTeam(&team, approved, By("UpdateSupportTeam"))), Contains("hostSchoolId"));
}

TEST(SupportTeamRules, AnAssessmentSaysWithWhatOutcome) {
  v1::SupportTeam team;
  team.set_host_school_id("to");
  team.set_state(v1::ASSIGNMENT_STATE_ASSESSED);
  EXPECT_THAT(FieldsOf(CheckSupportTeam(&team, team, By("AssessSupportTeam"))),
              ElementsAre("assessment", "outcome"));
  team.set_assessment(v1::ASSIGNMENT_ASSESSMENT_EXCELLENT);
  team.set_outcome("数学平均分提高");
  EXPECT_THAT(CheckSupportTeam(&team, team, By("AssessSupportTeam")), IsEmpty());
}

}  // namespace
}  // namespace lianqiao::exchange
