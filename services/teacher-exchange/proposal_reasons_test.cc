// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/proposal_reasons.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace lianqiao::exchange {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

// One teacher at "from", one post at "host", one quota with one place: everything fits.
ProposalProblem One() {
  ProposalProblem problem;
  for (const char* id : {"from", "host"}) {
    ProposalSchool school;
    school.id = id;
    school.jurisdiction_id = id;
    school.movable_count = 10;
    school.sides["alliance"] = 0;
    problem.schools.push_back(school);
  }
  ProposalTeacher teacher;
  teacher.id = "t0";
  teacher.subjects = {2};
  teacher.stages = {2};
  problem.teachers.push_back(teacher);
  ProposalPost post;
  post.id = "p0";
  post.school = 1;
  post.subject = 2;
  post.stage = 2;
  post.alliance_id = "alliance";
  post.quotas = {0};
  problem.posts.push_back(post);
  problem.quotas.push_back({"q0", 1});
  return problem;
}

ProposalReasons Explain(const ProposalProblem& problem) {
  const auto pairs = PairsOf(problem, absl::InfiniteFuture());
  EXPECT_TRUE(pairs.ok()) << pairs.status();
  const auto solution = SolveProposal(problem, *pairs, absl::InfiniteFuture());
  EXPECT_TRUE(solution.ok()) << solution.status();
  return ReasonsOf(problem, *pairs, *solution);
}

void Expect(const ProposalProblem& problem, v1::ProposalReason teacher, v1::ProposalReason post,
            v1::ProposalReason quota) {
  const ProposalReasons reasons = Explain(problem);
  EXPECT_THAT(reasons.teachers, Each(teacher));
  EXPECT_THAT(reasons.posts, Each(post));
  EXPECT_THAT(reasons.quotas, Each(quota));
}

void ExpectAll(const ProposalProblem& problem, v1::ProposalReason reason) {
  Expect(problem, reason, reason, reason);
}

TEST(ProposalReasons, WhatFitsNeedsNone) {
  ExpectAll(One(), v1::PROPOSAL_REASON_UNSPECIFIED);
}

TEST(ProposalReasons, EveryHurdleOfAPairIsNamed) {
  ProposalProblem problem = One();
  problem.posts[0].subject = 3;
  ExpectAll(problem, v1::PROPOSAL_REASON_NO_SUCH_SUBJECT);
  problem = One();
  problem.posts[0].stage = 3;
  ExpectAll(problem, v1::PROPOSAL_REASON_NO_SUCH_SUBJECT);
  problem = One();
  problem.posts[0].school = 0;
  ExpectAll(problem, v1::PROPOSAL_REASON_OWN_SCHOOL);
  problem = One();
  problem.schools[0].sides.clear();
  ExpectAll(problem, v1::PROPOSAL_REASON_OUTSIDE_ALLIANCE);
  problem = One();
  problem.schools[0].sides["alliance"] = problem.schools[1].sides["alliance"] = 1;
  ExpectAll(problem, v1::PROPOSAL_REASON_OUTSIDE_ALLIANCE);
  problem = One();
  problem.limits.same_jurisdiction = true;
  ExpectAll(problem, v1::PROPOSAL_REASON_OUT_OF_REACH);
  problem = One();
  problem.limits.distance_km_max = 30;  // Nobody knows where the schools lie.
  ExpectAll(problem, v1::PROPOSAL_REASON_OUT_OF_REACH);
  problem = One();
  problem.posts[0].cadre_rank_min = 2;
  ExpectAll(problem, v1::PROPOSAL_REASON_RANK_MISSING);
  problem = One();
  problem.posts[0].backbone_required = true;
  ExpectAll(problem, v1::PROPOSAL_REASON_RANK_MISSING);
}

TEST(ProposalReasons, WithoutAQuotaNobodyMoves) {
  ProposalProblem problem = One();
  problem.posts[0].quotas.clear();
  Expect(problem, v1::PROPOSAL_REASON_NO_QUOTA, v1::PROPOSAL_REASON_NO_QUOTA, v1::PROPOSAL_REASON_NO_VACANCY);
}

