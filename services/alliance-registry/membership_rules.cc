// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/membership_rules.h"

#include "services/alliance-registry/alliance_rules.h"
#include "services/alliance-registry/alliance_shape.h"
#include "services/alliance-registry/date_order.h"

namespace lianqiao::registry {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
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
  RequireOrder("proposedOn", membership.proposed_on(), "agreedOn", membership.agreed_on(), violations);
  RequireOrder("joinedOn", membership.joined_on(), "suspendedOn", membership.suspended_on(), violations);
  RequireOrder("joinedOn", membership.joined_on(), "leftOn", membership.left_on(), violations);
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
    if (PeriodsMeet(party.joined_on, party.left_on, other.joined_on, other.left_on))
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

void CheckInAlliance(const Membership& after, const Facts& facts, Violations* violations) {
  const auto& rows = facts.rows("alliance");
  if (rows.empty()) return;
  v1::AllianceType type = v1::ALLIANCE_TYPE_UNSPECIFIED;
  v1::AllianceModel model = v1::ALLIANCE_MODEL_UNSPECIFIED;
  v1::AllianceState state = v1::ALLIANCE_STATE_UNSPECIFIED;
  v1::AllianceType_Parse(rows.front().Text("type"), &type);
  v1::AllianceModel_Parse(rows.front().Text("model"), &model);
  v1::AllianceState_Parse(rows.front().Text("state"), &state);
  const Shape* shape = FindShape(type, model);
  // Whoever leaves may do so whatever has become of the alliance's shape or of the party.
  const bool leaves =
      after.state() == v1::MEMBERSHIP_STATE_ENDED || after.state() == v1::MEMBERSHIP_STATE_WITHDRAWN;
  const bool imports = facts.method() == "CreateMembership" || facts.method() == "BatchUpsertMemberships";
  if (shape == nullptr || (leaves && !imports)) return;
  const Party party = After(after, facts);
  const Violations role = CheckRole(*shape, party);
  violations->insert(violations->end(), role.begin(), role.end());
  if (!role.empty() || !Takes(after.state())) return;
  const std::vector<Party> parties = Together(party, facts);
  const bool joins = facts.method() == "ActivateMembership" || facts.method() == "ResumeMembership";
  if (joins && HasEnded(state))
    violations->push_back(RefuseRule("allianceId", "联盟已终止", "the alliance has ended"));
  if (!joins || !IsInForce(state)) return CheckMaxima(*shape, parties, after.role(), violations);
  const Violations joining =
      CheckJoining(*shape, parties, PartiesOf(facts.rows("parent_parties"), facts.today()));
  violations->insert(violations->end(), joining.begin(), joining.end());
}

}  // namespace

Violations CheckMembership(const Membership* before, const Membership& after, const Facts& facts) {
  Violations violations;
  CheckParty(after, &violations);
  CheckDates(after, &violations);
  if (violations.empty()) CheckInAlliance(after, facts, &violations);
  return violations;
}

}  // namespace lianqiao::registry
