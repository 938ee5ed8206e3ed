// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/proposal_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "services/teacher-exchange/rules_testing.h"

namespace lianqiao::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::AssignmentProposal;

// Two teachers of one school, two posts of another, a quota of two places of which one is taken.
ProposalFacts Facts() {
  ProposalFacts facts;
  ProposalProblem& problem = facts.problem;
  for (const char* id : {"from", "host"}) {
    problem.schools.emplace_back();
    problem.schools.back().id = id;
    problem.schools.back().movable_count = 2;
  }
  for (const char* id : {"t0", "t1"}) {
    problem.teachers.emplace_back();
    problem.teachers.back().id = id;
  }
  problem.teachers[0].backbone = true;
  for (const char* id : {"p0", "p1"}) {
    problem.posts.emplace_back();
    problem.posts.back().id = id;
    problem.posts.back().school = 1;
    problem.posts.back().quotas = {0};
    facts.host_roles.push_back(v1::HOST_ROLE_TEACHER);
  }
  problem.quotas.push_back({"q", 1});
  facts.counts.push_back({"q", 2, 1});
  return facts;
}

AssignmentProposal Proposal(const ProposalFacts& facts) {
  const auto pairs = PairsOf(facts.problem, absl::InfiniteFuture());
  EXPECT_TRUE(pairs.ok()) << pairs.status();
  const auto solution = SolveProposal(facts.problem, *pairs, absl::InfiniteFuture());
  EXPECT_TRUE(solution.ok()) << solution.status();
  AssignmentProposal proposal;
  Describe(facts, *solution, ReasonsOf(facts.problem, *pairs, *solution), &proposal);
  return proposal;
}

TEST(ProposalRules, TheAnswerAccountsForEverybody) {
  ProposalFacts facts = Facts();
  facts.away.emplace_back("t2", "from");
  facts.placed.emplace_back("t3", "from");
  facts.due.push_back({"old", 3, 1});
  const AssignmentProposal proposal = Proposal(facts);
  ASSERT_EQ(proposal.lines_size(), 1);
  EXPECT_EQ(proposal.lines(0).quota_id(), "q");
  EXPECT_EQ(proposal.lines(0).from_school_id(), "from");
  EXPECT_EQ(proposal.lines(0).to_school_id(), "host");
  EXPECT_FALSE(proposal.lines(0).has_distance_km());
  EXPECT_EQ(proposal.teacher_count(), 4);
  EXPECT_EQ(proposal.vacancy_count(), 2);
  EXPECT_EQ(proposal.missing_count(), 1);
  EXPECT_EQ(proposal.move_count(), 1);
  int teachers = 0;
  int vacancies = 0;
  for (const v1::ProposalRefusal& refusal : proposal.refusals()) {
    teachers += refusal.teacher_ids_size();
    vacancies += refusal.vacancy_ids_size();
    EXPECT_FALSE(refusal.reason_zh().empty());
    EXPECT_FALSE(refusal.reason_en().empty());
    if (refusal.reason() == v1::PROPOSAL_REASON_ALREADY_AWAY)
      EXPECT_THAT(refusal.teacher_ids(), ElementsAre("t2"));
    else if (refusal.reason() == v1::PROPOSAL_REASON_NO_QUOTA)
      EXPECT_THAT(refusal.teacher_ids(), ElementsAre("t3"));
    else
      EXPECT_EQ(refusal.reason(), v1::PROPOSAL_REASON_QUOTA_FULL);
  }
  EXPECT_EQ(teachers + proposal.move_count(), proposal.teacher_count());
  EXPECT_EQ(vacancies + proposal.move_count(), proposal.vacancy_count());
  ASSERT_EQ(proposal.quota_results_size(), 2);
  EXPECT_EQ(proposal.quota_results(0).move_count(), 1);
  EXPECT_EQ(proposal.quota_results(0).reason(), v1::PROPOSAL_REASON_UNSPECIFIED);
  EXPECT_EQ(proposal.quota_results(1).reason(), v1::PROPOSAL_REASON_ALREADY_DUE);
}

TEST(ProposalRules, TheAnswerExplainsWhomTheLimitsLeaveOut) {
  ProposalFacts facts = Facts();
  facts.left_out_teachers = {{v1::PROPOSAL_REASON_SCHOOL_YEARS, "t2", "from"},
                             {v1::PROPOSAL_REASON_NOT_AVAILABLE, "t3", ""}};
  facts.left_out_posts = {{v1::PROPOSAL_REASON_NOT_AVAILABLE, "p2", ""}};
  facts.unknown_quotas = {"other"};
  const AssignmentProposal proposal = Proposal(facts);
  std::map<v1::ProposalReason, std::string> told;
  for (const v1::ProposalRefusal& refusal : proposal.refusals()) {
    for (const std::string& id : refusal.teacher_ids()) told[refusal.reason()] += id;
    for (const std::string& id : refusal.vacancy_ids()) told[refusal.reason()] += id;
  }
  EXPECT_EQ(told[v1::PROPOSAL_REASON_SCHOOL_YEARS], "t2");
  EXPECT_EQ(told[v1::PROPOSAL_REASON_NOT_AVAILABLE], "t3p2");
  EXPECT_EQ(proposal.teacher_count(), 2) << "who met the limits";
  ASSERT_EQ(proposal.quota_results_size(), 2);
  EXPECT_EQ(proposal.quota_results(1).quota_id(), "other");
  EXPECT_EQ(proposal.quota_results(1).reason(), v1::PROPOSAL_REASON_NOT_AVAILABLE);
}

