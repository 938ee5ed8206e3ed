// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/party_on_day.h"

#include "absl/strings/str_cat.h"

namespace lianqiao::resources {

std::string PartyOnDaySql(const std::string& alliance_id, const std::string& organisation_id,
                          const std::string& day) {
  return absl::StrCat(
      "EXISTS (SELECT 1 FROM registry_membership pm JOIN registry_organisation po ON po.id = ",
      organisation_id, " WHERE pm.alliance_id = ", alliance_id,
      " AND coalesce(pm.organisation_id, pm.jurisdiction_id) = ANY(po.sync_scope) AND ",
      HeldOnDaySql("pm", day), ")");
}

std::string HeldOnDaySql(const std::string& membership, const std::string& day) {
  const std::string& m = membership;
  // One that ended without a last day held on no day that is known.
  return absl::StrCat("(", m, ".joined_on IS NULL OR ", m, ".joined_on <= ", day, ") AND CASE ", m,
                      ".state WHEN 'MEMBERSHIP_STATE_ACTIVE' THEN ", m, ".left_on IS NULL OR ", m,
                      ".left_on >= ", day, " WHEN 'MEMBERSHIP_STATE_ENDED' THEN ", m, ".left_on >= ", day,
                      " ELSE false END");
}

std::string TeachesSql(const std::string& kind) {
  return absl::StrCat(kind,
                      " IN ('ORGANISATION_KIND_SCHOOL', 'ORGANISATION_KIND_CAMPUS',"
                      " 'ORGANISATION_KIND_COMPLETE_PRIMARY', 'ORGANISATION_KIND_TEACHING_POINT',"
                      " 'ORGANISATION_KIND_CENTRAL_SCHOOL', 'ORGANISATION_KIND_KINDERGARTEN',"
                      " 'ORGANISATION_KIND_SPECIAL_EDUCATION_UNIT')");
}

resource::FactQuery SchoolFacts() {
  return {"school",
          absl::StrCat("SELECT ", TeachesSql("o.kind"),
                       " AS teaches FROM registry_organisation o WHERE o.id = $1::uuid"),
          {"school_id"},
          {}};
}

}  // namespace lianqiao::resources
