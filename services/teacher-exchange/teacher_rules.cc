// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/teacher_rules.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/date_order.h"
#include "libs/resource/period_rules.h"
#include "services/teacher-exchange/personal_numbers.h"

namespace lianqiao::exchange {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::RequireOrder;
using resource::Violations;
using v1::Teacher;

namespace {

// Nobody teaches before; a typing mistake in either direction is one.
constexpr int kFirstBirthYear = 1920;
constexpr int kYoungestTeacher = 16;

int YearOf(const std::string& date) {
  int year = 0;
  return absl::SimpleAtoi(absl::string_view(date).substr(0, 4), &year) ? year : 0;
}

struct Period {
  const char* level_field;
  bool level;
  const char* from_field;
  const std::string& from;
  const char* until_field;
  const std::string& until;
};

// The days of something that the teacher is: in order, and only of something.
void CheckPeriodOf(const Period& period, Violations* violations) {
  RequireOrder(period.from_field, period.from, period.until_field, period.until, violations);
  const bool dated = !period.from.empty() || !period.until.empty();
  if (dated && !period.level) violations->push_back(Refuse(period.level_field, ErrorReason::FIELD_REQUIRED));
}

void CheckStanding(const Teacher& teacher, Violations* violations) {
  CheckPeriodOf({"backboneLevel", teacher.backbone_level() != v1::RECOGNITION_LEVEL_UNSPECIFIED,
                 "backboneFrom", teacher.backbone_from(), "backboneUntil", teacher.backbone_until()},
                violations);
  CheckPeriodOf({"masterLevel", teacher.master_level() != v1::RECOGNITION_LEVEL_UNSPECIFIED, "masterFrom",
                 teacher.master_from(), "masterUntil", teacher.master_until()},
                violations);
  CheckPeriodOf({"cadreRank", teacher.cadre_rank() != v1::CADRE_RANK_UNSPECIFIED, "cadreRankFrom",
                 teacher.cadre_rank_from(), "cadreRankUntil", teacher.cadre_rank_until()},
                violations);
  CheckPeriodOf({"reserveCadre", teacher.reserve_cadre(), "reserveCadreFrom", teacher.reserve_cadre_from(),
                 "reserveCadreUntil", teacher.reserve_cadre_until()},
                violations);
  if (!teacher.employment_status_since().empty() &&
      teacher.employment_status() == v1::EMPLOYMENT_STATUS_UNSPECIFIED)
    violations->push_back(Refuse("employmentStatus", ErrorReason::FIELD_REQUIRED));
}

}  // namespace

bool HeldOn(const std::string& from, const std::string& until, const std::string& day) {
  return (from.empty() || from <= day) && (until.empty() || day <= until);
}

// A campus is a part of its school: who moves between them has not left. Rows only of teachers who move, so
// that many new teachers at once are still written together.
resource::FactQuery FormerSchoolFacts() {
  return {"former_school",
          "SELECT t.school_id, t.at_school_since, jsonb_array_length(t.former_schools) AS kept,"
          " EXISTS (SELECT 1 FROM registry_organisation o, registry_organisation n"
          " WHERE o.id = t.school_id AND n.id = $2::uuid"
          " AND ((n.kind = 'ORGANISATION_KIND_CAMPUS' AND n.parent_organisation_id = o.id)"
          " OR (o.kind = 'ORGANISATION_KIND_CAMPUS' AND o.parent_organisation_id = n.id)"
          " OR (o.kind = 'ORGANISATION_KIND_CAMPUS' AND n.kind = 'ORGANISATION_KIND_CAMPUS'"
          " AND o.parent_organisation_id = n.parent_organisation_id))) AS same_school"
          " FROM teacher t WHERE t.id = $1::uuid AND t.school_id <> $2::uuid",
          {"id", "school_id"},
          {}};
}

void KeepFormerSchool(Teacher* teacher, const Facts& facts) {
  const auto& rows = facts.rows("former_school");
  if (rows.empty() || rows[0].Boolean("same_school")) return;
  const FactRow& stored = rows[0];
  const std::string since = stored.Text("at_school_since");
  const bool told = !teacher->at_school_since().empty() && teacher->at_school_since() != since;
  if (!told) teacher->set_at_school_since(facts.today());
  if (teacher->former_schools_size() != stored.Integer("kept")) return;  // The writer says it himself.
  std::string from = since;
  for (const auto& former : teacher->former_schools()) {
    if (since.empty()) from = std::max(from, resource::DayAfter(former.valid_to()));
  }
  const std::string to = resource::DayBefore(teacher->at_school_since());
  if (from > to) return;  // It was so on no day.
  auto* former = teacher->add_former_schools();
  former->set_school_id(stored.Text("school_id"));
  former->set_valid_from(from);
  former->set_valid_to(to);
}

Violations CheckTeacher(const Teacher* before, const Teacher& after, const Facts& facts) {
  Violations violations;
  RefusePersonalNumbers(after, &violations);
  const int youngest = YearOf(facts.today()) - kYoungestTeacher;
  if (after.birth_year() != 0 && (after.birth_year() < kFirstBirthYear || after.birth_year() > youngest))
    violations.push_back(Refuse("birthYear", ErrorReason::FIELD_OUT_OF_RANGE,
                                {{"min", absl::StrCat(kFirstBirthYear)}, {"max", absl::StrCat(youngest)}}));
  CheckStanding(after, &violations);
  resource::CheckPeriods(after.former_schools(), "formerSchools", true, &violations);
  for (int i = 0; i < after.former_schools_size(); ++i) {
    const std::string field = absl::StrCat("formerSchools[", i, "].validTo");
    RequireOrder(field.c_str(), after.former_schools(i).valid_to(), "atSchoolSince", after.at_school_since(),
                 &violations);
  }
  RequireOrder("atSchoolSince", after.at_school_since(), "leftOn", after.left_on(), &violations);
  return violations;
}

Violations CheckEthicsResult(const v1::EthicsResult* before, const v1::EthicsResult& after,
                             const Facts& facts) {
  Violations violations;
  RefusePersonalNumbers(after, &violations);
  if (after.year() > YearOf(facts.today()))
    violations.push_back(RefuseRule("year", "考核年度尚未到来", "has not begun yet"));
  RequireOrder("year", absl::StrCat(after.year(), "-01-01"), "decidedOn", after.decided_on(), &violations);
  if (after.decided_on() > facts.today())
    violations.push_back(RefuseRule("decidedOn", "认定日期不得晚于今天", "must not be after today"));
  return violations;
}

Violations CheckRotationEligibility(const v1::RotationEligibility* before,
                                    const v1::RotationEligibility& after, const Facts& facts) {
  Violations violations;
  if (after.eligible_backbone_count() > after.eligible_count())
    violations.push_back(RefuseRule("eligibleBackboneCount", "骨干教师数不得多于符合条件教师数",
                                    "is a part of eligible_count and cannot be more"));
  return violations;
}

}  // namespace lianqiao::exchange
