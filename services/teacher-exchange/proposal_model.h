// SPDX-License-Identifier: Apache-2.0
// Who could take which post: the facts of one proposal, and the pairs of teachers and posts that its limits
// leave. Pure; the choice among them is proposal_solver.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace lianqiao::exchange {

inline constexpr int kProposalTeachersMax = 20'000;
inline constexpr int kProposalPostsMax = 3'000;
inline constexpr int kProposalQuotasMax = 1'000;
// Comparisons of a group of like teachers with a group of like posts, and pairs that remain.
inline constexpr int64_t kProposalComparisonsMax = 60'000'000;
inline constexpr int64_t kProposalPairsMax = 3'000'000;

struct ProposalSchool {
  std::string id;
  std::string jurisdiction_id;  // Its county or zone.
  bool located = false;
  double longitude = 0;
  double latitude = 0;
  // Teachers who may still leave before it falls below its own minimum.
  int movable_count = 0;
  // Alliances in which it takes part, each with the side it is on (0: none).
  std::map<std::string, int> sides;
  std::vector<int> quotas;  // Indices; only with quotas_by_school.
};

struct ProposalTeacher {
  std::string id;
  int school = 0;             // Index into schools.
  std::vector<int> subjects;  // type.v1.Subject, ascending; empty: any.
  std::vector<int> stages;    // type.v1.Stage, ascending; empty: any.
  bool backbone = false;
  int cadre_rank = 0;
  // Since when at this school; among like teachers the longest there goes first. Empty: unknown, goes last.
  std::string since;
};

struct ProposalPost {
  std::string id;
  int school = 0;
  int subject = 0;         // 0: any.
  int stage = 0;           // 0: any.
  int cadre_rank_min = 0;  // 0: none needed.
  bool backbone_required = false;
  std::string alliance_id;  // Offered within it; empty: to any school.
  std::vector<int> quotas;  // Those that its filling may count for; not with quotas_by_school.
};

struct ProposalQuota {
  std::string id;
  int missing_count = 0;
};

struct ProposalLimits {
  bool same_jurisdiction = false;
  double distance_km_max = 0;     // 0: no limit; otherwise schools without a position are out of reach.
  double backbone_share_min = 0;  // Of the moves of the proposal, 0 to 1.
};

struct ProposalProblem {
  std::vector<ProposalSchool> schools;
  std::vector<ProposalTeacher> teachers;
  std::vector<ProposalPost> posts;
  std::vector<ProposalQuota> quotas;
  // Who has to send decides which quota a move counts for (quotas of places), not the post (quotas of
  // alliances).
  bool quotas_by_school = false;
  ProposalLimits limits;

  // Those that this teacher on this post may count for.
  const std::vector<int>& QuotasOf(const ProposalTeacher& teacher, const ProposalPost& post) const {
    return quotas_by_school ? schools[teacher.school].quotas : post.quotas;
  }
};

// One teacher to one post, counting for one quota: indices.
struct ProposalMove {
  int teacher = 0;
  int post = 0;
  int quota = 0;
  bool operator==(const ProposalMove& other) const {
    return teacher == other.teacher && post == other.post && quota == other.quota;
  }
};

// The conditions of a pair in the order in which they are asked: the last one that a pair of a teacher (or a
// post) came to says why it has none.
enum class Hurdle {
  kNothing,   // There is nothing on the other side at all.
  kSubject,   // Nobody of this subject and stage.
  kSchool,    // Only within its own school.
  kAlliance,  // Only outside the post's alliance, or on the same side of it.
  kPlace,     // Only in another county, or too far away.
  kRank,      // Only without the rank or the backbone recognition that the post asks for.
  kQuota,     // The post, or the sending school, counts for no quota that is still open.
  kNone,      // There is a pair.
};

// Like teachers of one school, or like posts: every pair of members is as good as any other.
struct ProposalGroup {
  int first = 0;             // Index of a member that stands for all.
  std::vector<int> members;  // In the order in which they are taken.
};

struct ProposalPair {
  int teachers = 0;  // Index into teacher_groups.
  int posts = 0;     // Index into post_groups.
  int kilometres = 0;
};

struct ProposalPairs {
  std::vector<ProposalGroup> teacher_groups;
  std::vector<ProposalGroup> post_groups;
  std::vector<ProposalPair> pairs;      // By post group, then teacher group.
  std::vector<Hurdle> teacher_hurdles;  // By teacher group.
  std::vector<Hurdle> post_hurdles;     // By post group.
};

// Which hurdle a single pair fails at; kNone: none. Of quotas it asks only whether there is any.
Hurdle HurdleOf(const ProposalProblem& problem, const ProposalTeacher& teacher, const ProposalPost& post);

// Great-circle distance in whole kilometres; -1: a position is not known. Coordinate systems differ by less
// than a kilometre.
int KilometresBetween(const ProposalSchool& a, const ProposalSchool& b);

// INVALID_ARGUMENT for a problem beyond the limits above, DEADLINE_EXCEEDED if the deadline comes first.
absl::StatusOr<ProposalPairs> PairsOf(const ProposalProblem& problem, absl::Time deadline);

// What is wrong with a set of moves, if anything: each is a pair without hurdle, nobody and no post twice, no
// school and no quota beyond its number, the backbone share kept. `moves`: the moves that are not possible
// any more; the numbers that do not hold beside them.
struct ProposalFaults {
  std::vector<int> moves;
  std::vector<int> schools;
  std::vector<int> quotas;
  bool backbone_share = false;
  bool empty() const { return moves.empty() && schools.empty() && quotas.empty() && !backbone_share; }
};
ProposalFaults FaultsOf(const ProposalProblem& problem, const std::vector<ProposalMove>& moves);

// The least number that is at least this share of all.
int LeastOf(double share, int all);

}  // namespace lianqiao::exchange
