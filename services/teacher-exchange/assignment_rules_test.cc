// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/assignment_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
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

// A quota of 2026-2027, of the sending school's place.
using Columns = std::map<std::string, std::string>;
Facts WithQuota(const std::string& method, int taken, int planned, const Columns& other = {}) {
  Columns columns = {{"taken", std::to_string(taken)},
                     {"planned_count", std::to_string(planned)},
                     {"type", "ASSIGNMENT_TYPE_SUPPORT_TEACHING"},
                     {"starts_on", "2026-09-01"},
                     {"ends_on", "2027-08-31"},
                     {"of_this_place", "t"}};
  for (const auto& [name, value] : other) columns[name] = value;
  Facts facts = Sent(method);
  facts.Add("quota", {resource::FactRow(columns)});
  return facts;
}

// Of an alliance, on whose sides ("FIRST,SECOND"; "": no party) both schools are.
Columns OfAlliance(const std::string& senders, const std::string& hosts, const std::string& side = "") {
  const auto sides = [](const std::string& names) {
    std::vector<std::string> full;
    for (const auto& name : absl::StrSplit(names, ',', absl::SkipEmpty()))
      full.push_back(absl::StrCat("MEMBERSHIP_SIDE_", name));
    return absl::StrCat("{", absl::StrJoin(full, ","), "}");
  };
  return {{"alliance_id", "alliance"},
          {"side", "QUOTA_SIDE_" + (side.empty() ? "UNSPECIFIED" : side)},
          {"sender_sides", sides(senders)},
          {"host_sides", sides(hosts)}};
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
  Assignment approved = nominated;
  approved.set_state(v1::ASSIGNMENT_STATE_APPROVED);
  Assignment deleted = approved;
  deleted.mutable_delete_time();
  facts.set_method("UndeleteAssignment");
  EXPECT_THAT(Refused(&deleted, approved, facts), ElementsAre("teacherId")) << "approved before it failed";
  deleted.set_state(v1::ASSIGNMENT_STATE_COMPLETED);
  Assignment history = deleted;
  history.clear_delete_time();
  EXPECT_THAT(Refused(&deleted, history, facts), IsEmpty());
}

TEST(AssignmentRules, AFailedYearOrALeaveStandsAgainstAnExtension) {
  const Assignment on_post = In(v1::ASSIGNMENT_STATE_ON_POST);
  Assignment extended = In(v1::ASSIGNMENT_STATE_EXTENDED);
  extended.set_planned_until("2028-08-31");
  Facts facts = Sent("ExtendAssignment");
  facts.Add("ethics", {Row({{"outcome", "ETHICS_OUTCOME_PASSED"}})});
  EXPECT_THAT(Refused(&on_post, extended, facts), IsEmpty());
  facts.Add("ethics", {Row({{"outcome", "ETHICS_OUTCOME_FAILED"}})});
  EXPECT_THAT(Refused(&on_post, extended, facts), ElementsAre("teacherId"));
  facts = By("ExtendAssignment");
  facts.Add("teacher", {Row({{"at_school", "t"}, {"left_on", "2028-08-30"}})});
  EXPECT_THAT(Refused(&on_post, extended, facts), ElementsAre("teacherId"));
  facts.Add("teacher", {Row({{"at_school", "t"}, {"left_on", "2028-08-31"}})});
  EXPECT_THAT(Refused(&on_post, extended, facts), IsEmpty()) << "until the last day in service";
}

TEST(AssignmentRules, WhoHasLeftIsNotSent) {
  const Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  Facts facts = By("ApproveAssignment");
  facts.Add("teacher", {Row({{"at_school", "t"}, {"left_on", "2026-11-30"}})});
  EXPECT_THAT(RefusedApproval(nominated, facts), ElementsAre("teacherId"));
  facts.Add("teacher", {Row({{"at_school", "t"}, {"left_on", "2027-08-31"}})});
  EXPECT_THAT(RefusedApproval(nominated, facts), IsEmpty());
}

