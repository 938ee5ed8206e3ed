// SPDX-License-Identifier: Apache-2.0
// How long a proposal takes for 20,000 teachers and 3,000 posts: pairs, choice and reasons, without a
// service.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/status.h"
#include "services/teacher-exchange/proposal_reasons.h"
#include "tests/bench/registry/report.h"

namespace lianqiao::bench {
namespace {

using namespace lianqiao::exchange;  // NOLINT: the whole file is about its structs.

constexpr int kCounties = 13;
constexpr int kSchools = 600;
constexpr int kSubjects = 12;
constexpr double kDegreesPerKilometre = 1.0 / 100;
constexpr absl::Duration kReach = absl::Seconds(10);

class Dice {
 public:
  int Below(int bound) { return static_cast<int>(engine_() % static_cast<unsigned>(bound)); }

 private:
  std::mt19937 engine_{20261126};
};

// Three stages by school, as it is with schools: 60 % primary, 30 % junior, 10 % senior.
int StageOf(int school) {
  const int place = school % 10;
  return place < 6 ? 2 : place < 9 ? 3 : 4;
}

// A city of 13 counties on a grid of 50 km: every school may send 15 % of its teachers, and of those who move
// every fifth has to be a backbone teacher. With `by_school` the counties have quotas, and there are too few
// backbone teachers to fill them; otherwise thirty alliances of twenty schools with two sides have them.
ProposalProblem City(bool by_school) {
  Dice dice;
  ProposalProblem problem;
  problem.quotas_by_school = by_school;
  problem.limits.distance_km_max = 60;
  problem.limits.backbone_share_min = 0.2;
  const int quotas = by_school ? kCounties : 30;
  for (int i = 0; i < quotas; ++i) problem.quotas.push_back({absl::StrFormat("q%04d", i), 4000 / quotas});
  for (int i = 0; i < kSchools; ++i) {
    ProposalSchool school;
    school.id = absl::StrFormat("s%04d", i);
    const int county = i % kCounties;
    school.jurisdiction_id = absl::StrFormat("j%02d", county);
    school.located = true;
    school.longitude = 107 + kDegreesPerKilometre * (county % 4 * 50 + dice.Below(50));
    school.latitude = 34 + kDegreesPerKilometre * (county / 4 * 50 + dice.Below(50));
    school.movable_count = 5;
    if (by_school) school.quotas = {county};
    if (!by_school) school.sides[absl::StrCat("a", i % 30)] = 1 + i / 30 % 2;
    problem.schools.push_back(school);
  }
  for (int i = 0; i < kProposalTeachersMax; ++i) {
    ProposalTeacher teacher;
    teacher.id = absl::StrFormat("t%05d", i);
    teacher.school = i % kSchools;
    teacher.subjects = {1 + dice.Below(kSubjects)};
    teacher.stages = {StageOf(teacher.school)};
    teacher.backbone = dice.Below(by_school ? 45 : 8) == 0;
    teacher.since = absl::StrFormat("%d-09-01", 2000 + dice.Below(20));
    problem.teachers.push_back(teacher);
  }
  for (int i = 0; i < kProposalPostsMax; ++i) {
    ProposalPost post;
    post.id = absl::StrFormat("p%04d", i);
    post.school = dice.Below(kSchools);
    post.subject = 1 + dice.Below(kSubjects);
    post.stage = StageOf(post.school);
    if (!by_school) {
      post.alliance_id = absl::StrCat("a", post.school % 30);
      post.quotas = {post.school % 30};
    }
    problem.posts.push_back(post);
  }
  return problem;
}

struct Measured {
  double seconds = 0;
  size_t pairs = 0;
  size_t moves = 0;
  int fillable = 0;
};

absl::StatusOr<Measured> Measure(const ProposalProblem& problem) {
  const auto start = std::chrono::steady_clock::now();
  ASSIGN_OR_RETURN(const ProposalPairs pairs, PairsOf(problem, absl::InfiniteFuture()));
  ASSIGN_OR_RETURN(const ProposalSolution solution, SolveProposal(problem, pairs, absl::InfiniteFuture()));
  const ProposalReasons reasons = ReasonsOf(problem, pairs, solution);
  Measured measured;
  measured.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  measured.pairs = pairs.pairs.size();
  measured.moves = solution.moves.size();
  measured.fillable = solution.fillable_count;
  if (!FaultsOf(problem, solution.moves).empty()) return absl::InternalError("the proposal is not possible");
  const auto unexplained =
      std::count(reasons.posts.begin(), reasons.posts.end(), exchange::v1::PROPOSAL_REASON_UNSPECIFIED);
  if (static_cast<size_t>(unexplained) != measured.moves)
    return absl::InternalError("a post without a move has no reason");
  return measured;
}

absl::Status Run() {
  const char* asked = std::getenv("BENCH_ROUNDS");
  const int rounds = std::max(1, asked == nullptr ? 3 : std::atoi(asked));
  std::vector<double> seconds;
  std::string detail;
  for (const bool by_school : {true, false}) {
    const ProposalProblem problem = City(by_school);
    std::vector<double> own;
    Measured last;
    for (int round = 0; round < rounds; ++round) {
      ASSIGN_OR_RETURN(last, Measure(problem));
      own.push_back(last.seconds);
    }
    seconds.push_back(Median(own));
    absl::StrAppend(&detail,
                    absl::StrFormat("%s: %.2f s, %d pairs of like teachers and like posts, %d moves of %d"
                                    " without the share; ",
                                    by_school ? "quotas of counties" : "quotas of alliances", seconds.back(),
                                    last.pairs, last.moves, last.fillable));
  }
  Print({"proposal_20000x3000", *std::max_element(seconds.begin(), seconds.end()), "s", '<',
         absl::ToDoubleSeconds(kReach), detail + "one thread"});
  return absl::OkStatus();
}

}  // namespace
}  // namespace lianqiao::bench

int main() {
  const absl::Status status = lianqiao::bench::Run();
  if (!status.ok()) lianqiao::bench::Say(status.ToString());
  return status.ok() ? 0 : 1;
}
