// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/project_rules.h"

#include "services/alliance-registry/date_order.h"

namespace lianqiao::registry {

using base::ErrorReason;
using base::Refuse;
using resource::Facts;
using resource::Violations;

Violations CheckCooperationProject(const v1::CooperationProject* before, const v1::CooperationProject& after,
                                   const Facts& facts) {
  Violations violations;
  RequireOrder("startedOn", after.started_on(), "finishedOn", after.finished_on(), &violations);
  if (facts.method() == "CompleteCooperationProject" && after.outcome().empty())
    violations.push_back(Refuse("outcome", ErrorReason::FIELD_REQUIRED));
  return violations;
}

Violations CheckFunding(const v1::Funding* before, const v1::Funding& after, const Facts& facts) {
  Violations violations;
  RequireOrder("allocatedOn", after.allocated_on(), "paidOn", after.paid_on(), &violations);
  if (!after.payer_organisation_id().empty() && !after.payer_jurisdiction_id().empty())
    violations.push_back(
        Refuse("payerJurisdictionId", ErrorReason::FIELD_CONFLICT, {{"other", "payerOrganisationId"}}));
  return violations;
}

}  // namespace lianqiao::registry
