// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/talent_rules.h"

#include "services/teacher-exchange/ethics_veto.h"
#include "services/teacher-exchange/group_dates.h"
#include "services/teacher-exchange/person_figures.h"
#include "services/teacher-exchange/personal_numbers.h"
#include "services/teacher-exchange/record_made.h"

namespace lianqiao::exchange {

using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::Violations;

Violations CheckTalentProgramme(const v1::TalentProgramme* before, const v1::TalentProgramme& after,
                                const Facts& facts) {
  Violations violations;
  CheckGroupCourse(before, after, "startedOn", after.started_on(), facts, &violations);
  // Whether the ethics veto stands against joining hangs on the kind (ethics_veto.h).
  if (before != nullptr && resource::IsEdit(facts) && before->kind() != after.kind() &&
      !facts.rows("taken_in").empty())
    violations.push_back(RefuseRule("kind", "该工程已有批次或培养对象,类型不得修改",
                                    "stands: the programme has cohorts or members"));
  if (after.parent_programme_id().empty()) return violations;
  const auto& wholes = facts.rows("whole");
  const bool is_project = !wholes.empty() && !wholes.front().Text("parent_programme_id").empty();
  if (is_project || after.parent_programme_id() == after.id())
    violations.push_back(RefuseRule("parentProgrammeId", "所指工程本身是子项目",
                                    "is itself a project, of another or of itself"));
  if (!facts.rows("projects").empty())
    violations.push_back(
        RefuseRule("parentProgrammeId", "该工程自身有子项目", "cannot be named: this one has projects"));
  return violations;
}

Violations CheckTalentCohort(const v1::TalentCohort* before, const v1::TalentCohort& after,
                             const Facts& facts) {
  Violations violations;
  resource::RequireOrder("startedOn", after.started_on(), "endedOn", after.ended_on(), &violations);
  resource::RequireNumber("distinctPersonCountComparison", after.has_distinct_person_count(),
                          after.distinct_person_count_comparison(), &violations);
  if (after.has_quota_count() && after.rural_quota_count() > after.quota_count())
    violations.push_back(
        RefuseRule("ruralQuotaCount", "乡村名额不得多于名额总数", "is more than the whole quota"));
  const auto& members = facts.rows("members");
  if (!members.empty() && !AdmitsOnRecord(after, members.front().Integer("count")))
    violations.push_back(
        RefuseRule("distinctPersonCount", "少于已登记的培养对象数", "is fewer than the members on record"));
  const auto& groups = facts.rows("group");
  if (IsMadeHere(before, facts) && !groups.empty() && IsOver(GroupStateOf(groups.front())))
    violations.push_back(
        RefuseRule("talentProgrammeId", "该工程已结束", "is over: it takes no further cohort"));
  return violations;
}

namespace {

v1::TalentGroup TargetGroupOf(const FactRow& cohort) {
  v1::TalentGroup group = v1::TALENT_GROUP_UNSPECIFIED;
  v1::TalentGroup_Parse(cohort.Text("target_group"), &group);
  return group;
}

// Of pupils and students there are figures only (domain §1.13).
bool IsPupilOrStudent(v1::TalentGroup group) {
  return group == v1::TALENT_GROUP_PUPILS || group == v1::TALENT_GROUP_NORMAL_STUDENTS;
}

}  // namespace

void DeriveTalentMember(v1::TalentMember* member, const Facts& facts) {
  const auto& cohorts = facts.rows("cohort");
  member->set_target_group(cohorts.empty() ? v1::TALENT_GROUP_UNSPECIFIED : TargetGroupOf(cohorts.front()));
}

Violations CheckTalentMember(const v1::TalentMember* before, const v1::TalentMember& after,
                             const Facts& facts) {
  Violations violations;
  RefusePersonalNumbers(after, &violations);
  CheckStay(after, &violations);
  const bool joins = before == nullptr || before->has_delete_time();
  if (joins && !facts.imports()) CheckEthics("teacherId", facts, &violations);
  const auto& groups = facts.rows("group");
  if (IsMadeHere(before, facts) && !groups.empty() && IsOver(GroupStateOf(groups.front())))
    violations.push_back(RefuseRule("talentProgrammeId", "该工程已结束", "is over: nobody joins it"));
  const auto& cohorts = facts.rows("cohort");
  if (cohorts.empty()) return violations;
  const FactRow& cohort = cohorts.front();
  if (cohort.Text("talent_programme_id") != after.talent_programme_id())
    violations.push_back(
        RefuseRule("talentCohortId", "该批次不属于此工程", "is a cohort of another programme"));
  if (IsPupilOrStudent(TargetGroupOf(cohort)))
    violations.push_back(
        RefuseRule("talentCohortId", "学生只记人数,不登记个人", "is one of students: only figures are kept"));
  type::v1::Comparison comparison = type::v1::COMPARISON_UNSPECIFIED;
  type::v1::Comparison_Parse(cohort.Text("comparison"), &comparison);
  const auto& others = facts.rows("other_members");
  const std::string reported = cohort.Text("distinct_person_count");
  if (before == nullptr && !reported.empty() && !others.empty() && !resource::MayBeMore(comparison) &&
      others.front().Integer("count") >= cohort.Integer("distinct_person_count"))
    violations.push_back(
        RefuseRule("talentCohortId", "培养对象已达上报人数", "has as many members as it reports"));
  return violations;
}

}  // namespace lianqiao::exchange
