// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/proposal_reasons.h"

#include <algorithm>

namespace lianqiao::exchange {
namespace {

// For one side of the pairs: whoever looks from there at an empty other side names it.
v1::ProposalReason ReasonOf(Hurdle hurdle, v1::ProposalReason nothing) {
  switch (hurdle) {
    case Hurdle::kNothing:
      return nothing;
    case Hurdle::kSubject:
      return v1::PROPOSAL_REASON_NO_SUCH_SUBJECT;
    case Hurdle::kSchool:
      return v1::PROPOSAL_REASON_OWN_SCHOOL;
    case Hurdle::kAlliance:
      return v1::PROPOSAL_REASON_OUTSIDE_ALLIANCE;
    case Hurdle::kPlace:
      return v1::PROPOSAL_REASON_OUT_OF_REACH;
    case Hurdle::kRank:
      return v1::PROPOSAL_REASON_RANK_MISSING;
    case Hurdle::kQuota:
      return v1::PROPOSAL_REASON_NO_QUOTA;
    case Hurdle::kNone:
      break;
  }
  return v1::PROPOSAL_REASON_UNSPECIFIED;
}

class Explanation {
 public:
  Explanation(const ProposalProblem& problem, const ProposalPairs& pairs, const ProposalSolution& solution);
  ProposalReasons Run();

 private:
  // What keeps this pair apart although both sides are free of other hurdles.
  v1::ProposalReason Between(const ProposalTeacher& teacher, const ProposalPost& post) const;
  void ExplainTeachers();
  void ExplainPosts();
  void ExplainQuotas();
  bool SchoolFull(int school) const { return leaving_[school] >= problem_.schools[school].movable_count; }
  bool QuotaFull(int quota) const { return filled_[quota] >= problem_.quotas[quota].missing_count; }
  bool PostFree(int group) const { return posts_taken_[group] < Size(pairs_.post_groups[group]); }
  bool TeacherFree(int group) const { return teachers_taken_[group] < Size(pairs_.teacher_groups[group]); }
  static int Size(const ProposalGroup& group) { return static_cast<int>(group.members.size()); }

