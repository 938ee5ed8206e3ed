// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/facts_plausibility.h"

#include <algorithm>
#include <cstdlib>

namespace lianqiao::registry {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using v1::JurisdictionYearFacts;
using v1::SchoolYearFacts;

namespace {

// `field` may not be above `limit`.
struct Above {
  v1::PlausibilityRule rule;
  const char* field;
  const char* limit;
};

constexpr Above kSchoolLimits[] = {
    {v1::PLAUSIBILITY_RULE_LARGEST_CLASS_ABOVE_PUPILS, "largest_class_pupils", "pupils"},
    {v1::PLAUSIBILITY_RULE_LARGE_CLASSES_ABOVE_CLASSES, "classes_over_45", "classes"},
    {v1::PLAUSIBILITY_RULE_CLASSES_OVER_50_ABOVE_OVER_45, "classes_over_50", "classes_over_45"},
    {v1::PLAUSIBILITY_RULE_OVER_DEGREE_ABOVE_TEACHERS, "over_degree_teachers", "full_time_teachers"},
    {v1::PLAUSIBILITY_RULE_BACKBONE_ABOVE_TEACHERS, "backbone_teachers", "full_time_teachers"},
    {v1::PLAUSIBILITY_RULE_PE_ARTS_ABOVE_TEACHERS, "pe_arts_teachers", "full_time_teachers"},
    {v1::PLAUSIBILITY_RULE_CONNECTED_ABOVE_CLASSROOMS, "connected_classrooms", "classrooms"},
    {v1::PLAUSIBILITY_RULE_TRAINING_ABOVE_FUNDS, "training_spend", "public_funds"},
    {v1::PLAUSIBILITY_RULE_FEWER_CLASSROOMS_THAN_CLASSES, "classes", "classrooms"},
    {v1::PLAUSIBILITY_RULE_ROOMS_ABOVE_BUILDINGS, "teaching_rooms_area", "building_area"},
};

constexpr Above kJurisdictionLimits[] = {
    {v1::PLAUSIBILITY_RULE_ENROLLED_ABOVE_KNOWN, "disabled_children_enrolled", "disabled_children_known"},
    {v1::PLAUSIBILITY_RULE_RETAINED_ABOVE_BASE, "junior_retained", "junior_retention_base"},
    {v1::PLAUSIBILITY_RULE_PLACED_ABOVE_ELIGIBLE, "migrant_children_placed", "migrant_children_eligible"},
    {v1::PLAUSIBILITY_RULE_COMPULSORY_ABOVE_ALL, "compulsory_schools", "schools"},
    {v1::PLAUSIBILITY_RULE_STAGE_ABOVE_ALL, "kindergartens", "schools"},
    {v1::PLAUSIBILITY_RULE_STAGE_ABOVE_ALL, "primary_schools", "schools"},
    {v1::PLAUSIBILITY_RULE_STAGE_ABOVE_ALL, "junior_schools", "schools"},
    {v1::PLAUSIBILITY_RULE_STAGE_ABOVE_ALL, "senior_schools", "schools"},
    {v1::PLAUSIBILITY_RULE_STAGE_ABOVE_ALL, "vocational_schools", "schools"},
    {v1::PLAUSIBILITY_RULE_STAGE_ABOVE_ALL, "special_schools", "schools"},
};

// `field` / `per` should lie in [min, max].
struct Ratio {
  v1::PlausibilityRule rule;
  const char* field;
  const char* per;
  double min;
  double max;
};

constexpr Ratio kSchoolRatios[] = {
    {v1::PLAUSIBILITY_RULE_PUPILS_PER_TEACHER, "pupils", "full_time_teachers", 2, 40},
    {v1::PLAUSIBILITY_RULE_EQUIPMENT_PER_PUPIL, "equipment_value", "pupils", 0, 100000},
    {v1::PLAUSIBILITY_RULE_ROOMS_PER_PUPIL, "teaching_rooms_area", "pupils", 0, 100},
    {v1::PLAUSIBILITY_RULE_SPORTS_PER_PUPIL, "sports_area", "pupils", 0, 300},
};

constexpr const char* kEveryStage[] = {"pupils", "classes", "full_time_teachers"};
constexpr const char* kCompulsory[] = {
    "largest_class_pupils", "classes_over_45",       "classes_over_50",     "over_degree_teachers",
    "backbone_teachers",    "pe_arts_teachers",      "teaching_rooms_area", "sports_area",
    "equipment_value",      "multimedia_classrooms", "classrooms",          "connected_classrooms",
    "digital_campus",       "public_funds",          "training_spend",      "least_pe_lessons_per_week"};
constexpr const char* kJurisdiction[] = {"schools",
                                         "compulsory_schools",
                                         "kindergartens",
                                         "primary_schools",
                                         "junior_schools",
                                         "senior_schools",
                                         "vocational_schools",
                                         "special_schools",
                                         "junior_retained",
                                         "junior_retention_base",
                                         "disabled_children_known",
                                         "disabled_children_enrolled",
                                         "migrant_children_eligible",
                                         "migrant_children_placed"};

std::optional<double> Number(const Message& record, const char* name) {
  const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName(name);
  if (!record.GetReflection()->HasField(record, field)) return std::nullopt;
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE)
    return record.GetReflection()->GetDouble(record, field);
  return static_cast<double>(record.GetReflection()->GetInt64(record, field));
}

template <typename Table>
void CheckLimits(const Message& record, const Table& limits, std::vector<Finding>* findings) {
  for (const Above& row : limits) {
    const auto value = Number(record, row.field);
    const auto limit = Number(record, row.limit);
    if (value.has_value() && limit.has_value() && *value > *limit) findings->push_back({row.rule, row.field});
  }
}

template <typename Names>
void AddMissing(const Message& record, const Names& names, std::vector<std::string>* missing) {
  for (const char* name : names) {
    const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName(name);
    if (!record.GetReflection()->HasField(record, field)) missing->push_back(name);
  }
}

void CheckClasses(const SchoolYearFacts& facts, std::vector<Finding>* findings) {
  const bool special = facts.stage() == type::v1::STAGE_SPECIAL;
  if (facts.has_pupils() && facts.has_classes()) {
    if (facts.pupils() > 0 && facts.classes() == 0)
      findings->push_back({v1::PLAUSIBILITY_RULE_PUPILS_WITHOUT_CLASSES, "classes"});
    if (facts.classes() > 0 && facts.has_largest_class_pupils() &&
        facts.largest_class_pupils() * facts.classes() < facts.pupils())
      findings->push_back({v1::PLAUSIBILITY_RULE_LARGEST_CLASS_BELOW_AVERAGE, "largest_class_pupils"});
    const bool crowded = facts.pupils() > 75 * facts.classes();
    const bool sparse = facts.pupils() < 5 * facts.classes() && !special;
    if (facts.classes() > 0 && (crowded || sparse))
      findings->push_back({v1::PLAUSIBILITY_RULE_AVERAGE_CLASS, "pupils"});
  }
  if (!facts.has_largest_class_pupils()) return;
  const int64_t largest = facts.largest_class_pupils();
  if (facts.has_classes_over_45() && (facts.classes_over_45() == 0) != (largest <= 45))
    findings->push_back({v1::PLAUSIBILITY_RULE_LARGE_CLASSES_AGAINST_LARGEST, "classes_over_45"});
  if (facts.has_classes_over_50() && (facts.classes_over_50() == 0) != (largest <= 50))
    findings->push_back({v1::PLAUSIBILITY_RULE_LARGE_CLASSES_AGAINST_LARGEST, "classes_over_50"});
}

void CheckContext(const SchoolYearFacts& facts, const SchoolContext& context,
                  std::vector<Finding>* findings) {
  const auto& stages = context.stages;
  if (!stages.empty() && std::find(stages.begin(), stages.end(), facts.stage()) == stages.end())
    findings->push_back({v1::PLAUSIBILITY_RULE_STAGE_NOT_OF_SCHOOL, "stage"});
  if (!facts.has_pupils() || !context.pupils_last_year.has_value()) return;
  const int64_t last = *context.pupils_last_year;
  if (std::max(last, facts.pupils()) > 50 && 2 * std::abs(facts.pupils() - last) > last)
    findings->push_back({v1::PLAUSIBILITY_RULE_CHANGE_OF_PUPILS, "pupils"});
}

}  // namespace

