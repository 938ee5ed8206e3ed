// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/class_placement_rules.h"

#include <algorithm>

#include "libs/resource/record_content.h"
#include "services/teaching-research/school_facts.h"
#include "services/teaching-research/step_dates.h"

namespace lianqiao::research {
namespace {

using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using v1::ClassPlacement;

// A school without registered stages is not known to lack the grade.
void CheckSchool(const char* field, const std::string& id, type::v1::Grade grade, const Facts& facts,
                 Violations* violations) {
  for (const FactRow& school : facts.rows("schools")) {
    if (school.Text("id") != id) continue;
    if (!IsSchoolKind(school.Text("kind")))
      violations->push_back(RefuseRule(field, "须为学校", "is no school"));
    const std::vector<std::string> stages = school.TextArray("stages");
    const bool has_grade =
        stages.empty() || std::any_of(stages.begin(), stages.end(), [&](const std::string& name) {
          type::v1::Stage stage = type::v1::STAGE_UNSPECIFIED;
          return type::v1::Stage_Parse(name, &stage) && StageHasGrade(stage, grade);
        });
    if (!has_grade)
      violations->push_back(
          RefuseRule(field, "该校没有此年级所在学段", "does not teach the stage of the grade"));
  }
}

void CheckClasses(const ClassPlacement& placement, Violations* violations) {
  if (placement.class_names_size() > placement.class_count())
    violations->push_back(RefuseRule("classCount", "少于所列原班级数", "is less than the classes listed"));
  for (int i = 0; i < placement.class_names_size(); ++i) {
    for (int j = 0; j < i; ++j) {
      if (placement.class_names(i) == placement.class_names(j))
        violations->push_back(
            RefuseRule("classNames[" + std::to_string(i) + "]", "原班级重复", "is named twice"));
    }
  }
}

// What the host agreed to stands; how many pupils there are may be corrected.
bool AgreedContentDiffers(const ClassPlacement& before, const ClassPlacement& after) {
  return before.grade() != after.grade() || before.school_year() != after.school_year() ||
         before.class_count() != after.class_count() || before.new_class_name() != after.new_class_name() ||
         before.planned_from() != after.planned_from() || before.planned_until() != after.planned_until() ||
         before.class_names_size() != after.class_names_size() ||
         !std::equal(before.class_names().begin(), before.class_names().end(), after.class_names().begin());
}

}  // namespace

resource::FactQuery PlacementSchoolFacts() {
  return {"schools",
          "SELECT o.id, o.kind, o.stages FROM registry_organisation o WHERE o.id IN ($1::uuid, $2::uuid)",
          {"home_organisation_id", "host_organisation_id"},
          {}};
}

Violations CheckClassPlacement(const ClassPlacement* before, const ClassPlacement& after,
                               const Facts& facts) {
  Violations violations;
  const v1::ClassPlacementState state = after.state();
  const bool ran = state == v1::CLASS_PLACEMENT_STATE_RUNNING || state == v1::CLASS_PLACEMENT_STATE_ENDED;
  const bool agreed =
      ran || state == v1::CLASS_PLACEMENT_STATE_AGREED || state == v1::CLASS_PLACEMENT_STATE_CANCELLED;
  CheckStepDates({{"agreedOn", after.agreed_on(), agreed},
                  {"startsOn", after.starts_on(), ran, true},
                  {"endsOn", after.ends_on(), state == v1::CLASS_PLACEMENT_STATE_ENDED, true}},
                 facts.today(), &violations);
  resource::RequireOrder("plannedFrom", after.planned_from(), "plannedUntil", after.planned_until(),
                         &violations);
  if (after.home_organisation_id() == after.host_organisation_id())
    violations.push_back(RefuseRule("hostOrganisationId", "就读校不得是原校", "is the home school itself"));
  CheckSchool("homeOrganisationId", after.home_organisation_id(), after.grade(), facts, &violations);
  CheckSchool("hostOrganisationId", after.host_organisation_id(), after.grade(), facts, &violations);
  CheckClasses(after, &violations);
  const bool stands = before != nullptr && before->state() != v1::CLASS_PLACEMENT_STATE_PROPOSED;
  if (stands && resource::IsEdit(facts) && AgreedContentDiffers(*before, after))
    violations.push_back(RefuseRule("state", "就读校已答复的内容不可更改",
                                    "what the host school has answered cannot be changed"));
  return violations;
}

Violations CheckClassPlacementDeletion(const ClassPlacement& record, const Facts& facts) {
  if (record.state() == v1::CLASS_PLACEMENT_STATE_PROPOSED) return {};
  return {
      RefuseRule("state", "就读校已答复的安排不得删除", "has been answered by the host: its record stays")};
}

}  // namespace lianqiao::research
