// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/facts_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/alliance-registry/facts_plausibility.h"

namespace lianqiao::registry {
namespace {

using resource::FactRow;
using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using v1::PlausibilityRule;

std::vector<std::string> Fields(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const auto& violation : violations) fields.push_back(violation.field());
  return fields;
}

std::vector<PlausibilityRule> Rules(const std::vector<Finding>& findings) {
  std::vector<PlausibilityRule> rules;
  for (const Finding& finding : findings) rules.push_back(finding.rule);
  return rules;
}

// Everything set and plausible.
v1::SchoolYearFacts Good() {
  v1::SchoolYearFacts facts;
  facts.set_school_year_id("y");
  facts.set_stage(type::v1::STAGE_PRIMARY);
  facts.set_pupils(600);
  facts.set_classes(14);
  facts.set_largest_class_pupils(47);
  facts.set_classes_over_45(2);
  facts.set_classes_over_50(0);
  facts.set_full_time_teachers(36);
  facts.set_over_degree_teachers(30);
  facts.set_backbone_teachers(7);
  facts.set_pe_arts_teachers(6);
  facts.set_teaching_rooms_area(3200);
  facts.set_sports_area(5000);
  facts.set_equipment_value(1400000);
  facts.set_multimedia_classrooms(16);
  facts.set_classrooms(16);
  facts.set_connected_classrooms(16);
  facts.set_digital_campus(true);
  facts.set_public_funds(700000);
  facts.set_training_spend(40000);
  facts.set_least_pe_lessons_per_week(5);
  facts.set_building_area(5000);
  return facts;
}

Facts Envelope(const std::string& state, const std::string& school_jurisdiction = "county") {
  Facts facts;
  facts.Add("submission", {FactRow({{"state", "FACT_SUBMISSION_STATE_" + state},
                                    {"jurisdiction_id", "county"},
                                    {"school_year_id", "y"},
                                    {"school_jurisdiction_id", school_jurisdiction}})});
  return facts;
}

TEST(Plausibility, GoodFactsHaveNoFindingAndMissNothing) {
  EXPECT_THAT(Examine(Good(), {{type::v1::STAGE_PRIMARY}, 590}), IsEmpty());
  EXPECT_THAT(MissingFields(Good()), IsEmpty());
}

TEST(Plausibility, WhatIsNotSetIsMissingNotWrong) {
  v1::SchoolYearFacts facts;
  facts.set_stage(type::v1::STAGE_KINDERGARTEN);
  EXPECT_THAT(Examine(facts, {}), IsEmpty());
  EXPECT_THAT(MissingFields(facts), ElementsAre("pupils", "classes", "full_time_teachers"));
  facts.set_stage(type::v1::STAGE_JUNIOR);
  EXPECT_EQ(MissingFields(facts).size(), 19);
}

TEST(Plausibility, EachRuleOfSchoolsFindsItsCase) {
  using Change = void (*)(v1::SchoolYearFacts*);
  const std::vector<std::pair<PlausibilityRule, Change>> cases = {
      {v1::PLAUSIBILITY_RULE_PUPILS_WITHOUT_CLASSES, [](auto* f) { f->set_classes(0); }},
      {v1::PLAUSIBILITY_RULE_LARGEST_CLASS_ABOVE_PUPILS, [](auto* f) { f->set_largest_class_pupils(601); }},
      {v1::PLAUSIBILITY_RULE_LARGEST_CLASS_BELOW_AVERAGE, [](auto* f) { f->set_largest_class_pupils(42); }},
      {v1::PLAUSIBILITY_RULE_LARGE_CLASSES_ABOVE_CLASSES, [](auto* f) { f->set_classes_over_45(15); }},
      {v1::PLAUSIBILITY_RULE_CLASSES_OVER_50_ABOVE_OVER_45, [](auto* f) { f->set_classes_over_50(3); }},
      {v1::PLAUSIBILITY_RULE_LARGE_CLASSES_AGAINST_LARGEST, [](auto* f) { f->set_classes_over_45(0); }},
      {v1::PLAUSIBILITY_RULE_OVER_DEGREE_ABOVE_TEACHERS, [](auto* f) { f->set_over_degree_teachers(37); }},
      {v1::PLAUSIBILITY_RULE_BACKBONE_ABOVE_TEACHERS, [](auto* f) { f->set_backbone_teachers(37); }},
      {v1::PLAUSIBILITY_RULE_PE_ARTS_ABOVE_TEACHERS, [](auto* f) { f->set_pe_arts_teachers(37); }},
      {v1::PLAUSIBILITY_RULE_CONNECTED_ABOVE_CLASSROOMS, [](auto* f) { f->set_connected_classrooms(17); }},
      {v1::PLAUSIBILITY_RULE_TRAINING_ABOVE_FUNDS, [](auto* f) { f->set_training_spend(700001); }},
      {v1::PLAUSIBILITY_RULE_PUPILS_PER_TEACHER, [](auto* f) { f->set_pupils(30); }},
      {v1::PLAUSIBILITY_RULE_AVERAGE_CLASS, [](auto* f) { f->set_pupils(1100); }},
      {v1::PLAUSIBILITY_RULE_EQUIPMENT_PER_PUPIL, [](auto* f) { f->set_equipment_value(60000001); }},
      {v1::PLAUSIBILITY_RULE_ROOMS_PER_PUPIL, [](auto* f) { f->set_teaching_rooms_area(60001); }},
      {v1::PLAUSIBILITY_RULE_SPORTS_PER_PUPIL, [](auto* f) { f->set_sports_area(180001); }},
      {v1::PLAUSIBILITY_RULE_FEWER_CLASSROOMS_THAN_CLASSES, [](auto* f) { f->set_classrooms(13); }},
      {v1::PLAUSIBILITY_RULE_SCHOOL_SIZE, [](auto* f) { f->set_pupils(6001); }},
      {v1::PLAUSIBILITY_RULE_ROOMS_ABOVE_BUILDINGS, [](auto* f) { f->set_building_area(3199); }},
      {v1::PLAUSIBILITY_RULE_STAGE_NOT_OF_SCHOOL, [](auto* f) { f->set_stage(type::v1::STAGE_JUNIOR); }},
      {v1::PLAUSIBILITY_RULE_CHANGE_OF_PUPILS, [](auto* f) { f->set_pupils(200); }}};
  for (const auto& [rule, change] : cases) {
    v1::SchoolYearFacts facts = Good();
    change(&facts);
    EXPECT_THAT(Rules(Examine(facts, {{type::v1::STAGE_PRIMARY}, 590})), testing::Contains(rule))
        << v1::PlausibilityRule_Name(rule);
  }
}

TEST(Plausibility, EachRuleOfJurisdictionsFindsItsCase) {
  v1::JurisdictionYearFacts facts;
  facts.set_schools(10);
  facts.set_compulsory_schools(11);
  facts.set_primary_schools(8);
  facts.set_junior_schools(2);
  facts.set_kindergartens(12);
  facts.set_disabled_children_known(20);
  facts.set_disabled_children_enrolled(21);
  facts.set_junior_retention_base(100);
  facts.set_junior_retained(101);
  facts.set_migrant_children_eligible(5);
  facts.set_migrant_children_placed(6);
  EXPECT_THAT(Rules(Examine(facts)),
              UnorderedElementsAre(
                  v1::PLAUSIBILITY_RULE_COMPULSORY_ABOVE_ALL, v1::PLAUSIBILITY_RULE_STAGE_ABOVE_ALL,
                  v1::PLAUSIBILITY_RULE_COMPULSORY_AGAINST_STAGES, v1::PLAUSIBILITY_RULE_ENROLLED_ABOVE_KNOWN,
                  v1::PLAUSIBILITY_RULE_RETAINED_ABOVE_BASE, v1::PLAUSIBILITY_RULE_PLACED_ABOVE_ELIGIBLE));
}

TEST(FactsRules, TheImpossibleIsRefusedAndTheUnusualKept) {
  v1::SchoolYearFacts facts = Good();
  facts.set_backbone_teachers(37);
  EXPECT_THAT(Fields(CheckSchoolYearFacts(nullptr, facts, Envelope("DRAFT"))),
              ElementsAre("backboneTeachers"));
  facts = Good();
  facts.set_classrooms(10);
  facts.set_connected_classrooms(10);
  EXPECT_THAT(CheckSchoolYearFacts(nullptr, facts, Envelope("DRAFT")), IsEmpty());
}

TEST(FactsRules, FactsChangeOnlyInADraft) {
  for (const char* state : {"SUBMITTED", "CITY_CHECKED", "ACCEPTED", "FROZEN"}) {
    EXPECT_THAT(Fields(CheckSchoolYearFacts(nullptr, Good(), Envelope(state))), ElementsAre("submissionId"))
        << state;
  }
  EXPECT_THAT(CheckSchoolYearFacts(nullptr, Good(), Envelope("DRAFT")), IsEmpty());
}

TEST(FactsRules, FactsBelongToTheYearAndCountyOfTheirSubmission) {
  v1::SchoolYearFacts facts = Good();
  facts.set_school_year_id("other");
  EXPECT_THAT(Fields(CheckSchoolYearFacts(nullptr, facts, Envelope("DRAFT"))), ElementsAre("schoolYearId"));
  EXPECT_THAT(Fields(CheckSchoolYearFacts(nullptr, Good(), Envelope("DRAFT", "elsewhere"))),
              ElementsAre("organisationId"));
  // The school moved after its facts were reported.
  const v1::SchoolYearFacts before = Good();
  EXPECT_THAT(CheckSchoolYearFacts(&before, Good(), Envelope("DRAFT", "elsewhere")), IsEmpty());
  v1::JurisdictionYearFacts county;
  county.set_school_year_id("y");
  county.set_jurisdiction_id("other");
  EXPECT_THAT(Fields(CheckJurisdictionYearFacts(nullptr, county, Envelope("DRAFT"))),
              ElementsAre("jurisdictionId"));
}

TEST(FactsRules, OneCountyReportsASchoolForAYear) {
  Facts facts;
  facts.Add("submission", {FactRow({{"state", "FACT_SUBMISSION_STATE_DRAFT"},
                                    {"jurisdiction_id", "county"},
                                    {"school_year_id", "y"},
                                    {"school_jurisdiction_id", "county"},
                                    {"reported_elsewhere", "t"}})});
  const v1::SchoolYearFacts before = Good();
  EXPECT_THAT(Fields(CheckSchoolYearFacts(nullptr, Good(), facts)), ElementsAre("organisationId"));
  EXPECT_THAT(CheckSchoolYearFacts(&before, Good(), facts), IsEmpty());
  facts.set_method("RestateFactSubmission");
  EXPECT_THAT(CheckSchoolYearFacts(nullptr, Good(), facts), IsEmpty()) << "it can still be corrected";
  facts.set_method("UndeleteSchoolYearFacts");
  EXPECT_THAT(Fields(CheckSchoolYearFacts(&before, Good(), facts)), ElementsAre("organisationId"));
}

TEST(SubmissionRules, CountiesAndCitiesReportAndNobodyElse) {
  v1::FactSubmission submission;
  for (const auto& [level, fields] :
       std::vector<std::pair<std::string, std::vector<std::string>>>{{"COUNTY", {}},
                                                                     {"CITY", {}},
                                                                     {"PROVINCE", {"jurisdictionId"}},
                                                                     {"TOWNSHIP", {"jurisdictionId"}}}) {
    const std::map<std::string, std::string> row = {{"level", "JURISDICTION_LEVEL_" + level}};
    Facts facts;
    facts.Add("place", {FactRow(row)});
    EXPECT_EQ(Fields(CheckFactSubmission(nullptr, submission, facts)), fields) << level;
  }
}

Facts Contents(const std::string& count) {
  const std::map<std::string, std::string> row = {{"jurisdiction_facts", count}};
  Facts facts;
  facts.Add("contents", {FactRow(row)});
  return facts;
}

TEST(SubmissionRules, NothingIsSubmittedWithoutTheFactsOfTheJurisdiction) {
  v1::FactSubmission before;
  before.set_state(v1::FACT_SUBMISSION_STATE_DRAFT);
  v1::FactSubmission after = before;
  after.set_state(v1::FACT_SUBMISSION_STATE_SUBMITTED);
  EXPECT_THAT(Fields(CheckFactSubmission(&before, after, Contents("0"))), ElementsAre("state"));
  EXPECT_THAT(CheckFactSubmission(&before, after, Contents("1")), IsEmpty());
}

TEST(SubmissionRules, AFrozenSubmissionStaysAsItIs) {
  v1::FactSubmission before;
  before.set_state(v1::FACT_SUBMISSION_STATE_FROZEN);
  EXPECT_THAT(Fields(CheckFactSubmission(&before, before, {})), ElementsAre("state"));
}

TEST(SubmissionRules, AStepIsDatedTheDayOnWhichItIsMade) {
  v1::FactSubmission before;
  before.set_state(v1::FACT_SUBMISSION_STATE_DRAFT);
  v1::FactSubmission after = before;
  after.set_state(v1::FACT_SUBMISSION_STATE_SUBMITTED);
  Facts facts = Contents("1");
  facts.set_method("SubmitFactSubmission");
  facts.set_today("2023-11-05");
  after.set_submitted_on("2023-10-31");
  EXPECT_THAT(Fields(CheckFactSubmission(&before, after, facts)), ElementsAre("effectiveOn"));
  after.set_submitted_on("2023-11-05");
  EXPECT_THAT(CheckFactSubmission(&before, after, facts), IsEmpty());
}

TEST(FactsRules, OnlySchoolsHaveSchoolFacts) {
  for (const auto& [kind, fields] :
       std::vector<std::pair<std::string, std::vector<std::string>>>{{"SCHOOL", {}},
                                                                     {"CAMPUS", {}},
                                                                     {"EDUCATION_BUREAU", {"organisationId"}},
                                                                     {"PARTNER", {"organisationId"}}}) {
    Facts facts;
    facts.Add("submission", {FactRow({{"state", "FACT_SUBMISSION_STATE_DRAFT"},
                                      {"jurisdiction_id", "county"},
                                      {"school_year_id", "y"},
                                      {"school_jurisdiction_id", "county"},
                                      {"school_kind", "ORGANISATION_KIND_" + kind}})});
    EXPECT_EQ(Fields(CheckSchoolYearFacts(nullptr, Good(), facts)), fields) << kind;
  }
}

TEST(Plausibility, ARegistryIsNotCompleteWithFewerSchoolsThanReported) {
  v1::JurisdictionYearFacts facts;
  facts.set_schools(10);
  EXPECT_THAT(Examine(facts, {9}), IsEmpty()) << "it does not say that it is complete";
  facts.set_registry_complete(true);
  EXPECT_THAT(Rules(Examine(facts, {9})), ElementsAre(v1::PLAUSIBILITY_RULE_REGISTRY_NOT_COMPLETE));
  EXPECT_THAT(Examine(facts, {10}), IsEmpty());
  EXPECT_THAT(Examine(facts), IsEmpty()) << "nobody counted";
}

}  // namespace
}  // namespace lianqiao::registry
