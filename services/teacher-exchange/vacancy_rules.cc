// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/vacancy_rules.h"

#include "libs/resource/date_order.h"
#include "libs/resource/record_content.h"
#include "services/teacher-exchange/personal_numbers.h"

namespace lianqiao::exchange {

using base::RefuseRule;
using resource::Facts;
using resource::Violations;
using v1::Vacancy;

namespace {

// As assignments of these types have it.
void CheckRole(const Vacancy& vacancy, Violations* violations) {
  const v1::HostRole role = vacancy.host_role();
  const bool leads = role == v1::HOST_ROLE_PRINCIPAL || role == v1::HOST_ROLE_VICE_PRINCIPAL;
  if (vacancy.type() == v1::ASSIGNMENT_TYPE_CADRE_DISPATCH && !leads)
    violations->push_back(RefuseRule("hostRole", "选派干部须任校长或副校长",
                                     "must be principal or vice principal in a cadre dispatch"));
  if (vacancy.type() == v1::ASSIGNMENT_TYPE_CONCURRENT_VICE_PRINCIPAL && role != v1::HOST_ROLE_VICE_PRINCIPAL)
    violations->push_back(RefuseRule("hostRole", "须为副校长", "must be vice principal"));
  if (vacancy.type() == v1::ASSIGNMENT_TYPE_SHADOWING && role != v1::HOST_ROLE_TRAINEE)
    violations->push_back(RefuseRule("hostRole", "跟岗学习须为跟岗学员", "must be trainee in shadowing"));
}

// What the post asks for, as a proposal looks at it: of the person as on the first day.
void CheckDemands(const Vacancy& vacancy, const resource::FactRow& assignment, Violations* violations) {
  const auto refuse = [&](const char* zh, const char* en) {
    violations->push_back(RefuseRule("assignmentId", zh, en));
  };
  if (!vacancy.alliance_id().empty() && assignment.Text("alliance_id") != vacancy.alliance_id())
    refuse("不属于该岗位的联盟", "is no exchange of the alliance within which the post is offered");
  if (vacancy.subject() != type::v1::SUBJECT_UNSPECIFIED &&
      assignment.Text("subject") != type::v1::Subject_Name(vacancy.subject()))
    refuse("任教学科不同", "is of another subject");
  if (vacancy.stage() != type::v1::STAGE_UNSPECIFIED &&
      assignment.Text("stage") != type::v1::Stage_Name(vacancy.stage()))
    refuse("任教学段不同", "is of another stage");
  if (vacancy.backbone_required() && !assignment.Boolean("backbone"))
    refuse("须为骨干教师", "is not of a backbone teacher");
  v1::CadreRank rank = v1::CADRE_RANK_UNSPECIFIED;
  v1::CadreRank_Parse(assignment.Text("cadre_rank"), &rank);
  if (vacancy.cadre_rank_min() > v1::CADRE_RANK_NONE && rank < vacancy.cadre_rank_min())
    refuse("干部职级低于岗位要求", "is of somebody without the rank that the post asks for");
}

// The assignment is one for this post.
void CheckAssignmentFits(const Vacancy& vacancy, const Facts& facts, Violations* violations) {
  const auto refuse = [&](const char* zh, const char* en) {
    violations->push_back(RefuseRule("assignmentId", zh, en));
  };
  for (const resource::FactRow& assignment : facts.rows("assignment")) {
    if (assignment.Text("to_school_id") != vacancy.school_id())
      refuse("接收学校不是该校", "is at another host school");
    if (assignment.Text("type") != v1::AssignmentType_Name(vacancy.type()))
      refuse("交流类型不同", "is of another type of exchange");
    if (assignment.Text("host_role") != v1::HostRole_Name(vacancy.host_role()))
      refuse("任职角色不同", "has another host role");
    CheckDemands(vacancy, assignment, violations);
    if (!assignment.Boolean("stands")) refuse("已撤回或已结束", "was withdrawn or is over");
  }
}

}  // namespace

resource::FactQuery VacancyAssignmentFacts() {
  return {"assignment",
          "SELECT a.to_school_id, a.type, a.host_role, a.alliance_id, a.subject, a.stage, a.backbone, "
          "a.cadre_rank,"
          " a.state IN ('ASSIGNMENT_STATE_NOMINATED',"
          " 'ASSIGNMENT_STATE_APPROVED', 'ASSIGNMENT_STATE_ON_POST', 'ASSIGNMENT_STATE_EXTENDED') AS stands"
          " FROM assignment a WHERE a.id = $1::uuid AND a.delete_time IS NULL",
          {"assignment_id"},
          {"FillVacancy", "ApproveAssignmentProposal"}};
}

Violations CheckVacancy(const Vacancy* before, const Vacancy& after, const Facts& facts) {
  Violations violations;
  RefusePersonalNumbers(after, &violations);
  resource::RequireOrder("openFrom", after.open_from(), "openUntil", after.open_until(), &violations);
  CheckRole(after, &violations);
  CheckAssignmentFits(after, facts, &violations);
  const bool settled = before != nullptr && before->state() != v1::VACANCY_STATE_OPEN;
  if (settled && resource::IsEdit(facts) &&
      resource::ContentDiffers(*before, after, {"description", "state"}))
    violations.push_back(RefuseRule("state", "岗位已补或已撤回,内容不可更改;请先重新开放",
                                    "is filled or withdrawn: reopen it before you change it"));
  return violations;
}

Violations CheckVacancyDeletion(const Vacancy& vacancy, const Facts& facts) {
  if (vacancy.state() != v1::VACANCY_STATE_FILLED) return {};
  return {RefuseRule("state", "岗位已有人任职,不得删除", "somebody has the post")};
}

}  // namespace lianqiao::exchange
