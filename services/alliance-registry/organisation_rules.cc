// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/organisation_rules.h"

#include <algorithm>
#include <set>
#include <vector>

#include "libs/resource/period_rules.h"
#include "services/alliance-registry/former_codes.h"
#include "services/alliance-registry/jurisdiction_rules.h"

namespace lianqiao::registry {

using base::RefuseRule;
using resource::Violations;
using type::v1::Stage;
using v1::Organisation;
using v1::OrganisationKind;
using v1::SchoolType;

namespace {

// What each type of school teaches: all of `core`, besides at most `also`. Two digits begin its school code;
// empty: several are in use.
struct TypeRow {
  SchoolType type;
  std::set<Stage> core;
  std::set<Stage> also;
  const char* code_category;
};

const TypeRow* FindType(SchoolType type) {
  using namespace type::v1;  // NOLINT: a table of stages.
  static const std::vector<TypeRow> kTypes = {
      {v1::SCHOOL_TYPE_KINDERGARTEN, {STAGE_KINDERGARTEN}, {}, "11"},
      {v1::SCHOOL_TYPE_PRIMARY, {STAGE_PRIMARY}, {STAGE_KINDERGARTEN}, "21"},
      {v1::SCHOOL_TYPE_TEACHING_POINT, {STAGE_PRIMARY}, {STAGE_KINDERGARTEN}, "2"},
      {v1::SCHOOL_TYPE_JUNIOR, {STAGE_JUNIOR}, {}, "31"},
      {v1::SCHOOL_TYPE_SENIOR, {STAGE_SENIOR}, {}, "34"},
      {v1::SCHOOL_TYPE_COMPLETE_SECONDARY, {STAGE_JUNIOR, STAGE_SENIOR}, {}, "34"},
      {v1::SCHOOL_TYPE_NINE_YEAR, {STAGE_PRIMARY, STAGE_JUNIOR}, {STAGE_KINDERGARTEN}, ""},
      {v1::SCHOOL_TYPE_TWELVE_YEAR, {STAGE_PRIMARY, STAGE_JUNIOR, STAGE_SENIOR}, {STAGE_KINDERGARTEN}, ""},
      {v1::SCHOOL_TYPE_SPECIAL,
       {STAGE_SPECIAL},
       {STAGE_KINDERGARTEN, STAGE_PRIMARY, STAGE_JUNIOR, STAGE_SENIOR, STAGE_VOCATIONAL},
       "51"},
      {v1::SCHOOL_TYPE_VOCATIONAL, {STAGE_VOCATIONAL}, {STAGE_SENIOR}, "36"}};
  const auto found =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeRow& row) { return row.type == type; });
  return found == kTypes.end() ? nullptr : &*found;
}

bool TypeFits(OrganisationKind kind, SchoolType type) {
  switch (kind) {
    case v1::ORGANISATION_KIND_KINDERGARTEN:
      return type == v1::SCHOOL_TYPE_KINDERGARTEN;
    case v1::ORGANISATION_KIND_COMPLETE_PRIMARY:
      return type == v1::SCHOOL_TYPE_PRIMARY;
    case v1::ORGANISATION_KIND_TEACHING_POINT:
      return type == v1::SCHOOL_TYPE_TEACHING_POINT || type == v1::SCHOOL_TYPE_PRIMARY;
    case v1::ORGANISATION_KIND_SPECIAL_EDUCATION_UNIT:
      return type == v1::SCHOOL_TYPE_SPECIAL;
    case v1::ORGANISATION_KIND_SCHOOL:
    case v1::ORGANISATION_KIND_CENTRAL_SCHOOL:
      return type != v1::SCHOOL_TYPE_KINDERGARTEN && type != v1::SCHOOL_TYPE_TEACHING_POINT;
    default:
      return true;
  }
}

