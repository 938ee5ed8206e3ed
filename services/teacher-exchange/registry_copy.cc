// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/registry_copy.h"

namespace lianqiao::exchange {

runtime::Follow RegistryCopy() {
  feed::ProjectionSpec spec;
  spec.name = "teacher-exchange-registry";
  spec.prefix = "registry_";
  spec.scopes = true;
  spec.kinds = {
      {"jurisdiction",
       {"external_ids", "name", "kind", "level", "parent_id", "central_urban", "replaced_by"}},
      {"organisation",
       {"external_ids", "name", "short_name", "kind", "jurisdiction_id", "parent_organisation_id", "status",
        "stages", "school_type", "affiliation", "urban_rural_class", "quality_tier", "longitude", "latitude",
        "replaced_by"}},
      {"alliance", {"external_ids", "name", "type", "jurisdiction_id", "state", "replaced_by"}},
      {"membership",
       {"alliance_id", "organisation_id", "jurisdiction_id", "role", "side", "state", "joined_on",
        "left_on"}},
      {"cycle", {"external_ids", "jurisdiction_id", "alliance_id", "number", "starts_on", "ends_on"}},
      {"school_year", {"external_ids", "key", "starts_on", "ends_on"}},
      {"term", {"external_ids", "key", "starts_on", "ends_on"}},
      {"fact_submission", {"jurisdiction_id", "school_year_id", "restatement", "state"}},
      {"school_year_facts",
       {"submission_id", "organisation_id", "school_year_id", "stage", "full_time_teachers",
        "backbone_teachers"}}};
  return {"lianqiao.registry.v1", spec};
}

}  // namespace lianqiao::exchange
