// SPDX-License-Identifier: Apache-2.0
// Assignments and support teams: who sees and moves them, their whole course, the whole week, the veto, what
// they keep of their day, and history.
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lianqiao/exchange/v1/support_team.pb.h"
#include "tests/conformance/exchange_world.h"

namespace lianqiao::conformance {
namespace {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;
using ::testing::HasSubstr;

class ExchangeAssignments : public ExchangeWorld {
 protected:
  absl::StatusOr<exchange::Assignment> Move(const std::string& verb, const std::string& id,
                                            const std::string& token = "operator",
                                            const std::string& effective_on = "") {
    if (verb != "Extend") return Step<exchange::Assignment>("Assignment", verb, id, token, effective_on);
    exchange::ExtendAssignmentRequest request;
    request.set_id(id);
    request.set_planned_until(Day(700));
    request.set_reason("接收学校请求");
    return exchange_.Call<exchange::Assignment>("AssignmentService/ExtendAssignment", request, token);
  }
  absl::Status See(const std::string& id, const std::string& token) {
    return Read<exchange::Assignment>("Assignment", id, token).status();
  }
  absl::Status Note(const std::string& id, const std::string& token) {
    exchange::UpdateAssignmentRequest request;
    request.mutable_assignment()->set_id(id);
    request.mutable_assignment()->set_tasks("任教五年级数学");
    return exchange_.Call<exchange::Assignment>("AssignmentService/UpdateAssignment", request, token)
        .status();
  }
  void Assessed(const std::string& id) {
    exchange::UpdateAssignmentRequest request;
    request.mutable_assignment()->set_id(id);
    request.mutable_assignment()->set_assessment(exchange::ASSIGNMENT_ASSESSMENT_QUALIFIED);
    Must<exchange::Assignment>("AssignmentService/UpdateAssignment", request);
  }
  // One of the past, as an import brings it.
  exchange::Assignment Past(const exchange::Teacher& teacher, exchange::AssignmentState state,
                            const std::string& started_on, const std::string& ended_on) {
    exchange::Assignment assignment = NewAssignment(teacher, far_rural_).assignment();
    assignment.set_state(state);
    assignment.set_planned_from(started_on);
    assignment.set_planned_until(ended_on);
    assignment.set_started_on(started_on);
    if (state == exchange::ASSIGNMENT_STATE_ASSESSED || state == exchange::ASSIGNMENT_STATE_COMPLETED)
      assignment.set_ended_on(ended_on);
    auto* external_id = assignment.add_external_ids();
    external_id->set_system("personnel");
    external_id->set_id(absl::StrCat("a-", ++imported_));
    return assignment;
  }
  type::v1::UpsertResult Import(const exchange::Assignment& assignment, const std::string& token = "near") {
    exchange::BatchUpsertAssignmentsRequest request;
    request.set_source_system("personnel");
    *request.add_assignments() = assignment;
    return Must<exchange::BatchUpsertAssignmentsResponse>("AssignmentService/BatchUpsertAssignments", request,
                                                          token)
        .results(0);
  }
  // Of near_school_ at far_rural_, without tasks.
  exchange::CreateSupportTeamRequest NewTeam(const exchange::Teacher& leader) {
    exchange::CreateSupportTeamRequest create;
    exchange::SupportTeam& team = *create.mutable_support_team();
    team.set_title("名师帮扶团队");
    team.set_leader_teacher_id(leader.id());
    team.set_sending_organisation_id(near_school_);
    team.set_host_school_id(far_rural_);
    team.set_planned_from(Day(-20));
    team.set_planned_until(Day(200));
    return create;
  }
  int imported_ = 0;
};

TEST_F(ExchangeAssignments, TheSendingSideWritesAndTheHostReads) {
  const auto teacher = Teacher(near_school_, "near");
  const auto nominated = Nominate(NewAssignment(teacher, far_rural_), "near");
  EXPECT_EQ(nominated.state(), exchange::ASSIGNMENT_STATE_NOMINATED);
  for (const char* token : {"near", "far", "city", "school", "reader"})
    EXPECT_TRUE(See(nominated.id(), token).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Note(nominated.id(), "far"))) << "reads, but does not write";
  EXPECT_TRUE(absl::IsPermissionDenied(Note(nominated.id(), "reader")));
  EXPECT_TRUE(Note(nominated.id(), "school").ok());
  const auto at_home = Nominate(NewAssignment(Teacher(near_rural_, "near"), near_school_), "near");
  EXPECT_TRUE(absl::IsNotFound(See(at_home.id(), "far")));
  EXPECT_TRUE(absl::IsNotFound(Note(at_home.id(), "far")));
  EXPECT_TRUE(See(at_home.id(), "school").ok()) << "as the host";
  EXPECT_TRUE(absl::IsPermissionDenied(Note(at_home.id(), "school")));
}

TEST_F(ExchangeAssignments, ThePartiesOfItsAllianceReadIt) {
  exchange_.AddCaller(
      "party", MakeCaller({MakeGrant("exchange.*.read", ScopeKind::kOrganisation, far_rural_)}, far_rural_));
  const auto teacher = Teacher(near_school_, "near");
  auto request = NewAssignment(teacher, near_rural_);
  const auto without = Nominate(request, "near");
  request.mutable_assignment()->set_alliance_id(alliance_id_);
  const auto within = Nominate(request, "near");
  EXPECT_TRUE(absl::IsNotFound(See(without.id(), "party")));
  EXPECT_TRUE(See(within.id(), "party").ok());
  EXPECT_TRUE(absl::IsNotFound(Read<exchange::Teacher>("Teacher", teacher.id(), "party").status()))
      << "the teacher's record is not theirs";
}

TEST_F(ExchangeAssignments, ApprovingIsARightOfItsOwn) {
  const auto nominated = Nominate(NewAssignment(Teacher(near_school_), far_rural_));
  EXPECT_TRUE(absl::IsPermissionDenied(Move("Approve", nominated.id(), "clerk").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(Move("Approve", nominated.id(), "far").status()));
  EXPECT_TRUE(Move("Approve", nominated.id(), "near").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Move("Start", nominated.id(), "far").status()));
  EXPECT_TRUE(Move("Start", nominated.id(), "clerk").ok());
}

// Every step from every state: what the table does not hold is refused.
TEST_F(ExchangeAssignments, EveryStepFromEveryState) {
  using Steps = std::vector<std::string>;
  const std::vector<std::pair<exchange::AssignmentState, Steps>> ways = {
      {exchange::ASSIGNMENT_STATE_NOMINATED, {}},
      {exchange::ASSIGNMENT_STATE_APPROVED, {"Approve"}},
      {exchange::ASSIGNMENT_STATE_ON_POST, {"Approve", "Start"}},
      {exchange::ASSIGNMENT_STATE_EXTENDED, {"Approve", "Start", "Extend"}},
      {exchange::ASSIGNMENT_STATE_COMPLETED, {"Approve", "Start", "Complete"}},
      {exchange::ASSIGNMENT_STATE_ASSESSED, {"Approve", "Start", "Complete", "Assess"}},
      {exchange::ASSIGNMENT_STATE_WITHDRAWN, {"Withdraw"}},
      {exchange::ASSIGNMENT_STATE_RECALLED, {"Approve", "Start", "Recall"}}};
  const std::map<std::string, std::set<int>> allowed = {
      {"Approve", {exchange::ASSIGNMENT_STATE_NOMINATED}},
      {"Start", {exchange::ASSIGNMENT_STATE_APPROVED}},
      {"Extend", {exchange::ASSIGNMENT_STATE_ON_POST, exchange::ASSIGNMENT_STATE_EXTENDED}},
      {"Complete", {exchange::ASSIGNMENT_STATE_ON_POST, exchange::ASSIGNMENT_STATE_EXTENDED}},
      {"Assess", {exchange::ASSIGNMENT_STATE_COMPLETED}},
      {"Withdraw", {exchange::ASSIGNMENT_STATE_NOMINATED, exchange::ASSIGNMENT_STATE_APPROVED}},
      {"Recall", {exchange::ASSIGNMENT_STATE_ON_POST, exchange::ASSIGNMENT_STATE_EXTENDED}}};
  for (const auto& [verb, from] : allowed) {
    for (const auto& [state, way] : ways) {
      const auto made = Nominate(NewAssignment(Teacher(near_school_), far_rural_));
      Assessed(made.id());
      for (const std::string& step : way) ASSERT_TRUE(Move(step, made.id()).ok()) << step;
      ASSERT_EQ(Read<exchange::Assignment>("Assignment", made.id())->state(), state);
      exchange_.clock().Advance(absl::Seconds(1));
      if (verb == "Extend" && state == exchange::ASSIGNMENT_STATE_EXTENDED) continue;  // To the same day.
      const auto moved = Move(verb, made.id());
      EXPECT_EQ(moved.ok(), from.count(state) > 0)
          << verb << " from " << exchange::AssignmentState_Name(state) << ": " << moved.status();
      if (!moved.ok()) {
        EXPECT_THAT(moved.status().ToString(), HasSubstr("FAILED_PRECONDITION"));
      }
    }
  }
}

TEST_F(ExchangeAssignments, ItsWholeCourseLeavesItsDays) {
  auto request = NewAssignment(Teacher(near_school_), far_rural_);
  request.mutable_assignment()->set_planned_from(Day(-400));
  request.mutable_assignment()->set_planned_until(Day(-30));
  const auto post = OnPost(request, Day(-395));
  EXPECT_EQ(post.approved_on(), Day(-395));
  EXPECT_EQ(post.started_on(), Day(-395));
  EXPECT_THAT(Move("Complete", post.id(), "operator", Day(1)).status().ToString(), HasSubstr("endedOn"));
  exchange::ExtendAssignmentRequest extend;
  extend.set_id(post.id());
  extend.set_planned_until(Day(-10));
  extend.set_reason("延长");
  const char* const method = "AssignmentService/ExtendAssignment";
  EXPECT_TRUE(absl::IsInvalidArgument(exchange_.Call<exchange::Assignment>(method, extend).status()))
      << "a day that is over";
  extend.set_planned_until(Day(60));
  EXPECT_TRUE(absl::IsPermissionDenied(exchange_.Call<exchange::Assignment>(method, extend, "far").status()));
  const auto extended = Must<exchange::Assignment>(method, extend, "near");
  EXPECT_EQ(extended.planned_until(), Day(60));
  EXPECT_EQ(extended.extension_reason(), "延长");
  const auto completed = Move("Complete", post.id(), "near", Day(-1));
  ASSERT_TRUE(completed.ok()) << completed.status();
  EXPECT_EQ(completed->ended_on(), Day(-1));
  EXPECT_THAT(Move("Assess", post.id(), "near").status().ToString(), HasSubstr("assessment"));
  Assessed(post.id());
  EXPECT_TRUE(absl::IsPermissionDenied(Move("Assess", post.id(), "clerk").status()));
  const auto assessed = Move("Assess", post.id(), "near");
  ASSERT_TRUE(assessed.ok()) << assessed.status();
  EXPECT_EQ(assessed->assessed_on(), Day(0));
}

TEST_F(ExchangeAssignments, ARecallSaysWhy) {
  const auto post = OnPost(NewAssignment(Teacher(near_school_), far_rural_));
  type::v1::TransitionRequest request;
  request.set_id(post.id());
  const char* const recall = "AssignmentService/RecallAssignment";
  EXPECT_THAT(exchange_.Call<exchange::Assignment>(recall, request).status().ToString(), HasSubstr("reason"));
  request.set_reason("身体原因");
  const auto recalled = Must<exchange::Assignment>(recall, request);
  EXPECT_EQ(recalled.end_reason(), "身体原因");
  EXPECT_EQ(recalled.ended_on(), Day(0));
}

TEST_F(ExchangeAssignments, AFailedEthicsYearBlocksApprovalUntilALaterOneIsPassed) {
  const auto teacher = Teacher(near_school_);
  const auto nominated = Nominate(NewAssignment(teacher, far_rural_));
  Ethics(teacher.id(), 2024, exchange::ETHICS_OUTCOME_PASSED);
  Ethics(teacher.id(), 2025, exchange::ETHICS_OUTCOME_FAILED);
  const auto vetoed = Move("Approve", nominated.id(), "near");
  EXPECT_TRUE(absl::IsFailedPrecondition(vetoed.status())) << vetoed.status();
  EXPECT_THAT(vetoed.status().ToString(), HasSubstr("teacherId"));
  Ethics(teacher.id(), 2026, exchange::ETHICS_OUTCOME_PASSED);
  const auto approved = Move("Approve", nominated.id(), "near");
  EXPECT_TRUE(approved.ok()) << approved.status();
}

TEST_F(ExchangeAssignments, NobodyIsAwayForMoreThanAWholeWeek) {
  const auto teacher = Teacher(near_school_);
  OnPost(NewAssignment(teacher, far_rural_, 60));
  const auto rest = Nominate(NewAssignment(teacher, near_rural_, 40));
  const auto more = Nominate(NewAssignment(teacher, far_school_, 20));
  ASSERT_TRUE(Move("Approve", rest.id()).ok());
  const auto refused = Move("Approve", more.id());
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << refused.status();
  EXPECT_THAT(refused.status().ToString(), HasSubstr("weeklySharePercent"));
  ASSERT_TRUE(Move("Withdraw", rest.id()).ok());
  EXPECT_TRUE(Move("Approve", more.id()).ok()) << "what was withdrawn is free again";
}

TEST_F(ExchangeAssignments, OfTwoApprovalsAtOnceOneWins) {
  for (int round = 0; round < 5; ++round) {
    const auto teacher = Teacher(near_school_);
    const std::string ids[] = {Nominate(NewAssignment(teacher, far_rural_, 60)).id(),
                               Nominate(NewAssignment(teacher, near_rural_, 60)).id()};
    std::atomic<int> approved{0};
    std::vector<std::thread> threads;
    for (const std::string& id : ids)
      threads.emplace_back([&, id] { approved += Move("Approve", id, "near").ok(); });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(approved, 1);
    EXPECT_EQ(ExchangeCount(absl::StrCat("SELECT count(*) FROM assignment WHERE teacher_id = '", teacher.id(),
                                         "' AND state = 'ASSIGNMENT_STATE_APPROVED'")),
              1);
  }
}

TEST_F(ExchangeAssignments, WhatIsBroughtBackCountsAnew) {
  const auto teacher = Teacher(near_school_);
  const auto first = Approved(NewAssignment(teacher, far_rural_));
  type::v1::DeleteRequest by_id;
  by_id.set_id(first.id());
  Hide(first.id());
  const auto second = Approved(NewAssignment(teacher, near_rural_));
  const auto back = [&] {
    return exchange_.Call<exchange::Assignment>("AssignmentService/UndeleteAssignment", by_id).status();
  };
  EXPECT_THAT(back().ToString(), HasSubstr("weeklySharePercent"));
  ASSERT_TRUE(Move("Withdraw", second.id()).ok());
  Ethics(teacher.id(), 2026, exchange::ETHICS_OUTCOME_FAILED);
  EXPECT_THAT(back().ToString(), HasSubstr("teacherId")) << "approved before that";
}

TEST_F(ExchangeAssignments, WhatWasApprovedIsWithdrawnAndNotDeleted) {
  const auto remove = [&](const std::string& id) {
    type::v1::DeleteRequest by_id;
    by_id.set_id(id);
    return exchange_.Call<exchange::Assignment>("AssignmentService/DeleteAssignment", by_id, "near").status();
  };
  EXPECT_TRUE(remove(Nominate(NewAssignment(Teacher(near_school_), far_rural_)).id()).ok());
  const auto approved = Approved(NewAssignment(Teacher(near_school_), far_rural_));
  EXPECT_TRUE(absl::IsFailedPrecondition(remove(approved.id())));
  ASSERT_TRUE(Move("Withdraw", approved.id()).ok());
  EXPECT_TRUE(remove(approved.id()).ok());
  const auto recalled = OnPost(NewAssignment(Teacher(near_school_), far_rural_));
  EXPECT_TRUE(absl::IsFailedPrecondition(remove(recalled.id())));
  ASSERT_TRUE(Move("Recall", recalled.id()).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(remove(recalled.id()))) << "it counts in the past";
}

// By id, as whoever reads the record may send it back.
TEST_F(ExchangeAssignments, ABatchOfWhoMayNotImportIsAnEdit) {
  const auto upsert = [&](const exchange::Assignment& assignment, const char* token) {
    exchange::BatchUpsertAssignmentsRequest request;
    *request.add_assignments() = assignment;
    return Must<exchange::BatchUpsertAssignmentsResponse>("AssignmentService/BatchUpsertAssignments", request,
                                                          token)
        .results(0);
  };
  auto approved = Read<exchange::Assignment>(
      "Assignment", Approved(NewAssignment(Teacher(near_school_), far_rural_)).id(), "clerk");
  ASSERT_TRUE(approved.ok()) << approved.status();
  approved->set_host_role(exchange::HOST_ROLE_MENTOR);
  const auto refused = upsert(*approved, "clerk");
  EXPECT_EQ(refused.outcome(), type::v1::UpsertResult::REFUSED);
  EXPECT_THAT(refused.ShortDebugString(), HasSubstr("hostRole"));
  const auto imported = upsert(*approved, "near");
  EXPECT_EQ(imported.outcome(), type::v1::UpsertResult::UPDATED) << imported.ShortDebugString();
}

TEST_F(ExchangeAssignments, WhatTheBureauFoundIsNotRewritten) {
  const auto post = OnPost(NewAssignment(Teacher(near_school_), far_rural_));
  ASSERT_TRUE(Move("Complete", post.id()).ok());
  exchange::UpdateAssignmentRequest request;
  request.mutable_assignment()->set_id(post.id());
  request.mutable_assignment()->set_assessment(exchange::ASSIGNMENT_ASSESSMENT_UNQUALIFIED);
  const auto assess = [&](const char* token) {
    return exchange_.Call<exchange::Assignment>("AssignmentService/UpdateAssignment", request, token)
        .status();
  };
  ASSERT_TRUE(assess("near").ok());
  ASSERT_TRUE(Move("Assess", post.id(), "near").ok());
  request.mutable_assignment()->set_assessment(exchange::ASSIGNMENT_ASSESSMENT_EXCELLENT);
  EXPECT_THAT(assess("school").ToString(), HasSubstr("was assessed"));
  EXPECT_THAT(assess("near").ToString(), HasSubstr("was assessed"));
}

// "clerk" writes what "near" does, and may not approve.
TEST_F(ExchangeAssignments, WhoeverMayAssessSaysWithWhatResult) {
  auto nomination = NewAssignment(Teacher(near_school_), far_rural_);
  nomination.mutable_assignment()->set_assessment(exchange::ASSIGNMENT_ASSESSMENT_EXCELLENT);
  EXPECT_THAT(exchange_.Call<exchange::Assignment>("AssignmentService/CreateAssignment", nomination, "clerk")
                  .status()
                  .ToString(),
              HasSubstr("whoever may approve"));
  nomination.mutable_assignment()->clear_assessment();
  const auto post = OnPost(nomination);
  const auto completed = Move("Complete", post.id());
  ASSERT_TRUE(completed.ok()) << completed.status();
  exchange::UpdateAssignmentRequest request;
  request.mutable_assignment()->set_id(post.id());
  request.mutable_assignment()->set_assessment(exchange::ASSIGNMENT_ASSESSMENT_EXCELLENT);
  const auto write = [&](const char* token) {
    return exchange_.Call<exchange::Assignment>("AssignmentService/UpdateAssignment", request, token)
        .status();
  };
  EXPECT_THAT(write("clerk").ToString(), HasSubstr("whoever may approve"));
  exchange::BatchUpsertAssignmentsRequest batch;
  *batch.add_assignments() = request.assignment();
  const auto upserted = Must<exchange::BatchUpsertAssignmentsResponse>(
      "AssignmentService/BatchUpsertAssignments", batch, "clerk");
  EXPECT_EQ(upserted.results(0).outcome(), type::v1::UpsertResult::REFUSED) << upserted.ShortDebugString();
  request.mutable_assignment()->set_assessment(exchange::ASSIGNMENT_ASSESSMENT_UNQUALIFIED);
  ASSERT_TRUE(write("near").ok());
  request.mutable_assignment()->set_assessment(exchange::ASSIGNMENT_ASSESSMENT_EXCELLENT);
  EXPECT_THAT(write("clerk").ToString(), HasSubstr("whoever may approve")) << "before the step, too";
  const auto assessed = Move("Assess", post.id(), "near");
  ASSERT_TRUE(assessed.ok()) << assessed.status();
  EXPECT_EQ(assessed->assessment(), exchange::ASSIGNMENT_ASSESSMENT_UNQUALIFIED);
}

TEST_F(ExchangeAssignments, AStartAsksOnceMoreForTheTeacher) {
  const auto teacher = Teacher(near_school_);
  const auto approved = Approved(NewAssignment(teacher, far_rural_));
  exchange::UpdateTeacherRequest move;
  move.mutable_teacher()->set_id(teacher.id());
  move.mutable_teacher()->set_school_id(far_school_);
  Must<exchange::Teacher>("TeacherService/UpdateTeacher", move);
  EXPECT_THAT(Move("Start", approved.id()).status().ToString(), HasSubstr("fromSchoolId"));
}

// Planned to be over long ago, and still on post: nobody has said that it is.
TEST_F(ExchangeAssignments, AStartOnThePlannedDayLooksAtTheWholeWeek) {
  const auto teacher = Teacher(near_school_);
  auto first = NewAssignment(teacher, far_rural_);
  first.mutable_assignment()->set_planned_until(Day(30));
  const auto on_post = OnPost(first);
  auto next = NewAssignment(teacher, near_rural_);
  next.mutable_assignment()->set_planned_from(Day(40));
  const auto approved = Approved(next);
  exchange_.clock().Advance(absl::Hours(24 * 40));
  EXPECT_THAT(Move("Start", approved.id()).status().ToString(), HasSubstr("weeklySharePercent"));
  ASSERT_TRUE(Move("Complete", on_post.id(), "operator", Day(-5)).ok());
  const auto started = Move("Start", approved.id());
  EXPECT_TRUE(started.ok()) << started.status();
}

TEST_F(ExchangeAssignments, DaysOfThePastAreNotForgotten) {
  const auto empty = [&](const std::string& id, const char* field, const char* token = "school") {
    exchange::UpdateAssignmentRequest request;
    request.mutable_assignment()->set_id(id);
    request.mutable_update_mask()->add_paths(field);
    return exchange_.Call<exchange::Assignment>("AssignmentService/UpdateAssignment", request, token)
        .status()
        .ToString();
  };
  const auto post = OnPost(NewAssignment(Teacher(near_school_), far_rural_));
  EXPECT_THAT(empty(post.id(), "started_on"), HasSubstr("cannot be emptied"));
  ASSERT_TRUE(Move("Complete", post.id()).ok());
  EXPECT_THAT(empty(post.id(), "ended_on"), HasSubstr("it is over"));
  EXPECT_THAT(empty(post.id(), "started_on", "near"), HasSubstr("it is over"));
}

TEST_F(ExchangeAssignments, AnExtensionAsksForTheVetoOnceMore) {
  const auto teacher = Teacher(near_school_);
  const auto post = OnPost(NewAssignment(teacher, far_rural_));
  Ethics(teacher.id(), 2025, exchange::ETHICS_OUTCOME_FAILED);
  EXPECT_THAT(Move("Extend", post.id()).status().ToString(), HasSubstr("teacherId"));
  Ethics(teacher.id(), 2026, exchange::ETHICS_OUTCOME_PASSED);
  const auto extended = Move("Extend", post.id());
  EXPECT_TRUE(extended.ok()) << extended.status();
}

TEST_F(ExchangeAssignments, TheDirectionFollowsFromBothSchools) {
  const auto direction = [&](const std::string& from, const std::string& to) {
    return Nominate(NewAssignment(Teacher(from), to)).direction();
  };
  EXPECT_EQ(direction(near_school_, far_rural_), exchange::DIRECTION_URBAN_TO_RURAL);
  EXPECT_EQ(direction(far_school_, far_rural_), exchange::DIRECTION_URBAN_TO_RURAL) << "towns are no country";
  EXPECT_EQ(direction(far_rural_, near_school_), exchange::DIRECTION_RURAL_TO_URBAN);
  EXPECT_EQ(direction(near_school_, far_school_), exchange::DIRECTION_URBAN_TO_URBAN);
  EXPECT_EQ(direction(near_rural_, far_rural_), exchange::DIRECTION_RURAL_TO_RURAL);
  EXPECT_EQ(direction(unclassed_, far_rural_), exchange::DIRECTION_UNKNOWN);
  EXPECT_EQ(direction(near_school_, unclassed_), exchange::DIRECTION_UNKNOWN);
}

TEST_F(ExchangeAssignments, TiersAreThoseOfTheDay) {
  auto request = NewAssignment(Teacher(near_school_), far_rural_);
  const auto now = Nominate(request);
  EXPECT_EQ(now.from_tier(), exchange::SCHOOL_TIER_QUALITY);
  EXPECT_EQ(now.to_tier(), exchange::SCHOOL_TIER_WEAK);
  request.mutable_assignment()->set_planned_from("2019-09-01");
  const auto before = Nominate(request);
  EXPECT_EQ(before.from_tier(), exchange::SCHOOL_TIER_QUALITY);
  EXPECT_EQ(before.to_tier(), exchange::SCHOOL_TIER_UNKNOWN) << "weak since 2020 only";
}

TEST_F(ExchangeAssignments, WhatATeacherWasThenStays) {
  auto made = NewTeacher(near_school_);
  made.mutable_teacher()->set_backbone_level(exchange::RECOGNITION_LEVEL_CITY);
  made.mutable_teacher()->set_backbone_until(Day(5));
  const auto teacher = Must<exchange::Teacher>("TeacherService/CreateTeacher", made);
  auto request = NewAssignment(teacher, far_rural_);
  request.mutable_assignment()->set_planned_from(Day(10));
  const auto nominated = Nominate(request);
  EXPECT_TRUE(nominated.has_backbone());
  EXPECT_FALSE(nominated.backbone()) << "no more on the planned day";
  ASSERT_TRUE(Move("Approve", nominated.id()).ok());
  const auto started = Move("Start", nominated.id());
  ASSERT_TRUE(started.ok()) << started.status();
  EXPECT_TRUE(started->backbone()) << "began earlier than planned";
  exchange::UpdateTeacherRequest change;
  change.mutable_teacher()->set_id(teacher.id());
  change.mutable_update_mask()->add_paths("backbone_level");
  change.mutable_update_mask()->add_paths("backbone_until");
  Must<exchange::Teacher>("TeacherService/UpdateTeacher", change);
  const auto completed = Move("Complete", nominated.id());
  ASSERT_TRUE(completed.ok()) << completed.status();
  EXPECT_TRUE(completed->backbone());
}

TEST_F(ExchangeAssignments, HistoryKeepsItsStates) {
  const auto teacher = Teacher(near_school_, "near");
  exchange::Assignment past = Past(teacher, exchange::ASSIGNMENT_STATE_ASSESSED, "2018-09-01", "2019-08-31");
  past.set_direction(exchange::DIRECTION_URBAN_TO_URBAN);
  past.set_backbone(true);
  past.set_approved_on("2018-07-01");
  ASSERT_EQ(Import(past, "clerk").outcome(), type::v1::UpsertResult::REFUSED) << "a right of its own";
  const auto result = Import(past);
  ASSERT_EQ(result.outcome(), type::v1::UpsertResult::CREATED) << result.ShortDebugString();
  const auto kept = Read<exchange::Assignment>("Assignment", result.id(), "near");
  EXPECT_EQ(kept->state(), exchange::ASSIGNMENT_STATE_ASSESSED);
  EXPECT_EQ(kept->direction(), exchange::DIRECTION_URBAN_TO_URBAN) << "the school was in a town then";
  EXPECT_TRUE(kept->backbone());
  EXPECT_EQ(kept->approved_on(), "2018-07-01");
  EXPECT_EQ(kept->from_tier(), exchange::SCHOOL_TIER_QUALITY) << "what it does not say is looked up";
  EXPECT_EQ(Import(past).outcome(), type::v1::UpsertResult::UNCHANGED);
  // Both at once a whole week: so it was written down then.
  EXPECT_EQ(Import(Past(teacher, exchange::ASSIGNMENT_STATE_COMPLETED, "2019-01-01", "2019-12-31")).outcome(),
            type::v1::UpsertResult::CREATED);
}

TEST_F(ExchangeAssignments, AnImportOfTodayHoldsToTheWeek) {
  const auto teacher = Teacher(near_school_, "near");
  exchange::BatchUpsertAssignmentsRequest request;
  request.set_source_system("personnel");
  for (int i = 0; i < 2; ++i) {
    *request.add_assignments() = Past(teacher, exchange::ASSIGNMENT_STATE_ON_POST, Day(-30), Day(300));
    request.mutable_assignments(i)->set_weekly_share_percent(60);
  }
  *request.add_assignments() =
      Past(Teacher(near_school_, "near"), exchange::ASSIGNMENT_STATE_ON_POST, Day(-30), Day(300));
  const auto answer = Must<exchange::BatchUpsertAssignmentsResponse>(
      "AssignmentService/BatchUpsertAssignments", request, "near");
  EXPECT_EQ(answer.results(0).outcome(), type::v1::UpsertResult::CREATED);
  EXPECT_EQ(answer.results(1).outcome(), type::v1::UpsertResult::REFUSED)
      << "beside the first of the same batch";
  EXPECT_EQ(answer.results(2).outcome(), type::v1::UpsertResult::CREATED);
}

TEST_F(ExchangeAssignments, NobodyJoinsATeamThatIsOverOrAnothersOwn) {
  auto create = NewTeam(Teacher(near_school_));
  create.mutable_support_team()->set_tasks("驻校听课、带教");
  const auto team = Must<exchange::SupportTeam>("SupportTeamService/CreateSupportTeam", create, "near");
  ASSERT_TRUE(Step<exchange::SupportTeam>("SupportTeam", "Approve", team.id()).ok());
  const auto member = [&](const std::string& school) {
    auto request = NewAssignment(Teacher(school), far_rural_);
    request.mutable_assignment()->set_type(exchange::ASSIGNMENT_TYPE_TEAM_SUPPORT);
    request.mutable_assignment()->set_support_team_id(team.id());
    return Nominate(request).id();
  };
  EXPECT_THAT(Move("Approve", member(near_rural_)).status().ToString(), HasSubstr("is sent by others"));
  const std::string early = member(near_school_);
  const std::string late = member(near_school_);
  ASSERT_TRUE(Move("Approve", early).ok());
  ASSERT_TRUE(Step<exchange::SupportTeam>("SupportTeam", "Withdraw", team.id()).ok());
  EXPECT_THAT(Move("Start", early).status().ToString(), HasSubstr("is over, or was withdrawn"));
  EXPECT_THAT(Move("Approve", late).status().ToString(), HasSubstr("is over, or was withdrawn"));
}

// The one waits for the other, whoever comes first.
TEST_F(ExchangeAssignments, AMemberIsNotApprovedBesideTheEndOfTheTeam) {
  for (int round = 0; round < 2; ++round) {
    auto create = NewTeam(Teacher(near_school_));
    create.mutable_support_team()->set_tasks("驻校听课、带教");
    const auto team = Must<exchange::SupportTeam>("SupportTeamService/CreateSupportTeam", create);
    auto request = NewAssignment(Teacher(near_school_), far_rural_);
    request.mutable_assignment()->set_type(exchange::ASSIGNMENT_TYPE_TEAM_SUPPORT);
    request.mutable_assignment()->set_support_team_id(team.id());
    const std::string member = Nominate(request).id();
    std::thread holder([&] {
      const auto withdrawn = exchange_.Query(absl::StrCat(
          "WITH over AS (UPDATE support_team SET state = 'ASSIGNMENT_STATE_WITHDRAWN' WHERE id = '",
          team.id(), "' AND (SELECT true FROM (SELECT 1 FROM support_team WHERE id = '", team.id(),
          "' FOR UPDATE) held) RETURNING id) SELECT pg_sleep(1) FROM over"));
      EXPECT_TRUE(withdrawn.ok()) << withdrawn.status();
    });
    absl::SleepFor(absl::Milliseconds(300));
    EXPECT_THAT(Move("Approve", member).status().ToString(), HasSubstr("is over, or was withdrawn"));
    holder.join();
  }
}

TEST_F(ExchangeAssignments, ATeamAndItsMembers) {
  const auto leader = Teacher(near_school_);
  const auto made =
      Must<exchange::SupportTeam>("SupportTeamService/CreateSupportTeam", NewTeam(leader), "near");
  const auto step = [&](const char* verb, const char* token) {
    return Step<exchange::SupportTeam>("SupportTeam", verb, made.id(), token).status();
  };
  EXPECT_THAT(step("Approve", "near").ToString(), HasSubstr("tasks"));
  type::v1::DeleteRequest by_id;
  by_id.set_id(made.id());
  exchange::UpdateSupportTeamRequest update;
  update.mutable_support_team()->set_id(made.id());
  update.mutable_support_team()->set_tasks("驻校听课、带教");
  update.mutable_support_team()->set_outcome("两名教师获奖");
  update.mutable_support_team()->set_assessment(exchange::ASSIGNMENT_ASSESSMENT_EXCELLENT);
  EXPECT_TRUE(absl::IsPermissionDenied(
      exchange_.Call<exchange::SupportTeam>("SupportTeamService/UpdateSupportTeam", update, "far").status()));
  Must<exchange::SupportTeam>("SupportTeamService/UpdateSupportTeam", update, "near");
  EXPECT_TRUE(absl::IsPermissionDenied(step("Approve", "clerk")));
  Ethics(leader.id(), 2025, exchange::ETHICS_OUTCOME_FAILED);
  EXPECT_THAT(step("Approve", "near").ToString(), HasSubstr("leaderTeacherId"));
  Ethics(leader.id(), 2026, exchange::ETHICS_OUTCOME_PASSED);
  EXPECT_TRUE(step("Approve", "near").ok());
  EXPECT_THAT(exchange_.Call<exchange::SupportTeam>("SupportTeamService/DeleteSupportTeam", by_id, "near")
                  .status()
                  .ToString(),
              HasSubstr("was approved"));
  auto member = NewAssignment(leader, far_rural_);
  member.mutable_assignment()->set_type(exchange::ASSIGNMENT_TYPE_TEAM_SUPPORT);
  member.mutable_assignment()->set_support_team_id(made.id());
  OnPost(member);
  member.mutable_assignment()->set_to_school_id(far_school_);
  EXPECT_THAT(
      exchange_.Call<exchange::Assignment>("AssignmentService/CreateAssignment", member).status().ToString(),
      HasSubstr("supportTeamId"));
  EXPECT_TRUE(step("Start", "near").ok());
  exchange::ExtendSupportTeamRequest extend;
  extend.set_id(made.id());
  extend.set_planned_until(Day(400));
  extend.set_reason("再帮扶一学期");
  EXPECT_EQ(Must<exchange::SupportTeam>("SupportTeamService/ExtendSupportTeam", extend, "near").state(),
            exchange::ASSIGNMENT_STATE_EXTENDED);
  EXPECT_TRUE(step("Complete", "near").ok());
  EXPECT_TRUE(step("Assess", "near").ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(step("Recall", "near"))) << "it is over";
  update.mutable_support_team()->set_assessment(exchange::ASSIGNMENT_ASSESSMENT_QUALIFIED);
  EXPECT_THAT(exchange_.Call<exchange::SupportTeam>("SupportTeamService/UpdateSupportTeam", update, "near")
                  .status()
                  .ToString(),
              HasSubstr("was assessed"));
}

}  // namespace
}  // namespace lianqiao::conformance