TEST(ProposalReasons, OneSideIsEmpty) {
  ProposalProblem problem = One();
  problem.teachers.clear();
  const ProposalReasons nobody = Explain(problem);
  EXPECT_THAT(nobody.posts, ElementsAre(v1::PROPOSAL_REASON_NO_TEACHER));
  problem = One();
  problem.posts.clear();
  const ProposalReasons nothing = Explain(problem);
  EXPECT_THAT(nothing.teachers, ElementsAre(v1::PROPOSAL_REASON_NO_VACANCY));
  EXPECT_THAT(nothing.quotas, ElementsAre(v1::PROPOSAL_REASON_NO_VACANCY));
}

TEST(ProposalReasons, ASchoolAtItsMinimumKeepsItsTeachers) {
  ProposalProblem problem = One();
  problem.schools[0].movable_count = 0;
  ExpectAll(problem, v1::PROPOSAL_REASON_SCHOOL_MINIMUM);
}

TEST(ProposalReasons, OthersTookThePostTheTeacherOrThePlace) {
  ProposalProblem problem = One();
  problem.teachers.push_back(problem.teachers[0]);
  problem.teachers[1].id = "t1";
  EXPECT_THAT(Explain(problem).teachers,
              ElementsAre(v1::PROPOSAL_REASON_UNSPECIFIED, v1::PROPOSAL_REASON_VACANCY_TAKEN));
  problem = One();
  problem.posts.push_back(problem.posts[0]);
  problem.posts[1].id = "p1";
  problem.quotas[0].missing_count = 2;
  EXPECT_THAT(Explain(problem).posts,
              ElementsAre(v1::PROPOSAL_REASON_UNSPECIFIED, v1::PROPOSAL_REASON_TEACHER_TAKEN));
  EXPECT_THAT(Explain(problem).quotas, ElementsAre(v1::PROPOSAL_REASON_TEACHER_TAKEN));
  problem.teachers.push_back(problem.teachers[0]);
  problem.teachers[1].id = "t1";
  problem.quotas[0].missing_count = 1;
  EXPECT_THAT(Explain(problem).posts,
              ElementsAre(v1::PROPOSAL_REASON_UNSPECIFIED, v1::PROPOSAL_REASON_QUOTA_FULL));
  EXPECT_THAT(Explain(problem).teachers,
              ElementsAre(v1::PROPOSAL_REASON_UNSPECIFIED, v1::PROPOSAL_REASON_QUOTA_FULL));
  EXPECT_THAT(Explain(problem).quotas, ElementsAre(v1::PROPOSAL_REASON_UNSPECIFIED));
}

TEST(ProposalReasons, TheBackboneShareHoldsBack) {
  ProposalProblem problem = One();
  problem.limits.backbone_share_min = 0.5;
  ExpectAll(problem, v1::PROPOSAL_REASON_BACKBONE_SHARE);
}

TEST(ProposalReasons, QuotasOfPlacesLookAtTheSendingSchool) {
  ProposalProblem problem = One();
  problem.quotas_by_school = true;
  problem.posts[0].quotas.clear();
  Expect(problem, v1::PROPOSAL_REASON_NO_QUOTA, v1::PROPOSAL_REASON_NO_QUOTA, v1::PROPOSAL_REASON_NO_TEACHER);
  problem.schools[0].quotas = {0};
  ExpectAll(problem, v1::PROPOSAL_REASON_UNSPECIFIED);
}

TEST(ProposalReasons, TheNearestOfSeveralHurdlesIsTold) {
  ProposalProblem problem = One();
  problem.teachers[0].subjects = {2, 3};
  problem.posts[0].cadre_rank_min = 2;        // Fails at the rank,
  problem.posts.push_back(problem.posts[0]);  // and this one at the subject.
  problem.posts[1].id = "p1";
  problem.posts[1].subject = 9;
  EXPECT_THAT(Explain(problem).teachers, ElementsAre(v1::PROPOSAL_REASON_RANK_MISSING));
}

}  // namespace
}  // namespace lianqiao::exchange
