// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/registry.h"

#include "services/alliance-registry/agreement_service.h"
#include "services/alliance-registry/alliance_service.h"
#include "services/alliance-registry/alliance_tree_service.h"
#include "services/alliance-registry/calendar_service.h"
#include "services/alliance-registry/facts_service.h"
#include "services/alliance-registry/governance_service.h"
#include "services/alliance-registry/jurisdiction_service.h"
#include "services/alliance-registry/membership_service.h"
#include "services/alliance-registry/organisation_service.h"
#include "services/alliance-registry/statistics_service.h"

// Made by CMake from migrations/*.sql.
std::vector<lianqiao::postgres::Migration> LianqiaoRegistryMigrations();

namespace lianqiao::registry {

runtime::Definition RegistryDefinition() {
  return {"alliance-registry",
          {"lianqiao.registry.v1"},
          LianqiaoRegistryMigrations(),
          [](resource::Service& service) {
            AddJurisdictions(service);
            AddOrganisations(service);
            AddCalendars(service);
            AddFacts(service);
            AddAlliances(service);
            AddMemberships(service);
            AddAllianceTree(service);
            AddAgreements(service);
            AddPlans(service);
            AddFilings(service);
            AddProjects(service);
            AddGovernance(service);
            AddStatistics(service);
          }};
}

}  // namespace lianqiao::registry
