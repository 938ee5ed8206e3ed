// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/proposal_model.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"

namespace lianqiao::exchange {
namespace {

constexpr double kEarthRadiusKilometres = 6371.0;
constexpr double kRadians = 3.14159265358979323846 / 180.0;

bool Teaches(const std::vector<int>& known, int asked) {
  return asked == 0 || known.empty() || std::binary_search(known.begin(), known.end(), asked);
}

bool InReach(const ProposalLimits& limits, const ProposalSchool& from, const ProposalSchool& to,
             int kilometres) {
  if (limits.same_jurisdiction && from.jurisdiction_id != to.jurisdiction_id) return false;
  return limits.distance_km_max <= 0 || (kilometres >= 0 && kilometres <= limits.distance_km_max);
}

// A teacher goes from one school of the post's alliance to another, to the other side where it has sides.
bool InAlliance(const ProposalPost& post, const ProposalSchool& from, const ProposalSchool& to) {
  if (post.alliance_id.empty()) return true;
  const auto sends = from.sides.find(post.alliance_id);
  if (sends == from.sides.end()) return false;
  const auto receives = to.sides.find(post.alliance_id);
  if (receives == to.sides.end()) return false;
  return receives->second == 0 || (sends->second != 0 && sends->second != receives->second);
}

Hurdle HurdleAt(const ProposalProblem& problem, const ProposalTeacher& teacher, const ProposalPost& post,
                int kilometres) {
  if (!Teaches(teacher.subjects, post.subject) || !Teaches(teacher.stages, post.stage))
    return Hurdle::kSubject;
  if (teacher.school == post.school) return Hurdle::kSchool;
  const ProposalSchool& from = problem.schools[teacher.school];
  const ProposalSchool& to = problem.schools[post.school];
  if (!InAlliance(post, from, to)) return Hurdle::kAlliance;
  if (!InReach(problem.limits, from, to, kilometres)) return Hurdle::kPlace;
  if (teacher.cadre_rank < post.cadre_rank_min || (post.backbone_required && !teacher.backbone))
    return Hurdle::kRank;
  return problem.QuotasOf(teacher, post).empty() ? Hurdle::kQuota : Hurdle::kNone;
}

// Like items together, groups in the order of their keys.
template <typename Item, typename Key, typename Before>
std::vector<ProposalGroup> Grouped(const std::vector<Item>& items, Key key, Before before) {
  std::map<decltype(key(items.front())), std::vector<int>> groups;
  for (size_t i = 0; i < items.size(); ++i) groups[key(items[i])].push_back(static_cast<int>(i));
  std::vector<ProposalGroup> grouped;
  for (auto& [unused, members] : groups) {
    std::sort(members.begin(), members.end(), [&](int a, int b) { return before(items[a], items[b]); });
    grouped.push_back({members.front(), std::move(members)});
  }
  return grouped;
}

std::vector<ProposalGroup> TeacherGroups(const ProposalProblem& problem) {
  return Grouped(
      problem.teachers,
      [&](const ProposalTeacher& teacher) {
        return std::make_tuple(problem.schools[teacher.school].id, teacher.subjects, teacher.stages,
                               teacher.backbone, teacher.cadre_rank);
      },
      [](const ProposalTeacher& a, const ProposalTeacher& b) {
        return std::make_tuple(a.since.empty(), a.since, a.id) <
               std::make_tuple(b.since.empty(), b.since, b.id);
      });
}

std::vector<ProposalGroup> PostGroups(const ProposalProblem& problem) {
  return Grouped(
      problem.posts,
      [&](const ProposalPost& post) {
        std::vector<std::string> quotas;
        for (const int quota : post.quotas) quotas.push_back(problem.quotas[quota].id);
        std::sort(quotas.begin(), quotas.end());
        return std::make_tuple(problem.schools[post.school].id, post.subject, post.stage, post.cadre_rank_min,
                               post.backbone_required, post.alliance_id, std::move(quotas));
      },
      [](const ProposalPost& a, const ProposalPost& b) { return a.id < b.id; });
}

absl::Status CheckSize(const char* field, size_t size, int64_t max) {
  if (size <= static_cast<size_t>(max)) return absl::OkStatus();
  return base::FailIfAny({base::RefuseRule(
      field, absl::StrCat("共", size, "项,一次方案至多", max, "项,请缩小范围"),
      absl::StrCat("are ", size, ", more than the ", max, " of one proposal: narrow it down"))});
}

absl::Status CheckSizes(const ProposalProblem& problem) {
  RETURN_IF_ERROR(CheckSize("teachers", problem.teachers.size(), kProposalTeachersMax));
  RETURN_IF_ERROR(CheckSize("vacancies", problem.posts.size(), kProposalPostsMax));
  return CheckSize("quotas", problem.quotas.size(), kProposalQuotasMax);
}

absl::Status TooMany(const char* zh, const char* en) {
  return base::FailIfAny({base::RefuseRule("limits", zh, en)});
}

// Teacher groups by what they teach, so that a post looks only at those of its subject and stage.
class Directory {
 public:
  Directory(const ProposalProblem& problem, const std::vector<ProposalGroup>& groups) {
    for (size_t i = 0; i < groups.size(); ++i) {
      const ProposalTeacher& teacher = problem.teachers[groups[i].first];
      all_.push_back(static_cast<int>(i));
      if (teacher.subjects.empty()) {
        anything_.push_back(static_cast<int>(i));
        continue;
      }
      for (const int subject : teacher.subjects) by_subject_[subject].push_back(static_cast<int>(i));
    }
    for (auto& [unused, list] : by_subject_) {
      list.insert(list.end(), anything_.begin(), anything_.end());
      std::sort(list.begin(), list.end());
    }
  }
  const std::vector<int>& Of(int subject) const {
    if (subject == 0) return all_;
    const auto found = by_subject_.find(subject);
    return found == by_subject_.end() ? anything_ : found->second;
  }