// What may stand above what; no kind stands, over any number of steps, above itself.
bool ParentFits(OrganisationKind kind, OrganisationKind parent) {
  static const std::vector<std::pair<OrganisationKind, std::set<OrganisationKind>>> kParents = {
      {v1::ORGANISATION_KIND_CAMPUS,
       {v1::ORGANISATION_KIND_SCHOOL, v1::ORGANISATION_KIND_CENTRAL_SCHOOL,
        v1::ORGANISATION_KIND_KINDERGARTEN, v1::ORGANISATION_KIND_SPECIAL_EDUCATION_UNIT,
        v1::ORGANISATION_KIND_COMPLETE_PRIMARY}},
      {v1::ORGANISATION_KIND_TEACHING_POINT,
       {v1::ORGANISATION_KIND_CENTRAL_SCHOOL, v1::ORGANISATION_KIND_SCHOOL,
        v1::ORGANISATION_KIND_COMPLETE_PRIMARY}},
      {v1::ORGANISATION_KIND_COMPLETE_PRIMARY,
       {v1::ORGANISATION_KIND_CENTRAL_SCHOOL, v1::ORGANISATION_KIND_SCHOOL}},
      {v1::ORGANISATION_KIND_KINDERGARTEN,
       {v1::ORGANISATION_KIND_CENTRAL_SCHOOL, v1::ORGANISATION_KIND_SCHOOL,
        v1::ORGANISATION_KIND_COMPLETE_PRIMARY}},
      {v1::ORGANISATION_KIND_SPECIAL_EDUCATION_UNIT,
       {v1::ORGANISATION_KIND_CENTRAL_SCHOOL, v1::ORGANISATION_KIND_SCHOOL}},
      {v1::ORGANISATION_KIND_SCHOOL, {v1::ORGANISATION_KIND_CENTRAL_SCHOOL}},
      {v1::ORGANISATION_KIND_BUREAU_UNIT,
       {v1::ORGANISATION_KIND_EDUCATION_BUREAU, v1::ORGANISATION_KIND_AFFILIATED_BODY}},
      {v1::ORGANISATION_KIND_AFFILIATED_BODY, {v1::ORGANISATION_KIND_EDUCATION_BUREAU}}};
  for (const auto& [child, parents] : kParents) {
    if (child == kind) return parents.count(parent) > 0;
  }
  return false;
}

void CheckTypeAndStages(const Organisation& after, Violations* violations) {
  if (after.school_type() == v1::SCHOOL_TYPE_UNSPECIFIED) return;
  if (!TypeFits(after.kind(), after.school_type()))
    violations->push_back(
        RefuseRule("schoolType", "办学类型与机构类别不符", "does not fit the kind of the organisation"));
  std::set<Stage> stages;
  for (int i = 0; i < after.stages_size(); ++i) stages.insert(after.stages(i));
  if (static_cast<int>(stages.size()) != after.stages_size())
    violations->push_back(RefuseRule("stages", "学段不得重复", "names a stage twice"));
  const TypeRow* row = FindType(after.school_type());
  if (row == nullptr) return;
  bool fits = std::includes(stages.begin(), stages.end(), row->core.begin(), row->core.end());
  for (const Stage stage : stages) fits = fits && (row->core.count(stage) > 0 || row->also.count(stage) > 0);
  if (!fits)
    violations->push_back(RefuseRule("stages", "学段与办学类型不符", "does not fit the type of school"));
}

void CheckCodes(const Organisation& after, const std::string& province, Violations* violations) {
  const std::string& code = after.school_code();
  const TypeRow* row = FindType(after.school_type());
  if (!code.empty() && row != nullptr && code.rfind(row->code_category, 0) != 0)
    violations->push_back(RefuseRule("schoolCode", "学校标识码类别与办学类型不符",
                                     "begins with the category of another type of school"));
  if (code.size() == 10 && !province.empty() && code.substr(2, 2) != province)
    violations->push_back(RefuseRule("schoolCode", "学校标识码的省份与教育辖区不符",
                                     "names another province than the education jurisdiction"));
  const bool inner =
      after.kind() == v1::ORGANISATION_KIND_CAMPUS || after.kind() == v1::ORGANISATION_KIND_BUREAU_UNIT;
  if (inner && !after.social_credit_code().empty())
    violations->push_back(RefuseRule("socialCreditCode", "校区和科室没有自己的统一社会信用代码",
                                     "belongs to legal persons, not to a campus or office"));
}

