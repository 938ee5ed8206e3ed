// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/agreement_rules.h"

#include "services/alliance-registry/date_order.h"

namespace lianqiao::registry {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Facts;
using resource::Violations;
using v1::Agreement;

void CheckParties(const Agreement& agreement, Violations* violations) {
  for (int i = 0; i < agreement.parties_size(); ++i) {
    const v1::AgreementParty& party = agreement.parties(i);
    const std::string path = "parties[" + std::to_string(i) + "]";
    if (!party.organisation_id().empty() && !party.jurisdiction_id().empty())
      violations->push_back(
          Refuse(path + ".jurisdictionId", ErrorReason::FIELD_CONFLICT, {{"other", "organisationId"}}));
    if (party.organisation_id().empty() && party.jurisdiction_id().empty() && party.name().empty())
      violations->push_back(Refuse(path + ".name", ErrorReason::FIELD_REQUIRED));
  }
  if (agreement.state() != v1::AGREEMENT_STATE_DRAFTED && agreement.parties_size() < 2)
    violations->push_back(
        RefuseRule("parties", "已签署的协议须至少有两个签约方", "a signed paper has two parties"));
}

bool HasPrice(v1::AgreementKind kind) {
  return kind == v1::AGREEMENT_KIND_ENTRUSTED_MANAGEMENT || kind == v1::AGREEMENT_KIND_PURCHASED_SERVICE;
}

}  // namespace

Violations CheckAgreement(const Agreement* before, const Agreement& after, const Facts& facts) {
  Violations violations;
  CheckParties(after, &violations);
  RequireOrder("signedOn", after.signed_on(), "endsOn", after.ends_on(), &violations);
  RequireOrder("inForceOn", after.in_force_on(), "endsOn", after.ends_on(), &violations);
  if (after.price_fen() != 0 && !HasPrice(after.kind()))
    violations.push_back(RefuseRule("priceFen", "仅委托管理或购买服务合同有价款",
                                    "only contracts on management or services have a price"));
  return violations;
}

}  // namespace lianqiao::registry
