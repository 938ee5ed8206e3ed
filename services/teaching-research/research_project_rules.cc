// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/research_project_rules.h"

#include "libs/resource/record_content.h"
#include "services/teaching-research/school_facts.h"
#include "services/teaching-research/step_dates.h"

namespace lianqiao::research {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Facts;
using resource::Violations;
using v1::ResearchProject;

// How far along its course it may have come: a project that was terminated may have passed any step but the
// last.
int StepsTaken(v1::ResearchProjectState state) {
  switch (state) {
    case v1::RESEARCH_PROJECT_STATE_APPROVED:
      return 1;
    case v1::RESEARCH_PROJECT_STATE_OPENED:
      return 2;
    case v1::RESEARCH_PROJECT_STATE_MID_CHECKED:
    case v1::RESEARCH_PROJECT_STATE_TERMINATED:
      return 3;
    case v1::RESEARCH_PROJECT_STATE_CLOSED:
      return 4;
    default:
      return 0;
  }
}

// What was approved is what was applied for.
bool ApprovedContentDiffers(const ResearchProject& before, const ResearchProject& after) {
  return before.title() != after.title() || before.key_topic() != after.key_topic() ||
         before.programme() != after.programme() || before.organisation_id() != after.organisation_id() ||
         before.levels_size() != after.levels_size() ||
         !std::equal(before.levels().begin(), before.levels().end(), after.levels().begin());
}

void CheckCourse(const ResearchProject* before, const ResearchProject& after, const Facts& facts,
                 Violations* violations) {
  const int taken = StepsTaken(after.state());
  CheckStepDates(
      {{"appliedOn", after.applied_on(), true},
       {"approvedOn", after.approved_on(), taken >= 1},
       {"openedOn", after.opened_on(), taken >= 2},
       {"midCheckedOn", after.mid_checked_on(), taken >= 3},
       {"closedOn", after.closed_on(), taken >= 4},
       {"terminatedOn", after.terminated_on(), after.state() == v1::RESEARCH_PROJECT_STATE_TERMINATED}},
      facts.today(), violations);
  if (taken == 0 && !after.project_number().empty())
    violations->push_back(
        RefuseRule("projectNumber", "立项后方有立项编号", "is given when the project is approved"));
  if (facts.method() == "MidCheckResearchProject" && after.mid_check_result().empty())
    violations->push_back(Refuse("midCheckResult", ErrorReason::FIELD_REQUIRED));
  if (facts.method() == "CloseResearchProject" && after.outcome().empty())
    violations->push_back(Refuse("outcome", ErrorReason::FIELD_REQUIRED));
  const bool stands = before != nullptr && before->state() != v1::RESEARCH_PROJECT_STATE_APPLIED;
  if (stands && resource::IsEdit(facts) && ApprovedContentDiffers(*before, after))
    violations->push_back(RefuseRule("state", "已审定的课题,名称、级别、规划和申报单位不可更改",
                                     "title, levels, programme and applicant of a project that was decided on"
                                     " cannot be changed"));
}

}  // namespace

Violations CheckResearchProject(const ResearchProject* before, const ResearchProject& after,
                                const Facts& facts) {
  Violations violations;
  CheckCourse(before, after, facts, &violations);
  resource::RequireOrder("appliedOn", after.applied_on(), "plannedUntil", after.planned_until(), &violations);
  for (int i = 0; i < after.levels_size(); ++i) {
    for (int j = 0; j < i; ++j) {
      if (after.levels(i) == after.levels(j))
        violations.push_back(RefuseRule("levels[" + std::to_string(i) + "]", "级别重复", "is named twice"));
    }
  }
  RefuseRepeated(after.participants(), "participants", &violations);
  RefuseUnknownOrganisations("participants", facts, &violations);
  for (int i = 0; i < after.participants_size(); ++i) {
    if (after.participants(i).organisation_id() == after.organisation_id() &&
        !after.organisation_id().empty())
      violations.push_back(RefuseRule("participants[" + std::to_string(i) + "].organisationId",
                                      "申报单位不必列为参与单位", "is the applicant itself"));
  }
  return violations;
}

Violations CheckResearchProjectDeletion(const ResearchProject& record, const Facts& facts) {
  if (record.state() == v1::RESEARCH_PROJECT_STATE_APPLIED) return {};
  return {RefuseRule("state", "已审定的课题不得删除", "has been decided on: its record stays")};
}

}  // namespace lianqiao::research
