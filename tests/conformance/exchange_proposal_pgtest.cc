// SPDX-License-Identifier: Apache-2.0
// Vacancies, and proposals of who takes them: found without touching anything, carried out as a whole or not
// at all, and not when the facts have changed.
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lianqiao/exchange/v1/proposal.pb.h"
#include "lianqiao/exchange/v1/vacancy.pb.h"
#include "tests/conformance/exchange_world.h"

namespace lianqiao::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ExchangeProposals : public ExchangeWorld {
 protected:
  exchange::CreateVacancyRequest NewVacancy(const std::string& school_id, const std::string& alliance_id) {
    exchange::CreateVacancyRequest request;
    exchange::Vacancy& vacancy = *request.mutable_vacancy();
    vacancy.set_school_id(school_id);
    vacancy.set_type(exchange::ASSIGNMENT_TYPE_SUPPORT_TEACHING);
    vacancy.set_host_role(exchange::HOST_ROLE_TEACHER);
    vacancy.set_subject(type::v1::SUBJECT_MATHEMATICS);
    vacancy.set_stage(type::v1::STAGE_PRIMARY);
    vacancy.set_alliance_id(alliance_id);
    return request;
  }
  exchange::Vacancy Vacancy(const std::string& school_id, const std::string& alliance_id = "") {
    return Must<exchange::Vacancy>("VacancyService/CreateVacancy", NewVacancy(school_id, alliance_id));
  }
  exchange::Quota Quota(int planned, bool of_near = false) {
    exchange::CreateQuotaRequest request;
    exchange::Quota& quota = *request.mutable_quota();
    quota.set_issuer_jurisdiction_id(city_id_);
    of_near ? quota.set_jurisdiction_id(near_id_) : quota.set_alliance_id(alliance_id_);
    quota.set_school_year_id(school_year_id_);
    quota.set_type(exchange::ASSIGNMENT_TYPE_SUPPORT_TEACHING);
    quota.set_planned_count(planned);
    quota.set_due_on(Day(60));
    return Must<exchange::Quota>("QuotaService/CreateQuota", request);
  }
  exchange::ProposeAssignmentsRequest Question() {
    exchange::ProposeAssignmentsRequest request;
    request.set_jurisdiction_id(city_id_);
    request.set_school_year_id(school_year_id_);
    request.set_type(exchange::ASSIGNMENT_TYPE_SUPPORT_TEACHING);
    request.set_planned_from(Day(10));
    request.set_planned_until(Day(200));
    return request;
  }
  absl::StatusOr<exchange::AssignmentProposal> TryPropose(const exchange::ProposeAssignmentsRequest& request,
                                                          const std::string& token = "city") {
    return exchange_.Call<exchange::AssignmentProposal>("AssignmentProposalService/ProposeAssignments",
                                                        request, token);
  }
  exchange::AssignmentProposal Propose(const exchange::ProposeAssignmentsRequest& request) {
    const auto proposal = TryPropose(request);
    EXPECT_TRUE(proposal.ok()) << proposal.status();
    return proposal.ok() ? *proposal : exchange::AssignmentProposal();
  }
  absl::StatusOr<exchange::AssignmentProposal> TryApprove(const std::string& id,
                                                          const std::string& token = "city") {
    exchange::ApproveAssignmentProposalRequest request;
    request.set_id(id);
    return exchange_.Call<exchange::AssignmentProposal>("AssignmentProposalService/ApproveAssignmentProposal",
                                                        request, token);
  }
  // Refused as stale, and nothing has happened.
  void ExpectStale(const std::string& id, const std::string& text) {
    const int64_t assignments = ExchangeCount("SELECT count(*) FROM assignment");
    const absl::Status status = TryApprove(id).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    const base::Failure failure = base::FailureOf(status);
    ASSERT_GE(failure.violations_size(), 1) << status;
    EXPECT_THAT(failure.violations(0).field(), HasSubstr("lines["));
    EXPECT_THAT(failure.ShortDebugString(), HasSubstr(text));
    EXPECT_EQ(ExchangeCount("SELECT count(*) FROM assignment"), assignments);
    EXPECT_EQ(Read<exchange::AssignmentProposal>("AssignmentProposal", id)->state(),
              exchange::PROPOSAL_STATE_PROPOSED);
  }
  // Reason of the one who is refused.
  static exchange::ProposalReason ReasonOf(const exchange::AssignmentProposal& proposal,
                                           const std::string& id) {
    for (const auto& refusal : proposal.refusals()) {
      for (const std::string& teacher : refusal.teacher_ids())
        if (teacher == id) return refusal.reason();
      for (const std::string& vacancy : refusal.vacancy_ids())
        if (vacancy == id) return refusal.reason();
    }
    return exchange::PROPOSAL_REASON_UNSPECIFIED;
  }
  absl::StatusOr<exchange::Vacancy> Fill(const std::string& vacancy, const std::string& assignment,
                                         const std::string& token = "operator") {
    exchange::FillVacancyRequest request;
    request.set_id(vacancy);
    request.set_assignment_id(assignment);
    return exchange_.Call<exchange::Vacancy>("VacancyService/FillVacancy", request, token);
  }
  absl::StatusOr<exchange::Vacancy> Reopen(const std::string& vacancy) {
    exchange::ReopenVacancyRequest request;
    request.set_id(vacancy);
    return exchange_.Call<exchange::Vacancy>("VacancyService/ReopenVacancy", request, "operator");
  }
};

