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
  // One that ended without a last day held on no day that is known. A suspended one held until it was.
  return absl::StrCat("(", m, ".joined_on IS NULL OR ", m, ".joined_on <= ", day, ") AND CASE ", m,
                      ".state WHEN 'MEMBERSHIP_STATE_ACTIVE' THEN ", m, ".left_on IS NULL OR ", m,
                      ".left_on >= ", day, " WHEN 'MEMBERSHIP_STATE_ENDED' THEN ", m, ".left_on >= ", day,
                      " WHEN 'MEMBERSHIP_STATE_SUSPENDED' THEN ", m, ".suspended_on > ", day,
                      " ELSE false END");
}

namespace {

// Step by step along `next`, an SQL expression over the organisation o; NULL ends it.
std::string LastOfLineSql(const std::string& organisation_id, const std::string& next) {
  return absl::StrCat("(WITH RECURSIVE line AS (SELECT ", organisation_id,
                      "::uuid AS id, 0 AS step UNION ALL SELECT n.id, l.step + 1 FROM line l"
                      " JOIN registry_organisation o ON o.id = l.id CROSS JOIN LATERAL (SELECT ",
                      next,
                      " AS id) n WHERE l.step < 20 AND n.id IS NOT NULL)"
                      " SELECT id FROM line ORDER BY step DESC LIMIT 1)");
}

}  // namespace

std::string SchoolSql(const std::string& organisation_id, const std::string& day) {
  return LastOfLineSql(organisation_id,
                       absl::StrCat("CASE WHEN o.replaced_by IS NOT NULL AND (o.closed_on IS NULL OR"
                                    " o.closed_on < ",
                                    day,
                                    ") THEN o.replaced_by WHEN o.kind = 'ORGANISATION_KIND_CAMPUS'"
                                    " THEN o.parent_organisation_id END"));
}

std::string SuccessorSql(const std::string& organisation_id) {
  return LastOfLineSql(organisation_id, "o.replaced_by");
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