  const ProposalProblem& problem_;
  const ProposalPairs& pairs_;
  ProposalReasons reasons_;
  std::vector<bool> moved_;
  std::vector<bool> occupied_;
  std::vector<int> leaving_;         // By school.
  std::vector<int> filled_;          // By quota.
  std::vector<int> teachers_taken_;  // By group.
  std::vector<int> posts_taken_;     // By group.
};

Explanation::Explanation(const ProposalProblem& problem, const ProposalPairs& pairs,
                         const ProposalSolution& solution)
    : problem_(problem),
      pairs_(pairs),
      moved_(problem.teachers.size()),
      occupied_(problem.posts.size()),
      leaving_(problem.schools.size()),
      filled_(problem.quotas.size()),
      teachers_taken_(pairs.teacher_groups.size()),
      posts_taken_(pairs.post_groups.size()) {
  for (const ProposalMove& move : solution.moves) {
    moved_[move.teacher] = true;
    occupied_[move.post] = true;
    ++leaving_[problem.teachers[move.teacher].school];
    ++filled_[move.quota];
  }
  const auto count = [](const std::vector<ProposalGroup>& groups, const std::vector<bool>& used,
                        std::vector<int>* taken) {
    for (size_t i = 0; i < groups.size(); ++i)
      (*taken)[i] = static_cast<int>(std::count_if(groups[i].members.begin(), groups[i].members.end(),
                                                   [&](int member) { return used[member]; }));
  };
  count(pairs.teacher_groups, moved_, &teachers_taken_);
  count(pairs.post_groups, occupied_, &posts_taken_);
  reasons_.teachers.resize(problem.teachers.size());
  reasons_.posts.resize(problem.posts.size());
  reasons_.quotas.resize(problem.quotas.size());
}

v1::ProposalReason Explanation::Between(const ProposalTeacher& teacher, const ProposalPost& post) const {
  if (SchoolFull(teacher.school)) return v1::PROPOSAL_REASON_SCHOOL_MINIMUM;
  const std::vector<int>& quotas = problem_.QuotasOf(teacher, post);
  if (std::all_of(quotas.begin(), quotas.end(), [&](int quota) { return QuotaFull(quota); }))
    return v1::PROPOSAL_REASON_QUOTA_FULL;
  // A pair that is free in every other way would have been a move more.
  return v1::PROPOSAL_REASON_BACKBONE_SHARE;
}

// Of the reasons of several pairs the one that is nearest to a move: the greatest of these.
int Nearness(v1::ProposalReason reason) {
  switch (reason) {
    case v1::PROPOSAL_REASON_BACKBONE_SHARE:
      return 4;
    case v1::PROPOSAL_REASON_QUOTA_FULL:
      return 3;
    case v1::PROPOSAL_REASON_SCHOOL_MINIMUM:
      return 2;
    default:
      return 1;
  }
}

void Nearer(v1::ProposalReason reason, v1::ProposalReason* known) {
  if (*known == v1::PROPOSAL_REASON_UNSPECIFIED || Nearness(reason) > Nearness(*known)) *known = reason;
}

void Explanation::ExplainTeachers() {
  std::vector<v1::ProposalReason> groups(pairs_.teacher_groups.size());
  for (const ProposalPair& pair : pairs_.pairs) {
    if (!TeacherFree(pair.teachers)) continue;
    const ProposalTeacher& teacher = problem_.teachers[pairs_.teacher_groups[pair.teachers].first];
    const ProposalPost& post = problem_.posts[pairs_.post_groups[pair.posts].first];
    const bool free = PostFree(pair.posts);
    Nearer(free ? Between(teacher, post)
                : (SchoolFull(teacher.school) ? v1::PROPOSAL_REASON_SCHOOL_MINIMUM
                                              : v1::PROPOSAL_REASON_VACANCY_TAKEN),
           &groups[pair.teachers]);
  }
  for (size_t i = 0; i < groups.size(); ++i) {
    if (groups[i] == v1::PROPOSAL_REASON_UNSPECIFIED)
      groups[i] = ReasonOf(pairs_.teacher_hurdles[i], v1::PROPOSAL_REASON_NO_VACANCY);
    for (const int member : pairs_.teacher_groups[i].members)
      if (!moved_[member]) reasons_.teachers[member] = groups[i];
  }
}

void Explanation::ExplainPosts() {
  std::vector<v1::ProposalReason> groups(pairs_.post_groups.size());
  for (const ProposalPair& pair : pairs_.pairs) {
    if (!PostFree(pair.posts)) continue;
    const ProposalTeacher& teacher = problem_.teachers[pairs_.teacher_groups[pair.teachers].first];
    const ProposalPost& post = problem_.posts[pairs_.post_groups[pair.posts].first];
    Nearer(TeacherFree(pair.teachers) ? Between(teacher, post) : v1::PROPOSAL_REASON_TEACHER_TAKEN,
           &groups[pair.posts]);
  }
  for (size_t i = 0; i < groups.size(); ++i) {
    if (groups[i] == v1::PROPOSAL_REASON_UNSPECIFIED)
      groups[i] = ReasonOf(pairs_.post_hurdles[i], v1::PROPOSAL_REASON_NO_TEACHER);
    for (const int member : pairs_.post_groups[i].members)
      if (!occupied_[member]) reasons_.posts[member] = groups[i];
  }
}

// A quota with places left: what keeps its own free posts, or its own free teachers, from filling them.
void Explanation::ExplainQuotas() {
  std::vector<v1::ProposalReason> near(problem_.quotas.size());
  std::vector<Hurdle> hurdles(problem_.quotas.size(), Hurdle::kNothing);
  for (const ProposalPair& pair : pairs_.pairs) {
    const ProposalTeacher& teacher = problem_.teachers[pairs_.teacher_groups[pair.teachers].first];
    const ProposalPost& post = problem_.posts[pairs_.post_groups[pair.posts].first];
    for (const int quota : problem_.QuotasOf(teacher, post)) {
      if (QuotaFull(quota)) continue;
      v1::ProposalReason reason = v1::PROPOSAL_REASON_BACKBONE_SHARE;
      if (!PostFree(pair.posts)) {
        reason = v1::PROPOSAL_REASON_VACANCY_TAKEN;
      } else if (!TeacherFree(pair.teachers)) {
        reason = v1::PROPOSAL_REASON_TEACHER_TAKEN;
      } else if (SchoolFull(teacher.school)) {
        reason = v1::PROPOSAL_REASON_SCHOOL_MINIMUM;
      }
      Nearer(reason, &near[quota]);
    }
  }
  const auto deepen = [&](const std::vector<int>& quotas, Hurdle hurdle) {
    for (const int quota : quotas) hurdles[quota] = std::max(hurdles[quota], hurdle);
  };
  if (problem_.quotas_by_school) {
    for (size_t i = 0; i < pairs_.teacher_groups.size(); ++i)
      deepen(problem_.schools[problem_.teachers[pairs_.teacher_groups[i].first].school].quotas,
             pairs_.teacher_hurdles[i]);
  } else {
    for (size_t i = 0; i < pairs_.post_groups.size(); ++i)
      deepen(problem_.posts[pairs_.post_groups[i].first].quotas, pairs_.post_hurdles[i]);
  }
  const v1::ProposalReason nothing =
      problem_.quotas_by_school ? v1::PROPOSAL_REASON_NO_TEACHER : v1::PROPOSAL_REASON_NO_VACANCY;
  for (size_t i = 0; i < near.size(); ++i) {
    if (QuotaFull(static_cast<int>(i))) continue;
    reasons_.quotas[i] = near[i] != v1::PROPOSAL_REASON_UNSPECIFIED ? near[i] : ReasonOf(hurdles[i], nothing);
  }
}

ProposalReasons Explanation::Run() {
  ExplainTeachers();
  ExplainPosts();
  ExplainQuotas();
  return std::move(reasons_);
}

}  // namespace

ProposalReasons ReasonsOf(const ProposalProblem& problem, const ProposalPairs& pairs,
                          const ProposalSolution& solution) {
  return Explanation(problem, pairs, solution).Run();
}

}  // namespace lianqiao::exchange
