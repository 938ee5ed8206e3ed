// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/governance_service.h"

#include "services/alliance-registry/governance_rules.h"
#include "services/alliance-registry/listed_references.h"
#include "services/alliance-registry/project_rules.h"

namespace lianqiao::registry {

void AddProjects(resource::Service& service) {
  resource::Resource<v1::CooperationProject>(service).rules(CheckCooperationProject);
  resource::Resource<v1::Funding>(service).facts(FundingPayerFacts()).rules(CheckFunding);
}

void AddGovernance(resource::Service& service) {
  resource::Resource<v1::GoverningBody>(service)
      .facts(UnknownReferences("seats", "organisation_id", ""))
      .rules(CheckGoverningBody);
  resource::Resource<v1::RoleHolder>(service).rules(CheckRoleHolder);
}

}  // namespace lianqiao::registry
