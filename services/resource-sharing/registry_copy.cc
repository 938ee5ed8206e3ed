// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/registry_copy.h"

namespace lianqiao::resources {

runtime::Follow RegistryCopy() {
  feed::ProjectionSpec spec;
  spec.name = "resource-sharing-registry";
  spec.prefix = "registry_";
  spec.scopes = true;
  spec.kinds = {
      {"jurisdiction", {"external_ids", "name", "kind", "level", "parent_id", "replaced_by"}},
      {"organisation",
       {"external_ids", "name", "short_name", "kind", "jurisdiction_id", "parent_organisation_id", "status",
        "stages", "school_type", "affiliation", "urban_rural_class", "quality_tier", "closed_on",
        "replaced_by"}},
      {"alliance",
       {"external_ids", "name", "type", "jurisdiction_id", "state", "active_on", "ended_on", "replaced_by"}},
      {"membership",
       {"alliance_id", "organisation_id", "jurisdiction_id", "role", "side", "state", "joined_on",
        "suspended_on", "left_on"}},
      {"school_year", {"external_ids", "key", "starts_on", "ends_on"}},
      {"term", {"external_ids", "key", "starts_on", "ends_on"}}};
  return {"lianqiao.registry.v1", spec};
}

}  // namespace lianqiao::resources
