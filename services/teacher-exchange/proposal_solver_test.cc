// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/proposal_solver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace lianqiao::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kMathematics = 2;
constexpr int kEnglish = 3;
constexpr int kPrimary = 2;

ProposalSolution Solve(const ProposalProblem& problem) {
  const auto pairs = PairsOf(problem, absl::InfiniteFuture());
  EXPECT_TRUE(pairs.ok()) << pairs.status();
  auto solution = SolveProposal(problem, *pairs, absl::InfiniteFuture());
  EXPECT_TRUE(solution.ok()) << solution.status();
  EXPECT_TRUE(FaultsOf(problem, solution->moves).empty());
  return *std::move(solution);
}

// What must be the same however good sets differ otherwise.
struct Worth {
  int moves = 0;
  int kilometres = 0;
};

// Every set of moves, one post after the other. `least_kilometres` counts only among sets of the most moves.
class Exhaustive {
 public:
  explicit Exhaustive(const ProposalProblem& problem) : problem_(problem), used_(problem.teachers.size()) {
    Try(0, 0);
  }
  const Worth& best() const { return best_; }

 private:
  void Try(size_t post, int kilometres) {
    const int moves = static_cast<int>(moves_.size());
    if (post == problem_.posts.size()) {
      if (!FaultsOf(problem_, moves_).empty()) return;
      if (moves > best_.moves || (moves == best_.moves && kilometres < best_.kilometres))
        best_ = {moves, kilometres};
      return;
    }
    Try(post + 1, kilometres);
    for (size_t t = 0; t < problem_.teachers.size(); ++t) {
      const ProposalTeacher& teacher = problem_.teachers[t];
      if (used_[t] || HurdleOf(problem_, teacher, problem_.posts[post]) != Hurdle::kNone) continue;
      const int far =
          KilometresBetween(problem_.schools[teacher.school], problem_.schools[problem_.posts[post].school]);
      used_[t] = true;
      for (const int quota : problem_.QuotasOf(teacher, problem_.posts[post])) {
        moves_.push_back({static_cast<int>(t), static_cast<int>(post), quota});
        Try(post + 1, kilometres + far);
        moves_.pop_back();
      }
      used_[t] = false;
    }
  }

  const ProposalProblem& problem_;
  std::vector<bool> used_;
  std::vector<ProposalMove> moves_;
  Worth best_;
};

class Dice {
 public:
  explicit Dice(int seed) : engine_(static_cast<unsigned>(seed)) {}
  int Below(int bound) { return static_cast<int>(engine_() % static_cast<unsigned>(bound)); }
  bool Chance(int percent) { return Below(100) < percent; }

 private:
  std::mt19937 engine_;
};

std::vector<int> SomeOf(Dice& dice, int count) {
  std::vector<int> some;
  for (int i = 0; i < count; ++i)
    if (dice.Chance(60)) some.push_back(i);
  return some;
}

// Small enough to try everything, crowded enough that every limit bites somewhere.
ProposalProblem Random(int seed) {
  Dice dice(seed);
  ProposalProblem problem;
  problem.quotas_by_school = dice.Chance(50);
  const int quotas = 1 + dice.Below(2);
  for (int i = 0; i < quotas; ++i) problem.quotas.push_back({absl::StrCat("q", i), 1 + dice.Below(3)});
  const int schools = 2 + dice.Below(3);
  for (int i = 0; i < schools; ++i) {
    ProposalSchool school;
    school.id = absl::StrCat("s", i);
    school.jurisdiction_id = dice.Chance(50) ? "near" : "far";
    school.located = true;
    school.longitude = 107.0 + 0.1 * dice.Below(5);
    school.latitude = 34.0 + 0.1 * dice.Below(5);
    school.movable_count = 1 + dice.Below(2) - (dice.Chance(15) ? 1 : 0);
    if (dice.Chance(70)) school.sides["a"] = dice.Below(3);
    if (problem.quotas_by_school) school.quotas = SomeOf(dice, quotas);
    problem.schools.push_back(school);
  }
  const int teachers = 3 + dice.Below(5);
  for (int i = 0; i < teachers; ++i) {
    ProposalTeacher teacher;
    teacher.id = absl::StrCat("t", i);
    teacher.school = dice.Below(schools);
    teacher.subjects = {kMathematics};
    if (dice.Chance(40)) teacher.subjects.push_back(kEnglish);
    teacher.stages = {kPrimary};
    teacher.backbone = dice.Chance(35);
    teacher.cadre_rank = dice.Below(3);
    problem.teachers.push_back(teacher);
  }
  const int posts = 2 + dice.Below(3);
  for (int i = 0; i < posts; ++i) {
    ProposalPost post;
    post.id = absl::StrCat("p", i);
    post.school = dice.Below(schools);
    post.subject = dice.Chance(20) ? 0 : dice.Chance(60) ? kMathematics : kEnglish;
    post.stage = kPrimary;
    post.cadre_rank_min = dice.Chance(80) ? 0 : 2;
    post.backbone_required = dice.Chance(10);
    if (dice.Chance(30)) post.alliance_id = "a";
    if (!problem.quotas_by_school) post.quotas = SomeOf(dice, quotas);
    problem.posts.push_back(post);
  }
  problem.limits.same_jurisdiction = dice.Chance(15);
  problem.limits.distance_km_max = dice.Chance(20) ? 25 : 0;
  const double shares[] = {0, 0, 0.2, 0.3, 0.5, 0.75, 1};
  problem.limits.backbone_share_min = shares[dice.Below(7)];
  return problem;
}

