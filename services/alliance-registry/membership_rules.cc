// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/membership_rules.h"

#include <algorithm>

#include "libs/resource/date_order.h"
#include "services/alliance-registry/alliance_rules.h"
#include "services/alliance-registry/alliance_shape.h"

namespace lianqiao::registry {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using v1::Membership;

void CheckParty(const Membership& membership, Violations* violations) {
  const bool organisation = !membership.organisation_id().empty();
  const bool jurisdiction = !membership.jurisdiction_id().empty();
  if (!organisation && !jurisdiction)
    violations->push_back(Refuse("organisationId", ErrorReason::FIELD_REQUIRED));
  if (organisation && jurisdiction)
    violations->push_back(
        Refuse("jurisdictionId", ErrorReason::FIELD_CONFLICT, {{"other", "organisationId"}}));
}

void CheckDates(const Membership& membership, Violations* violations) {
  resource::RequireOrder("proposedOn", membership.proposed_on(), "agreedOn", membership.agreed_on(),
                         violations);
  resource::RequireOrder("joinedOn", membership.joined_on(), "suspendedOn", membership.suspended_on(),
                         violations);
  resource::RequireOrder("joinedOn", membership.joined_on(), "leftOn", membership.left_on(), violations);
  if (!membership.agreed_on().empty() && membership.state() == v1::MEMBERSHIP_STATE_PROPOSED)
    violations->push_back(
        RefuseRule("agreedOn", "确认日期由成员确认时填写", "is set by the party's agreement"));
  if (!membership.left_on().empty() && membership.state() != v1::MEMBERSHIP_STATE_ENDED)
    violations->push_back(RefuseRule("leftOn", "退出日期由退出操作填写", "is set by ending the membership"));
  if (membership.start_precision() == v1::DATE_PRECISION_UNKNOWN && !membership.joined_on().empty())
    violations->push_back(Refuse("startPrecision", ErrorReason::FIELD_CONFLICT, {{"other", "joinedOn"}}));
}

bool Takes(v1::MembershipState state) {
  return state == v1::MEMBERSHIP_STATE_ACTIVE || state == v1::MEMBERSHIP_STATE_SUSPENDED;
}

// The party of this membership as it will be, which the stored rows do not show yet.
Party After(const Membership& membership, const Facts& facts) {
  const auto& rows = facts.rows("party");
  Party party = rows.empty() ? Party() : PartyOf(rows.front(), facts.today());
  party.role = membership.role();
  party.side = membership.side();
  party.position = membership.position();
  party.joined_on = membership.joined_on();
  party.left_on = membership.left_on();
  if (membership.stages_size() > 0) {
    party.stages.clear();
    for (const int stage : membership.stages()) party.stages.push_back(static_cast<type::v1::Stage>(stage));
  }
  return party;
}

// Parties at some day of this membership, itself among them.
std::vector<Party> Together(const Party& party, const Facts& facts) {
  std::vector<Party> parties = {party};
  for (Party& other : PartiesOf(facts.rows("parties"), facts.today())) {
    if (resource::PeriodsMeet(party.joined_on, party.left_on, other.joined_on, other.left_on))
      parties.push_back(std::move(other));
  }
  return parties;
}

void CheckMaxima(const Shape& shape, const std::vector<Party>& parties, v1::MembershipRole role,
                 Violations* violations) {
  const RoleRule* rule = FindRole(shape, role);
  int count = 0;
  for (const Party& party : parties) count += party.role == role;
  if (rule != nullptr && count > rule->max)
    violations->push_back(RefuseRule("role", "该角色的成员数已满", "no further party can hold this role"));
}

// Whether this write takes a party in: also a merger of alliances does.
bool Joins(const Membership* before, const Facts& facts) {
  return facts.method() == "ActivateMembership" || facts.method() == "ResumeMembership" ||
         (facts.method() == "MergeAlliance" && before == nullptr);
}

// Whether somebody changes what the shape looks at.
bool Reshapes(const Membership* before, const Membership& after, const Facts& facts) {
  if (before == nullptr || facts.method() != "UpdateMembership") return false;
  const bool same_stages = std::equal(before->stages().begin(), before->stages().end(),
                                      after.stages().begin(), after.stages().end());
  return before->position() != after.position() || before->side() != after.side() || !same_stages;
}

struct AllianceFact {
  const Shape* shape = nullptr;
  v1::AllianceState state = v1::ALLIANCE_STATE_UNSPECIFIED;
};

AllianceFact AllianceOf(const FactRow& row) {
  v1::AllianceType type = v1::ALLIANCE_TYPE_UNSPECIFIED;
  v1::AllianceModel model = v1::ALLIANCE_MODEL_UNSPECIFIED;
  AllianceFact alliance;
  v1::AllianceType_Parse(row.Text("type"), &type);
  v1::AllianceModel_Parse(row.Text("model"), &model);
  v1::AllianceState_Parse(row.Text("state"), &alliance.state);
  alliance.shape = FindShape(type, model);
  return alliance;
}

void Append(const Violations& more, Violations* violations) {
  violations->insert(violations->end(), more.begin(), more.end());
}

void CheckInAlliance(const Membership* before, const Membership& after, const Facts& facts,
                     Violations* violations) {
  const auto& rows = facts.rows("alliance");
  if (rows.empty()) return;
  const AllianceFact alliance = AllianceOf(rows.front());
  const Shape* shape = alliance.shape;
  // Whoever leaves may do so whatever has become of the alliance's shape or of the party.
  const bool leaves =
      after.state() == v1::MEMBERSHIP_STATE_ENDED || after.state() == v1::MEMBERSHIP_STATE_WITHDRAWN;
  const bool imports = facts.method() == "CreateMembership" || facts.method() == "BatchUpsertMemberships";
  if (shape == nullptr || (leaves && !imports)) return;
  const Party party = After(after, facts);
  const Violations role = CheckRole(*shape, party);
  Append(role, violations);
  if (!role.empty() || !Takes(after.state())) return;
  const bool joins = Joins(before, facts);
  if (joins && HasEnded(alliance.state))
    violations->push_back(RefuseRule("allianceId", "联盟已终止", "the alliance has ended"));
  const bool reshapes = Reshapes(before, after, facts);
  const std::vector<Party> parties = Together(party, facts);
  if (!(joins || reshapes) || !IsInForce(alliance.state))
    return CheckMaxima(*shape, parties, after.role(), violations);
  const std::vector<Party> parent = PartiesOf(facts.rows("parent_parties"), facts.today());
  if (joins) Append(CheckExistence(party), violations);
  // What was out of shape already (an import) may be mended step by step.
  if (!joins && !CheckJoining(*shape, Together(After(*before, facts), facts), parent).empty()) return;
  Append(CheckJoining(*shape, parties, parent), violations);
}

}  // namespace

Violations CheckMembership(const Membership* before, const Membership& after, const Facts& facts) {
  Violations violations;
  CheckParty(after, &violations);
  CheckDates(after, &violations);
  if (violations.empty()) CheckInAlliance(before, after, facts, &violations);
  return violations;
}

}  // namespace lianqiao::registry