std::vector<Finding> Examine(const SchoolYearFacts& facts, const SchoolContext& context) {
  std::vector<Finding> findings;
  CheckLimits(facts, kSchoolLimits, &findings);
  CheckClasses(facts, &findings);
  for (const Ratio& row : kSchoolRatios) {
    const auto value = Number(facts, row.field);
    const auto per = Number(facts, row.per);
    if (!value.has_value() || !per.has_value() || *per == 0) continue;
    if (*value < row.min * *per || *value > row.max * *per) findings.push_back({row.rule, row.field});
  }
  if (facts.pupils() > 6000) findings.push_back({v1::PLAUSIBILITY_RULE_SCHOOL_SIZE, "pupils"});
  CheckContext(facts, context, &findings);
  return findings;
}

std::vector<Finding> Examine(const JurisdictionYearFacts& facts, const JurisdictionContext& context) {
  std::vector<Finding> findings;
  CheckLimits(facts, kJurisdictionLimits, &findings);
  if (facts.has_compulsory_schools() && facts.has_primary_schools() && facts.has_junior_schools()) {
    const int64_t compulsory = facts.compulsory_schools();
    if (compulsory > facts.primary_schools() + facts.junior_schools() ||
        compulsory < facts.primary_schools() || compulsory < facts.junior_schools())
      findings.push_back({v1::PLAUSIBILITY_RULE_COMPULSORY_AGAINST_STAGES, "compulsory_schools"});
  }
  if (facts.registry_complete() && facts.has_schools() && context.registered_schools.has_value() &&
      *context.registered_schools < facts.schools())
    findings.push_back({v1::PLAUSIBILITY_RULE_REGISTRY_NOT_COMPLETE, "registry_complete"});
  return findings;
}

bool IsImpossible(v1::PlausibilityRule rule) {
  return rule > v1::PLAUSIBILITY_RULE_UNSPECIFIED && rule < 50;
}

std::vector<std::string> MissingFields(const SchoolYearFacts& facts) {
  std::vector<std::string> missing;
  AddMissing(facts, kEveryStage, &missing);
  const bool compulsory = facts.stage() == type::v1::STAGE_PRIMARY || facts.stage() == type::v1::STAGE_JUNIOR;
  if (compulsory) AddMissing(facts, kCompulsory, &missing);
  return missing;
}

std::vector<std::string> MissingFields(const JurisdictionYearFacts& facts) {
  std::vector<std::string> missing;
  AddMissing(facts, kJurisdiction, &missing);
  return missing;
}

}  // namespace lianqiao::registry