// What a move says of itself: until when the school was in the place that it leaves, and nothing of others.
void CheckMove(const v1::FormerJurisdiction& left, const std::string& field, const Organisation& before,
               const resource::Facts& facts, Violations* violations) {
  const auto& rows = facts.rows("places");
  if (!rows.empty() && rows[0].Integer("unknown_former") > 0) return;  // Refused as unknown.
  if (left.jurisdiction_id() != before.jurisdiction_id())
    violations->push_back(RefuseRule(field + ".jurisdictionId", "应为划出的教育辖区",
                                     "must be the jurisdiction that the organisation leaves"));
  if (left.valid_to() >= facts.today())
    violations->push_back(RefuseRule(field + ".validTo", "须早于今天",
                                     "must lie before today: a move is recorded when it holds"));
}

// Where a school belonged, and when it was closed, is written by what moves, merges or reopens it. A move may
// add since when it is so; a source system brings its own past.
void RefuseEditedPlaces(const Organisation& before, const Organisation& after, const resource::Facts& facts,
                        Violations* violations) {
  if (facts.method() != "UpdateOrganisation") return;
  auto earlier = after.former_jurisdictions();
  const bool moves = before.jurisdiction_id() != after.jurisdiction_id();
  if (moves && earlier.size() > before.former_jurisdictions_size()) {
    const std::string field = "formerJurisdictions[" + std::to_string(earlier.size() - 1) + "]";
    CheckMove(earlier.at(earlier.size() - 1), field, before, facts, violations);
    earlier.RemoveLast();
  }
  if (!SameEntries(before.former_jurisdictions(), earlier))
    violations->push_back(RefuseRule("formerJurisdictions",
                                     "曾属教育辖区由划转、合并、拆分办理时记入,不能直接修改",
                                     "is written by moves, mergers and splits only"));
  if (!SameEntries(before.closed_periods(), after.closed_periods()))
    violations->push_back(RefuseRule("closedPeriods", "停办时段由恢复办学办理时记入,不能直接修改",
                                     "is written by reopening only"));
}

// A code once given names one school for ever; after a merger or a split its successor may keep it.
void CheckPast(const Organisation* before, const Organisation& after, const resource::Facts& facts,
               Violations* violations) {
  const auto& rows = facts.rows("places");
  const bool taken = !rows.empty() && !rows[0].Text("code_of").empty();
  const bool new_code = before == nullptr || before->school_code() != after.school_code();
  if (taken && new_code && !after.school_code().empty())
    violations->push_back(RefuseRule("schoolCode", "该学校标识码曾属其他学校,不得再用",
                                     "was the code of another school and is never used again"));
  if (before == nullptr) return;
  RefuseLostCode(facts.method(), v1::CODE_KIND_SCHOOL, "schoolCode", before->school_code(),
                 after.school_code(), after, violations);
  RefuseLostCode(facts.method(), v1::CODE_KIND_SOCIAL_CREDIT, "socialCreditCode",
                 before->social_credit_code(), after.social_credit_code(), after, violations);
  RefuseLostName(facts.method(), *before, after, violations);
  RefuseEditedPast(facts.method(), *before, after, violations);
  RefuseEditedPlaces(*before, after, facts, violations);
}

// Fields that only some kinds have.
void CheckKindFields(const Organisation& after, Violations* violations) {
  const auto refuse = [&](bool wrong, const char* field) {
    if (wrong)
      violations->push_back(
          RefuseRule(field, "不适用于该机构类别", "does not apply to this kind of organisation"));
  };
  const bool teaching = IsTeaching(after.kind());
  const bool partner = after.kind() == v1::ORGANISATION_KIND_PARTNER;
  refuse(!teaching && after.school_type() != v1::SCHOOL_TYPE_UNSPECIFIED, "schoolType");
  refuse(!teaching && after.stages_size() > 0, "stages");
  refuse(!teaching && after.boarding() != v1::BOARDING_UNSPECIFIED, "boarding");
  refuse(!teaching && after.quality_tier_size() > 0, "qualityTier");
  refuse(!teaching && after.is_new_size() > 0, "isNew");
  refuse(!teaching && after.is_small_size() > 0, "isSmall");
  refuse(!teaching && after.is_urban_village_size() > 0, "isUrbanVillage");
  refuse(partner != (after.partner_kind() != v1::PARTNER_KIND_UNSPECIFIED), "partnerKind");
  refuse(!partner && after.cooperation_fields_size() > 0, "cooperationFields");
  refuse((teaching || partner) && after.duties_size() > 0, "duties");
  const bool special = after.kind() == v1::ORGANISATION_KIND_SPECIAL_EDUCATION_UNIT ||
                       after.school_type() == v1::SCHOOL_TYPE_SPECIAL;
  const v1::SpecialEducationTier tier = after.special_education_tier();
  const bool centre = tier == v1::SPECIAL_EDUCATION_TIER_GUIDANCE_CENTRE ||
                      tier == v1::SPECIAL_EDUCATION_TIER_RESOURCE_CENTRE;
  // A centre may be a bureau's own body; a room is in a school.
  refuse(centre && teaching && !special, "specialEducationTier");
  refuse(tier == v1::SPECIAL_EDUCATION_TIER_RESOURCE_ROOM && !teaching, "specialEducationTier");
}

