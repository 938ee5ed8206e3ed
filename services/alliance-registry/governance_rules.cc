// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/governance_rules.h"

#include "libs/base/text.h"
#include "libs/resource/date_order.h"
#include "services/alliance-registry/listed_references.h"

namespace lianqiao::registry {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Facts;
using resource::Violations;

bool IsBodyRole(v1::HolderRole role) {
  return role == v1::HOLDER_ROLE_BODY_HEAD || role == v1::HOLDER_ROLE_BODY_DEPUTY_HEAD ||
         role == v1::HOLDER_ROLE_BODY_MEMBER;
}

}  // namespace

Violations CheckGoverningBody(const v1::GoverningBody* before, const v1::GoverningBody& after,
                              const Facts& facts) {
  Violations violations;
  resource::RequireOrder("sinceOn", after.since_on(), "endedOn", after.ended_on(), &violations);
  const bool of_alliance = after.level() == v1::GOVERNANCE_LEVEL_ALLIANCE;
  if (of_alliance && after.alliance_id().empty())
    violations.push_back(Refuse("allianceId", ErrorReason::FIELD_REQUIRED));
  RefuseUnknown("seats", facts, &violations);
  int heads = 0;
  for (const v1::GoverningSeat& seat : after.seats()) heads += seat.role() == v1::SEAT_ROLE_HEAD;
  if (heads > 1)
    violations.push_back(RefuseRule("seats", "只能有一个组长席位", "there can be one head only"));
  return violations;
}

Violations CheckRoleHolder(const v1::RoleHolder* before, const v1::RoleHolder& after, const Facts& facts) {
  Violations violations;
  resource::RequireOrder("fromOn", after.from_on(), "toOn", after.to_on(), &violations);
  // Free text is looked at everywhere (libs/contract); of the ids of other systems only those of persons.
  for (int i = 0; i < after.external_ids_size(); ++i) {
    if (base::LooksLikePersonalNumber(after.external_ids(i).id()))
      violations.push_back(
          Refuse("externalIds[" + std::to_string(i) + "].id", ErrorReason::FORBIDDEN_PERSONAL_DATA));
  }
  if (IsBodyRole(after.role()) && after.governing_body_id().empty())
    violations.push_back(Refuse("governingBodyId", ErrorReason::FIELD_REQUIRED));
  if (!IsBodyRole(after.role()) && !after.governing_body_id().empty())
    violations.push_back(Refuse("governingBodyId", ErrorReason::FIELD_CONFLICT, {{"other", "role"}}));
  return violations;
}

}  // namespace lianqiao::registry