TEST(ProposalRules, ALineHoldsOnlyWhileItsFactsDo) {
  const auto stale = [](const ProposalFacts& facts) {
    ProposalFacts before = Facts();
    before.problem.quotas[0].missing_count = 2;
    const AssignmentProposal proposal = Proposal(before);
    EXPECT_EQ(proposal.lines_size(), 2);
    return FieldsOf(StaleLines(facts, proposal));
  };
  ProposalFacts facts = Facts();
  facts.problem.quotas[0].missing_count = 2;
  EXPECT_THAT(stale(facts), IsEmpty());
  const ProposalFacts good = facts;
  facts.problem.teachers.pop_back();
  EXPECT_EQ(stale(facts).size(), 1u) << "one teacher has left";
  facts = good;
  facts.placed.emplace_back(facts.problem.teachers.back().id, "from");
  facts.problem.teachers.pop_back();
  EXPECT_EQ(stale(facts).size(), 1u) << "one teacher has a place by now";
  facts = good;
  facts.problem.teachers[1].school = 1;
  EXPECT_EQ(stale(facts).size(), 1u) << "one teacher is elsewhere";
  facts = good;
  facts.problem.posts.erase(facts.problem.posts.begin());
  EXPECT_THAT(stale(facts), ElementsAre("lines[0]")) << "one post is taken";
  facts = good;
  facts.problem.quotas[0].missing_count = 1;
  EXPECT_THAT(stale(facts), ElementsAre("lines[0]", "lines[1]")) << "one place is taken";
  facts = good;
  facts.problem.quotas.clear();
  EXPECT_EQ(stale(facts).size(), 2u);
  facts = good;
  facts.problem.schools[0].movable_count = 1;
  EXPECT_THAT(stale(facts), ElementsAre("lines[0]", "lines[1]")) << "the school needs one of them";
  facts = good;
  facts.problem.posts[1].cadre_rank_min = 2;
  EXPECT_THAT(stale(facts), ElementsAre("lines[1]")) << "the post asks for more";
  facts = good;
  facts.problem.limits.backbone_share_min = 0.6;
  EXPECT_THAT(stale(facts), ElementsAre("limits.backboneShareMin"));
}

TEST(ProposalRules, TheQuestionIsClear) {
  v1::ProposeAssignmentsRequest request;
  request.set_type(v1::ASSIGNMENT_TYPE_SUPPORT_TEACHING);
  request.set_planned_from("2026-09-01");
  request.set_planned_until("2027-08-31");
  EXPECT_THAT(CheckProposalRequest(request), IsEmpty());
  request.set_rotation_kind(v1::ROTATION_KIND_WITHIN_GROUP);
  EXPECT_THAT(FieldsOf(CheckProposalRequest(request)), ElementsAre("rotationKind"));
  request.set_type(v1::ASSIGNMENT_TYPE_ROTATION);
  EXPECT_THAT(CheckProposalRequest(request), IsEmpty());
  request.clear_rotation_kind();
  EXPECT_THAT(FieldsOf(CheckProposalRequest(request)), ElementsAre("rotationKind"));
  request.set_type(v1::ASSIGNMENT_TYPE_SUPPORT_TEACHING);
  request.set_planned_until("2026-08-31");
  EXPECT_THAT(FieldsOf(CheckProposalRequest(request)), ElementsAre("plannedUntil"));
  request.set_planned_until("2026-09-01");
  for (int i = 0; i < 2; ++i) request.mutable_limits()->add_school_minimums()->set_school_id("s");
  EXPECT_THAT(FieldsOf(CheckProposalRequest(request)), ElementsAre("limits.schoolMinimums[1].schoolId"));
}

TEST(ProposalRules, TheWholeWeekUnlessSaidOtherwise) {
  v1::ProposeAssignmentsRequest request;
  EXPECT_EQ(ProposalOf(request).weekly_share_percent(), 100);
  request.set_weekly_share_percent(40);
  EXPECT_EQ(ProposalOf(request).weekly_share_percent(), 40);
}

}  // namespace
}  // namespace lianqiao::exchange