TEST(AssignmentRules, AStartAsksOnceMoreForTheTeacher) {
  Assignment approved = In(v1::ASSIGNMENT_STATE_APPROVED);
  approved.set_type(v1::ASSIGNMENT_TYPE_CADRE_DISPATCH);
  approved.set_host_role(v1::HOST_ROLE_PRINCIPAL);
  Assignment started = approved;
  started.set_state(v1::ASSIGNMENT_STATE_ON_POST);
  started.set_started_on("2026-11-20");
  started.set_cadre_rank(v1::CADRE_RANK_MID_LEVEL);
  EXPECT_THAT(Refused(&approved, started, Sent("StartAssignment")), IsEmpty());
  EXPECT_THAT(Refused(&approved, started, Sent("StartAssignment", false)), ElementsAre("fromSchoolId"));
  Facts facts = By("StartAssignment");
  facts.Add("teacher", {Row({{"at_school", "t"}, {"left_on", "2026-11-19"}})});
  EXPECT_THAT(Refused(&approved, started, facts), ElementsAre("teacherId"));
  facts.Add("teacher", {Row({{"at_school", "t"}, {"left_on", "2026-11-24"}})});
  EXPECT_THAT(Refused(&approved, started, facts), IsEmpty()) << "was on post before, and entered late";
  started.set_cadre_rank(v1::CADRE_RANK_NONE);
  EXPECT_THAT(Refused(&approved, started, Sent("StartAssignment")), ElementsAre("teacherId"));
}

TEST(AssignmentRules, DecisionsLieBehindUsAndInTheirOrder) {
  Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  Assignment approved = In(v1::ASSIGNMENT_STATE_APPROVED);
  approved.set_approved_on("2026-11-27");
  EXPECT_THAT(Refused(&nominated, approved, Sent("ApproveAssignment")), ElementsAre("approvedOn"));
  approved.set_approved_on("2026-11-26");
  EXPECT_THAT(Refused(&nominated, approved, Sent("ApproveAssignment")), IsEmpty());
  Assignment started = approved;
  started.set_state(v1::ASSIGNMENT_STATE_ON_POST);
  started.set_started_on("2026-11-25");
  EXPECT_THAT(Refused(&approved, started, Sent("StartAssignment")), ElementsAre("startedOn"));
  EXPECT_THAT(Refused(nullptr, started, Imported(Sent("BatchUpsertAssignments"))), IsEmpty());
  Assignment completed = started;
  completed.set_state(v1::ASSIGNMENT_STATE_COMPLETED);
  EXPECT_THAT(Refused(&started, completed, Sent("CompleteAssignment")), IsEmpty()) << "on record already";
  Assignment assessed = completed;
  assessed.set_state(v1::ASSIGNMENT_STATE_ASSESSED);
  assessed.set_assessment(v1::ASSIGNMENT_ASSESSMENT_QUALIFIED);
  assessed.set_assessed_on("2026-11-27");
  EXPECT_THAT(Refused(&completed, assessed, Sent("AssessAssignment")), ElementsAre("assessedOn"));
}

TEST(AssignmentRules, DaysOnPostArePutRightWhileItLastsAndNeverForgotten) {
  for (const auto state : {v1::ASSIGNMENT_STATE_ON_POST, v1::ASSIGNMENT_STATE_EXTENDED}) {
    Assignment on_post = In(state);
    on_post.set_started_on("2026-09-01");
    Assignment changed = on_post;
    changed.set_started_on("2026-09-05");
    EXPECT_THAT(Refused(&on_post, changed, Sent("UpdateAssignment")), IsEmpty());
    changed.clear_started_on();
    EXPECT_THAT(Refused(&on_post, changed, Sent("UpdateAssignment")), ElementsAre("startedOn"));
    EXPECT_THAT(Refused(&on_post, changed, Sent("BatchUpsertAssignments")), ElementsAre("startedOn"));
    EXPECT_THAT(Refused(&on_post, changed, Imported(Sent("BatchUpsertAssignments"))), IsEmpty());
  }
}