TEST_F(ExchangeProposals, FindsWhoCouldGoAndTouchesNothing) {
  const auto quota = Quota(2);
  const auto first = Vacancy(far_rural_, alliance_id_);
  const auto second = Vacancy(far_rural_, alliance_id_);
  const auto third = Vacancy(far_rural_, alliance_id_);
  const auto outside = Vacancy(far_school_);
  for (int i = 0; i < 3; ++i) Teacher(near_school_);
  const auto elsewhere = Teacher(near_rural_);  // In no alliance.
  const auto proposal = Propose(Question());
  ASSERT_EQ(proposal.lines_size(), 2) << proposal.DebugString();
  for (const auto& line : proposal.lines()) {
    EXPECT_EQ(line.quota_id(), quota.id());
    EXPECT_EQ(line.from_school_id(), near_school_);
    EXPECT_EQ(line.to_school_id(), far_rural_);
    EXPECT_EQ(line.assignment_id(), "");
  }
  EXPECT_EQ(proposal.state(), exchange::PROPOSAL_STATE_PROPOSED);
  EXPECT_EQ(proposal.teacher_count(), 4);
  EXPECT_EQ(proposal.vacancy_count(), 4);
  EXPECT_EQ(proposal.missing_count(), 2);
  EXPECT_EQ(ReasonOf(proposal, elsewhere.id()), exchange::PROPOSAL_REASON_NO_QUOTA);
  EXPECT_EQ(ReasonOf(proposal, outside.id()), exchange::PROPOSAL_REASON_NO_QUOTA);
  ASSERT_EQ(proposal.quota_results_size(), 1);
  EXPECT_EQ(proposal.quota_results(0).move_count(), 2);
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM assignment"), 0);
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM vacancy WHERE state = 'VACANCY_STATE_OPEN'"), 4);
  const auto again = Propose(Question());
  ASSERT_EQ(again.lines_size(), 2);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(again.lines(i).SerializeAsString(), proposal.lines(i).SerializeAsString());
  EXPECT_NE(again.id(), proposal.id());
}

TEST_F(ExchangeProposals, WithValidateOnlyNothingIsKeptAndARepetitionIsTheFirstAnswer) {
  Quota(1);
  Vacancy(far_rural_, alliance_id_);
  Teacher(near_school_);
  auto question = Question();
  question.set_validate_only(true);
  EXPECT_EQ(Propose(question).lines_size(), 1);
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM assignment_proposal"), 0);
  question.set_validate_only(false);
  question.set_request_id("once");
  EXPECT_EQ(Propose(question).id(), Propose(question).id());
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM assignment_proposal"), 1);
}

