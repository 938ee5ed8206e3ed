// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/vacancy_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "services/teacher-exchange/rules_testing.h"

namespace lianqiao::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::Vacancy;

Vacancy Post(v1::AssignmentType type = v1::ASSIGNMENT_TYPE_SUPPORT_TEACHING,
             v1::HostRole role = v1::HOST_ROLE_TEACHER) {
  Vacancy vacancy;
  vacancy.set_school_id("host");
  vacancy.set_type(type);
  vacancy.set_host_role(role);
  vacancy.set_state(v1::VACANCY_STATE_OPEN);
  return vacancy;
}

std::vector<std::string> Made(const Vacancy& vacancy) {
  return FieldsOf(CheckVacancy(nullptr, vacancy, By("CreateVacancy")));
}

TEST(VacancyRules, ItOpensBeforeItCloses) {
  Vacancy vacancy = Post();
  EXPECT_THAT(Made(vacancy), IsEmpty());
  vacancy.set_open_from("2026-09-01");
  vacancy.set_open_until("2026-09-01");
  EXPECT_THAT(Made(vacancy), IsEmpty());
  vacancy.set_open_until("2026-08-31");
  EXPECT_THAT(Made(vacancy), ElementsAre("openUntil"));
}

TEST(VacancyRules, TheTypeOfExchangeBindsTheRole) {
  EXPECT_THAT(Made(Post(v1::ASSIGNMENT_TYPE_CADRE_DISPATCH, v1::HOST_ROLE_PRINCIPAL)), IsEmpty());
  EXPECT_THAT(Made(Post(v1::ASSIGNMENT_TYPE_CADRE_DISPATCH, v1::HOST_ROLE_VICE_PRINCIPAL)), IsEmpty());
  EXPECT_THAT(Made(Post(v1::ASSIGNMENT_TYPE_CADRE_DISPATCH, v1::HOST_ROLE_TEACHER)), ElementsAre("hostRole"));
  EXPECT_THAT(Made(Post(v1::ASSIGNMENT_TYPE_CONCURRENT_VICE_PRINCIPAL, v1::HOST_ROLE_VICE_PRINCIPAL)),
              IsEmpty());
  EXPECT_THAT(Made(Post(v1::ASSIGNMENT_TYPE_CONCURRENT_VICE_PRINCIPAL, v1::HOST_ROLE_PRINCIPAL)),
              ElementsAre("hostRole"));
  EXPECT_THAT(Made(Post(v1::ASSIGNMENT_TYPE_SHADOWING, v1::HOST_ROLE_TRAINEE)), IsEmpty());
  EXPECT_THAT(Made(Post(v1::ASSIGNMENT_TYPE_SHADOWING)), ElementsAre("hostRole"));
}

TEST(VacancyRules, OnlyAnAssignmentForThisPostTakesIt) {
  Vacancy filled = Post();
  filled.set_state(v1::VACANCY_STATE_FILLED);
  const Vacancy open = Post();
  const auto with = [&](const std::string& school, const std::string& type, const std::string& role,
                        const std::string& stands) {
    resource::Facts facts = By("FillVacancy");
    facts.Add("assignment",
              {Row({{"to_school_id", school}, {"type", type}, {"host_role", role}, {"stands", stands}})});
    return FieldsOf(CheckVacancy(&open, filled, facts));
  };
  const std::string support = "ASSIGNMENT_TYPE_SUPPORT_TEACHING";
  EXPECT_THAT(with("host", support, "HOST_ROLE_TEACHER", "t"), IsEmpty());
  EXPECT_THAT(with("other", support, "HOST_ROLE_TEACHER", "t"), ElementsAre("assignmentId"));
  EXPECT_THAT(with("host", "ASSIGNMENT_TYPE_SHADOWING", "HOST_ROLE_TEACHER", "t"),
              ElementsAre("assignmentId"));
  EXPECT_THAT(with("host", support, "HOST_ROLE_MENTOR", "t"), ElementsAre("assignmentId"));
  EXPECT_THAT(with("host", support, "HOST_ROLE_TEACHER", "f"), ElementsAre("assignmentId"));
}

