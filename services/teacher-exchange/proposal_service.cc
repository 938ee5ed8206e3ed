// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/proposal_service.h"

#include <algorithm>
#include <atomic>

#include "absl/strings/str_cat.h"
#include "lianqiao/exchange/v1/vacancy.pb.h"
#include "libs/resource/wrong_state.h"
#include "services/teacher-exchange/proposal_rules.h"

namespace lianqiao::exchange {

using postgres::Parameters;
using resource::NamedQuery;
using resource::Writing;
using v1::Assignment;
using v1::AssignmentProposal;
using v1::Vacancy;

namespace {

// Each takes a processor for seconds and a connection meanwhile.
constexpr int kAtOnceMax = 2;
constexpr int64_t kRetryMilliseconds = 2000;
// What is left of the call for writing and committing the answer.
constexpr absl::Duration kForTheAnswer = absl::Seconds(1);
// More violations help nobody.
constexpr size_t kStaleLinesTold = 100;

class Place {
 public:
  Place() : taken_(++running_) {}
  ~Place() { --running_; }
  bool free() const { return taken_ <= kAtOnceMax; }

 private:
  static std::atomic<int> running_;
  const int taken_;
};
std::atomic<int> Place::running_{0};

absl::StatusOr<AssignmentProposal> ProposeAssignments(Writing& writing,
                                                      const v1::ProposeAssignmentsRequest& request) {
  RETURN_IF_ERROR(base::FailIfAny(CheckProposalRequest(request)));
  const Place place;
  if (!place.free())
    return base::WithRetryAfter(
        base::Fail(absl::StatusCode::kResourceExhausted, base::ErrorReason::OVERLOADED), kRetryMilliseconds);
  const absl::Time deadline = writing.deadline() - kForTheAnswer;
  AssignmentProposal proposal = ProposalOf(request);
  ASSIGN_OR_RETURN(const ProposalFacts facts, ReadProposalFacts(writing, proposal, {}));
  ASSIGN_OR_RETURN(const ProposalPairs pairs, PairsOf(facts.problem, deadline));
  ASSIGN_OR_RETURN(const ProposalSolution solution, SolveProposal(facts.problem, pairs, deadline));
  Describe(facts, solution, ReasonsOf(facts.problem, pairs, solution), &proposal);
  RETURN_IF_ERROR(writing.Create(&proposal));
  return proposal;
}

// The proposal with its own people, posts and quotas for limits: what its lines rest on.
AssignmentProposal ItsOwn(const AssignmentProposal& proposal) {
  AssignmentProposal own = proposal;
  v1::ProposalLimits& limits = *own.mutable_limits();
  limits.clear_teacher_ids();
  limits.clear_vacancy_ids();
  limits.clear_quota_ids();
  std::vector<std::string> quotas;
  for (const v1::ProposalLine& line : proposal.lines()) {
    limits.add_teacher_ids(line.teacher_id());
    limits.add_vacancy_ids(line.vacancy_id());
    quotas.push_back(line.quota_id());
  }
  std::sort(quotas.begin(), quotas.end());
  quotas.erase(std::unique(quotas.begin(), quotas.end()), quotas.end());
  for (std::string& quota : quotas) limits.add_quota_ids(std::move(quota));
  return own;
}

// FAILED_PRECONDITION unless every line holds now, `made` taken for not there.
absl::Status CheckLines(Writing& writing, const AssignmentProposal& own,
                        const std::vector<std::string>& made) {
  ASSIGN_OR_RETURN(const ProposalFacts facts, ReadProposalFacts(writing, own, made));
  resource::Violations stale = StaleLines(facts, own);
  if (stale.size() > kStaleLinesTold) stale.resize(kStaleLinesTold);
  return base::FailIfAny(absl::StatusCode::kFailedPrecondition, stale);
}

Assignment Nominated(const AssignmentProposal& proposal, const v1::ProposalLine& line,
                     const Vacancy& vacancy) {
  Assignment assignment;
  assignment.set_teacher_id(line.teacher_id());
  assignment.set_type(proposal.type());
  assignment.set_rotation_kind(proposal.rotation_kind());
  assignment.set_from_school_id(line.from_school_id());
  assignment.set_to_school_id(line.to_school_id());
  assignment.set_host_role(vacancy.host_role());
  assignment.set_subject(vacancy.subject());
  assignment.set_stage(vacancy.stage());
  assignment.set_state(v1::ASSIGNMENT_STATE_NOMINATED);
  assignment.set_planned_from(proposal.planned_from());
  assignment.set_planned_until(proposal.planned_until());
  assignment.set_weekly_share_percent(proposal.weekly_share_percent());
  assignment.set_alliance_id(vacancy.alliance_id());
  assignment.set_quota_id(line.quota_id());
  assignment.set_synthetic(proposal.synthetic());
  return assignment;
}

// Every write of an assignment locks its teacher, then its quota. Line by line, an approval would hold a
// quota and wait for the next teacher: it takes all teachers first, then all quotas, each in the order of
// ids.
absl::Status LockTeachersAndQuotas(Writing& writing, const AssignmentProposal& own) {
  static const NamedQuery teachers{
      "lock_proposal_teachers", "SELECT 1 FROM teacher WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE"};
  static const NamedQuery quotas{"lock_proposal_quotas",
                                 "SELECT 1 FROM quota WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE"};
  const v1::ProposalLimits& limits = own.limits();
  RETURN_IF_ERROR(
      writing
          .Query(teachers, Parameters().TextArray({limits.teacher_ids().begin(), limits.teacher_ids().end()}))
          .status());
  return writing.Query(quotas, Parameters().TextArray({limits.quota_ids().begin(), limits.quota_ids().end()}))
      .status();
}

// Looks before it writes anything, so that the answer names the lines; locks vacancies, teachers and quotas
// and writes the assignments; looks again at what nobody can change any more; then fills the vacancies.
absl::StatusOr<AssignmentProposal> ApproveAssignmentProposal(
    Writing& writing, const v1::ApproveAssignmentProposalRequest& request) {
  ASSIGN_OR_RETURN(AssignmentProposal proposal,
                   writing.Load<AssignmentProposal>(request.id(), request.etag()));
  if (proposal.state() != v1::PROPOSAL_STATE_PROPOSED)
    return resource::WrongState(proposal.state(), "PROPOSED");
  const std::string day = request.effective_on().empty() ? writing.today() : request.effective_on();
  if (proposal.lines().empty())
    return base::FailIfAny(
        absl::StatusCode::kFailedPrecondition,
        {base::RefuseRule("lines", "方案中没有建议", "are empty: there is nothing to do")});
  const AssignmentProposal own = ItsOwn(proposal);
  RETURN_IF_ERROR(CheckLines(writing, own, {}));
  std::vector<Vacancy> vacancies;
  for (const v1::ProposalLine& line : proposal.lines()) {
    ASSIGN_OR_RETURN(vacancies.emplace_back(), writing.Load<Vacancy>(line.vacancy_id()));
  }
  RETURN_IF_ERROR(LockTeachersAndQuotas(writing, own));
  std::vector<std::string> made;
  for (int i = 0; i < proposal.lines_size(); ++i) {
    Assignment assignment = Nominated(proposal, proposal.lines(i), vacancies[i]);
    RETURN_IF_ERROR(writing.Create(&assignment));
    made.push_back(assignment.id());
  }
  RETURN_IF_ERROR(CheckLines(writing, own, made));
  for (int i = 0; i < proposal.lines_size(); ++i) {
    vacancies[i].set_state(v1::VACANCY_STATE_FILLED);
    vacancies[i].set_assignment_id(made[i]);
    vacancies[i].set_filled_on(day);
    RETURN_IF_ERROR(writing.Update(&vacancies[i]));
    proposal.mutable_lines(i)->set_assignment_id(made[i]);
  }
  proposal.set_state(v1::PROPOSAL_STATE_APPROVED);
  proposal.set_decided_on(day);
  RETURN_IF_ERROR(writing.Update(&proposal));
  return proposal;
}

}  // namespace

void AddProposals(resource::Service& service) {
  resource::Resource<AssignmentProposal>(service)
      .on("ProposeAssignments", ProposeAssignments)
      .on("ApproveAssignmentProposal", ApproveAssignmentProposal);
}

}  // namespace lianqiao::exchange