TEST_F(ExchangeProposals, ApprovalNominatesAndFillsAsAWhole) {
  const auto quota = Quota(2);
  Vacancy(far_rural_, alliance_id_);
  Vacancy(far_rural_, alliance_id_);
  Teacher(near_school_);
  Teacher(near_school_);
  const auto proposal = Propose(Question());
  const auto approved = TryApprove(proposal.id());
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->state(), exchange::PROPOSAL_STATE_APPROVED);
  EXPECT_EQ(approved->decided_on(), Day(0));
  ASSERT_EQ(approved->lines_size(), 2);
  for (const auto& line : approved->lines()) {
    const auto assignment = Read<exchange::Assignment>("Assignment", line.assignment_id());
    ASSERT_TRUE(assignment.ok()) << assignment.status();
    EXPECT_EQ(assignment->state(), exchange::ASSIGNMENT_STATE_NOMINATED);
    EXPECT_EQ(assignment->teacher_id(), line.teacher_id());
    EXPECT_EQ(assignment->quota_id(), quota.id());
    EXPECT_EQ(assignment->alliance_id(), alliance_id_);
    EXPECT_EQ(assignment->to_school_id(), far_rural_);
    EXPECT_EQ(assignment->planned_from(), Day(10));
    EXPECT_EQ(assignment->weekly_share_percent(), 100);
    const auto vacancy = Read<exchange::Vacancy>("Vacancy", line.vacancy_id());
    ASSERT_TRUE(vacancy.ok()) << vacancy.status();
    EXPECT_EQ(vacancy->state(), exchange::VACANCY_STATE_FILLED);
    EXPECT_EQ(vacancy->assignment_id(), line.assignment_id());
  }
  EXPECT_TRUE(absl::IsFailedPrecondition(TryApprove(proposal.id()).status()));
  const auto next = Propose(Question());
  EXPECT_EQ(next.lines_size(), 0) << "everybody is nominated, every place is taken";
  EXPECT_EQ(next.quota_results(0).taken_count(), 2);
  EXPECT_TRUE(absl::IsFailedPrecondition(TryApprove(next.id()).status())) << "there is nothing to approve";
}

