// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/proposal_solver.h"

#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>

#include "libs/base/clock.h"
#include "libs/base/status.h"

namespace lianqiao::exchange {
namespace {

using Graph = lemon::SmartDigraph;
using Simplex = lemon::NetworkSimplex<Graph, int, int64_t>;

constexpr int kKilometresMax = 5'000;      // Within China; a whole pair's cost stays below it.
constexpr int kKilometresUnknown = 1'000;  // As far as the next province but one.

int CostOf(const ProposalPair& pair) {
  return pair.kilometres < 0 ? kKilometresUnknown : std::min(pair.kilometres, kKilometresMax);
}

// The quotas in the order of their ids, so that no order of the input shows.
std::vector<int> Sorted(const ProposalProblem& problem, std::vector<int> quotas) {
  std::sort(quotas.begin(), quotas.end(),
            [&](int a, int b) { return problem.quotas[a].id < problem.quotas[b].id; });
  return quotas;
}

// Where units count for a quota: at a sending school, or at a group of posts.
struct Counted {
  std::vector<int> quotas;
  std::vector<Graph::Arc> arcs;
};

struct Flow {
  std::vector<int> units;  // By id of the arc.
  int moves = 0;
  int backbones = 0;
};

// Units that go round: each of its arcs forwards or, where they go back, backwards.
struct Cycle {
  std::vector<std::pair<int, int>> arcs;  // Id, +1 or -1.
  int units = 0;
  int backbones = 0;  // Gained by one unit.
  int kilometres = 0;
};

class Network {
 public:
  Network(const ProposalProblem& problem, const ProposalPairs& pairs);

  // What a run looks for after the number of moves.
  enum class Aim { kLeastDistance, kMostBackbones, kOnlyBackbones };
  // As many moves as there can be.
  absl::StatusOr<Flow> Most(Aim aim, absl::Time deadline) const { return Run(supply_, true, aim, deadline); }
  // So many moves, which must be possible.
  absl::StatusOr<Flow> Exactly(int moves, Aim aim, absl::Time deadline) const {
    return Run(moves, false, aim, deadline);
  }
  // Makes `flow` one of at least `backbones` backbone teachers, on the way to `most`, a flow of as many moves
  // with as many backbone teachers as there can be.
  void Approach(const Flow& most, int backbones, Flow* flow) const;
  // Names the members of the groups: units of a flow are alike.
  std::vector<ProposalMove> MovesOf(const Flow& flow) const;

 private:
  bool IsBackbone(const ProposalPair& pair) const {
    return problem_.teachers[pairs_.teacher_groups[pair.teachers].first].backbone;
  }
  void AddQuotas();
  void AddSchools();
  void AddPosts();
  void AddPairs();
  absl::StatusOr<Flow> Run(int supply, bool bypassed, Aim aim, absl::Time deadline) const;
  std::vector<Cycle> CyclesBetween(const Flow& from, const Flow& to) const;

