// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/remote_classroom_rules.h"

#include <string>

#include "libs/resource/date_order.h"

namespace lianqiao::resources {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::Violations;

void CheckSchools(const v1::RemoteClassroomPair& pair, const Facts& facts, Violations* violations) {
  if (pair.school_a_id() == pair.school_b_id())
    violations->push_back(RefuseRule("schoolBId", "两校不能相同", "is the same school as school A"));
  const auto& alliances = facts.rows("alliance");
  if (!alliances.empty() && alliances.front().Text("type") != "ALLIANCE_TYPE_SCHOOL_PAIR")
    violations->push_back(
        RefuseRule("allianceId", "不是结对学校类联盟", "is no alliance of type school pair"));
  for (const FactRow& row : facts.rows("schools")) {
    const char* field = row.Text("school") == "a" ? "schoolAId" : "schoolBId";
    if (!row.Boolean("teaches")) violations->push_back(RefuseRule(field, "不是学校", "is no school"));
    if (!alliances.empty() && !row.Boolean("party"))
      violations->push_back(RefuseRule(field, "不是该结对联盟的成员", "is no party of the alliance"));
  }
}

}  // namespace

Violations CheckRemoteClassroomPair(const v1::RemoteClassroomPair* before,
                                    const v1::RemoteClassroomPair& after, const Facts& facts) {
  Violations violations;
  if (before == nullptr || before->has_delete_time()) CheckSchools(after, facts, &violations);
  resource::RequireOrder("plannedOn", after.planned_on(), "installedOn", after.installed_on(), &violations);
  resource::RequireOrder("installedOn", after.installed_on(), "inServiceOn", after.in_service_on(),
                         &violations);
  resource::RequireOrder("inServiceOn", after.in_service_on(), "outOfServiceOn", after.out_of_service_on(),
                         &violations);
  const auto state = after.state();
  const bool in_service = state == v1::REMOTE_CLASSROOM_PAIR_STATE_IN_SERVICE;
  const bool out_of_service = state == v1::REMOTE_CLASSROOM_PAIR_STATE_OUT_OF_SERVICE;
  if (in_service && after.installed_on().empty())
    violations.push_back(Refuse("installedOn", ErrorReason::FIELD_REQUIRED));
  if (in_service && after.in_service_on().empty())
    violations.push_back(Refuse("inServiceOn", ErrorReason::FIELD_REQUIRED));
  if (in_service && after.in_service_on() > facts.today())
    violations.push_back(RefuseRule("inServiceOn", "启用日期未到", "lies ahead"));
  if (!in_service && !out_of_service && !after.in_service_on().empty())
    violations.push_back(
        RefuseRule("inServiceOn", "启用日期由启用操作填写", "is set by starting the service"));
  if (!out_of_service && !after.out_of_service_on().empty())
    violations.push_back(
        RefuseRule("outOfServiceOn", "停用日期由停用操作填写", "is set by stopping the service"));
  return violations;
}

Violations CheckRemoteSession(const v1::RemoteSession* before, const v1::RemoteSession& after,
                              const Facts& facts) {
  Violations violations;
  if (after.ends_at() <= after.starts_at())
    violations.push_back(RefuseRule("endsAt", "结束时间必须晚于开始时间", "is not after the start"));
  if (after.held_on() > facts.today())
    violations.push_back(
        RefuseRule("heldOn", "日期未到", "lies ahead: a session is recorded when it is over"));
  const auto& pairs = facts.rows("pair");
  if (!pairs.empty() && after.purpose() != v1::REMOTE_SESSION_PURPOSE_TEST_RUN) {
    const FactRow& pair = pairs.front();
    const std::string ended = pair.Text("out_of_service_on");
    if (pair.Text("state") == "REMOTE_CLASSROOM_PAIR_STATE_PLANNED" ||
        after.held_on() < pair.Text("in_service_on") || (!ended.empty() && after.held_on() > ended))
      violations.push_back(RefuseRule("heldOn", "远程互动教室当日未启用或已停用",
                                      "is a day on which the remote classrooms are not in service"));
  }
  if (after.online_lesson_id().empty()) return violations;
  if (after.purpose() != v1::REMOTE_SESSION_PURPOSE_LESSON)
    violations.push_back(RefuseRule("purpose", "有线上课时用途应为远程教学", "of a lesson is a lesson"));
  for (const FactRow& lesson : facts.rows("lesson")) {
    if (lesson.Text("remote_classroom_pair_id") != after.remote_classroom_pair_id())
      violations.push_back(RefuseRule("onlineLessonId", "不是该对远程互动教室的线上课",
                                      "is no lesson of this pair of remote classrooms"));
    else if (lesson.Text("lesson_date") != after.held_on())
      violations.push_back(RefuseRule("heldOn", "与线上课日期不符", "is not the day of the lesson"));
  }
  return violations;
}

}  // namespace lianqiao::resources
