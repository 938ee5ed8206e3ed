// SPDX-License-Identifier: Apache-2.0
// Rules of research projects, class placements and practice models.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "services/teaching-research/class_placement_rules.h"
#include "services/teaching-research/practice_model_rules.h"
#include "services/teaching-research/research_project_rules.h"
#include "services/teaching-research/school_facts.h"

namespace lianqiao::research {
namespace {

using Columns = std::map<std::string, std::string>;
using resource::FactRow;
using resource::Facts;
using resource::Violations;

std::vector<std::string> Fields(const Violations& violations) {
  std::vector<std::string> fields;
  for (const auto& violation : violations) fields.push_back(violation.field());
  return fields;
}
using Names = std::vector<std::string>;

Facts By(const std::string& method) {
  Facts facts;
  facts.set_method(method);
  facts.set_today("2026-11-26");
  return facts;
}

// By who may import the record: a source that keeps its own papers.
Facts Import(const std::string& method) {
  Facts facts = By(method);
  facts.set_imports(true);
  return facts;
}

v1::ResearchProject Project(v1::ResearchProjectState state) {
  v1::ResearchProject project;
  project.set_title("积极探索城乡联盟办学缩短校际教育教学质量差距的应用研究");
  project.add_levels(v1::PROJECT_LEVEL_PREFECTURE);
  project.add_levels(v1::PROJECT_LEVEL_PROVINCE);
  project.set_organisation_id("school");
  project.set_state(state);
  return project;
}

TEST(ResearchProjectRules, EveryDateWaitsForItsStep) {
  struct Case {
    v1::ResearchProjectState state;
    Names refused;
  };
  const Case cases[] = {
      {v1::RESEARCH_PROJECT_STATE_APPLIED,
       {"approvedOn", "openedOn", "midCheckedOn", "closedOn", "terminatedOn"}},
      {v1::RESEARCH_PROJECT_STATE_REJECTED,
       {"approvedOn", "openedOn", "midCheckedOn", "closedOn", "terminatedOn"}},
      {v1::RESEARCH_PROJECT_STATE_APPROVED, {"openedOn", "midCheckedOn", "closedOn", "terminatedOn"}},
      {v1::RESEARCH_PROJECT_STATE_OPENED, {"midCheckedOn", "closedOn", "terminatedOn"}},
      {v1::RESEARCH_PROJECT_STATE_MID_CHECKED, {"closedOn", "terminatedOn"}},
      {v1::RESEARCH_PROJECT_STATE_CLOSED, {"terminatedOn"}},
      {v1::RESEARCH_PROJECT_STATE_TERMINATED, {"closedOn"}}};
  for (const Case& known : cases) {
    v1::ResearchProject project = Project(known.state);
    project.set_applied_on("2022-01-01");
    project.set_approved_on("2022-02-01");
    project.set_opened_on("2022-03-01");
    project.set_mid_checked_on("2022-09-01");
    project.set_closed_on("2023-01-01");
    project.set_terminated_on("2023-02-01");
    EXPECT_EQ(Fields(CheckResearchProject(nullptr, project, By("BatchUpsertResearchProjects"))),
              known.refused)
        << v1::ResearchProjectState_Name(known.state);
  }
}

TEST(ResearchProjectRules, DatesFollowOneAnotherAndDoNotLieAhead) {
  v1::ResearchProject project = Project(v1::RESEARCH_PROJECT_STATE_OPENED);
  project.set_applied_on("2022-01-01");
  project.set_opened_on("2022-03-01");
  EXPECT_TRUE(CheckResearchProject(nullptr, project, By("OpenResearchProject")).empty());
  project.set_approved_on("2022-03-02");
  EXPECT_EQ(Fields(CheckResearchProject(nullptr, project, By("OpenResearchProject"))), Names({"openedOn"}));
  project.set_approved_on("2022-02-01");
  project.set_opened_on("2026-11-27");
  EXPECT_EQ(Fields(CheckResearchProject(nullptr, project, By("OpenResearchProject"))), Names({"openedOn"}));
  project.set_opened_on("2026-11-26");
  EXPECT_TRUE(CheckResearchProject(nullptr, project, By("OpenResearchProject")).empty());
  project.set_planned_until("2021-12-31");
  EXPECT_EQ(Fields(CheckResearchProject(nullptr, project, By("OpenResearchProject"))),
            Names({"plannedUntil"}));
}

TEST(ResearchProjectRules, AMidTermCheckAndAnEndSayTheirResult) {
  const v1::ResearchProject opened = Project(v1::RESEARCH_PROJECT_STATE_OPENED);
  v1::ResearchProject checked = Project(v1::RESEARCH_PROJECT_STATE_MID_CHECKED);
  EXPECT_EQ(Fields(CheckResearchProject(&opened, checked, By("MidCheckResearchProject"))),
            Names({"midCheckResult"}));
  checked.set_mid_check_result("按计划推进");
  EXPECT_TRUE(CheckResearchProject(&opened, checked, By("MidCheckResearchProject")).empty());
  v1::ResearchProject closed = Project(v1::RESEARCH_PROJECT_STATE_CLOSED);
  EXPECT_EQ(Fields(CheckResearchProject(&checked, closed, By("CloseResearchProject"))), Names({"outcome"}));
  closed.set_outcome("研究报告一份");
  EXPECT_TRUE(CheckResearchProject(&checked, closed, By("CloseResearchProject")).empty());
}

TEST(ResearchProjectRules, WhatWasApprovedStandsExceptBySources) {
  const auto change = [](void (*edit)(v1::ResearchProject*)) {
    v1::ResearchProject project = Project(v1::RESEARCH_PROJECT_STATE_APPROVED);
    edit(&project);
    return project;
  };
  const v1::ResearchProject before = Project(v1::RESEARCH_PROJECT_STATE_APPROVED);
  const v1::ResearchProject edits[] = {change([](auto* p) { p->set_title("另一题目"); }),
                                       change([](auto* p) { p->set_key_topic(true); }),
                                       change([](auto* p) { p->set_programme("十四五"); }),
                                       change([](auto* p) { p->set_organisation_id("other"); }),
                                       change([](auto* p) { p->add_levels(v1::PROJECT_LEVEL_NATION); }),
                                       change([](auto* p) { p->set_levels(0, v1::PROJECT_LEVEL_SCHOOL); })};
  for (const v1::ResearchProject& after : edits) {
    EXPECT_EQ(Fields(CheckResearchProject(&before, after, By("UpdateResearchProject"))), Names({"state"}));
    EXPECT_EQ(Fields(CheckResearchProject(&before, after, By("BatchUpsertResearchProjects"))),
              Names({"state"}));
    EXPECT_TRUE(CheckResearchProject(&before, after, Import("BatchUpsertResearchProjects")).empty());
    v1::ResearchProject applied = before;
    applied.set_state(v1::RESEARCH_PROJECT_STATE_APPLIED);
    v1::ResearchProject applied_after = after;
    applied_after.set_state(v1::RESEARCH_PROJECT_STATE_APPLIED);
    EXPECT_TRUE(CheckResearchProject(&applied, applied_after, By("UpdateResearchProject")).empty());
  }
  const v1::ResearchProject leader = change([](auto* p) { p->set_leader_id("t-1"); });
  EXPECT_TRUE(CheckResearchProject(&before, leader, By("UpdateResearchProject")).empty());
}

TEST(ResearchProjectRules, ANumberComesWithApproval) {
  v1::ResearchProject project = Project(v1::RESEARCH_PROJECT_STATE_APPLIED);
  project.set_project_number("ZX2022-01");
  EXPECT_EQ(Fields(CheckResearchProject(nullptr, project, By("CreateResearchProject"))),
            Names({"projectNumber"}));
  project.set_state(v1::RESEARCH_PROJECT_STATE_APPROVED);
  EXPECT_TRUE(CheckResearchProject(nullptr, project, By("CreateResearchProject")).empty());
}

TEST(ResearchProjectRules, ListsNameEverythingOnce) {
  v1::ResearchProject project = Project(v1::RESEARCH_PROJECT_STATE_APPLIED);
  project.add_levels(v1::PROJECT_LEVEL_PROVINCE);
  EXPECT_EQ(Fields(CheckResearchProject(nullptr, project, By("CreateResearchProject"))),
            Names({"levels[2]"}));
  project = Project(v1::RESEARCH_PROJECT_STATE_APPLIED);
  for (const char* id : {"a", "b", "a", "school"}) project.add_participants()->set_organisation_id(id);
  Facts facts = By("CreateResearchProject");
  facts.Add("unknown_participants", {FactRow(Columns{{"position", "1"}})});
  EXPECT_EQ(Fields(CheckResearchProject(nullptr, project, facts)),
            Names({"participants[2].organisationId", "participants[1].organisationId",
                   "participants[3].organisationId"}));
}

Facts Schools(const std::string& home_kind, const std::string& home_stages, const std::string& host_kind,
              const std::string& host_stages, const std::string& method = "CreateClassPlacement") {
  Facts facts = By(method);
  facts.Add(
      "schools",
      {FactRow(Columns{{"id", "home"}, {"kind", "ORGANISATION_KIND_" + home_kind}, {"stages", home_stages}}),
       FactRow(
           Columns{{"id", "host"}, {"kind", "ORGANISATION_KIND_" + host_kind}, {"stages", host_stages}})});
  return facts;
}

v1::ClassPlacement Placement(v1::ClassPlacementState state) {
  v1::ClassPlacement placement;
  placement.set_home_organisation_id("home");
  placement.set_host_organisation_id("host");
  placement.set_school_year("2010-2011");
  placement.set_grade(type::v1::GRADE_5);
  placement.add_class_names("1班");
  placement.set_class_count(1);
  placement.set_new_class_name("5班");
  placement.set_state(state);
  return placement;
}

TEST(ResearchProjectRules, OnlyAnApplicationIsDeleted) {
  for (int number = 1; number < v1::ResearchProjectState_descriptor()->value_count(); ++number) {
    const v1::ResearchProject project = Project(static_cast<v1::ResearchProjectState>(number));
    EXPECT_EQ(Fields(CheckResearchProjectDeletion(project, By("DeleteResearchProject"))),
              project.state() == v1::RESEARCH_PROJECT_STATE_APPLIED ? Names() : Names({"state"}))
        << number;
  }
}

TEST(ClassPlacementRules, OnlyAProposalIsDeleted) {
  for (int number = 1; number < v1::ClassPlacementState_descriptor()->value_count(); ++number) {
    const v1::ClassPlacement placement = Placement(static_cast<v1::ClassPlacementState>(number));
    EXPECT_EQ(Fields(CheckClassPlacementDeletion(placement, By("DeleteClassPlacement"))),
              placement.state() == v1::CLASS_PLACEMENT_STATE_PROPOSED ? Names() : Names({"state"}))
        << number;
  }
}

TEST(ClassPlacementRules, BothAreSchoolsThatTeachTheGrade) {
  const v1::ClassPlacement placement = Placement(v1::CLASS_PLACEMENT_STATE_PROPOSED);
  const auto check = [&](const Facts& facts) {
    return Fields(CheckClassPlacement(nullptr, placement, facts));
  };
  EXPECT_EQ(check(Schools("SCHOOL", "{STAGE_PRIMARY}", "CAMPUS", "{STAGE_PRIMARY,STAGE_JUNIOR}")), Names());
  EXPECT_EQ(check(Schools("SCHOOL", "{}", "TEACHING_POINT", "{}")), Names()) << "unknown stages pass";
  EXPECT_EQ(check(Schools("SCHOOL", "{STAGE_JUNIOR}", "SCHOOL", "{STAGE_PRIMARY}")),
            Names({"homeOrganisationId"}));
  EXPECT_EQ(check(Schools("SCHOOL", "{STAGE_PRIMARY}", "SCHOOL", "{STAGE_SENIOR}")),
            Names({"hostOrganisationId"}));
  EXPECT_EQ(check(Schools("EDUCATION_BUREAU", "{}", "PARTNER", "{}")),
            Names({"homeOrganisationId", "hostOrganisationId"}));
}

TEST(ClassPlacementRules, ASchoolDoesNotHostItself) {
  v1::ClassPlacement placement = Placement(v1::CLASS_PLACEMENT_STATE_PROPOSED);
  placement.set_host_organisation_id("home");
  EXPECT_EQ(Fields(CheckClassPlacement(nullptr, placement, By("CreateClassPlacement"))),
            Names({"hostOrganisationId"}));
}

TEST(ClassPlacementRules, ClassesAreCountedAndNamedOnce) {
  v1::ClassPlacement placement = Placement(v1::CLASS_PLACEMENT_STATE_PROPOSED);
  placement.add_class_names("2班");
  EXPECT_EQ(Fields(CheckClassPlacement(nullptr, placement, By("CreateClassPlacement"))),
            Names({"classCount"}));
  placement.set_class_count(3);
  EXPECT_TRUE(CheckClassPlacement(nullptr, placement, By("CreateClassPlacement")).empty())
      << "not every class need be named";
  placement.add_class_names("1班");
  EXPECT_EQ(Fields(CheckClassPlacement(nullptr, placement, By("CreateClassPlacement"))),
            Names({"classNames[2]"}));
}

TEST(ClassPlacementRules, EveryDateWaitsForItsStep) {
  struct Case {
    v1::ClassPlacementState state;
    Names refused;
  };
  const Case cases[] = {{v1::CLASS_PLACEMENT_STATE_PROPOSED, {"agreedOn", "startsOn", "endsOn"}},
                        {v1::CLASS_PLACEMENT_STATE_DECLINED, {"agreedOn", "startsOn", "endsOn"}},
                        {v1::CLASS_PLACEMENT_STATE_AGREED, {"startsOn", "endsOn"}},
                        {v1::CLASS_PLACEMENT_STATE_CANCELLED, {"startsOn", "endsOn"}},
                        {v1::CLASS_PLACEMENT_STATE_RUNNING, {"endsOn"}},
                        {v1::CLASS_PLACEMENT_STATE_ENDED, {}}};
  for (const Case& known : cases) {
    v1::ClassPlacement placement = Placement(known.state);
    placement.set_agreed_on("2010-07-01");
    placement.set_starts_on("2010-09-01");
    placement.set_ends_on("2011-06-30");
    EXPECT_EQ(Fields(CheckClassPlacement(nullptr, placement, By("BatchUpsertClassPlacements"))),
              known.refused)
        << v1::ClassPlacementState_Name(known.state);
  }
}

TEST(ClassPlacementRules, ItMayStartLaterButAgreeingIsNow) {
  v1::ClassPlacement placement = Placement(v1::CLASS_PLACEMENT_STATE_RUNNING);
  placement.set_agreed_on("2026-11-20");
  placement.set_starts_on("2027-02-20");
  EXPECT_TRUE(CheckClassPlacement(nullptr, placement, By("StartClassPlacement")).empty());
  placement.set_agreed_on("2026-11-27");
  EXPECT_EQ(Fields(CheckClassPlacement(nullptr, placement, By("StartClassPlacement"))), Names({"agreedOn"}));
  placement.set_agreed_on("2026-11-20");
  placement.set_starts_on("2026-11-19");
  EXPECT_EQ(Fields(CheckClassPlacement(nullptr, placement, By("StartClassPlacement"))), Names({"startsOn"}));
  placement.set_starts_on("");
  placement.set_planned_from("2027-02-20");
  placement.set_planned_until("2027-02-19");
  EXPECT_EQ(Fields(CheckClassPlacement(nullptr, placement, By("StartClassPlacement"))),
            Names({"plannedUntil"}));
}

TEST(ClassPlacementRules, WhatTheHostAnsweredStandsButTheCountOfPupils) {
  const v1::ClassPlacement agreed = Placement(v1::CLASS_PLACEMENT_STATE_AGREED);
  const v1::ClassPlacement proposed = Placement(v1::CLASS_PLACEMENT_STATE_PROPOSED);
  const auto edited = [](v1::ClassPlacement placement, int what) {
    if (what == 0) placement.set_grade(type::v1::GRADE_4);
    if (what == 1) placement.set_school_year("2011-2012");
    if (what == 2) placement.set_class_count(2);
    if (what == 3) placement.set_class_names(0, "2班");
    if (what == 4) placement.clear_class_names();
    if (what == 5) placement.set_new_class_name("1班");
    if (what == 6) placement.set_planned_from("2010-09-02");
    if (what == 7) placement.set_planned_until("2015-07-10");
    return placement;
  };
  for (int what = 0; what < 8; ++what) {
    EXPECT_EQ(Fields(CheckClassPlacement(&agreed, edited(agreed, what), By("UpdateClassPlacement"))),
              Names({"state"}))
        << what;
    EXPECT_EQ(Fields(CheckClassPlacement(&agreed, edited(agreed, what), By("BatchUpsertClassPlacements"))),
              Names({"state"}));
    EXPECT_TRUE(
        CheckClassPlacement(&agreed, edited(agreed, what), Import("BatchUpsertClassPlacements")).empty());
    EXPECT_TRUE(CheckClassPlacement(&proposed, edited(proposed, what), By("UpdateClassPlacement")).empty());
  }
  v1::ClassPlacement counted = agreed;
  counted.set_pupil_count(38);
  EXPECT_TRUE(CheckClassPlacement(&agreed, counted, By("UpdateClassPlacement")).empty());
}

v1::PracticeModel Model(v1::PracticeModelKind kind, const std::string& code,
                        const std::vector<int>& figures) {
  v1::PracticeModel model;
  model.set_kind(kind);
  model.set_code(code);
  for (const int figure : figures) model.add_parts()->set_figure(figure);
  return model;
}

TEST(PracticeModelRules, PartsAreTheFiguresOfTheCode) {
  const auto check = [](const std::string& code, const std::vector<int>& figures) {
    return Fields(
        CheckPracticeModel(nullptr, Model(v1::PRACTICE_MODEL_KIND_HOMEWORK_MODEL, code, figures), Facts()));
  };
  EXPECT_EQ(check("4+1+2", {4, 1, 2}), Names());
  EXPECT_EQ(check("4+1+2", {}), Names()) << "what they mean may be unknown";
  EXPECT_EQ(check("4+1+2", {4, 2, 1}), Names({"parts"}));
  EXPECT_EQ(check("4+1+2", {4, 1}), Names({"parts"}));
  EXPECT_EQ(check("四三一", {4, 3, 1}), Names()) << "digits that are no figures are free";
  EXPECT_EQ(check("5+1+2", {}), Names({"code"})) << "a week has seven days";
}

TEST(PracticeModelRules, OnlyHomeworkSpreadsOverAWeek) {
  EXPECT_TRUE(CheckPracticeModel(nullptr, Model(v1::PRACTICE_MODEL_KIND_WORKING_METHOD, "10+10", {}), Facts())
                  .empty());
}

TEST(PracticeModelRules, ItEndsAfterItBegan) {
  v1::PracticeModel model = Model(v1::PRACTICE_MODEL_KIND_RESEARCH_MODE, "四三一", {});
  model.set_adopted_on("2021-09-01");
  model.set_ended_on("2021-08-31");
  EXPECT_EQ(Fields(CheckPracticeModel(nullptr, model, Facts())), Names({"endedOn"}));
  model.set_ended_on("2021-09-01");
  EXPECT_TRUE(CheckPracticeModel(nullptr, model, Facts()).empty());
}

TEST(SchoolFacts, EveryGradeHasItsStages) {
  using type::v1::Grade;
  using type::v1::Stage;
  const std::map<Grade, std::vector<Stage>> kStages = {
      {type::v1::GRADE_UNSPECIFIED, {}},
      {type::v1::GRADE_NURSERY, {type::v1::STAGE_KINDERGARTEN}},
      {type::v1::GRADE_KINDERGARTEN_JUNIOR, {type::v1::STAGE_KINDERGARTEN}},
      {type::v1::GRADE_KINDERGARTEN_MIDDLE, {type::v1::STAGE_KINDERGARTEN}},
      {type::v1::GRADE_KINDERGARTEN_SENIOR, {type::v1::STAGE_KINDERGARTEN}},
      {type::v1::GRADE_1, {type::v1::STAGE_PRIMARY}},
      {type::v1::GRADE_2, {type::v1::STAGE_PRIMARY}},
      {type::v1::GRADE_3, {type::v1::STAGE_PRIMARY}},
      {type::v1::GRADE_4, {type::v1::STAGE_PRIMARY}},
      {type::v1::GRADE_5, {type::v1::STAGE_PRIMARY}},
      {type::v1::GRADE_6, {type::v1::STAGE_PRIMARY, type::v1::STAGE_JUNIOR}},
      {type::v1::GRADE_7, {type::v1::STAGE_JUNIOR}},
      {type::v1::GRADE_8, {type::v1::STAGE_JUNIOR}},
      {type::v1::GRADE_9, {type::v1::STAGE_JUNIOR}},
      {type::v1::GRADE_10, {type::v1::STAGE_SENIOR, type::v1::STAGE_VOCATIONAL}},
      {type::v1::GRADE_11, {type::v1::STAGE_SENIOR, type::v1::STAGE_VOCATIONAL}},
      {type::v1::GRADE_12, {type::v1::STAGE_SENIOR, type::v1::STAGE_VOCATIONAL}}};
  EXPECT_EQ(static_cast<int>(kStages.size()), type::v1::Grade_descriptor()->value_count());
  for (const auto& [grade, stages] : kStages) {
    EXPECT_EQ(StagesOf(grade), stages) << type::v1::Grade_Name(grade);
    for (int number = 0; number < type::v1::Stage_descriptor()->value_count(); ++number) {
      const Stage stage = static_cast<Stage>(number);
      const bool any = stage == type::v1::STAGE_UNSPECIFIED || stage == type::v1::STAGE_SPECIAL;
      const bool listed = std::find(stages.begin(), stages.end(), stage) != stages.end();
      EXPECT_EQ(StageHasGrade(stage, grade), any || stages.empty() || listed)
          << type::v1::Stage_Name(stage) << " " << type::v1::Grade_Name(grade);
    }
  }
}

}  // namespace
}  // namespace lianqiao::research