// Figures and quotas of the past rest on them: another last day is an import's to bring.
TEST(AssignmentRules, DaysOfWhatIsOverStand) {
  for (const auto state : {v1::ASSIGNMENT_STATE_COMPLETED, v1::ASSIGNMENT_STATE_RECALLED}) {
    Assignment over = In(state);
    over.set_started_on("2026-09-01");
    over.set_ended_on("2026-10-01");
    const auto refused = [&](const std::string& from, const std::string& until) {
      Assignment changed = over;
      changed.set_started_on(from);
      changed.set_ended_on(until);
      EXPECT_THAT(Refused(&over, changed, Imported(Sent("BatchUpsertAssignments"))), IsEmpty());
      return Refused(&over, changed, Sent("UpdateAssignment"));
    };
    EXPECT_THAT(refused("2026-09-01", ""), ElementsAre("endedOn"));
    EXPECT_THAT(refused("", "2026-10-01"), ElementsAre("startedOn"));
    EXPECT_THAT(refused("2026-09-01", "2026-10-20"), ElementsAre("endedOn"));
    EXPECT_THAT(refused("2026-08-25", "2026-09-30"), ElementsAre("startedOn", "endedOn"));
    Assignment noted = over;
    noted.set_tasks("教学");
    EXPECT_THAT(Refused(&over, noted, Sent("UpdateAssignment")), IsEmpty());
  }
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

// When it was approved, the other one was to be over by then; nobody has said that it is.
TEST(AssignmentRules, AStartOnThePlannedDayLooksAtTheWholeWeek) {
  Assignment approved = In(v1::ASSIGNMENT_STATE_APPROVED);
  approved.set_planned_from("2026-11-26");
  approved.set_weekly_share_percent(100);
  Assignment started = approved;
  started.set_state(v1::ASSIGNMENT_STATE_ON_POST);
  started.set_started_on("2026-11-26");
  EXPECT_THAT(
      Refused(&approved, started, WithOther("StartAssignment", "ON_POST", "2026-02-01", "2026-06-30", 100)),
      ElementsAre("weeklySharePercent"));
  EXPECT_THAT(
      Refused(&approved, started, WithOther("StartAssignment", "COMPLETED", "2026-02-01", "2026-06-30", 100)),
      IsEmpty());
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
  EXPECT_THAT(Refused(&approved, changed, Sent("BatchUpsertAssignments")),
              ElementsAre("hostRole", "weeklySharePercent", "plannedFrom", "plannedUntil"))
      << "a batch of whoever may write is an edit";
  EXPECT_THAT(Refused(&approved, changed, Imported(Sent("BatchUpsertAssignments"))), IsEmpty());
  Assignment moved = approved;
  moved.set_quota_id("next year's");
  moved.set_alliance_id("another");
  moved.set_subject(type::v1::SUBJECT_MUSIC);
  moved.set_stage(type::v1::STAGE_SENIOR);
  EXPECT_THAT(Refused(&approved, moved, Sent("UpdateAssignment")),
              ElementsAre("quotaId", "allianceId", "subject", "stage"));
  const Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  changed.set_state(v1::ASSIGNMENT_STATE_NOMINATED);
  EXPECT_THAT(Refused(&nominated, changed, Sent("UpdateAssignment")), IsEmpty());
}

TEST(AssignmentRules, WhoFillsAPostStaysWhatItAsksFor) {
  Assignment filling = In(v1::ASSIGNMENT_STATE_NOMINATED);
  filling.set_subject(type::v1::SUBJECT_MATHEMATICS);
  filling.set_stage(type::v1::STAGE_PRIMARY);
  filling.set_alliance_id("alliance");
  filling.set_backbone(true);
  const Columns asks_all = {{"alliance_id", "alliance"},
                            {"subject", "SUBJECT_MATHEMATICS"},
                            {"stage", "STAGE_PRIMARY"},
                            {"backbone_required", "t"},
                            {"cadre_rank_min", "CADRE_RANK_UNSPECIFIED"}};
  const Columns asks_nothing = {{"subject", "SUBJECT_UNSPECIFIED"}, {"stage", "STAGE_UNSPECIFIED"}};
  const auto refused = [&](const Columns& vacancy, void (*change)(Assignment*)) {
    Facts facts = Sent("UpdateAssignment");
    facts.Add("vacancy", {resource::FactRow(vacancy)});
    Assignment changed = filling;
    change(&changed);
    EXPECT_THAT(Refused(&filling, changed, Sent("UpdateAssignment")), IsEmpty()) << "fills none";
    return Refused(&filling, changed, facts);
  };
  const struct {
    void (*change)(Assignment*);
    const char* field;
  } rows[] = {{[](Assignment* a) { a->set_subject(type::v1::SUBJECT_MUSIC); }, "subject"},
              {[](Assignment* a) { a->set_stage(type::v1::STAGE_SENIOR); }, "stage"},
              {[](Assignment* a) { a->set_alliance_id("another"); }, "allianceId"},
              {[](Assignment* a) {
                 a->set_planned_from("2027-02-01");
                 a->set_backbone(false);
               },
               "plannedFrom"}};
  for (const auto& row : rows) {
    EXPECT_THAT(refused(asks_all, row.change), ElementsAre(row.field));
    EXPECT_THAT(refused(asks_nothing, row.change), IsEmpty()) << row.field;
  }
  const auto role = [](Assignment* a) { a->set_host_role(v1::HOST_ROLE_MENTOR); };
  EXPECT_THAT(refused(asks_nothing, role), ElementsAre("hostRole")) << "every post has one";
  const auto other = [](Assignment* a) { a->set_tasks("教学"); };
  EXPECT_THAT(refused(asks_all, other), IsEmpty());
}

TEST(AssignmentRules, WhatWasAssessedStaysAsItWas) {
  Assignment assessed = In(v1::ASSIGNMENT_STATE_ASSESSED);
  assessed.set_assessment(v1::ASSIGNMENT_ASSESSMENT_UNQUALIFIED);
  Assignment changed = assessed;
  changed.set_direction(v1::DIRECTION_URBAN_TO_RURAL);
  EXPECT_THAT(Refused(&assessed, changed, Sent("UpdateAssignment")), IsEmpty()) << "the platform found out";
  for (const auto& rewrite : std::vector<void (*)(Assignment*)>{
           [](Assignment* a) { a->set_assessment(v1::ASSIGNMENT_ASSESSMENT_EXCELLENT); },
           [](Assignment* a) { a->set_assessment_note("优秀"); }, [](Assignment* a) { a->set_tasks("教学"); },
           [](Assignment* a) { a->set_ended_on("2026-11-20"); }}) {
    changed = assessed;
    rewrite(&changed);
    EXPECT_THAT(Refused(&assessed, changed, Sent("UpdateAssignment")), ElementsAre("state"));
    EXPECT_THAT(Refused(&assessed, changed, Imported(Sent("BatchUpsertAssignments"))), IsEmpty());
  }
}

TEST(AssignmentRules, OnlyWhatWasNotApprovedIsDeleted) {
  for (int state = v1::ASSIGNMENT_STATE_NOMINATED; state <= v1::ASSIGNMENT_STATE_RECALLED; ++state) {
    const bool open = state == v1::ASSIGNMENT_STATE_NOMINATED || state == v1::ASSIGNMENT_STATE_WITHDRAWN;
    const Assignment assignment = In(static_cast<v1::AssignmentState>(state));
    EXPECT_EQ(CheckAssignmentDeletion(assignment, By("DeleteAssignment")).empty(), open) << state;
    v1::SupportTeam team;
    team.set_state(assignment.state());
    EXPECT_EQ(CheckSupportTeamDeletion(team, By("DeleteSupportTeam")).empty(), open) << state;
  }
}

TEST(AssignmentRules, AQuotaIsForOneTypePlaceAndAlliance) {
  Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  nominated.set_quota_id("quota");
  const auto refused = [&](const Columns& other) {
    return Refused(nullptr, nominated, WithQuota("CreateAssignment", 0, 1, other));
  };
  EXPECT_THAT(refused({}), IsEmpty());
  EXPECT_THAT(refused({{"type", "ASSIGNMENT_TYPE_SHADOWING"}}), ElementsAre("quotaId"));
  EXPECT_THAT(refused({{"of_this_place", "f"}}), ElementsAre("quotaId"));
  EXPECT_THAT(refused(OfAlliance("FIRST", "SECOND")), ElementsAre("quotaId")) << "no exchange of it";
  nominated.set_alliance_id("alliance");
  EXPECT_THAT(refused(OfAlliance("FIRST", "SECOND")), IsEmpty());
  EXPECT_THAT(Refused(nullptr, nominated, WithQuota("CreateAssignment", 1, 1)), IsEmpty())
      << "a nomination takes no place";
}

TEST(AssignmentRules, AnAlliancesQuotaIsFilledBetweenItsParties) {
  Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  nominated.set_quota_id("quota");
  nominated.set_alliance_id("alliance");
  const struct {
    const char* senders;
    const char* hosts;
    const char* side;
    size_t refusals;
  } rows[] = {{"UNSPECIFIED", "UNSPECIFIED", "", 0},
              {"FIRST", "SECOND", "FIRST", 0},
              {"SECOND", "FIRST", "", 0},
              {"FIRST,SECOND", "SECOND", "", 0},
              {"FIRST", "UNSPECIFIED", "", 0},
              {"FIRST", "FIRST", "", 1},
              {"UNSPECIFIED", "FIRST", "", 1},
              {"SECOND", "FIRST", "FIRST", 1},
              {"", "SECOND", "", 1},
              {"FIRST", "", "", 1},
              {"", "", "", 2}};
  for (const auto& row : rows) {
    const Facts facts = WithQuota("CreateAssignment", 0, 1, OfAlliance(row.senders, row.hosts, row.side));
    EXPECT_EQ(Refused(nullptr, nominated, facts).size(), row.refusals)
        << row.senders << " to " << row.hosts << ", of " << row.side;
  }
}

TEST(AssignmentRules, AQuotaIsFilledByWhoBeginsInItsYear) {
  Assignment nominated = In(v1::ASSIGNMENT_STATE_NOMINATED);
  nominated.set_quota_id("quota");
  nominated.set_planned_from("2026-08-31");
  EXPECT_THAT(Refused(nullptr, nominated, WithQuota("CreateAssignment", 0, 1)), ElementsAre("quotaId"));
  EXPECT_THAT(RefusedApproval(nominated, WithQuota("ApproveAssignment", 0, 1)), ElementsAre("quotaId"));
  nominated.set_planned_from("2026-09-01");
  nominated.set_planned_until("2029-08-31");
  EXPECT_THAT(RefusedApproval(nominated, WithQuota("ApproveAssignment", 0, 1)), IsEmpty());
  Assignment approved = nominated;
  approved.set_state(v1::ASSIGNMENT_STATE_APPROVED);
  Assignment started = approved;
  started.set_state(v1::ASSIGNMENT_STATE_ON_POST);
  started.set_started_on("2026-08-25");
  EXPECT_THAT(Refused(&approved, started, WithQuota("StartAssignment", 1, 1)), ElementsAre("quotaId"));
  started.set_started_on("2026-11-26");
  EXPECT_THAT(Refused(&approved, started, WithQuota("StartAssignment", 1, 1)), IsEmpty());
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
  EXPECT_THAT(RefusedApproval(nominated, WithQuota("ApproveAssignment", 2, 2, {{"has_place", "t"}})),
              IsEmpty())
      << "another post of the same teacher";
  Assignment deleted = approved;
  deleted.mutable_delete_time();
  EXPECT_THAT(Refused(&deleted, approved, WithQuota("UndeleteAssignment", 2, 2)), ElementsAre("quotaId"));
  EXPECT_THAT(Refused(nullptr, started, Imported(WithQuota("BatchUpsertAssignments", 2, 2))), IsEmpty());
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

TEST(AssignmentRules, NobodyJoinsATeamThatIsOverOrAnothersOwn) {
  Assignment member = In(v1::ASSIGNMENT_STATE_NOMINATED);
  member.set_type(v1::ASSIGNMENT_TYPE_TEAM_SUPPORT);
  member.set_support_team_id("team");
  const auto facts = [](const char* method, int state, const char* sends = "t") {
    Facts known = Sent(method);
    known.Add("team", {Row({{"host_school_id", "to"},
                            {"state", v1::AssignmentState_Name(static_cast<v1::AssignmentState>(state))}})});
    known.Add("team_sender", {Row({{"sends", sends}})});
    return known;
  };
  Assignment approved = member;
  approved.set_state(v1::ASSIGNMENT_STATE_APPROVED);
  Assignment started = approved;
  started.set_state(v1::ASSIGNMENT_STATE_ON_POST);
  started.set_started_on("2026-11-26");
  for (int state = v1::ASSIGNMENT_STATE_NOMINATED; state <= v1::ASSIGNMENT_STATE_RECALLED; ++state) {
    const bool open = state <= v1::ASSIGNMENT_STATE_EXTENDED;
    EXPECT_EQ(RefusedApproval(member, facts("ApproveAssignment", state)).empty(), open) << state;
    EXPECT_EQ(Refused(&approved, started, facts("StartAssignment", state)).empty(), open) << state;
    EXPECT_THAT(Refused(&approved, approved, facts("UpdateAssignment", state)), IsEmpty()) << state;
  }
  EXPECT_THAT(RefusedApproval(member, facts("ApproveAssignment", v1::ASSIGNMENT_STATE_APPROVED, "f")),
              ElementsAre("supportTeamId"));
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

TEST(AssignmentRules, TheSendingSideDoesNotAssessItself) {
  Assignment completed = In(v1::ASSIGNMENT_STATE_COMPLETED);
  Assignment praised = completed;
  praised.set_assessment(v1::ASSIGNMENT_ASSESSMENT_EXCELLENT);
  praised.set_assessment_note("表现突出");
  EXPECT_THAT(Refused(&completed, praised, Sent("UpdateAssignment")),
              ElementsAre("assessment", "assessmentNote"));
  EXPECT_THAT(Refused(&completed, praised, Sent("BatchUpsertAssignments")),
              ElementsAre("assessment", "assessmentNote"));
  EXPECT_THAT(Refused(&completed, praised, Imported(Sent("BatchUpsertAssignments"))), IsEmpty());
  Facts authority = Sent("UpdateAssignment");
  authority.set_approves(true);
  EXPECT_THAT(Refused(&completed, praised, authority), IsEmpty());
  EXPECT_THAT(Refused(&praised, completed, Sent("UpdateAssignment")),
              ElementsAre("assessment", "assessmentNote"))
      << "nor takes it back before the step";
  EXPECT_THAT(Refused(nullptr, praised, Sent("CreateAssignment")), Contains("assessment"));
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

v1::SupportTeam LedTeam() {
  v1::SupportTeam team;
  team.set_host_school_id("to");
  team.set_state(v1::ASSIGNMENT_STATE_NOMINATED);
  team.set_leader_teacher_id("teacher");
  team.set_tasks("驻校帮扶");
  team.set_planned_from("2026-12-01");
  return team;
}

TEST(SupportTeamRules, AFailedYearOfTheLeaderStandsAgainstIt) {
  const v1::SupportTeam team = LedTeam();
  v1::SupportTeam approved = team;
  approved.set_state(v1::ASSIGNMENT_STATE_APPROVED);
  Facts facts = By("ApproveSupportTeam");
  facts.Add("ethics", {Row({{"outcome", "ETHICS_OUTCOME_FAILED"}})});
  EXPECT_THAT(FieldsOf(CheckSupportTeam(&team, approved, facts)), ElementsAre("leaderTeacherId"));
  v1::SupportTeam deleted = approved;
  deleted.mutable_delete_time();
  facts.set_method("UndeleteSupportTeam");
  EXPECT_THAT(FieldsOf(CheckSupportTeam(&deleted, approved, facts)), ElementsAre("leaderTeacherId"));
  v1::SupportTeam extended = approved;
  extended.set_state(v1::ASSIGNMENT_STATE_EXTENDED);
  extended.set_planned_until("2027-12-01");
  facts.set_method("ExtendSupportTeam");
  EXPECT_THAT(FieldsOf(CheckSupportTeam(&approved, extended, facts)), ElementsAre("leaderTeacherId"));
}

TEST(SupportTeamRules, WhoHasLeftLeadsNobody) {
  const v1::SupportTeam team = LedTeam();
  v1::SupportTeam approved = team;
  approved.set_state(v1::ASSIGNMENT_STATE_APPROVED);
  v1::SupportTeam extended = approved;
  extended.set_state(v1::ASSIGNMENT_STATE_EXTENDED);
  extended.set_planned_until("2027-12-01");
  const auto leaves = [](const char* method, const char* left_on) {
    Facts facts = By(method);
    facts.Add("leader", {Row({{"left_on", left_on}})});
    return facts;
  };
  EXPECT_THAT(FieldsOf(CheckSupportTeam(&team, approved, leaves("ApproveSupportTeam", "2026-11-30"))),
              ElementsAre("leaderTeacherId"));
  EXPECT_THAT(CheckSupportTeam(&team, approved, leaves("ApproveSupportTeam", "2026-12-01")), IsEmpty());
  EXPECT_THAT(FieldsOf(CheckSupportTeam(&approved, extended, leaves("ExtendSupportTeam", "2027-11-30"))),
              ElementsAre("leaderTeacherId"));
  EXPECT_THAT(CheckSupportTeam(&approved, extended, leaves("ExtendSupportTeam", "")), IsEmpty());
}

TEST(SupportTeamRules, WhatWasApprovedStaysAndWhatWasAssessedAltogether) {
  v1::SupportTeam team;
  team.set_host_school_id("to");
  team.set_leader_teacher_id("teacher");
  team.set_tasks("驻校帮扶");
  team.set_state(v1::ASSIGNMENT_STATE_ON_POST);
  v1::SupportTeam changed = team;
  changed.set_outcome("数学平均分提高");
  EXPECT_THAT(CheckSupportTeam(&team, changed, By("UpdateSupportTeam")), IsEmpty());
  changed.set_leader_teacher_id("another");
  changed.set_tasks("");
  changed.set_planned_from("2026-12-01");
  changed.set_planned_until("2027-12-01");
  EXPECT_THAT(FieldsOf(CheckSupportTeam(&team, changed, By("UpdateSupportTeam"))),
              ElementsAre("leaderTeacherId", "tasks", "plannedFrom", "plannedUntil"));
  team.set_started_on("2026-09-01");
  changed = team;
  changed.clear_started_on();
  EXPECT_THAT(FieldsOf(CheckSupportTeam(&team, changed, By("UpdateSupportTeam"))), ElementsAre("startedOn"));
  team.set_state(v1::ASSIGNMENT_STATE_ASSESSED);
  team.set_assessment(v1::ASSIGNMENT_ASSESSMENT_UNQUALIFIED);
  changed = team;
  changed.set_assessment(v1::ASSIGNMENT_ASSESSMENT_EXCELLENT);
  EXPECT_THAT(FieldsOf(CheckSupportTeam(&team, changed, By("UpdateSupportTeam"))), ElementsAre("state"));
}

TEST(SupportTeamRules, TheSendingSideDoesNotAssessItself) {
  v1::SupportTeam team;
  team.set_host_school_id("to");
  team.set_state(v1::ASSIGNMENT_STATE_COMPLETED);
  v1::SupportTeam praised = team;
  praised.set_assessment(v1::ASSIGNMENT_ASSESSMENT_EXCELLENT);
  EXPECT_THAT(FieldsOf(CheckSupportTeam(&team, praised, By("UpdateSupportTeam"))), ElementsAre("assessment"));
  EXPECT_THAT(FieldsOf(CheckSupportTeam(nullptr, praised, By("CreateSupportTeam"))), Contains("assessment"));
  Facts authority = By("UpdateSupportTeam");
  authority.set_approves(true);
  EXPECT_THAT(CheckSupportTeam(&team, praised, authority), IsEmpty());
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
