// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/group_rules.h"

#include "services/teacher-exchange/group_dates.h"
#include "services/teacher-exchange/person_figures.h"
#include "services/teacher-exchange/personal_numbers.h"
#include "services/teacher-exchange/record_made.h"

namespace lianqiao::exchange {
namespace {

using base::RefuseRule;
using resource::Facts;
using resource::Violations;

// Whoever is not over takes part; who heads a group is a member of it.
void CheckHeads(const char* method, const Facts& facts, Violations* violations) {
  if (facts.method() == method && facts.rows("heads").size() != 1)
    violations->push_back(RefuseRule("state", "须有且仅有一名主持人", "has exactly one active head"));
}

template <typename Member>
void CheckJoining(const Member& member, bool is_head, const char* group_field, bool made, const Facts& facts,
                  Violations* violations) {
  RefusePersonalNumbers(member, violations);
  CheckStay(member, violations);
  const bool active = member.state() == v1::GROUP_MEMBER_STATE_ACTIVE;
  if (active && is_head && !facts.rows("heads").empty())
    violations->push_back(RefuseRule("role", "已有主持人", "is held by another member"));
  const auto& groups = facts.rows("group");
  if (made && !groups.empty() && IsOver(GroupStateOf(groups.front())))
    violations->push_back(RefuseRule(group_field, "该团队已结束", "is over: nobody joins it"));
}

}  // namespace

Violations CheckResearchCommunity(const v1::ResearchCommunity* before, const v1::ResearchCommunity& after,
                                  const Facts& facts) {
  Violations violations;
  CheckGroupCourse(before, after, "foundedOn", after.founded_on(), facts, &violations);
  CheckHeads("ActivateResearchCommunity", facts, &violations);
  const bool is_league = after.kind() == v1::RESEARCH_COMMUNITY_KIND_MASTER_TEACHER_LEAGUE;
  if (is_league && !after.league_id().empty())
    violations.push_back(
        RefuseRule("leagueId", "联盟不能隶属于另一联盟", "is for communities, not for leagues"));
  const auto& leagues = facts.rows("league");
  if (!leagues.empty() &&
      leagues.front().Text("kind") !=
          v1::ResearchCommunityKind_Name(v1::RESEARCH_COMMUNITY_KIND_MASTER_TEACHER_LEAGUE))
    violations.push_back(RefuseRule("leagueId", "所指不是名师联盟", "is no master-teacher league"));
  return violations;
}

Violations CheckStudio(const v1::Studio* before, const v1::Studio& after, const Facts& facts) {
  Violations violations;
  CheckGroupCourse(before, after, "foundedOn", after.founded_on(), facts, &violations);
  CheckHeads("ActivateStudio", facts, &violations);
  return violations;
}

Violations CheckResearchCommunityMember(const v1::ResearchCommunityMember* before,
                                        const v1::ResearchCommunityMember& after, const Facts& facts) {
  Violations violations;
  CheckJoining(after, after.role() == v1::COMMUNITY_ROLE_LEADER, "researchCommunityId",
               IsMadeHere(before, facts), facts, &violations);
  return violations;
}

Violations CheckStudioMember(const v1::StudioMember* before, const v1::StudioMember& after,
                             const Facts& facts) {
  Violations violations;
  CheckJoining(after, after.role() == v1::STUDIO_ROLE_OWNER, "studioId", IsMadeHere(before, facts), facts,
               &violations);
  return violations;
}

Violations CheckStudioCampus(const v1::StudioCampus* before, const v1::StudioCampus& after,
                             const Facts& facts) {
  Violations violations;
  resource::RequireOrder("coveredFrom", after.covered_from(), "coveredTo", after.covered_to(), &violations);
  if (before == nullptr && facts.rows("school").empty())
    violations.push_back(
        RefuseRule("organisationId", "须为学校、校区或教学点", "is no school, campus or teaching point"));
  const auto& groups = facts.rows("group");
  if (IsMadeHere(before, facts) && !groups.empty() && IsOver(GroupStateOf(groups.front())))
    violations.push_back(RefuseRule("studioId", "该工作室已结束", "is over: it covers no further campus"));
  return violations;
}

Violations CheckStudioSession(const v1::StudioSession* before, const v1::StudioSession& after,
                              const Facts& facts) {
  Violations violations;
  resource::RequireOrder("heldOn", after.held_on(), "endedOn", after.ended_on(), &violations);
  if (after.held_on() > facts.today() || after.ended_on() > facts.today())
    violations.push_back(RefuseRule("heldOn", "活动尚未举办", "lies in the future"));
  CheckPersonFigures(after, &violations);
  const auto& groups = facts.rows("group");
  if (groups.empty()) return violations;
  const v1::GroupState state = GroupStateOf(groups.front());
  if (state == v1::GROUP_STATE_PLANNED || state == v1::GROUP_STATE_ABANDONED)
    violations.push_back(RefuseRule("studioId", "该工作室未曾运行", "has never been open"));
  else if (!resource::PeriodsMeet(after.held_on(),
                                  after.ended_on().empty() ? after.held_on() : after.ended_on(),
                                  groups.front().Text("founded_on"), groups.front().Text("ended_on")))
    violations.push_back(RefuseRule("heldOn", "活动不在工作室运行期间", "is no day on which it was open"));
  return violations;
}

}  // namespace lianqiao::exchange
