// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/proposal_rules.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "lianqiao/options/v1/options.pb.h"
#include "libs/resource/date_order.h"

namespace lianqiao::exchange {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Violations;
using v1::AssignmentProposal;

namespace {

constexpr int kWholeWeek = 100;

const options::v1::Label& LabelOf(v1::ProposalReason reason) {
  return v1::ProposalReason_descriptor()->FindValueByNumber(reason)->options().GetExtension(
      options::v1::label);
}

// Teachers and vacancies together by reason and school, in the order of both.
class Refusals {
 public:
  v1::ProposalRefusal& At(v1::ProposalReason reason, const std::string& school_id) {
    v1::ProposalRefusal& refusal = refusals_[{reason, school_id}];
    if (refusal.reason() == v1::PROPOSAL_REASON_UNSPECIFIED) {
      refusal.set_reason(reason);
      refusal.set_reason_zh(LabelOf(reason).zh());
      refusal.set_reason_en(LabelOf(reason).en());
      refusal.set_school_id(school_id);
    }
    return refusal;
  }
  void MoveTo(AssignmentProposal* proposal) {
    for (auto& [unused, refusal] : refusals_) *proposal->add_refusals() = std::move(refusal);
  }

 private:
  std::map<std::pair<int, std::string>, v1::ProposalRefusal> refusals_;
};

void DescribeMoves(const ProposalFacts& facts, const ProposalSolution& solution,
                   AssignmentProposal* proposal) {
  const ProposalProblem& problem = facts.problem;
  int backbones = 0;
  for (const ProposalMove& move : solution.moves) {
    const ProposalTeacher& teacher = problem.teachers[move.teacher];
    const ProposalPost& post = problem.posts[move.post];
    v1::ProposalLine& line = *proposal->add_lines();
    line.set_vacancy_id(post.id);
    line.set_teacher_id(teacher.id);
    line.set_quota_id(problem.quotas[move.quota].id);
    line.set_from_school_id(problem.schools[teacher.school].id);
    line.set_to_school_id(problem.schools[post.school].id);
    line.set_backbone(teacher.backbone);
    const int kilometres = KilometresBetween(problem.schools[teacher.school], problem.schools[post.school]);
    if (kilometres >= 0) line.set_distance_km(kilometres);
    backbones += teacher.backbone ? 1 : 0;
  }
  proposal->set_move_count(static_cast<int>(solution.moves.size()));
  proposal->set_backbone_move_count(backbones);
  proposal->set_fillable_count(solution.fillable_count);
}

void DescribeQuota(const ProposalQuotaCounts& counts, int moves, v1::ProposalReason reason,
                   AssignmentProposal* proposal) {
  v1::ProposalQuotaResult& result = *proposal->add_quota_results();
  result.set_quota_id(counts.id);
  result.set_planned_count(counts.planned_count);
  result.set_taken_count(counts.taken_count);
  result.set_move_count(moves);
  if (reason == v1::PROPOSAL_REASON_UNSPECIFIED) return;
  result.set_reason(reason);
  result.set_reason_zh(LabelOf(reason).zh());
  result.set_reason_en(LabelOf(reason).en());
}

}  // namespace

Violations CheckProposalRequest(const v1::ProposeAssignmentsRequest& request) {
  Violations violations;
  const bool rotates = request.type() == v1::ASSIGNMENT_TYPE_ROTATION;
  const bool has_kind = request.rotation_kind() != v1::ROTATION_KIND_UNSPECIFIED;
  if (rotates && !has_kind) violations.push_back(Refuse("rotationKind", ErrorReason::FIELD_REQUIRED));
  if (!rotates && has_kind)
    violations.push_back(Refuse("rotationKind", ErrorReason::FIELD_CONFLICT, {{"other", "type"}}));
  resource::RequireOrder("plannedFrom", request.planned_from(), "plannedUntil", request.planned_until(),
                         &violations);
  std::set<std::string> schools;
  for (int i = 0; i < request.limits().school_minimums_size(); ++i) {
    if (!schools.insert(request.limits().school_minimums(i).school_id()).second)
      violations.push_back(
          Refuse(absl::StrCat("limits.schoolMinimums[", i, "].schoolId"), ErrorReason::FIELD_DUPLICATE));
  }
  return violations;
}

AssignmentProposal ProposalOf(const v1::ProposeAssignmentsRequest& request) {
  AssignmentProposal proposal;
  proposal.set_title(request.title());
  proposal.set_jurisdiction_id(request.jurisdiction_id());
  proposal.set_school_year_id(request.school_year_id());
  proposal.set_type(request.type());
  proposal.set_rotation_kind(request.rotation_kind());
  proposal.set_planned_from(request.planned_from());
  proposal.set_planned_until(request.planned_until());
  proposal.set_weekly_share_percent(request.weekly_share_percent() == 0 ? kWholeWeek
                                                                        : request.weekly_share_percent());
  *proposal.mutable_limits() = request.limits();
  proposal.set_synthetic(request.synthetic());
  proposal.set_state(v1::PROPOSAL_STATE_PROPOSED);
  return proposal;
}

void Describe(const ProposalFacts& facts, const ProposalSolution& solution, const ProposalReasons& reasons,
              AssignmentProposal* proposal) {
  const ProposalProblem& problem = facts.problem;
  DescribeMoves(facts, solution, proposal);
  Refusals refusals;
  for (size_t i = 0; i < problem.teachers.size(); ++i) {
    const ProposalTeacher& teacher = problem.teachers[i];
    if (reasons.teachers[i] != v1::PROPOSAL_REASON_UNSPECIFIED)
      refusals.At(reasons.teachers[i], problem.schools[teacher.school].id).add_teacher_ids(teacher.id);
  }
  for (const auto& [teacher_id, school_id] : facts.away)
    refusals.At(v1::PROPOSAL_REASON_ALREADY_AWAY, school_id).add_teacher_ids(teacher_id);
  for (const auto& [teacher_id, school_id] : facts.placed)
    refusals.At(v1::PROPOSAL_REASON_NO_QUOTA, school_id).add_teacher_ids(teacher_id);
  for (size_t i = 0; i < problem.posts.size(); ++i) {
    const ProposalPost& post = problem.posts[i];
    if (reasons.posts[i] != v1::PROPOSAL_REASON_UNSPECIFIED)
      refusals.At(reasons.posts[i], problem.schools[post.school].id).add_vacancy_ids(post.id);
  }
  for (const ProposalLeftOut& teacher : facts.left_out_teachers)
    refusals.At(teacher.reason, teacher.school_id).add_teacher_ids(teacher.id);
  for (const ProposalLeftOut& post : facts.left_out_posts)
    refusals.At(post.reason, post.school_id).add_vacancy_ids(post.id);
  refusals.MoveTo(proposal);
  std::vector<int> moves(problem.quotas.size());
  for (const ProposalMove& move : solution.moves) ++moves[move.quota];
  int missing = 0;
  for (size_t i = 0; i < problem.quotas.size(); ++i) {
    DescribeQuota(facts.counts[i], moves[i], reasons.quotas[i], proposal);
    missing += problem.quotas[i].missing_count;
  }
  for (const ProposalQuotaCounts& counts : facts.due)
    DescribeQuota(counts, 0,
                  counts.taken_count < counts.planned_count ? v1::PROPOSAL_REASON_ALREADY_DUE
                                                            : v1::PROPOSAL_REASON_UNSPECIFIED,
                  proposal);
  for (const std::string& quota_id : facts.unknown_quotas)
    DescribeQuota({quota_id, 0, 0}, 0, v1::PROPOSAL_REASON_NOT_AVAILABLE, proposal);
  proposal->set_teacher_count(
      static_cast<int>(problem.teachers.size() + facts.away.size() + facts.placed.size()));
  proposal->set_vacancy_count(static_cast<int>(problem.posts.size()));
  proposal->set_missing_count(missing);
}

namespace {

template <typename Items>
std::unordered_map<std::string, int> Numbered(const Items& items) {
  std::unordered_map<std::string, int> numbers;
  for (size_t i = 0; i < items.size(); ++i) numbers[items[i].id] = static_cast<int>(i);
  return numbers;
}

}  // namespace

Violations StaleLines(const ProposalFacts& facts, const AssignmentProposal& proposal) {
  const ProposalProblem& problem = facts.problem;
  const auto teachers = Numbered(problem.teachers);
  const auto posts = Numbered(problem.posts);
  const auto quotas = Numbered(problem.quotas);
  std::set<std::string> placed;
  for (const auto& [teacher_id, unused] : facts.placed) placed.insert(teacher_id);
  Violations violations;
  const auto refuse = [&](int line, const char* zh, const char* en) {
    violations.push_back(RefuseRule(absl::StrCat("lines[", line, "]"), zh, en));
  };
  std::vector<ProposalMove> moves;
  std::vector<int> lines;  // Of each move.
  for (int i = 0; i < proposal.lines_size(); ++i) {
    const v1::ProposalLine& line = proposal.lines(i);
    const auto teacher = teachers.find(line.teacher_id());
    const auto post = posts.find(line.vacancy_id());
    const auto quota = quotas.find(line.quota_id());
    if (placed.count(line.teacher_id()) > 0) {
      refuse(i, "教师已占用该名额", "the teacher has a place in the quota since");
    } else if (teacher == teachers.end() ||
               problem.schools[problem.teachers[teacher->second].school].id != line.from_school_id()) {
      refuse(i, "教师已离任、调动或另有交流任职", "the teacher has left, moved or gone elsewhere since");
    } else if (post == posts.end()) {
      refuse(i, "岗位已补、已撤回或不再空缺", "the vacancy is filled, withdrawn or not open any more");
    } else if (quota == quotas.end()) {
      refuse(i, "名额已删除、到期或不再适用", "the quota is gone, due or not for it any more");
    } else {
      moves.push_back({teacher->second, post->second, quota->second});
      lines.push_back(i);
    }
  }
  const ProposalFaults faults = FaultsOf(problem, moves);
  for (const int move : faults.moves)
    refuse(lines[move], "教师与岗位已不再相符", "the teacher and the post do not fit any more");
  for (size_t i = 0; i < moves.size(); ++i) {
    const auto among = [](const std::vector<int>& list, int value) {
      return std::find(list.begin(), list.end(), value) != list.end();
    };
    if (among(faults.schools, problem.teachers[moves[i].teacher].school))
      refuse(lines[i], "派出学校将低于最低师资数", "the sending school would fall below its minimum");
    if (among(faults.quotas, moves[i].quota))
      refuse(lines[i], "名额已不足", "the quota has too few places left");
  }
  if (faults.backbone_share && violations.empty())
    violations.push_back(
        RefuseRule("limits.backboneShareMin", "骨干教师比例已低于要求", "is not kept any more"));
  return violations;
}

}  // namespace lianqiao::exchange