 private:
  std::vector<int> all_;
  std::vector<int> anything_;
  std::map<int, std::vector<int>> by_subject_;
};

}  // namespace

Hurdle HurdleOf(const ProposalProblem& problem, const ProposalTeacher& teacher, const ProposalPost& post) {
  return HurdleAt(problem, teacher, post,
                  KilometresBetween(problem.schools[teacher.school], problem.schools[post.school]));
}

int KilometresBetween(const ProposalSchool& a, const ProposalSchool& b) {
  if (!a.located || !b.located) return -1;
  const double north = std::sin((b.latitude - a.latitude) * kRadians / 2);
  const double east = std::sin((b.longitude - a.longitude) * kRadians / 2);
  const double chord =
      north * north + std::cos(a.latitude * kRadians) * std::cos(b.latitude * kRadians) * east * east;
  return static_cast<int>(
      std::ceil(2 * kEarthRadiusKilometres * std::asin(std::min(1.0, std::sqrt(chord))) - 1e-9));
}

absl::StatusOr<ProposalPairs> PairsOf(const ProposalProblem& problem, absl::Time deadline) {
  RETURN_IF_ERROR(CheckSizes(problem));
  ProposalPairs result;
  if (!problem.teachers.empty()) result.teacher_groups = TeacherGroups(problem);
  if (!problem.posts.empty()) result.post_groups = PostGroups(problem);
  result.teacher_hurdles.assign(result.teacher_groups.size(),
                                problem.posts.empty() ? Hurdle::kNothing : Hurdle::kSubject);
  result.post_hurdles.assign(result.post_groups.size(),
                             problem.teachers.empty() ? Hurdle::kNothing : Hurdle::kSubject);
  const Directory directory(problem, result.teacher_groups);
  int64_t comparisons = 0;
  int school = -1;
  std::vector<int> kilometres(problem.schools.size());  // To `school`: groups of one school stand together.
  for (size_t p = 0; p < result.post_groups.size(); ++p) {
    const ProposalPost& post = problem.posts[result.post_groups[p].first];
    if (post.school != school) {
      if (base::Clock::System().Now() >= deadline)
        return absl::DeadlineExceededError("the proposal takes too long");
      school = post.school;
      for (size_t s = 0; s < kilometres.size(); ++s)
        kilometres[s] = KilometresBetween(problem.schools[s], problem.schools[school]);
    }
    const std::vector<int>& candidates = directory.Of(post.subject);
    comparisons += static_cast<int64_t>(candidates.size());
    if (comparisons > kProposalComparisonsMax)
      return TooMany("空缺岗位未填学科,可比较的组合过多,请缩小范围",
                     "leave too much to compare: give the vacancies their subjects, or narrow it down");
    for (const int t : candidates) {
      const ProposalTeacher& teacher = problem.teachers[result.teacher_groups[t].first];
      const Hurdle hurdle = HurdleAt(problem, teacher, post, kilometres[teacher.school]);
      result.teacher_hurdles[t] = std::max(result.teacher_hurdles[t], hurdle);
      result.post_hurdles[p] = std::max(result.post_hurdles[p], hurdle);
      if (hurdle != Hurdle::kNone) continue;
      result.pairs.push_back({t, static_cast<int>(p), kilometres[teacher.school]});
      if (static_cast<int64_t>(result.pairs.size()) > kProposalPairsMax)
        return TooMany("可行组合过多,请限定辖区或距离",
                       "leave too many pairs: limit the distance or stay within a jurisdiction");
    }
  }
  return result;
}

ProposalFaults FaultsOf(const ProposalProblem& problem, const std::vector<ProposalMove>& moves) {
  ProposalFaults faults;
  std::set<int> teachers;
  std::set<int> posts;
  std::map<int, int> leaving;
  std::map<int, int> filled;
  int backbones = 0;
  for (size_t i = 0; i < moves.size(); ++i) {
    const ProposalMove& move = moves[i];
    const ProposalTeacher& teacher = problem.teachers[move.teacher];
    const ProposalPost& post = problem.posts[move.post];
    const std::vector<int>& quotas = problem.QuotasOf(teacher, post);
    const bool counts = std::find(quotas.begin(), quotas.end(), move.quota) != quotas.end();
    if (!counts || HurdleOf(problem, teacher, post) != Hurdle::kNone ||
        !teachers.insert(move.teacher).second || !posts.insert(move.post).second)
      faults.moves.push_back(static_cast<int>(i));
    ++leaving[teacher.school];
    ++filled[move.quota];
    backbones += teacher.backbone ? 1 : 0;
  }
  for (const auto& [school, count] : leaving)
    if (count > problem.schools[school].movable_count) faults.schools.push_back(school);
  for (const auto& [quota, count] : filled)
    if (count > problem.quotas[quota].missing_count) faults.quotas.push_back(quota);
  faults.backbone_share =
      backbones < LeastOf(problem.limits.backbone_share_min, static_cast<int>(moves.size()));
  return faults;
}

int LeastOf(double share, int all) {
  return static_cast<int>(std::ceil(share * all - 1e-9));
}

}  // namespace lianqiao::exchange
