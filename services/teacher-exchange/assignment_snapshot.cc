// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/assignment_snapshot.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "services/teacher-exchange/course_rules.h"
#include "services/teacher-exchange/teacher_rules.h"

namespace lianqiao::exchange {

using resource::FactRow;
using resource::Facts;
using v1::Assignment;

namespace {

// The tier of a school (an alias of the registry's copy) on the day that $3 and $4 name.
std::string TierOnDay(const char* school) {
  return absl::StrCat("(SELECT p->>'tier' FROM jsonb_array_elements(", school,
                      ".quality_tier) p WHERE coalesce(p->>'valid_from', '') <= coalesce($3::date, $4::date)"
                      "::text AND coalesce(nullif(p->>'valid_to', ''), '9999-12-31') >="
                      " coalesce($3::date, $4::date)::text ORDER BY p->>'valid_from' DESC LIMIT 1)");
}

enum class Place { kUnknown, kUrban, kRural };

Place PlaceOf(const std::string& urban_rural_class) {
  if (urban_rural_class.empty() || urban_rural_class == "URBAN_RURAL_CLASS_UNSPECIFIED")
    return Place::kUnknown;
  const bool rural = urban_rural_class == "URBAN_RURAL_CLASS_TOWNSHIP_CENTRE" ||
                     urban_rural_class == "URBAN_RURAL_CLASS_VILLAGE";
  return rural ? Place::kRural : Place::kUrban;
}

v1::Direction DirectionOf(Place from, Place to) {
  if (from == Place::kUnknown || to == Place::kUnknown) return v1::DIRECTION_UNKNOWN;
  if (from == Place::kUrban)
    return to == Place::kUrban ? v1::DIRECTION_URBAN_TO_URBAN : v1::DIRECTION_URBAN_TO_RURAL;
  return to == Place::kUrban ? v1::DIRECTION_RURAL_TO_URBAN : v1::DIRECTION_RURAL_TO_RURAL;
}

v1::SchoolTier TierOf(const std::string& quality_tier) {
  static const std::map<std::string, v1::SchoolTier> kTiers = {
      {"QUALITY_TIER_QUALITY", v1::SCHOOL_TIER_QUALITY},
      {"QUALITY_TIER_ORDINARY", v1::SCHOOL_TIER_ORDINARY},
      {"QUALITY_TIER_WEAK", v1::SCHOOL_TIER_WEAK}};
  const auto found = kTiers.find(quality_tier);
  return found == kTiers.end() ? v1::SCHOOL_TIER_UNKNOWN : found->second;
}

bool Held(const FactRow& row, const char* name, const std::string& day) {
  return HeldOn(row.Text(absl::StrCat(name, "_from")), row.Text(absl::StrCat(name, "_until")), day);
}

bool Recognised(const FactRow& row, const char* name, const std::string& day) {
  const std::string level = row.Text(absl::StrCat(name, "_level"));
  return !level.empty() && level != "RECOGNITION_LEVEL_UNSPECIFIED" && Held(row, name, day);
}

void SeeTeacher(const FactRow& row, const std::string& day, bool anew, Assignment* assignment) {
  if (anew || !assignment->has_backbone()) assignment->set_backbone(Recognised(row, "backbone", day));
  if (anew || !assignment->has_master_teacher())
    assignment->set_master_teacher(Recognised(row, "master", day));
  if (anew || !assignment->has_reserve_cadre())
    assignment->set_reserve_cadre(row.Boolean("reserve_cadre") && Held(row, "reserve_cadre", day));
  const bool no_rank = assignment->cadre_rank() == v1::CADRE_RANK_UNSPECIFIED ||
                       assignment->cadre_rank() == v1::CADRE_RANK_UNKNOWN;
  if (!anew && !no_rank) return;
  v1::CadreRank rank = v1::CADRE_RANK_UNSPECIFIED;
  v1::CadreRank_Parse(row.Text("cadre_rank"), &rank);
  const bool holds = rank != v1::CADRE_RANK_UNSPECIFIED && Held(row, "cadre_rank", day);
  assignment->set_cadre_rank(holds ? rank : v1::CADRE_RANK_NONE);
}

bool IsUnknown(v1::SchoolTier tier) {
  return tier == v1::SCHOOL_TIER_UNSPECIFIED || tier == v1::SCHOOL_TIER_UNKNOWN;
}

void SeeSchools(const FactRow& row, bool anew, Assignment* assignment) {
  const bool no_direction = assignment->direction() == v1::DIRECTION_UNSPECIFIED ||
                            assignment->direction() == v1::DIRECTION_UNKNOWN;
  if (anew || no_direction)
    assignment->set_direction(DirectionOf(PlaceOf(row.Text("from_class")), PlaceOf(row.Text("to_class"))));
  if (anew || IsUnknown(assignment->from_tier())) assignment->set_from_tier(TierOf(row.Text("from_tier")));
  if (anew || IsUnknown(assignment->to_tier())) assignment->set_to_tier(TierOf(row.Text("to_tier")));
}

}  // namespace

resource::FactQuery SchoolFacts() {
  return {"schools",
          absl::StrCat("SELECT f.urban_rural_class AS from_class, t.urban_rural_class AS to_class, ",
                       TierOnDay("f"), " AS from_tier, ", TierOnDay("t"),
                       " AS to_tier FROM registry_organisation f, registry_organisation t"
                       " WHERE f.id = $1::uuid AND t.id = $2::uuid"),
          {"from_school_id", "to_school_id", "started_on", "planned_from"},
          {}};
}

resource::FactQuery TeacherFacts() {
  return {"teacher",
          "SELECT t.backbone_level, t.backbone_from, t.backbone_until, t.master_level, t.master_from,"
          " t.master_until, t.cadre_rank, t.cadre_rank_from, t.cadre_rank_until, t.reserve_cadre,"
          " t.reserve_cadre_from, t.reserve_cadre_until, t.left_on,"
          " t.school_id = $2::uuid OR EXISTS (SELECT 1 FROM registry_organisation o"
          " WHERE o.id IN (t.school_id, $2::uuid)"
          " AND o.parent_organisation_id IN (t.school_id, $2::uuid)) AS at_school"
          " FROM teacher t WHERE t.id = $1::uuid",
          {"teacher_id", "from_school_id"},
          {}};
}

void TakeSnapshot(Assignment* assignment, const Facts& facts) {
  const bool to_come = assignment->state() == v1::ASSIGNMENT_STATE_UNSPECIFIED ||
                       assignment->state() == v1::ASSIGNMENT_STATE_NOMINATED ||
                       assignment->state() == v1::ASSIGNMENT_STATE_APPROVED;
  const bool anew = to_come || IsStep<Assignment>(facts, "Start");
  const std::string& begins =
      assignment->started_on().empty() ? assignment->planned_from() : assignment->started_on();
  const std::string& day = begins.empty() && anew ? facts.today() : begins;
  // What a teacher was on a day that nobody knows is not known either.
  if (!day.empty()) {
    for (const FactRow& row : facts.rows("teacher")) SeeTeacher(row, day, anew, assignment);
  }
  const auto& schools = facts.rows("schools");
  SeeSchools(schools.empty() ? FactRow() : schools[0], anew, assignment);
}

}  // namespace lianqiao::exchange