void CheckPlaces(const Organisation& after, const resource::Facts& facts, Violations* violations) {
  const auto& rows = facts.rows("places");
  if (rows.empty()) return;
  const v1::JurisdictionLevel level = LevelOf(rows[0].Text("jurisdiction_level"));
  if (level > v1::JURISDICTION_LEVEL_COUNTY)
    violations->push_back(RefuseRule("jurisdictionId", "教育辖区应为县级及以上",
                                     "must be a county, a zone or a higher jurisdiction"));
  if (const int64_t unknown = rows[0].Integer("unknown_former"); unknown > 0)
    violations->push_back(base::Refuse(
        "formerJurisdictions[" + std::to_string(unknown - 1) + "].jurisdictionId",
        base::ErrorReason::REFERENCE_NOT_FOUND, {{"kind", "jurisdiction"}, {"kind_zh", "辖区"}}));
  if (!after.township_id().empty() &&
      LevelOf(rows[0].Text("township_level")) != v1::JURISDICTION_LEVEL_TOWNSHIP)
    violations->push_back(
        RefuseRule("townshipId", "应为乡镇或街道", "must be a town, township or subdistrict"));
  if (after.parent_organisation_id().empty()) return;
  OrganisationKind parent = v1::ORGANISATION_KIND_UNSPECIFIED;
  v1::OrganisationKind_Parse(rows[0].Text("parent_kind"), &parent);
  if (parent != v1::ORGANISATION_KIND_UNSPECIFIED && !ParentFits(after.kind(), parent))
    violations->push_back(RefuseRule("parentOrganisationId", "上级机构的类别不符",
                                     "is of a kind that cannot stand above this one"));
}

void CheckLife(const Organisation* before, const Organisation& after, const resource::Facts& facts,
               Violations* violations) {
  const std::string& today = facts.today();
  const bool closes = facts.method() == "CloseOrganisation" || facts.method() == "AbandonOrganisation";
  if (closes && !facts.rows("open_units").empty())
    violations->push_back(RefuseRule("status", "下属的校区、教学点或科室尚未撤销",
                                     "has campuses, points or offices that are not closed"));
  resource::RequireOrder("openedOn", after.opened_on(), "closedOn", after.closed_on(), violations);
  if (before == nullptr && after.status() == v1::ORGANISATION_STATUS_MERGED)
    violations->push_back(RefuseRule("status", "合并须通过合并方法办理", "is reached by merging only"));
  if (after.status() == v1::ORGANISATION_STATUS_ABANDONED && !after.closed_on().empty())
    violations->push_back(
        RefuseRule("closedOn", "未建成的机构没有撤销日期", "belongs to organisations that existed"));
  const bool open =
      after.status() == v1::ORGANISATION_STATUS_ACTIVE || after.status() == v1::ORGANISATION_STATUS_PLANNED;
  if (open && !after.closed_on().empty() && after.closed_on() < today)
    violations->push_back(RefuseRule("closedOn", "在办机构不得有过去的撤销日期",
                                     "lies in the past of an organisation that is not closed"));
}

}  // namespace

bool IsTeaching(OrganisationKind kind) {
  return kind >= v1::ORGANISATION_KIND_SCHOOL && kind <= v1::ORGANISATION_KIND_SPECIAL_EDUCATION_UNIT;
}