TEST_F(ExchangeProposals, ApprovedTwiceAtOnceItIsCarriedOutOnce) {
  Quota(1);
  Vacancy(far_rural_, alliance_id_);
  Teacher(near_school_);
  const auto proposal = Propose(Question());
  std::vector<absl::Status> ends(2);
  std::vector<std::thread> threads;
  for (absl::Status& end : ends) threads.emplace_back([&] { end = TryApprove(proposal.id()).status(); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_NE(ends[0].ok(), ends[1].ok()) << ends[0] << "; " << ends[1];
  EXPECT_TRUE(absl::IsFailedPrecondition(ends[0].ok() ? ends[1] : ends[0]));
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM assignment"), 1);
}

// In the order of ordinary approvals: with a quota in hand it would wait for a teacher whose own approval
// waits for that quota.
TEST_F(ExchangeProposals, AnApprovalTakesItsTeachersBeforeAnyQuota) {
  const auto quota = Quota(2);
  for (int i = 0; i < 2; ++i) {
    Vacancy(far_rural_, alliance_id_);
    Teacher(near_school_);
  }
  const auto proposal = Propose(Question());
  ASSERT_EQ(proposal.lines_size(), 2);
  std::thread other([&] {
    EXPECT_TRUE(exchange_
                    .Query(absl::StrCat("WITH held AS MATERIALIZED (SELECT id FROM teacher WHERE id = '",
                                        proposal.lines(1).teacher_id(),
                                        "' FOR UPDATE) SELECT pg_sleep(1.5) FROM held"))
                    .ok());
  });
  absl::SleepFor(absl::Milliseconds(300));
  std::thread approval([&] { EXPECT_TRUE(TryApprove(proposal.id()).ok()); });
  absl::SleepFor(absl::Milliseconds(600));
  const auto free =
      exchange_.Query(absl::StrCat("SELECT 1 FROM quota WHERE id = '", quota.id(), "' FOR UPDATE NOWAIT"));
  EXPECT_TRUE(free.ok()) << free.status();
  other.join();
  approval.join();
}

TEST_F(ExchangeProposals, OfTwoProposalsForOneTeacherOneIsCarriedOut) {
  Quota(2);
  const auto first = Vacancy(far_rural_, alliance_id_);
  const auto second = Vacancy(far_rural_, alliance_id_);
  Teacher(near_school_);
  auto question = Question();
  question.mutable_limits()->add_vacancy_ids(first.id());
  const auto one = Propose(question);
  question.mutable_limits()->set_vacancy_ids(0, second.id());
  const auto other = Propose(question);
  ASSERT_EQ(one.lines_size() + other.lines_size(), 2);
  absl::Status ends[2];
  std::thread thread([&] { ends[0] = TryApprove(one.id()).status(); });
  ends[1] = TryApprove(other.id()).status();
  thread.join();
  EXPECT_NE(ends[0].ok(), ends[1].ok()) << ends[0] << "; " << ends[1];
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM assignment"), 1);
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM vacancy WHERE state = 'VACANCY_STATE_FILLED'"), 1);
}

TEST_F(ExchangeProposals, ATeacherWhoLeftOrMovedMeanwhileStopsIt) {
  Quota(1);
  Vacancy(far_rural_, alliance_id_);
  auto teacher = Teacher(near_school_);
  const auto proposal = Propose(Question());
  exchange::UpdateTeacherRequest update;
  update.mutable_teacher()->set_id(teacher.id());
  update.mutable_teacher()->set_left_on(Day(0));
  Must<exchange::Teacher>("TeacherService/UpdateTeacher", update);
  ExpectStale(proposal.id(), "the teacher has left");
  update.mutable_update_mask()->add_paths("left_on");
  update.mutable_teacher()->clear_left_on();
  Must<exchange::Teacher>("TeacherService/UpdateTeacher", update);
  exchange::UpdateTeacherRequest move;
  move.mutable_teacher()->set_id(teacher.id());
  move.mutable_teacher()->set_school_id(near_rural_);
  Must<exchange::Teacher>("TeacherService/UpdateTeacher", move);
  ExpectStale(proposal.id(), "the teacher has left");
}

TEST_F(ExchangeProposals, ATakenVacancyOrAFullQuotaStopsIt) {
  const auto quota = Quota(1);
  const auto vacancy = Vacancy(far_rural_, alliance_id_);
  Teacher(near_school_);
  const auto proposal = Propose(Question());
  ASSERT_EQ(proposal.lines_size(), 1);
  const auto withdrawn = Step<exchange::Vacancy>("Vacancy", "Withdraw", vacancy.id());
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  ExpectStale(proposal.id(), "the vacancy is filled, withdrawn");
  ASSERT_TRUE(Reopen(vacancy.id()).ok());
  auto other = NewAssignment(Teacher(near_school_), far_rural_);
  other.mutable_assignment()->set_quota_id(quota.id());
  other.mutable_assignment()->set_alliance_id(alliance_id_);
  const auto nominated = Nominate(other);
  ExpectStale(proposal.id(), "the quota has too few places left");
  ASSERT_TRUE(Step<exchange::Assignment>("Assignment", "Withdraw", nominated.id()).ok());
  EXPECT_TRUE(TryApprove(proposal.id()).ok()) << "all is as it was";
}

TEST_F(ExchangeProposals, WhoIsAwayIsNotAsked) {
  Quota(2);
  Vacancy(far_rural_, alliance_id_);
  const auto away = Teacher(near_school_);
  Nominate(NewAssignment(away, far_school_));
  const auto partly = Teacher(near_school_);
  Nominate(NewAssignment(partly, far_school_, 40));
  const auto whole = Propose(Question());
  EXPECT_EQ(whole.lines_size(), 0);
  EXPECT_EQ(ReasonOf(whole, away.id()), exchange::PROPOSAL_REASON_ALREADY_AWAY);
  EXPECT_EQ(ReasonOf(whole, partly.id()), exchange::PROPOSAL_REASON_ALREADY_AWAY);
  auto question = Question();
  question.set_weekly_share_percent(60);
  const auto shared = Propose(question);
  ASSERT_EQ(shared.lines_size(), 1);
  EXPECT_EQ(shared.lines(0).teacher_id(), partly.id());
}

// A second post of the same teacher would fill no second place.
TEST_F(ExchangeProposals, WhoHasAPlaceIsNotAskedToFillIt) {
  const auto quota = Quota(3);
  Vacancy(far_rural_, alliance_id_);
  const auto half = [&](const exchange::Teacher& teacher) {
    auto request = NewAssignment(teacher, far_rural_, 50);
    request.mutable_assignment()->set_quota_id(quota.id());
    request.mutable_assignment()->set_alliance_id(alliance_id_);
    Nominate(request);
  };
  const auto placed = Teacher(near_school_);
  half(placed);
  const auto free = Teacher(near_school_);
  auto question = Question();
  question.set_weekly_share_percent(50);
  const auto proposal = Propose(question);
  ASSERT_EQ(proposal.lines_size(), 1) << proposal.DebugString();
  EXPECT_EQ(proposal.lines(0).teacher_id(), free.id());
  EXPECT_EQ(proposal.teacher_count(), 2);
  EXPECT_EQ(ReasonOf(proposal, placed.id()), exchange::PROPOSAL_REASON_NO_QUOTA);
  half(free);
  ExpectStale(proposal.id(), "has a place in the quota");
}

TEST_F(ExchangeProposals, LimitsOnSchoolsAndPersonsHold) {
  Quota(3);
  for (int i = 0; i < 3; ++i) Vacancy(far_rural_, alliance_id_);
  std::vector<exchange::Teacher> teachers;
  for (int i = 0; i < 3; ++i) teachers.push_back(Teacher(near_school_));
  auto young = NewTeacher(near_school_);
  young.mutable_teacher()->set_at_school_since("2025-09-01");
  const auto newcomer = Must<exchange::Teacher>("TeacherService/CreateTeacher", young);
  auto question = Question();
  question.mutable_limits()->set_school_years_min(6);
  const auto settled = Propose(question);
  EXPECT_EQ(settled.teacher_count(), 3) << "the newcomer is not eligible";
  EXPECT_EQ(ReasonOf(settled, newcomer.id()), exchange::PROPOSAL_REASON_SCHOOL_YEARS);
  auto* minimum = question.mutable_limits()->add_school_minimums();
  minimum->set_school_id(near_school_);
  minimum->set_teacher_count(2);
  const auto kept = Propose(question);
  EXPECT_EQ(kept.lines_size(), 2) << "four are there, two stay";
  question.mutable_limits()->clear_school_minimums();
  question.mutable_limits()->set_staying_share_min(0.6);
  const auto share = Propose(question);
  ASSERT_EQ(share.lines_size(), 1) << "three of four stay";
  int at_minimum = 0;
  for (const auto& teacher : teachers)
    at_minimum += ReasonOf(share, teacher.id()) == exchange::PROPOSAL_REASON_SCHOOL_MINIMUM ? 1 : 0;
  EXPECT_EQ(at_minimum, 2);
  question = Question();
  question.mutable_limits()->set_same_jurisdiction(true);
  const auto near = Propose(question);
  EXPECT_EQ(near.lines_size(), 0);
  EXPECT_EQ(ReasonOf(near, teachers[0].id()), exchange::PROPOSAL_REASON_OUT_OF_REACH);
  question = Question();
  question.mutable_limits()->add_teacher_ids(teachers[1].id());
  const auto chosen = Propose(question);
  ASSERT_EQ(chosen.lines_size(), 1);
  EXPECT_EQ(chosen.lines(0).teacher_id(), teachers[1].id());
}

TEST_F(ExchangeProposals, WhoIsNamedIsAccountedFor) {
  Quota(1);
  Vacancy(far_rural_, alliance_id_);
  const auto withdrawn = Vacancy(far_rural_, alliance_id_);
  ASSERT_TRUE(Step<exchange::Vacancy>("Vacancy", "Withdraw", withdrawn.id()).ok());
  auto gone = NewTeacher(near_school_);
  gone.mutable_teacher()->set_left_on(Day(-100));
  const auto left = Must<exchange::Teacher>("TeacherService/CreateTeacher", gone);
  gone.mutable_teacher()->set_person_ref("leaves soon");
  gone.mutable_teacher()->set_left_on(Day(5));
  const auto leaves = Must<exchange::Teacher>("TeacherService/CreateTeacher", gone);
  const auto unasked = Propose(Question());
  EXPECT_EQ(ReasonOf(unasked, leaves.id()), exchange::PROPOSAL_REASON_LEAVES_SERVICE);
  EXPECT_EQ(ReasonOf(unasked, left.id()), exchange::PROPOSAL_REASON_UNSPECIFIED) << "is history";
  auto question = Question();
  const std::string nobody = base::RandomId();
  question.mutable_limits()->add_teacher_ids(left.id());
  question.mutable_limits()->add_teacher_ids(nobody);
  question.mutable_limits()->add_vacancy_ids(withdrawn.id());
  question.mutable_limits()->add_quota_ids(base::RandomId());
  const auto named = Propose(question);
  EXPECT_EQ(ReasonOf(named, left.id()), exchange::PROPOSAL_REASON_LEAVES_SERVICE);
  EXPECT_EQ(ReasonOf(named, nobody), exchange::PROPOSAL_REASON_NOT_AVAILABLE);
  EXPECT_EQ(ReasonOf(named, withdrawn.id()), exchange::PROPOSAL_REASON_NOT_AVAILABLE);
  ASSERT_EQ(named.quota_results_size(), 1);
  EXPECT_EQ(named.quota_results(0).reason(), exchange::PROPOSAL_REASON_NOT_AVAILABLE);
  question = Question();
  question.set_type(exchange::ASSIGNMENT_TYPE_RESERVE_CADRE_TRAINING);
  const auto teacher = Teacher(near_school_);
  question.mutable_limits()->add_teacher_ids(teacher.id());
  EXPECT_EQ(ReasonOf(Propose(question), teacher.id()), exchange::PROPOSAL_REASON_NO_RESERVE_CADRE);
}

TEST_F(ExchangeProposals, TheBackboneShareHolds) {
  Quota(3);
  for (int i = 0; i < 3; ++i) Vacancy(far_rural_, alliance_id_);
  Teacher(near_school_);
  Teacher(near_school_);
  auto request = NewTeacher(near_school_);
  request.mutable_teacher()->set_backbone_level(exchange::RECOGNITION_LEVEL_COUNTY);
  Must<exchange::Teacher>("TeacherService/CreateTeacher", request);
  auto question = Question();
  question.mutable_limits()->set_backbone_share_min(0.5);
  const auto proposal = Propose(question);
  EXPECT_EQ(proposal.move_count(), 2);
  EXPECT_EQ(proposal.backbone_move_count(), 1);
  EXPECT_EQ(proposal.fillable_count(), 3);
  ASSERT_EQ(proposal.quota_results_size(), 1);
  EXPECT_EQ(proposal.quota_results(0).reason(), exchange::PROPOSAL_REASON_BACKBONE_SHARE);
}

TEST_F(ExchangeProposals, QuotasOfPlacesAreFilledByTheirSchools) {
  const auto place = Quota(1, true);
  const auto vacancy = Vacancy(far_school_);
  const auto near = Teacher(near_school_);
  const auto far = Teacher(far_rural_);
  const auto proposal = Propose(Question());
  ASSERT_EQ(proposal.lines_size(), 1);
  EXPECT_EQ(proposal.lines(0).teacher_id(), near.id());
  EXPECT_EQ(proposal.lines(0).quota_id(), place.id());
  EXPECT_EQ(ReasonOf(proposal, far.id()), exchange::PROPOSAL_REASON_NO_QUOTA);
  EXPECT_TRUE(TryApprove(proposal.id()).ok());
  Quota(1);
  const absl::Status both = TryPropose(Question()).status();
  EXPECT_TRUE(absl::IsInvalidArgument(both)) << both;
  auto question = Question();
  question.mutable_limits()->add_quota_ids(place.id());
  EXPECT_TRUE(TryPropose(question).ok()) << "of one kind";
}

TEST_F(ExchangeProposals, EachSeesAndDoesWhatIsInSight) {
  Quota(1);
  Vacancy(far_rural_, alliance_id_);
  const auto vacancy = Vacancy(near_rural_);
  const auto teacher = Teacher(near_school_);
  EXPECT_TRUE(absl::IsInvalidArgument(TryPropose(Question(), "near").status())) << "the city is not theirs";
  auto question = Question();
  question.set_jurisdiction_id(near_id_);
  const auto own = TryPropose(question, "near");
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(own->vacancy_count(), 1);
  EXPECT_EQ(own->teacher_count(), 1);
  EXPECT_TRUE(absl::IsPermissionDenied(TryPropose(question, "reader").status()));
  EXPECT_TRUE(Read<exchange::AssignmentProposal>("AssignmentProposal", own->id(), "city").ok());
  EXPECT_TRUE(
      absl::IsNotFound(Read<exchange::AssignmentProposal>("AssignmentProposal", own->id(), "far").status()));
  const auto proposal = Propose(Question());
  EXPECT_TRUE(absl::IsNotFound(TryApprove(proposal.id(), "near").status()));
  const auto rejected =
      Step<exchange::AssignmentProposal>("AssignmentProposal", "Reject", proposal.id(), "city");
  ASSERT_TRUE(rejected.ok()) << rejected.status();
  EXPECT_EQ(rejected->reject_reason(), "说明原因");
  EXPECT_TRUE(absl::IsFailedPrecondition(TryApprove(proposal.id()).status()));
}

TEST_F(ExchangeProposals, AVacancyIsFilledByItsOwnAssignmentAndFreeAgainAfterIt) {
  const auto vacancy = Vacancy(far_rural_, alliance_id_);
  const auto twin = Vacancy(far_rural_, alliance_id_);
  const auto wrong = Nominate(NewAssignment(Teacher(near_school_), far_school_));
  EXPECT_TRUE(absl::IsInvalidArgument(Fill(vacancy.id(), wrong.id()).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Fill(vacancy.id(), base::RandomId()).status()));
  auto fitting = NewAssignment(Teacher(near_school_), far_rural_);
  const auto outside = Nominate(fitting);
  EXPECT_TRUE(absl::IsInvalidArgument(Fill(vacancy.id(), outside.id()).status())) << "of no alliance";
  fitting.mutable_assignment()->set_alliance_id(alliance_id_);
  const auto right = Nominate(fitting);
  const auto filled = Fill(vacancy.id(), right.id(), "city");
  ASSERT_TRUE(filled.ok()) << filled.status();
  EXPECT_EQ(filled->filled_on(), Day(0));
  EXPECT_TRUE(absl::IsAlreadyExists(Fill(twin.id(), right.id()).status())) << "nobody takes two posts";
  EXPECT_TRUE(absl::IsFailedPrecondition(Fill(vacancy.id(), right.id()).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Reopen(vacancy.id()).status())) << "somebody has it";
  ASSERT_TRUE(Step<exchange::Assignment>("Assignment", "Withdraw", right.id()).ok());
  const auto open = Reopen(vacancy.id());
  ASSERT_TRUE(open.ok()) << open.status();
  EXPECT_EQ(open->state(), exchange::VACANCY_STATE_OPEN);
  EXPECT_EQ(open->assignment_id(), "");
  EXPECT_EQ(open->filled_on(), "");
  EXPECT_TRUE(absl::IsFailedPrecondition(Reopen(vacancy.id()).status()));
  const auto withdrawn = Step<exchange::Vacancy>("Vacancy", "Withdraw", vacancy.id());
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  EXPECT_EQ(withdrawn->withdrawn_on(), Day(0));
  EXPECT_TRUE(absl::IsFailedPrecondition(Fill(vacancy.id(), right.id()).status()));
  const auto again = Reopen(vacancy.id());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->withdraw_reason(), "");
}

TEST_F(ExchangeProposals, WhoFillsAPostStaysWhatItAsksFor) {
  auto fitting = NewAssignment(Teacher(near_school_), far_rural_);
  fitting.mutable_assignment()->set_alliance_id(alliance_id_);
  const auto assignment = Nominate(fitting);
  const auto change = [&](void (*set)(exchange::Assignment*)) {
    exchange::UpdateAssignmentRequest update;
    update.mutable_assignment()->set_id(assignment.id());
    set(update.mutable_assignment());
    return exchange_.Call<exchange::Assignment>("AssignmentService/UpdateAssignment", update, "school")
        .status()
        .ToString();
  };
  const auto to_music = [](exchange::Assignment* a) { a->set_subject(type::v1::SUBJECT_MUSIC); };
  const auto to_junior = [](exchange::Assignment* a) { a->set_stage(type::v1::STAGE_JUNIOR); };
  const auto vacancy = Vacancy(far_rural_, alliance_id_);
  ASSERT_TRUE(Fill(vacancy.id(), assignment.id()).ok());
  EXPECT_THAT(change(to_music), HasSubstr("subject"));
  EXPECT_THAT(change(to_junior), HasSubstr("stage"));
  EXPECT_THAT(change([](exchange::Assignment* a) { a->set_host_role(exchange::HOST_ROLE_MENTOR); }),
              HasSubstr("hostRole"));
  EXPECT_EQ(change([](exchange::Assignment* a) { a->set_tasks("任教五年级"); }), "OK");
  ASSERT_TRUE(Step<exchange::Assignment>("Assignment", "Approve", assignment.id()).ok());
  EXPECT_THAT(change(to_music), HasSubstr("was approved"));
  const auto junior = Nominate([&] {
    fitting.mutable_assignment()->set_teacher_id(Teacher(near_school_).id());
    fitting.mutable_assignment()->set_stage(type::v1::STAGE_JUNIOR);
    return fitting;
  }());
  const auto twin = Vacancy(far_rural_, alliance_id_);
  EXPECT_THAT(Fill(twin.id(), junior.id()).status().ToString(), HasSubstr("another stage"));
}

TEST_F(ExchangeProposals, TheSideOfTheSchoolWritesAVacancyAndTheAllianceReadsIt) {
  const auto vacancy = Vacancy(far_rural_, alliance_id_);
  const auto see = [&](const char* token) {
    return Read<exchange::Vacancy>("Vacancy", vacancy.id(), token).status();
  };
  EXPECT_TRUE(see("far").ok());
  EXPECT_TRUE(see("near").ok()) << "a party of the alliance";
  exchange::UpdateVacancyRequest update;
  update.mutable_vacancy()->set_id(vacancy.id());
  update.mutable_vacancy()->set_description("急需");
  const auto change = [&](const char* token) {
    return exchange_.Call<exchange::Vacancy>("VacancyService/UpdateVacancy", update, token).status();
  };
  EXPECT_TRUE(change("far").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(change("near")));
  const auto own = Vacancy(far_rural_);
  EXPECT_TRUE(absl::IsNotFound(Read<exchange::Vacancy>("Vacancy", own.id(), "near").status()));
}

}  // namespace
}  // namespace lianqiao::conformance
