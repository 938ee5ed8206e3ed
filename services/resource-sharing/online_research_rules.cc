// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/online_research_rules.h"

#include <string>

#include "libs/resource/date_order.h"
#include "libs/resource/record_content.h"

namespace lianqiao::resources {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Facts;
using resource::Violations;
using v1::OnlineResearchSession;

Violations CheckOnlineResearchRule(const v1::OnlineResearchRule* before, const v1::OnlineResearchRule& after,
                                   const Facts& facts) {
  Violations violations;
  resource::RequireOrder("inForceOn", after.in_force_on(), "endedOn", after.ended_on(), &violations);
  if (facts.method() == "EnforceOnlineResearchRule" && after.text().empty() && after.evidence_size() == 0)
    violations.push_back(Refuse("text", ErrorReason::FIELD_REQUIRED));
  // What an alliance has set itself is ended and set anew, so that sessions stay measured by what held then.
  const bool settled = before != nullptr && resource::IsEdit(facts) &&
                       before->state() != v1::ONLINE_RESEARCH_RULE_STATE_DRAFTED;
  if (settled && resource::ContentDiffers(*before, after, {"platform_id"}))
    violations.push_back(
        RefuseRule("state", "制度已施行,不得修改", "has put the rule in force: end it and set a new one"));
  return violations;
}

namespace {

void CheckRule(const OnlineResearchSession& session, const Facts& facts, Violations* violations) {
  const auto& rules = facts.rows("rule");
  if (rules.empty()) return;
  const resource::FactRow& rule = rules.front();
  if (rule.Text("alliance_id") != session.alliance_id()) {
    violations->push_back(
        RefuseRule("onlineResearchRuleId", "不是该联盟的制度", "is another alliance's rule"));
    return;
  }
  const std::string ended = rule.Text("ended_on");
  if (rule.Text("state") == "ONLINE_RESEARCH_RULE_STATE_DRAFTED" ||
      session.session_date() < rule.Text("in_force_on") || (!ended.empty() && session.session_date() > ended))
    violations->push_back(
        RefuseRule("onlineResearchRuleId", "制度当日未施行", "is a rule that was not in force on that day"));
}

}  // namespace

Violations CheckOnlineResearchSession(const OnlineResearchSession* before, const OnlineResearchSession& after,
                                      const Facts& facts) {
  Violations violations;
  const bool moved = before == nullptr || before->has_delete_time() ||
                     before->session_date() != after.session_date() ||
                     before->host_organisation_id() != after.host_organisation_id() ||
                     before->online_research_rule_id() != after.online_research_rule_id();
  if (moved && facts.rows("host").empty())
    violations.push_back(RefuseRule("hostOrganisationId", "主办单位当日不是该联盟的成员",
                                    "takes no part in the alliance on that day"));
  if (moved) CheckRule(after, facts, &violations);
  if (!after.starts_at().empty() && !after.ends_at().empty() && after.ends_at() <= after.starts_at())
    violations.push_back(RefuseRule("endsAt", "结束时间必须晚于开始时间", "is not after the start"));
  const bool held = after.state() == v1::ONLINE_RESEARCH_SESSION_STATE_HELD;
  if (held && after.session_date() > facts.today())
    violations.push_back(RefuseRule("sessionDate", "日期未到", "lies ahead"));
  if (held && !after.has_distinct_school_count())
    violations.push_back(Refuse("distinctSchoolCount", ErrorReason::FIELD_REQUIRED));
  if (held && !after.has_distinct_teacher_count())
    violations.push_back(Refuse("distinctTeacherCount", ErrorReason::FIELD_REQUIRED));
  const bool settled = before != nullptr && resource::IsEdit(facts) &&
                       before->state() != v1::ONLINE_RESEARCH_SESSION_STATE_PLANNED;
  if (settled && resource::ContentDiffers(*before, after,
                                          {"outcome", "distinct_school_count", "distinct_teacher_count"}))
    violations.push_back(RefuseRule("state", "研讨已登记,除人数与成果外不得修改",
                                    "has settled the session: only its counts and its outcome may change"));
  return violations;
}

}  // namespace lianqiao::resources