// min, not LIMIT 1: for the first of what it takes to be many, a prepared plan would read the whole table.
resource::FactQuery OrganisationPlaceFacts() {
  return {
      "places",
      "SELECT j.level AS jurisdiction_level, t.level AS township_level, p.kind AS parent_kind,"
      " left(coalesce(nullif(j.division_code, ''), above.division_code), 2) AS province, held.id AS code_of,"
      " (SELECT min(f.number) FROM jsonb_array_elements($7::jsonb) WITH ORDINALITY AS f (value, number)"
      " WHERE NOT EXISTS (SELECT 1 FROM jurisdiction k WHERE k.id = (f.value->>'jurisdiction_id')::uuid))"
      " AS unknown_former"
      " FROM jurisdiction j"
      " LEFT JOIN jurisdiction above ON above.id = j.parent_id"
      " LEFT JOIN jurisdiction t ON t.id = nullif($2, '')::uuid"
      " LEFT JOIN organisation p ON p.id = nullif($3, '')::uuid"
      " LEFT JOIN LATERAL (SELECT min(h.id::text) AS id FROM organisation h"
      " WHERE $4::text <> '' AND h.former_codes <> '[]' AND h.former_codes @>"
      " jsonb_build_array(jsonb_build_object('kind', 'CODE_KIND_SCHOOL', 'code', $4::text))"
      " AND h.id <> $5::uuid AND h.replaced_by IS DISTINCT FROM $5::uuid"
      " AND h.id IS DISTINCT FROM nullif($6, '')::uuid) held ON true"
      " WHERE j.id = nullif($1, '')::uuid",
      {"jurisdiction_id", "township_id", "parent_organisation_id", "school_code", "id", "split_from_id",
       "former_jurisdictions"},
      {}};
}

resource::FactQuery OpenUnitsFacts() {
  return {"open_units",
          "SELECT 1 FROM organisation WHERE parent_organisation_id = $1::uuid AND delete_time IS NULL"
          " AND status IN ('ORGANISATION_STATUS_PLANNED', 'ORGANISATION_STATUS_ACTIVE') LIMIT 1",
          {"id"},
          {"CloseOrganisation", "AbandonOrganisation"}};
}

Violations CheckOrganisation(const Organisation* before, const Organisation& after,
                             const resource::Facts& facts) {
  Violations violations;
  const auto& places = facts.rows("places");
  CheckLife(before, after, facts, &violations);
  CheckTypeAndStages(after, &violations);
  CheckCodes(after, places.empty() ? "" : places[0].Text("province"), &violations);
  CheckPast(before, after, facts, &violations);
  CheckKindFields(after, &violations);
  CheckPlaces(after, facts, &violations);
  const bool needs_parent =
      after.kind() == v1::ORGANISATION_KIND_CAMPUS || after.kind() == v1::ORGANISATION_KIND_BUREAU_UNIT;
  if (needs_parent && after.parent_organisation_id().empty())
    violations.push_back(RefuseRule("parentOrganisationId", "校区和科室必须有上级机构",
                                    "is required for a campus or an office"));
  if (after.kind() == v1::ORGANISATION_KIND_TOWNSHIP_EDUCATION_POST && after.township_id().empty())
    violations.push_back(RefuseRule("townshipId", "乡镇教育岗必须注明所在乡镇",
                                    "is required for a township's education post"));
  if (after.has_longitude() != after.has_latitude())
    violations.push_back(
        RefuseRule("longitude", "经度和纬度应同时填写", "must be given together with the latitude"));
  if (after.has_longitude() && after.coordinate_system() == v1::COORDINATE_SYSTEM_UNSPECIFIED)
    violations.push_back(
        RefuseRule("coordinateSystem", "填写坐标时须注明坐标系", "is required with coordinates"));
  resource::CheckPeriods(after.former_names(), "formerNames", false, &violations);
  resource::CheckPeriods(after.former_codes(), "formerCodes", false, &violations);
  resource::CheckPeriods(after.former_jurisdictions(), "formerJurisdictions", true, &violations);
  resource::CheckPeriods(after.closed_periods(), "closedPeriods", true, &violations);
  resource::CheckPeriods(after.quality_tier(), "qualityTier", true, &violations);
  resource::CheckPeriods(after.is_new(), "isNew", true, &violations);
  resource::CheckPeriods(after.is_small(), "isSmall", true, &violations);
  resource::CheckPeriods(after.is_urban_village(), "isUrbanVillage", true, &violations);
  resource::CheckPeriods(after.legal_entity(), "legalEntity", true, &violations);
  resource::CheckPeriods(after.funding_channel(), "fundingChannel", false, &violations);
  return violations;
}

}  // namespace lianqiao::registry