TEST(ProposalSolver, FillsAsManyPlacesAsTryingEverythingDoes) {
  int bound = 0;
  int filled = 0;
  for (int seed = 0; seed < 4000; ++seed) {
    const ProposalProblem problem = Random(seed);
    const ProposalSolution solution = Solve(problem);
    const Worth best = Exhaustive(problem).best();
    ASSERT_EQ(static_cast<int>(solution.moves.size()), best.moves) << "seed " << seed;
    filled += best.moves;
    const bool share_binds = solution.fillable_count > best.moves;
    bound += share_binds ? 1 : 0;
    if (problem.limits.backbone_share_min > 0) continue;
    int kilometres = 0;
    for (const ProposalMove& move : solution.moves)
      kilometres += KilometresBetween(problem.schools[problem.teachers[move.teacher].school],
                                      problem.schools[problem.posts[move.post].school]);
    ASSERT_EQ(kilometres, best.kilometres) << "seed " << seed;
  }
  EXPECT_GT(filled, 2000) << "the cases must not be empty ones";
  EXPECT_GT(bound, 100) << "the backbone share must have bitten";
}

TEST(ProposalSolver, NoOrderOfTheInputShows) {
  for (int seed = 0; seed < 300; ++seed) {
    const ProposalProblem problem = Random(seed);
    ProposalProblem shuffled = problem;
    std::mt19937 engine(static_cast<unsigned>(seed));
    std::shuffle(shuffled.teachers.begin(), shuffled.teachers.end(), engine);
    std::shuffle(shuffled.posts.begin(), shuffled.posts.end(), engine);
    std::reverse(shuffled.quotas.begin(), shuffled.quotas.end());
    const int last = static_cast<int>(problem.quotas.size()) - 1;
    const auto renumber = [last](std::vector<int>* quotas) {
      for (int& quota : *quotas) quota = last - quota;
      std::sort(quotas->begin(), quotas->end());
    };
    for (ProposalPost& post : shuffled.posts) renumber(&post.quotas);
    for (ProposalSchool& school : shuffled.schools) renumber(&school.quotas);
    const auto named = [](const ProposalProblem& asked) {
      std::vector<std::tuple<std::string, std::string, std::string>> names;
      for (const ProposalMove& move : Solve(asked).moves)
        names.emplace_back(asked.posts[move.post].id, asked.teachers[move.teacher].id,
                           asked.quotas[move.quota].id);
      return names;
    };
    ASSERT_EQ(named(problem), named(shuffled)) << "seed " << seed;
  }
}

// Two schools of ten teachers each, a place that wants teachers, one quota.
ProposalProblem Plain(int teachers, int posts, int missing) {
  ProposalProblem problem;
  for (const char* id : {"a", "b", "host"}) {
    ProposalSchool school;
    school.id = id;
    school.movable_count = 100;
    problem.schools.push_back(school);
  }
  for (int i = 0; i < teachers; ++i) {
    ProposalTeacher teacher;
    teacher.id = absl::StrCat("t", i);
    teacher.school = i % 2;
    teacher.subjects = {kMathematics};
    problem.teachers.push_back(teacher);
  }
  for (int i = 0; i < posts; ++i) {
    ProposalPost post;
    post.id = absl::StrCat("p", i);
    post.school = 2;
    post.subject = kMathematics;
    post.quotas = {0};
    problem.posts.push_back(post);
  }
  problem.quotas.push_back({"q", missing});
  return problem;
}

TEST(ProposalSolver, NobodyMovesBeyondTheQuota) {
  EXPECT_EQ(Solve(Plain(10, 8, 3)).moves.size(), 3u);
  EXPECT_THAT(Solve(Plain(10, 8, 0)).moves, IsEmpty());
}

TEST(ProposalSolver, TheLongestAtTheSchoolGoesFirst) {
  ProposalProblem problem = Plain(4, 1, 1);
  for (ProposalTeacher& teacher : problem.teachers) teacher.school = 0;
  problem.teachers[0].since = "2020-09-01";
  problem.teachers[2].since = "2011-09-01";
  problem.teachers[3].since = "2015-09-01";
  EXPECT_THAT(Solve(problem).moves, ElementsAre(ProposalMove{2, 0, 0}));
}

