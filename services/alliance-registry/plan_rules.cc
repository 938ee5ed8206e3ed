// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/plan_rules.h"

#include "libs/resource/date_order.h"
#include "libs/resource/record_content.h"
#include "services/alliance-registry/listed_references.h"

namespace lianqiao::registry {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Facts;
using resource::Violations;

// What every plan of an alliance has in common. What all agreed to, and the bureau has on file, stands: a
// plan that is only agreed can be reopened.
template <typename Plan>
void CheckPlan(const Plan* before, const Plan& plan, const Facts& facts, Violations* violations) {
  const bool may_be_filed = plan.state() == v1::PLAN_STATE_FILED || plan.state() == v1::PLAN_STATE_CLOSED;
  if (!plan.filed_on().empty() && !may_be_filed)
    violations->push_back(RefuseRule("filedOn", "备案日期由备案操作填写", "is set by filing"));
  if (!plan.closed_on().empty() && plan.state() < v1::PLAN_STATE_CLOSED)
    violations->push_back(RefuseRule("closedOn", "结束日期由结束操作填写", "is set by closing"));
  if (before != nullptr && before->state() > v1::PLAN_STATE_DRAFTED && resource::IsEdit(facts) &&
      resource::ContentDiffers(*before, plan,
                               {"state", "agreed_on", "filed_on", "closed_on", "close_reason"}))
    violations->push_back(RefuseRule("state", "已商定或备案的内容不可更改,须先退回拟定",
                                     "what was agreed or filed stands: reopen it before changing it"));
  resource::RequireOrder("startsOn", plan.starts_on(), "endsOn", plan.ends_on(), violations);
  resource::RequireOrder("agreedOn", plan.agreed_on(), "filedOn", plan.filed_on(), violations);
  const auto& cycles = facts.rows("cycle");
  if (!cycles.empty()) {
    const std::string owner = cycles.front().Text("alliance_id");
    if (!owner.empty() && owner != plan.alliance_id())
      violations->push_back(
          RefuseRule("cycleId", "该周期属于其他联盟", "the cycle belongs to another alliance"));
  }
  if (facts.method().rfind("File", 0) == 0 && facts.rows("accepted").empty())
    violations->push_back(RefuseRule("state", "尚无已受理的备案记录", "no filing of it has been accepted"));
  if (!facts.rows("handed_in").empty())
    violations->push_back(RefuseRule("state",
                                     "备案已提交的,须先由备案机关退回;备案已受理的,不再退回:请将本文件存档"
                                     "(:file),或结束(:close)后另立",
                                     "what was handed in stands: the authority may return a filing that is"
                                     " before it; after it has accepted one, put this on file (:file), or"
                                     " close it (:close) and make a new one"));
}

}  // namespace

Violations CheckCycle(const v1::Cycle* before, const v1::Cycle& after, const Facts& facts) {
  Violations violations;
  resource::RequireOrder("startsOn", after.starts_on(), "endsOn", after.ends_on(), &violations);
  if (!facts.rows("same_number").empty())
    violations.push_back(RefuseRule("number", "该序号的周期已存在", "a cycle with this number exists"));
  if (before == nullptr && !facts.rows("ended_place").empty())
    violations.push_back(RefuseRule("jurisdictionId", "该辖区在周期开始前已撤销,请由取代它的辖区登记",
                                    "had ended before the cycle begins: it belongs to what replaced it"));
  return violations;
}

Violations CheckDevelopmentPlan(const v1::DevelopmentPlan* before, const v1::DevelopmentPlan& after,
                                const Facts& facts) {
  Violations violations;
  CheckPlan(before, after, facts, &violations);
  return violations;
}

Violations CheckImplementationPlan(const v1::ImplementationPlan* before, const v1::ImplementationPlan& after,
                                   const Facts& facts) {
  Violations violations;
  CheckPlan(before, after, facts, &violations);
  const bool itemised = after.kind() == v1::IMPLEMENTATION_PLAN_KIND_ITEMISED;
  if (itemised && after.item().empty()) violations.push_back(Refuse("item", ErrorReason::FIELD_REQUIRED));
  if (!itemised && !(after.item().empty() && after.overall_plan_id().empty()))
    violations.push_back(RefuseRule(after.item().empty() ? "overallPlanId" : "item", "仅分项方案可填写",
                                    "belongs to itemised plans only"));
  const auto& overall = facts.rows("overall");
  if (itemised && !overall.empty() &&
      (overall.front().Text("kind") != "IMPLEMENTATION_PLAN_KIND_OVERALL" ||
       overall.front().Text("alliance_id") != after.alliance_id()))
    violations.push_back(
        RefuseRule("overallPlanId", "须为本联盟的总体方案", "must be an overall plan of the same alliance"));
  return violations;
}

Violations CheckAnnualPlan(const v1::AnnualPlan* before, const v1::AnnualPlan& after, const Facts& facts) {
  Violations violations;
  CheckPlan(before, after, facts, &violations);
  RefuseUnknown("tasks", facts, &violations);
  const std::string year = std::to_string(after.year());
  if (!after.starts_on().empty() && after.starts_on().compare(0, 4, year) != 0)
    violations.push_back(RefuseRule("startsOn", "起始日须在本年度内", "must lie in the plan's year"));
  if (!after.school_year().empty() && after.school_year().compare(0, 4, year) != 0)
    violations.push_back(RefuseRule("schoolYear", "学年须自本年度开始", "must begin in the plan's year"));
  for (int i = 0; i < after.tasks_size(); ++i) {
    const v1::AnnualTask& task = after.tasks(i);
    const std::string path = "tasks[" + std::to_string(i) + "]";
    resource::RequireOrder("startsOn", task.starts_on(), (path + ".dueOn").c_str(), task.due_on(),
                           &violations);
  }
  return violations;
}

Violations CheckCountyProgramme(const v1::CountyProgramme* before, const v1::CountyProgramme& after,
                                const Facts& facts) {
  Violations violations;
  resource::RequireOrder("startsOn", after.starts_on(), "endsOn", after.ends_on(), &violations);
  const auto& places = facts.rows("jurisdiction");
  if (!places.empty() && places.front().Text("level") != "JURISDICTION_LEVEL_COUNTY")
    violations.push_back(
        RefuseRule("jurisdictionId", "须为县级辖区", "must be a jurisdiction of county level"));
  return violations;
}

}  // namespace lianqiao::registry
