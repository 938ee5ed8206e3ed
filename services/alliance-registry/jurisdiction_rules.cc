// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/jurisdiction_rules.h"

#include "libs/resource/period_rules.h"
#include "services/alliance-registry/former_codes.h"

namespace lianqiao::registry {

using base::RefuseRule;
using resource::Violations;

using v1::Jurisdiction;
using v1::JurisdictionKind;
using v1::JurisdictionLevel;

namespace {

bool LevelFits(JurisdictionKind kind, JurisdictionLevel level) {
  switch (kind) {
    case v1::JURISDICTION_KIND_NATION:
      return level == v1::JURISDICTION_LEVEL_NATION;
    case v1::JURISDICTION_KIND_PROVINCE:
      return level == v1::JURISDICTION_LEVEL_PROVINCE;
    case v1::JURISDICTION_KIND_CITY:
      return level == v1::JURISDICTION_LEVEL_CITY;
    case v1::JURISDICTION_KIND_COUNTY:
    case v1::JURISDICTION_KIND_STATISTICAL_ZONE:
      return level == v1::JURISDICTION_LEVEL_COUNTY;
    case v1::JURISDICTION_KIND_FUNCTIONAL_ZONE:  // 国家级新区 may stand at city level, small parks in a
                                                 // county.
      return level >= v1::JURISDICTION_LEVEL_CITY && level <= v1::JURISDICTION_LEVEL_TOWNSHIP;
    case v1::JURISDICTION_KIND_TOWNSHIP:
      return level == v1::JURISDICTION_LEVEL_TOWNSHIP;
    case v1::JURISDICTION_KIND_VILLAGE:
      return level == v1::JURISDICTION_LEVEL_VILLAGE;
    default:
      return true;  // Not set: refused by the field's own rule.
  }
}

bool IsStatisticalCode(const std::string& code) {
  const std::string digits = code.substr(4, 2);
  return digits >= "71" && digits <= "80";
}

// GB/T 2260: AA0000 province, AABB00 city, AABBCC county; 9 digits below, 12 for villages.
bool CodeFits(JurisdictionKind kind, const std::string& code) {
  const bool six = code.size() == 6;
  switch (kind) {
    case v1::JURISDICTION_KIND_NATION:
      return false;
    case v1::JURISDICTION_KIND_PROVINCE:
      return six && code.substr(2) == "0000";
    case v1::JURISDICTION_KIND_CITY:
      return six && code.substr(2, 2) != "00" && code.substr(4) == "00";
    case v1::JURISDICTION_KIND_COUNTY:
      return six && code.substr(4) != "00" && !IsStatisticalCode(code);
    case v1::JURISDICTION_KIND_STATISTICAL_ZONE:
      return six && IsStatisticalCode(code);
    case v1::JURISDICTION_KIND_FUNCTIONAL_ZONE:
      return six || code.size() == 9;
    case v1::JURISDICTION_KIND_TOWNSHIP:
      return code.size() == 9 && code.substr(6) != "000";
    case v1::JURISDICTION_KIND_VILLAGE:
      return code.size() == 12 && code.substr(9) != "000";
    default:
      return true;
  }
}

void CheckTree(const Jurisdiction& after, const resource::Facts& facts, Violations* violations) {
  const bool nation = after.kind() == v1::JURISDICTION_KIND_NATION;
  if (nation != after.parent_id().empty()) {
    violations->push_back(nation ? RefuseRule("parentId", "国家没有上级辖区", "must be empty for the nation")
                                 : RefuseRule("parentId", "除国家外必须有上级辖区",
                                              "is required for every place but the nation"));
  }
  const auto& parents = facts.rows("parent");
  if (nation || parents.empty()) return;
  const JurisdictionLevel above = LevelOf(parents[0].Text("level"));
  if (after.level() != v1::JURISDICTION_LEVEL_UNSPECIFIED && above >= after.level()) {
    violations->push_back(RefuseRule("parentId", "上级辖区的层级必须高于本辖区",
                                     "must stand at a higher level than the place itself"));
  }
  const std::string parent_code = parents[0].Text("division_code");
  if (!after.division_code().empty() && !parent_code.empty() &&
      after.division_code().substr(0, 2) != parent_code.substr(0, 2)) {
    violations->push_back(RefuseRule("divisionCode", "行政区划代码与上级辖区不在同一省份",
                                     "belongs to another province than the code of the parent"));
  }
}

}  // namespace

JurisdictionLevel LevelOf(const std::string& stored) {
  JurisdictionLevel level = v1::JURISDICTION_LEVEL_UNSPECIFIED;
  v1::JurisdictionLevel_Parse(stored, &level);
  return level;
}

resource::FactQuery JurisdictionParentFacts() {
  return {"parent",
          "SELECT level, division_code FROM jurisdiction WHERE id = nullif($1, '')::uuid",
          {"parent_id"},
          {}};
}

Violations CheckJurisdiction(const Jurisdiction* before, const Jurisdiction& after,
                             const resource::Facts& facts) {
  Violations violations;
  if (!LevelFits(after.kind(), after.level()))
    violations.push_back(RefuseRule("level", "层级与辖区类别不符", "does not fit the kind of the place"));
  if (!after.division_code().empty() && !CodeFits(after.kind(), after.division_code()))
    violations.push_back(
        RefuseRule("divisionCode", "行政区划代码与辖区类别不符", "does not fit the kind of the place"));
  CheckTree(after, facts, &violations);
  if (before != nullptr) {
    RefuseLostCode(facts.method(), v1::CODE_KIND_DIVISION, "divisionCode", before->division_code(),
                   after.division_code(), after, &violations);
    RefuseLostName(facts.method(), *before, after, &violations);
    RefuseEditedPast(facts.method(), *before, after, &violations);
  }
  resource::RequireOrder("validFrom", after.valid_from(), "validTo", after.valid_to(), &violations);
  resource::CheckPeriods(after.former_names(), "formerNames", false, &violations);
  resource::CheckPeriods(after.former_codes(), "formerCodes", false, &violations);
  resource::CheckPeriods(after.central_urban(), "centralUrban", true, &violations);
  if (after.central_urban_size() > 0 && after.level() != v1::JURISDICTION_LEVEL_COUNTY) {
    violations.push_back(RefuseRule("centralUrban", "中心城区只适用于县级辖区",
                                    "is meant for counties and zones at county level only"));
  }
  return violations;
}

}  // namespace lianqiao::registry