TEST(ProposalSolver, AsManyBackboneTeachersAsTheShareNeedsAndNoMore) {
  ProposalProblem problem = Plain(20, 10, 10);
  for (int i = 0; i < 10; ++i) problem.teachers[i].backbone = true;  // Five at each school.
  problem.limits.backbone_share_min = 0.3;
  const auto backbones = [&] {
    const std::vector<ProposalMove> moves = Solve(problem).moves;
    EXPECT_EQ(moves.size(), 10u);
    return std::count_if(moves.begin(), moves.end(),
                         [&](const ProposalMove& move) { return problem.teachers[move.teacher].backbone; });
  };
  // Whichever ten the distances would choose: the share holds.
  EXPECT_GE(backbones(), 3);
  for (ProposalSchool& school : problem.schools) school.located = true;
  problem.schools[1].longitude = 0.1;
  for (int i = 0; i < 20; ++i) problem.teachers[i].backbone = i % 2 == 1;  // All at the far school.
  EXPECT_EQ(backbones(), 3) << "the near ones first, and three from afar";
}

TEST(ProposalSolver, TheShareHoldsBackWhatItCannotBear) {
  ProposalProblem problem = Plain(20, 10, 10);
  problem.teachers[4].backbone = true;
  problem.limits.backbone_share_min = 0.2;
  const ProposalSolution solution = Solve(problem);
  EXPECT_EQ(solution.moves.size(), 5u) << "one in five";
  EXPECT_EQ(solution.fillable_count, 10);
}

TEST(ProposalSolver, NoSchoolFallsBelowItsMinimum) {
  ProposalProblem problem = Plain(10, 8, 8);
  problem.schools[0].movable_count = 1;
  problem.schools[1].movable_count = -2;  // Below it already.
  EXPECT_EQ(Solve(problem).moves.size(), 1u);
}

TEST(ProposalSolver, SizesBeyondTheLimitsAreRefused) {
  const auto refused = [](const ProposalProblem& problem) {
    return absl::IsInvalidArgument(PairsOf(problem, absl::InfiniteFuture()).status());
  };
  EXPECT_FALSE(refused(Plain(kProposalTeachersMax, 1, 1)));
  EXPECT_TRUE(refused(Plain(kProposalTeachersMax + 1, 1, 1)));
  EXPECT_FALSE(refused(Plain(2, kProposalPostsMax, 1)));
  EXPECT_TRUE(refused(Plain(2, kProposalPostsMax + 1, 1)));
  ProposalProblem quotas = Plain(1, 1, 1);
  quotas.quotas.resize(kProposalQuotasMax + 1);
  EXPECT_TRUE(refused(quotas));
}

TEST(ProposalSolver, AnAnswerInTimeOrNone) {
  const ProposalProblem problem = Plain(4, 2, 2);
  EXPECT_TRUE(absl::IsDeadlineExceeded(PairsOf(problem, absl::InfinitePast()).status()));
  const auto pairs = PairsOf(problem, absl::InfiniteFuture());
  ASSERT_TRUE(pairs.ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(SolveProposal(problem, *pairs, absl::InfinitePast()).status()));
}

TEST(ProposalModel, DistancesAreThoseOfTheGlobe) {
  ProposalSchool baoji{"", "", true, 107.15, 34.38, 0, {}, {}};
  ProposalSchool fengxian{"", "", true, 106.52, 33.91, 0, {}, {}};
  EXPECT_NEAR(KilometresBetween(baoji, fengxian), 78, 1);
  EXPECT_EQ(KilometresBetween(baoji, baoji), 0);
  EXPECT_EQ(KilometresBetween(baoji, ProposalSchool()), -1);
}

TEST(ProposalModel, EveryFaultOfASetIsNamed) {
  ProposalProblem problem = Plain(4, 3, 2);
  problem.schools[0].movable_count = 1;
  EXPECT_TRUE(FaultsOf(problem, {{0, 0, 0}, {1, 1, 0}}).empty());
  EXPECT_THAT(FaultsOf(problem, {{0, 0, 0}, {0, 1, 0}}).moves, ElementsAre(1)) << "one teacher twice";
  EXPECT_THAT(FaultsOf(problem, {{0, 0, 0}, {1, 0, 0}}).moves, ElementsAre(1)) << "one post twice";
  EXPECT_THAT(FaultsOf(problem, {{0, 0, 0}, {2, 1, 0}}).schools, ElementsAre(0));
  EXPECT_THAT(FaultsOf(problem, {{0, 0, 0}, {1, 1, 0}, {3, 2, 0}}).quotas, ElementsAre(0));
  problem.posts[0].subject = kEnglish;
  EXPECT_THAT(FaultsOf(problem, {{0, 0, 0}}).moves, ElementsAre(0));
  problem.limits.backbone_share_min = 0.5;
  EXPECT_TRUE(FaultsOf(problem, {{0, 1, 0}}).backbone_share);
}

}  // namespace
}  // namespace lianqiao::exchange