  const ProposalProblem& problem_;
  const ProposalPairs& pairs_;
  Graph graph_;
  Graph::ArcMap<int> capacity_;
  Graph::Node source_;
  Graph::Node sink_;
  Graph::Arc bypass_;  // From source to sink: what cannot be placed.
  std::vector<Graph::Node> quota_nodes_;
  std::vector<Graph::Arc> quota_arcs_;  // Each unit is a move.
  std::vector<Graph::Node> teacher_nodes_;
  std::vector<Graph::Node> post_nodes_;
  std::vector<Graph::Arc> pair_arcs_;
  std::vector<Counted> counted_;  // By school or by post group.
  int supply_ = 0;
};

Network::Network(const ProposalProblem& problem, const ProposalPairs& pairs)
    : problem_(problem), pairs_(pairs), capacity_(graph_) {
  int64_t missing = 0;
  for (const ProposalQuota& quota : problem.quotas) missing += std::max(0, quota.missing_count);
  supply_ = static_cast<int>(std::min<int64_t>(missing, static_cast<int64_t>(problem.posts.size())));
  graph_.reserveNode(static_cast<int>(2 + problem.schools.size() + problem.quotas.size() +
                                      pairs.teacher_groups.size() + 2 * pairs.post_groups.size()));
  graph_.reserveArc(static_cast<int>(pairs.pairs.size() + 2 * pairs.teacher_groups.size() +
                                     3 * pairs.post_groups.size() + problem.schools.size()));
  source_ = graph_.addNode();
  sink_ = graph_.addNode();
  bypass_ = graph_.addArc(source_, sink_);
  AddQuotas();
  AddSchools();
  AddPosts();
  AddPairs();
}

// Between the source and the schools, or between the posts and the sink.
void Network::AddQuotas() {
  std::vector<int> all(problem_.quotas.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
  quota_nodes_.resize(all.size());
  for (const int quota : Sorted(problem_, all)) {
    quota_nodes_[quota] = graph_.addNode();
    quota_arcs_.push_back(problem_.quotas_by_school ? graph_.addArc(source_, quota_nodes_[quota])
                                                    : graph_.addArc(quota_nodes_[quota], sink_));
    capacity_[quota_arcs_.back()] = std::max(0, problem_.quotas[quota].missing_count);
  }
}

void Network::AddSchools() {
  if (problem_.quotas_by_school) counted_.resize(problem_.schools.size());
  std::map<int, Graph::Node> schools;  // In the order of their first group: of their ids.
  for (const ProposalGroup& group : pairs_.teacher_groups) {
    const int school = problem_.teachers[group.first].school;
    if (schools.count(school) == 0) {
      const int movable = std::max(0, problem_.schools[school].movable_count);
      const Graph::Node gate = graph_.addNode();
      schools[school] = graph_.addNode();
      capacity_[graph_.addArc(gate, schools[school])] = movable;
      if (problem_.quotas_by_school) {
        counted_[school].quotas = Sorted(problem_, problem_.schools[school].quotas);
        for (const int quota : counted_[school].quotas) {
          counted_[school].arcs.push_back(graph_.addArc(quota_nodes_[quota], gate));
          capacity_[counted_[school].arcs.back()] = movable;
        }
      } else {
        capacity_[graph_.addArc(source_, gate)] = movable;
      }
    }
    teacher_nodes_.push_back(graph_.addNode());
    capacity_[graph_.addArc(schools[school], teacher_nodes_.back())] = static_cast<int>(group.members.size());
  }
}

// A post group is two nodes with its number between them, so that it serves several quotas at most that
// often.
void Network::AddPosts() {
  if (!problem_.quotas_by_school) counted_.resize(pairs_.post_groups.size());
  for (size_t i = 0; i < pairs_.post_groups.size(); ++i) {
    const ProposalGroup& group = pairs_.post_groups[i];
    const int size = static_cast<int>(group.members.size());
    post_nodes_.push_back(graph_.addNode());
    const Graph::Node filled = graph_.addNode();
    capacity_[graph_.addArc(post_nodes_.back(), filled)] = size;
    if (problem_.quotas_by_school) {
      capacity_[graph_.addArc(filled, sink_)] = size;
      continue;
    }
    counted_[i].quotas = Sorted(problem_, problem_.posts[group.first].quotas);
    for (const int quota : counted_[i].quotas) {
      counted_[i].arcs.push_back(graph_.addArc(filled, quota_nodes_[quota]));
      capacity_[counted_[i].arcs.back()] = size;
    }
  }
}

void Network::AddPairs() {
  for (const ProposalPair& pair : pairs_.pairs) {
    pair_arcs_.push_back(graph_.addArc(teacher_nodes_[pair.teachers], post_nodes_[pair.posts]));
    capacity_[pair_arcs_.back()] = static_cast<int>(std::min(
        pairs_.teacher_groups[pair.teachers].members.size(), pairs_.post_groups[pair.posts].members.size()));
  }
}

absl::StatusOr<Flow> Network::Run(int supply, bool bypassed, Aim aim, absl::Time deadline) const {
  if (base::Clock::System().Now() >= deadline)
    return absl::DeadlineExceededError("the proposal takes too long");
  // Each outweighs all that the lesser ones can sum up to over all moves.
  const int64_t backbone_weight = static_cast<int64_t>(supply_) * kKilometresMax + 1;
  const int64_t move_weight = static_cast<int64_t>(supply_) * (backbone_weight + kKilometresMax) + 1;
  Graph::ArcMap<int> capacity(graph_);
  for (Graph::ArcIt arc(graph_); arc != lemon::INVALID; ++arc) capacity[arc] = capacity_[arc];
  Graph::ArcMap<int64_t> cost(graph_, 0);
  capacity[bypass_] = bypassed ? supply : 0;
  for (const Graph::Arc& arc : quota_arcs_) cost[arc] = -move_weight;
  for (size_t i = 0; i < pair_arcs_.size(); ++i) {
    const bool backbone = IsBackbone(pairs_.pairs[i]);
    if (aim == Aim::kOnlyBackbones && !backbone) capacity[pair_arcs_[i]] = 0;
    cost[pair_arcs_[i]] =
        CostOf(pairs_.pairs[i]) - (aim == Aim::kMostBackbones && backbone ? backbone_weight : 0);
  }
  Simplex simplex(graph_);
  simplex.upperMap(capacity).costMap(cost).stSupply(source_, sink_, supply);
  if (simplex.run() != Simplex::OPTIMAL) return absl::InternalError("a flow that must exist was not found");
  Flow flow;
  flow.units.resize(static_cast<size_t>(graph_.maxArcId() + 1));
  for (Graph::ArcIt arc(graph_); arc != lemon::INVALID; ++arc) flow.units[Graph::id(arc)] = simplex.flow(arc);
  for (size_t i = 0; i < pair_arcs_.size(); ++i) {
    const int units = flow.units[Graph::id(pair_arcs_[i])];
    flow.moves += units;
    if (IsBackbone(pairs_.pairs[i])) flow.backbones += units;
  }
  return flow;
}

// The difference of two flows of as many moves falls into cycles, each of which may be gone alone.
std::vector<Cycle> Network::CyclesBetween(const Flow& from, const Flow& to) const {
  std::vector<int> pair_of(from.units.size(), -1);
  for (size_t i = 0; i < pair_arcs_.size(); ++i) pair_of[Graph::id(pair_arcs_[i])] = static_cast<int>(i);
  std::vector<int> rest(from.units.size());
  std::vector<std::vector<int>> out(static_cast<size_t>(graph_.maxNodeId() + 1));
  const auto ends = [&](int arc, bool forwards) {
    const Graph::Arc a = Graph::arcFromId(arc);
    return Graph::id(forwards ? graph_.target(a) : graph_.source(a));
  };
  for (size_t arc = 0; arc < rest.size(); ++arc) {
    rest[arc] = to.units[arc] - from.units[arc];
    if (rest[arc] != 0) out[ends(static_cast<int>(arc), rest[arc] < 0)].push_back(static_cast<int>(arc));
  }
  std::vector<Cycle> cycles;
  std::vector<int> place(out.size(), -1);  // On the walk under way.
  for (size_t start = 0; start < out.size();) {
    std::vector<std::pair<int, int>> walk;
    std::vector<int> nodes = {static_cast<int>(start)};
    while (place[nodes.back()] < 0) {
      place[nodes.back()] = static_cast<int>(walk.size());
      std::vector<int>& next = out[nodes.back()];
      while (!next.empty() && rest[next.back()] == 0) next.pop_back();
      if (next.empty()) break;
      walk.emplace_back(next.back(), rest[next.back()] > 0 ? 1 : -1);
      nodes.push_back(ends(next.back(), rest[next.back()] > 0));
    }
    if (walk.empty()) {  // Nothing leaves it any more.
      place[start++] = -1;
      continue;
    }
    Cycle cycle;
    cycle.arcs.assign(walk.begin() + place[nodes.back()], walk.end());
    for (const int node : nodes) place[node] = -1;
    cycle.units = std::abs(rest[cycle.arcs.front().first]);
    for (const auto& [arc, unused] : cycle.arcs) cycle.units = std::min(cycle.units, std::abs(rest[arc]));
    for (const auto& [arc, sign] : cycle.arcs) {
      rest[arc] -= sign * cycle.units;
      if (pair_of[arc] < 0) continue;
      const ProposalPair& pair = pairs_.pairs[pair_of[arc]];
      cycle.kilometres += sign * CostOf(pair);
      if (IsBackbone(pair)) cycle.backbones += sign;
    }
    cycles.push_back(std::move(cycle));
  }
  return cycles;
}

void Network::Approach(const Flow& most, int backbones, Flow* flow) const {
  std::vector<Cycle> cycles = CyclesBetween(*flow, most);
  // None loses a backbone teacher: without it `most` would have one more.
  std::erase_if(cycles, [](const Cycle& cycle) { return cycle.backbones <= 0; });
  std::stable_sort(cycles.begin(), cycles.end(), [](const Cycle& a, const Cycle& b) {
    return static_cast<int64_t>(a.kilometres) * b.backbones <
           static_cast<int64_t>(b.kilometres) * a.backbones;
  });
  for (const Cycle& cycle : cycles) {
    if (flow->backbones >= backbones) return;
    const int wanted = (backbones - flow->backbones + cycle.backbones - 1) / cycle.backbones;
    const int units = std::min(cycle.units, wanted);
    for (const auto& [arc, sign] : cycle.arcs) flow->units[arc] += sign * units;
    flow->backbones += units * cycle.backbones;
  }
}

std::vector<ProposalMove> Network::MovesOf(const Flow& flow) const {
  std::vector<ProposalMove> moves;
  std::vector<size_t> next_teacher(pairs_.teacher_groups.size());
  std::vector<size_t> next_post(pairs_.post_groups.size());
  std::vector<int> left = flow.units;
  for (size_t i = 0; i < pairs_.pairs.size(); ++i) {
    const ProposalPair& pair = pairs_.pairs[i];
    const ProposalGroup& teachers = pairs_.teacher_groups[pair.teachers];
    const ProposalGroup& posts = pairs_.post_groups[pair.posts];
    const Counted& counted =
        counted_[problem_.quotas_by_school ? problem_.teachers[teachers.first].school : pair.posts];
    size_t quota = 0;
    for (int unit = 0; unit < flow.units[Graph::id(pair_arcs_[i])]; ++unit) {
      while (left[Graph::id(counted.arcs[quota])] == 0) ++quota;
      --left[Graph::id(counted.arcs[quota])];
      moves.push_back({teachers.members[next_teacher[pair.teachers]++],
                       posts.members[next_post[pair.posts]++], counted.quotas[quota]});
    }
  }
  std::sort(moves.begin(), moves.end(), [&](const ProposalMove& a, const ProposalMove& b) {
    return problem_.posts[a.post].id < problem_.posts[b.post].id;
  });
  return moves;
}

// The most moves of which enough can be backbone teachers: of all that flow, `most` has the most of them.
absl::StatusOr<Flow> MostWithShare(const Network& network, double share, Flow most, absl::Time deadline) {
  const auto enough = [share](const Flow& flow) { return flow.backbones >= LeastOf(share, flow.moves); };
  if (enough(most)) return most;
  ASSIGN_OR_RETURN(const Flow backbones, network.Most(Network::Aim::kOnlyBackbones, deadline));
  const auto bearable = [&](int count) {  // Moves that so many backbone teachers can bear.
    return static_cast<int>(std::min<double>(most.moves, std::floor(count / share + 1e-9)));
  };
  // Without its surplus of others, `most` itself keeps the share; and nobody bears more than all of them do.
  int low = bearable(most.backbones);
  int high = bearable(backbones.moves);
  ASSIGN_OR_RETURN(Flow best, network.Exactly(low, Network::Aim::kMostBackbones, deadline));
  while (low < high) {
    const int middle = low + (high - low + 1) / 2;
    ASSIGN_OR_RETURN(Flow flow, network.Exactly(middle, Network::Aim::kMostBackbones, deadline));
    if (enough(flow)) {
      best = std::move(flow);
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return best;
}

}  // namespace

absl::StatusOr<ProposalSolution> SolveProposal(const ProposalProblem& problem, const ProposalPairs& pairs,
                                               absl::Time deadline) {
  const Network network(problem, pairs);
  const double share = problem.limits.backbone_share_min;
  ProposalSolution solution;
  ASSIGN_OR_RETURN(Flow flow, network.Most(Network::Aim::kLeastDistance, deadline));
  solution.fillable_count = flow.moves;
  if (flow.backbones < LeastOf(share, flow.moves)) {
    ASSIGN_OR_RETURN(Flow most, network.Most(Network::Aim::kMostBackbones, deadline));
    ASSIGN_OR_RETURN(most, MostWithShare(network, share, std::move(most), deadline));
    if (most.moves < flow.moves) {
      ASSIGN_OR_RETURN(flow, network.Exactly(most.moves, Network::Aim::kLeastDistance, deadline));
    }
    network.Approach(most, LeastOf(share, flow.moves), &flow);
  }
  solution.moves = network.MovesOf(flow);
  return solution;
}

}  // namespace lianqiao::exchange
