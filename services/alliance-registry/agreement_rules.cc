// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/agreement_rules.h"

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
  const bool was_signed =
      agreement.state() != v1::AGREEMENT_STATE_DRAFTED && agreement.state() != v1::AGREEMENT_STATE_ABANDONED;
  if (was_signed && agreement.parties_size() < 2)
    violations->push_back(
        RefuseRule("parties", "已签署的协议须至少有两个签约方", "a signed paper has two parties"));
}

bool HasPrice(v1::AgreementKind kind) {
  return kind == v1::AGREEMENT_KIND_ENTRUSTED_MANAGEMENT || kind == v1::AGREEMENT_KIND_PURCHASED_SERVICE;
}

// A school that another manages keeps its nature and its funding; the contract says for how long.
void CheckContract(const Agreement& agreement, const Facts& facts, Violations* violations) {
  if (!HasPrice(agreement.kind())) return;
  if (facts.method() == "SignAgreement" && agreement.ends_on().empty())
    violations->push_back(RefuseRule("endsOn", "委托管理或购买服务合同须有期限",
                                     "a contract on management or services has a term"));
  if (agreement.has_nature_unchanged() && !agreement.nature_unchanged())
    violations->push_back(
        RefuseRule("natureUnchanged", "委托管理不得改变学校性质", "the nature of the school stays as it is"));
  if (agreement.has_funding_unchanged() && !agreement.funding_unchanged())
    violations->push_back(RefuseRule("fundingUnchanged", "委托管理不得改变经费投入机制",
                                     "the funding of the school stays as it is"));
}

void CheckSteps(const Agreement* before, const Agreement& after, const Facts& facts, Violations* violations) {
  const bool drafted = after.state() == v1::AGREEMENT_STATE_DRAFTED;
  const bool abandoned = after.state() == v1::AGREEMENT_STATE_ABANDONED;
  if (drafted && !after.signed_on().empty())
    violations->push_back(RefuseRule("signedOn", "签署日期由签署操作填写", "is set by signing"));
  if ((drafted || abandoned || after.state() == v1::AGREEMENT_STATE_SIGNED) && !after.in_force_on().empty())
    violations->push_back(
        RefuseRule("inForceOn", "生效日期由生效操作填写", "is set when it comes into force"));
  if (facts.method() == "ExpireAgreement" && (after.ends_on().empty() || after.ends_on() >= facts.today()))
    violations->push_back(RefuseRule("endsOn", "期限尚未届满", "its last day is not over"));
  if (facts.method() == "TerminateAgreement" && before != nullptr && !before->ends_on().empty() &&
      after.ends_on() > before->ends_on())
    violations->push_back(RefuseRule("endsOn", "终止日期不得晚于约定的截止日期",
                                     "it cannot be terminated after its agreed last day"));
  const bool stands = before != nullptr && before->state() != v1::AGREEMENT_STATE_DRAFTED;
  if (stands && resource::IsEdit(facts) &&
      resource::ContentDiffers(*before, after,
                               {"state", "document_number", "in_force_on", "terminated_reason"}))
    violations->push_back(
        RefuseRule("state", "已签署的协议内容不可更改", "what is signed cannot be changed"));
}

}  // namespace

Violations CheckAgreement(const Agreement* before, const Agreement& after, const Facts& facts) {
  Violations violations;
  CheckParties(after, &violations);
  RefuseUnknown("parties", facts, &violations);
  CheckContract(after, facts, &violations);
  CheckSteps(before, after, facts, &violations);
  resource::RequireOrder("signedOn", after.signed_on(), "endsOn", after.ends_on(), &violations);
  resource::RequireOrder("inForceOn", after.in_force_on(), "endsOn", after.ends_on(), &violations);
  if (after.price_fen() != 0 && !HasPrice(after.kind()))
    violations.push_back(RefuseRule("priceFen", "仅委托管理或购买服务合同有价款",
                                    "only contracts on management or services have a price"));
  return violations;
}

}  // namespace lianqiao::registry
