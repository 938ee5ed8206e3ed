// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/course_rules.h"

#include <string>

#include "libs/resource/date_order.h"

namespace lianqiao::resources {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Facts;
using resource::Violations;

void CheckSchool(const Facts& facts, Violations* violations) {
  for (const resource::FactRow& school : facts.rows("school")) {
    if (!school.Boolean("teaches")) violations->push_back(RefuseRule("schoolId", "不是学校", "is no school"));
  }
}

void CheckInYear(const char* field, const std::string& date, const Facts& facts, Violations* violations) {
  if (date.empty()) return;
  for (const resource::FactRow& year : facts.rows("year")) {
    if (date < year.Text("starts_on") || date > year.Text("ends_on"))
      violations->push_back(RefuseRule(field, "日期不在该学年内", "does not lie in the school year"));
  }
}

}  // namespace

Violations CheckCourse(const v1::Course* before, const v1::Course& after, const Facts& facts) {
  Violations violations;
  if (before == nullptr) CheckSchool(facts, &violations);
  CheckInYear("startsOn", after.starts_on(), facts, &violations);
  CheckInYear("endsOn", after.ends_on(), facts, &violations);
  resource::RequireOrder("startsOn", after.starts_on(), "endsOn", after.ends_on(), &violations);
  resource::RequireOrder("openedOn", after.opened_on(), "closedOn", after.closed_on(), &violations);
  if (after.has_place_count() && after.pupil_count() > after.place_count())
    violations.push_back(
        RefuseRule("pupilCount", "参加学生数超过名额", "is more than the course has places"));
  if (facts.method() == "CloseCourse" && !after.has_pupil_count())
    violations.push_back(Refuse("pupilCount", ErrorReason::FIELD_REQUIRED));
  return violations;
}

Violations CheckBrandProject(const v1::BrandProject* before, const v1::BrandProject& after,
                             const Facts& facts) {
  Violations violations;
  if (before == nullptr) CheckSchool(facts, &violations);
  resource::RequireOrder("begunOn", after.begun_on(), "recognisedOn", after.recognised_on(), &violations);
  resource::RequireOrder("begunOn", after.begun_on(), "endedOn", after.ended_on(), &violations);
  resource::RequireOrder("recognisedOn", after.recognised_on(), "endedOn", after.ended_on(), &violations);
  const bool named = after.level() != v1::BRAND_LEVEL_UNSPECIFIED;
  const bool recognised = after.state() == v1::BRAND_PROJECT_STATE_RECOGNISED;
  if (recognised && !named) violations.push_back(Refuse("level", ErrorReason::FIELD_REQUIRED));
  return violations;
}

Violations CheckEquipmentFacts(const v1::EquipmentFacts* before, const v1::EquipmentFacts& after,
                               const Facts& facts) {
  Violations violations;
  if (before == nullptr) CheckSchool(facts, &violations);
  CheckInYear("countedOn", after.counted_on(), facts, &violations);
  if (after.counted_on() > facts.today())
    violations.push_back(RefuseRule("countedOn", "清点日期未到", "lies ahead"));
  if (after.stem_partner_count() > 0 && after.stem_base_count() == 0)
    violations.push_back(
        RefuseRule("stemPartnerCount", "没有STEM教育基地", "needs a STEM base that they take part in"));
  return violations;
}

}  // namespace lianqiao::resources
