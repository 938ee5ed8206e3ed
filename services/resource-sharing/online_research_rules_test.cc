// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/online_research_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lianqiao::resources {
namespace {

using resource::FactRow;
using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;

// Also of one column, which FactRow itself would take for a pair of iterators.
FactRow Row(std::initializer_list<std::pair<const std::string, std::string>> values) {
  return FactRow(std::map<std::string, std::string>(values));
}

std::vector<std::string> Refused(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const base::Violation& violation : violations) fields.push_back(violation.field());
  return fields;
}

using v1::OnlineResearchRule;
using v1::OnlineResearchSession;

Facts Known(const std::string& method) {
  Facts facts;
  facts.set_method(method);
  facts.set_today("2026-03-02");
  facts.Add("host", {Row({{"found", "1"}})});
  return facts;
}

TEST(OnlineResearchRules, ARuleInForceSaysWhatItIsAndStays) {
  OnlineResearchRule rule;
  rule.set_title("网络研讨制度");
  const OnlineResearchRule before = rule;
  rule.set_state(v1::ONLINE_RESEARCH_RULE_STATE_IN_FORCE);
  EXPECT_THAT(Refused(CheckOnlineResearchRule(&before, rule, Known("EnforceOnlineResearchRule"))),
              ElementsAre("text"));
  rule.set_text("每月两次");
  EXPECT_THAT(CheckOnlineResearchRule(&before, rule, Known("EnforceOnlineResearchRule")), IsEmpty());
  OnlineResearchRule after = rule;
  after.set_session_count(1);
  EXPECT_THAT(Refused(CheckOnlineResearchRule(&rule, after, Known("UpdateOnlineResearchRule"))),
              ElementsAre("state"));
  after = rule;
  after.set_platform_id("platform");
  EXPECT_THAT(CheckOnlineResearchRule(&rule, after, Known("UpdateOnlineResearchRule")), IsEmpty());
  after.set_in_force_on("2026-03-02");
  after.set_ended_on("2026-03-01");
  EXPECT_THAT(Refused(CheckOnlineResearchRule(&rule, after, Known("EndOnlineResearchRule"))),
              ElementsAre("endedOn"));
}

OnlineResearchSession Session(v1::OnlineResearchSessionState state) {
  OnlineResearchSession session;
  session.set_alliance_id("alliance");
  session.set_host_organisation_id("school");
  session.set_session_date("2026-03-02");
  session.set_state(state);
  return session;
}
constexpr auto kPlanned = v1::ONLINE_RESEARCH_SESSION_STATE_PLANNED;
constexpr auto kHeld = v1::ONLINE_RESEARCH_SESSION_STATE_HELD;

TEST(OnlineResearchRules, APartyIsTheHost) {
  Facts facts = Known("CreateOnlineResearchSession");
  EXPECT_THAT(CheckOnlineResearchSession(nullptr, Session(kPlanned), facts), IsEmpty());
  facts.Add("host", {});
  EXPECT_THAT(Refused(CheckOnlineResearchSession(nullptr, Session(kPlanned), facts)),
              ElementsAre("hostOrganisationId"));
}

TEST(OnlineResearchRules, ASessionFollowsARuleThatHoldsOnItsDay) {
  OnlineResearchSession session = Session(kPlanned);
  session.set_online_research_rule_id("rule");
  const auto with = [&](const std::string& alliance, const std::string& state, const std::string& from,
                        const std::string& until) {
    Facts facts = Known("CreateOnlineResearchSession");
    facts.Add("rule", {Row({{"alliance_id", alliance},
                            {"state", "ONLINE_RESEARCH_RULE_STATE_" + state},
                            {"in_force_on", from},
                            {"ended_on", until}})});
    return Refused(CheckOnlineResearchSession(nullptr, session, facts));
  };
  EXPECT_THAT(with("alliance", "IN_FORCE", "2026-03-02", ""), IsEmpty());
  EXPECT_THAT(with("alliance", "ENDED", "2025-03-02", "2026-03-02"), IsEmpty());
  EXPECT_THAT(with("other", "IN_FORCE", "2026-03-02", ""), ElementsAre("onlineResearchRuleId"));
  EXPECT_THAT(with("alliance", "IN_FORCE", "2026-03-03", ""), ElementsAre("onlineResearchRuleId"));
  EXPECT_THAT(with("alliance", "ENDED", "2025-03-02", "2026-03-01"), ElementsAre("onlineResearchRuleId"));
  EXPECT_THAT(with("alliance", "DRAFTED", "", ""), ElementsAre("onlineResearchRuleId"));
}

TEST(OnlineResearchRules, WhatWasHeldIsCountedAndSettled) {
  const OnlineResearchSession planned = Session(kPlanned);
  OnlineResearchSession held = Session(kHeld);
  EXPECT_THAT(Refused(CheckOnlineResearchSession(&planned, held, Known("HoldOnlineResearchSession"))),
              ElementsAre("distinctSchoolCount", "distinctTeacherCount"));
  held.set_distinct_school_count(3);
  held.set_distinct_teacher_count(12);
  EXPECT_THAT(CheckOnlineResearchSession(&planned, held, Known("HoldOnlineResearchSession")), IsEmpty());
  Facts early = Known("HoldOnlineResearchSession");
  early.set_today("2026-03-01");
  EXPECT_THAT(Refused(CheckOnlineResearchSession(&planned, held, early)), ElementsAre("sessionDate"));
  OnlineResearchSession after = held;
  after.set_distinct_teacher_count(13);
  after.set_outcome("共享课件");
  EXPECT_THAT(CheckOnlineResearchSession(&held, after, Known("UpdateOnlineResearchSession")), IsEmpty());
  after.set_topic("别的主题");
  EXPECT_THAT(Refused(CheckOnlineResearchSession(&held, after, Known("UpdateOnlineResearchSession"))),
              ElementsAre("state"));
  OnlineResearchSession late = planned;
  late.set_starts_at("10:00");
  late.set_ends_at("09:00");
  EXPECT_THAT(Refused(CheckOnlineResearchSession(&planned, late, Known("UpdateOnlineResearchSession"))),
              ElementsAre("endsAt"));
}

}  // namespace
}  // namespace lianqiao::resources
