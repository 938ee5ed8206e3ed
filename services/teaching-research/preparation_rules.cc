// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/preparation_rules.h"

#include "absl/strings/str_cat.h"
#include "libs/resource/date_order.h"
#include "libs/resource/record_content.h"

namespace lianqiao::research {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using v1::PlanDeviation;
using v1::PreparationGroup;
using v1::PreparationGroupMember;
using v1::SynchronousPlan;

Violations CheckPreparationGroup(const PreparationGroup* before, const PreparationGroup& after,
                                 const Facts& facts) {
  Violations violations;
  resource::RequireOrder("formedOn", after.formed_on(), "dissolvedOn", after.dissolved_on(), &violations);
  const bool of_grade = after.kind() == v1::PREPARATION_GROUP_KIND_DISTRICT_GRADE ||
                        after.kind() == v1::PREPARATION_GROUP_KIND_MERGED_GRADE;
  if (of_grade && after.grades_size() == 0)
    violations.push_back(Refuse("grades", ErrorReason::FIELD_REQUIRED));
  if (!of_grade && after.subjects_size() == 0)
    violations.push_back(Refuse("subjects", ErrorReason::FIELD_REQUIRED));
  if (!after.dissolved_on().empty() && after.state() != v1::PREPARATION_GROUP_STATE_DISSOLVED)
    violations.push_back(
        RefuseRule("dissolvedOn", "撤销日期由撤销操作填写", "is set by dissolving the group"));
  return violations;
}

namespace {

bool SameTime(const PreparationGroupMember& member, const FactRow& other) {
  return resource::PeriodsMeet(member.from_on(), member.to_on(), other.Text("from_on"), other.Text("to_on"));
}

void CheckAmongMembers(const PreparationGroupMember& member, const Facts& facts, Violations* violations) {
  const bool head = member.role() == v1::PREPARATION_GROUP_ROLE_HEAD;
  bool twice = false;
  bool second_head = false;
  for (const FactRow& other : facts.rows("members")) {
    if (!SameTime(member, other)) continue;
    // Erased members are nobody that could be told from each other.
    twice = twice || (!member.teacher_ref().empty() && other.Text("teacher_ref") == member.teacher_ref());
    second_head = second_head || (head && other.Text("role") == "PREPARATION_GROUP_ROLE_HEAD");
  }
  if (twice)
    violations->push_back(Refuse("fromOn", ErrorReason::OVERLAPS,
                                 {{"kind", "preparation_group_member"}, {"kind_zh", "备课组成员"}}));
  if (second_head)
    violations->push_back(
        RefuseRule("role", "同一时期只能有一名组长", "is held by another member at that time"));
}

}  // namespace

Violations CheckPreparationGroupMember(const PreparationGroupMember* before,
                                       const PreparationGroupMember& after, const Facts& facts) {
  Violations violations;
  resource::RequireOrder("fromOn", after.from_on(), "toOn", after.to_on(), &violations);
  for (const FactRow& group : facts.rows("group")) {
    const std::string dissolved = group.Text("dissolved_on");
    const bool over = group.Text("state") == "PREPARATION_GROUP_STATE_DISSOLVED";
    // Whoever was a member then may still be written down, if both ends are known.
    const bool within = !dissolved.empty() && !after.to_on().empty() && after.to_on() <= dissolved;
    if (before == nullptr && over && !within)
      violations.push_back(RefuseRule("preparationGroupId", "备课组已撤销", "the group has been dissolved"));
  }
  CheckAmongMembers(after, facts, &violations);
  return violations;
}

namespace {

void CheckUnits(const SynchronousPlan& plan, Violations* violations) {
  for (int i = 1; i < plan.units_size(); ++i) {
    if (plan.units(i).week() < plan.units(i - 1).week())
      violations->push_back(RefuseRule(absl::StrCat("units[", i, "].week"), "教学进度须按周次排列",
                                       "comes before the week of the unit above it"));
  }
}

}  // namespace

Violations CheckSynchronousPlan(const SynchronousPlan* before, const SynchronousPlan& after,
                                const Facts& facts) {
  Violations violations;
  CheckUnits(after, &violations);
  resource::RequireOrder("agreedOn", after.agreed_on(), "closedOn", after.closed_on(), &violations);
  for (const FactRow& group : facts.rows("group")) {
    if (group.Text("alliance_id") != after.alliance_id())
      violations.push_back(
          RefuseRule("preparationGroupId", "备课组属于另一联盟", "is a group of another alliance"));
  }
  if (facts.method() == "AgreeSynchronousPlan" && after.units_size() == 0)
    violations.push_back(Refuse("units", ErrorReason::FIELD_REQUIRED));
  const bool stands = before != nullptr && before->state() == after.state() &&
                      after.state() != v1::SYNCHRONOUS_PLAN_STATE_DRAFTED;
  if (stands && resource::ContentDiffers(*before, after, {"agreed_on", "closed_on"}))
    violations.push_back(RefuseRule("state", "已商定或已结束的计划不得修改,偏差另行记录",
                                    "what was agreed stands: note deviations, or reopen the plan"));
  return violations;
}

Violations CheckSynchronousPlanDeletion(const SynchronousPlan& record, const Facts& /*facts*/) {
  if (record.state() == v1::SYNCHRONOUS_PLAN_STATE_DRAFTED) return {};
  return {RefuseRule("state", "已商定的计划不得删除", "was agreed on: its record stays")};
}

Violations CheckPlanDeviation(const PlanDeviation* before, const PlanDeviation& after, const Facts& facts) {
  Violations violations;
  for (const FactRow& plan : facts.rows("plan")) {
    if (before == nullptr && plan.Text("state") == "SYNCHRONOUS_PLAN_STATE_DRAFTED")
      violations.push_back(
          RefuseRule("synchronousPlanId", "计划尚未商定", "has not been agreed: nobody can deviate from it"));
  }
  if (after.noted_on() > facts.today())
    violations.push_back(RefuseRule("notedOn", "日期不得晚于今天", "lies ahead"));
  return violations;
}

}  // namespace lianqiao::research