TEST(VacancyRules, WhoTakesItBringsWhatItAsksFor) {
  Vacancy open = Post();
  const auto with = [&](const std::map<std::string, std::string>& other) {
    std::map<std::string, std::string> columns = {{"to_school_id", "host"},
                                                  {"type", "ASSIGNMENT_TYPE_SUPPORT_TEACHING"},
                                                  {"host_role", "HOST_ROLE_TEACHER"},
                                                  {"stands", "t"}};
    columns.insert(other.begin(), other.end());
    resource::Facts facts = By("FillVacancy");
    facts.Add("assignment", {resource::FactRow(columns)});
    Vacancy filled = open;
    filled.set_state(v1::VACANCY_STATE_FILLED);
    return FieldsOf(CheckVacancy(&open, filled, facts));
  };
  EXPECT_THAT(with({}), IsEmpty());
  open.set_alliance_id("alliance");
  EXPECT_THAT(with({}), ElementsAre("assignmentId"));
  EXPECT_THAT(with({{"alliance_id", "alliance"}}), IsEmpty());
  open = Post();
  open.set_subject(type::v1::SUBJECT_MUSIC);
  EXPECT_THAT(with({{"subject", "SUBJECT_MATHEMATICS"}}), ElementsAre("assignmentId"));
  EXPECT_THAT(with({{"subject", "SUBJECT_MUSIC"}}), IsEmpty());
  open = Post();
  open.set_stage(type::v1::STAGE_PRIMARY);
  EXPECT_THAT(with({{"stage", "STAGE_SENIOR"}}), ElementsAre("assignmentId"));
  EXPECT_THAT(with({{"stage", "STAGE_PRIMARY"}}), IsEmpty());
  open = Post();
  open.set_backbone_required(true);
  EXPECT_THAT(with({{"backbone", "f"}}), ElementsAre("assignmentId"));
  EXPECT_THAT(with({{"backbone", "t"}}), IsEmpty());
  open = Post();
  open.set_cadre_rank_min(v1::CADRE_RANK_VICE_PRINCIPAL);
  EXPECT_THAT(with({{"cadre_rank", "CADRE_RANK_MID_LEVEL"}}), ElementsAre("assignmentId"));
  EXPECT_THAT(with({{"cadre_rank", "CADRE_RANK_PRINCIPAL"}}), IsEmpty());
}

TEST(VacancyRules, WhatIsSettledIsNotChangedButDescribed) {
  for (const v1::VacancyState state : {v1::VACANCY_STATE_FILLED, v1::VACANCY_STATE_WITHDRAWN}) {
    Vacancy before = Post();
    before.set_state(state);
    Vacancy after = before;
    after.set_description("说明");
    EXPECT_THAT(FieldsOf(CheckVacancy(&before, after, By("UpdateVacancy"))), IsEmpty());
    after.set_subject(type::v1::SUBJECT_MUSIC);
    EXPECT_THAT(FieldsOf(CheckVacancy(&before, after, By("UpdateVacancy"))), ElementsAre("state"));
  }
  const Vacancy before = Post();
  Vacancy after = before;
  after.set_subject(type::v1::SUBJECT_MUSIC);
  EXPECT_THAT(FieldsOf(CheckVacancy(&before, after, By("UpdateVacancy"))), IsEmpty());
}

TEST(VacancyRules, WhatSomebodyHasIsNotDeleted) {
  Vacancy vacancy = Post();
  EXPECT_THAT(CheckVacancyDeletion(vacancy, By("DeleteVacancy")), IsEmpty());
  vacancy.set_state(v1::VACANCY_STATE_FILLED);
  EXPECT_THAT(FieldsOf(CheckVacancyDeletion(vacancy, By("DeleteVacancy"))), ElementsAre("state"));
}

}  // namespace
}  // namespace lianqiao::exchange
