// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/school_facts.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

namespace lianqiao::research {

using type::v1::Grade;
using type::v1::Stage;

std::vector<Stage> StagesOf(Grade grade) {
  if (grade == type::v1::GRADE_UNSPECIFIED) return {};
  if (grade <= type::v1::GRADE_KINDERGARTEN_SENIOR) return {type::v1::STAGE_KINDERGARTEN};
  if (grade <= type::v1::GRADE_5) return {type::v1::STAGE_PRIMARY};
  if (grade == type::v1::GRADE_6) return {type::v1::STAGE_PRIMARY, type::v1::STAGE_JUNIOR};
  if (grade <= type::v1::GRADE_9) return {type::v1::STAGE_JUNIOR};
  return {type::v1::STAGE_SENIOR, type::v1::STAGE_VOCATIONAL};
}

bool StageHasGrade(Stage stage, Grade grade) {
  if (stage == type::v1::STAGE_UNSPECIFIED || stage == type::v1::STAGE_SPECIAL) return true;
  const std::vector<Stage> stages = StagesOf(grade);
  return stages.empty() || std::find(stages.begin(), stages.end(), stage) != stages.end();
}

bool IsSchoolKind(const std::string& kind) {
  static const std::set<std::string> kSchools = {"ORGANISATION_KIND_SCHOOL",
                                                 "ORGANISATION_KIND_CAMPUS",
                                                 "ORGANISATION_KIND_COMPLETE_PRIMARY",
                                                 "ORGANISATION_KIND_TEACHING_POINT",
                                                 "ORGANISATION_KIND_CENTRAL_SCHOOL",
                                                 "ORGANISATION_KIND_KINDERGARTEN",
                                                 "ORGANISATION_KIND_SPECIAL_EDUCATION_UNIT"};
  return kSchools.count(kind) > 0;
}

const char kIsAuthoritySql[] =
    "body.kind IN ('ORGANISATION_KIND_EDUCATION_BUREAU', 'ORGANISATION_KIND_BUREAU_UNIT',"
    " 'ORGANISATION_KIND_AFFILIATED_BODY', 'ORGANISATION_KIND_TOWNSHIP_EDUCATION_POST')";

std::string InPlaceSql() {
  return absl::StrCat("(school.id = body.id OR school.parent_organisation_id = body.id OR ", kIsAuthoritySql,
                      " AND school.sync_scope && ARRAY[body.jurisdiction_id])");
}

std::string AlliedSql(const std::string& alliance_id) {
  const auto party = [&](const char* who) {
    return absl::StrCat("EXISTS (SELECT 1 FROM registry_membership m WHERE m.alliance_id = ", alliance_id,
                        " AND (m.organisation_id = ", who, ".id OR m.jurisdiction_id = ANY (", who,
                        ".sync_scope))",
                        " AND m.state NOT IN ('MEMBERSHIP_STATE_PROPOSED', 'MEMBERSHIP_STATE_WITHDRAWN'))");
  };
  return absl::StrCat("(", party("body"), " AND ", party("school"), ")");
}

std::string PartySql(const std::string& alliance_id, const std::string& who, const std::string& day,
                     bool agreed_too) {
  return absl::StrCat(
      "EXISTS (SELECT 1 FROM registry_membership m WHERE m.alliance_id = ", alliance_id,
      " AND (m.organisation_id = ANY (", who, ".sync_scope) OR m.jurisdiction_id = ANY (", who,
      ".sync_scope)) AND m.state NOT IN ('MEMBERSHIP_STATE_PROPOSED', 'MEMBERSHIP_STATE_WITHDRAWN'",
      agreed_too ? "" : ", 'MEMBERSHIP_STATE_AGREED'", ") AND (m.joined_on IS NULL OR m.joined_on <= ", day,
      ") AND CASE WHEN m.left_on IS NULL THEN m.state <> 'MEMBERSHIP_STATE_ENDED' ELSE m.left_on >= ", day,
      " END)");
}

resource::FactQuery UnknownOrganisations(const std::string& list) {
  return {"unknown_" + list,
          "SELECT entry.number - 1 AS position FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY"
          " AS entry (value, number) WHERE NOT EXISTS (SELECT 1 FROM registry_organisation o"
          " WHERE o.id = (entry.value->>'organisation_id')::uuid)",
          {list},
          {}};
}

void RefuseUnknownOrganisations(const std::string& list, const resource::Facts& facts,
                                resource::Violations* violations) {
  for (const resource::FactRow& row : facts.rows("unknown_" + list)) {
    violations->push_back(base::Refuse(absl::StrCat(list, "[", row.Integer("position"), "].organisationId"),
                                       base::ErrorReason::REFERENCE_NOT_FOUND,
                                       {{"kind", "organisation"}, {"kind_zh", "机构"}}));
  }
}

}  // namespace lianqiao::research
