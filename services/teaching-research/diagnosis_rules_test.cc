// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/diagnosis_rules.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace lianqiao::research {
namespace {

using Columns = std::map<std::string, std::string>;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using Names = std::vector<std::string>;

Names Fields(const Violations& violations) {
  Names fields;
  for (const auto& violation : violations) fields.push_back(violation.field());
  return fields;
}

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

v1::DiagnosisVisit Visit(v1::DiagnosisVisitState state) {
  v1::DiagnosisVisit visit;
  visit.set_organisation_id("head");
  visit.set_school_id("school");
  visit.set_kind(v1::DIAGNOSIS_VISIT_KIND_DROP_IN_LESSONS);
  visit.set_state(state);
  return visit;
}

Facts Reach(const std::string& kind, bool allied, bool in_place) {
  Facts facts = By("CreateDiagnosisVisit");
  facts.Add("reach", {FactRow(Columns{{"kind", "ORGANISATION_KIND_" + kind},
                                      {"allied", allied ? "t" : "f"},
                                      {"in_place", in_place ? "t" : "f"}})});
  return facts;
}

TEST(DiagnosisVisitRules, ASchoolIsVisitedFromAboveOrFromItsAlliance) {
  v1::DiagnosisVisit visit = Visit(v1::DIAGNOSIS_VISIT_STATE_PLANNED);
  const auto check = [&](const Facts& facts) { return Fields(CheckDiagnosisVisit(nullptr, visit, facts)); };
  EXPECT_EQ(check(Reach("SCHOOL", false, true)), Names()) << "the bureau of its place";
  EXPECT_EQ(check(Reach("SCHOOL", false, false)), Names({"allianceId"}));
  EXPECT_EQ(check(Reach("SCHOOL", true, false)), Names({"allianceId"})) << "the alliance must be named";
  EXPECT_EQ(check(Reach("EDUCATION_BUREAU", false, true)), Names({"schoolId"}));
  visit.set_alliance_id("alliance");
  EXPECT_EQ(check(Reach("SCHOOL", true, false)), Names());
  EXPECT_EQ(check(Reach("SCHOOL", false, true)), Names({"allianceId"})) << "not both are parties";
  const v1::DiagnosisVisit before = visit;
  EXPECT_EQ(Fields(CheckDiagnosisVisit(&before, visit, Reach("SCHOOL", false, false))), Names())
      << "who has left the alliance since was in it then";
  visit.set_school_id("head");
  EXPECT_EQ(check(Reach("SCHOOL", true, false)), Names({"schoolId"}));
}

TEST(DiagnosisVisitRules, TheTeamIsAtLeastThePeopleNamed) {
  v1::DiagnosisVisit visit = Visit(v1::DIAGNOSIS_VISIT_STATE_PLANNED);
  visit.set_leader_id("t-1");
  visit.add_member_ids("t-2");
  visit.set_team_size(1);
  EXPECT_EQ(Fields(CheckDiagnosisVisit(nullptr, visit, By("CreateDiagnosisVisit"))), Names({"teamSize"}));
  visit.set_team_size(5);
  EXPECT_EQ(Fields(CheckDiagnosisVisit(nullptr, visit, By("CreateDiagnosisVisit"))), Names());
  visit.add_member_ids("t-2");
  visit.add_member_ids("t-1");
  EXPECT_EQ(Fields(CheckDiagnosisVisit(nullptr, visit, By("CreateDiagnosisVisit"))),
            Names({"memberIds[1]", "memberIds[2]"}));
}

TEST(DiagnosisVisitRules, EveryDateWaitsForItsStep) {
  struct Case {
    v1::DiagnosisVisitState state;
    Names refused;
  };
  const Case cases[] = {{v1::DIAGNOSIS_VISIT_STATE_PLANNED, {"visitedOn", "reportedOn", "acknowledgedOn"}},
                        {v1::DIAGNOSIS_VISIT_STATE_CANCELLED, {"visitedOn", "reportedOn", "acknowledgedOn"}},
                        {v1::DIAGNOSIS_VISIT_STATE_HELD, {"reportedOn", "acknowledgedOn"}},
                        {v1::DIAGNOSIS_VISIT_STATE_REPORTED, {"acknowledgedOn"}},
                        {v1::DIAGNOSIS_VISIT_STATE_ACKNOWLEDGED, {}}};
  for (const Case& known : cases) {
    v1::DiagnosisVisit visit = Visit(known.state);
    visit.set_visited_on("2022-03-01");
    visit.set_reported_on("2022-03-02");
    visit.set_acknowledged_on("2022-03-03");
    EXPECT_EQ(Fields(CheckDiagnosisVisit(nullptr, visit, By("BatchUpsertDiagnosisVisits"))), known.refused)
        << v1::DiagnosisVisitState_Name(known.state);
  }
  v1::DiagnosisVisit visit = Visit(v1::DIAGNOSIS_VISIT_STATE_REPORTED);
  visit.set_visited_on("2022-03-02");
  visit.set_reported_on("2022-03-01");
  EXPECT_EQ(Fields(CheckDiagnosisVisit(nullptr, visit, By("HoldDiagnosisVisit"))), Names({"reportedOn"}));
  visit.set_reported_on("2026-11-27");
  EXPECT_EQ(Fields(CheckDiagnosisVisit(nullptr, visit, By("HoldDiagnosisVisit"))), Names({"reportedOn"}));
}

TEST(DiagnosisVisitRules, AReportSaysSomething) {
  const v1::DiagnosisVisit held = Visit(v1::DIAGNOSIS_VISIT_STATE_HELD);
  v1::DiagnosisVisit reported = Visit(v1::DIAGNOSIS_VISIT_STATE_REPORTED);
  Facts facts = By("ReportDiagnosisVisit");
  EXPECT_EQ(Fields(CheckDiagnosisVisit(&held, reported, facts)), Names({"summary"}));
  facts.Add("findings", {FactRow(Columns{{"found", "1"}})});
  EXPECT_EQ(Fields(CheckDiagnosisVisit(&held, reported, facts)), Names());
  reported.set_summary("常态课质量稳步提升");
  EXPECT_EQ(Fields(CheckDiagnosisVisit(&held, reported, By("ReportDiagnosisVisit"))), Names());
}

TEST(DiagnosisVisitRules, WhatWasReportedStands) {
  for (const auto state : {v1::DIAGNOSIS_VISIT_STATE_REPORTED, v1::DIAGNOSIS_VISIT_STATE_ACKNOWLEDGED}) {
    const v1::DiagnosisVisit before = Visit(state);
    v1::DiagnosisVisit after = before;
    after.set_lessons_seen_count(6);
    EXPECT_EQ(Fields(CheckDiagnosisVisit(&before, after, By("UpdateDiagnosisVisit"))), Names({"state"}));
    EXPECT_EQ(Fields(CheckDiagnosisVisit(&before, after, By("BatchUpsertDiagnosisVisits"))),
              Names({"state"}));
    EXPECT_EQ(Fields(CheckDiagnosisVisit(&before, after, Import("BatchUpsertDiagnosisVisits"))), Names());
    v1::DiagnosisVisit with_paper = before;
    with_paper.add_evidence()->set_title("反馈意见");
    EXPECT_EQ(Fields(CheckDiagnosisVisit(&before, with_paper, By("UpdateDiagnosisVisit"))), Names());
  }
  const v1::DiagnosisVisit held = Visit(v1::DIAGNOSIS_VISIT_STATE_HELD);
  v1::DiagnosisVisit after = held;
  after.set_lessons_seen_count(6);
  EXPECT_EQ(Fields(CheckDiagnosisVisit(&held, after, By("UpdateDiagnosisVisit"))), Names());
}

TEST(DiagnosisVisitRules, AReportThatWasTakenBackHasNoDate) {
  for (const std::string method : {"ReopenDiagnosisVisit", "UpdateDiagnosisVisit", "HoldDiagnosisVisit"}) {
    v1::DiagnosisVisit visit = Visit(v1::DIAGNOSIS_VISIT_STATE_HELD);
    visit.set_visited_on("2022-03-01");
    visit.set_reported_on("2022-03-02");
    TakeReportBack(&visit, By(method));
    EXPECT_EQ(visit.reported_on().empty(), method == "ReopenDiagnosisVisit") << method;
    EXPECT_EQ(visit.visited_on(), "2022-03-01");
  }
}

TEST(DiagnosisVisitRules, OnlyAPlanIsDeleted) {
  for (int number = 1; number < v1::DiagnosisVisitState_descriptor()->value_count(); ++number) {
    const v1::DiagnosisVisit visit = Visit(static_cast<v1::DiagnosisVisitState>(number));
    EXPECT_EQ(Fields(CheckDiagnosisVisitDeletion(visit, By("DeleteDiagnosisVisit"))),
              visit.state() == v1::DIAGNOSIS_VISIT_STATE_PLANNED ? Names() : Names({"state"}))
        << number;
  }
}

Facts OfVisit(const std::string& state, const std::string& method) {
  Facts facts = By(method);
  facts.Add("visit", {FactRow(Columns{{"state", "DIAGNOSIS_VISIT_STATE_" + state}})});
  return facts;
}

TEST(DiagnosisFindingRules, FindingsAreEnteredBetweenVisitAndReport) {
  v1::DiagnosisFinding finding;
  finding.set_kind(v1::FINDING_KIND_STRENGTH);
  for (const std::string method :
       {"CreateDiagnosisFinding", "UpdateDiagnosisFinding", "DeleteDiagnosisFinding"}) {
    for (const std::string state : {"PLANNED", "HELD", "REPORTED", "ACKNOWLEDGED", "CANCELLED"}) {
      const Names expected = state == "HELD" ? Names() : Names({"diagnosisVisitId"});
      EXPECT_EQ(Fields(CheckDiagnosisFinding(nullptr, finding, OfVisit(state, method))), expected)
          << method << state;
      EXPECT_EQ(Fields(CheckDiagnosisFindingDeletion(finding, OfVisit(state, method))), expected)
          << method << state;
    }
  }
  for (const std::string state : {"PLANNED", "HELD", "REPORTED", "ACKNOWLEDGED", "CANCELLED"}) {
    const bool never = state == "PLANNED" || state == "CANCELLED";
    Facts facts = OfVisit(state, "BatchUpsertDiagnosisFindings");
    EXPECT_EQ(Fields(CheckDiagnosisFinding(nullptr, finding, facts)),
              state == "HELD" ? Names() : Names({"diagnosisVisitId"}))
        << state;
    facts.set_imports(true);
    EXPECT_EQ(Fields(CheckDiagnosisFinding(nullptr, finding, facts)),
              never ? Names({"diagnosisVisitId"}) : Names())
        << state;
  }
}

TEST(DiagnosisFindingRules, AProblemComesWithAdviceAndOnlyItHasADueDate) {
  v1::DiagnosisFinding finding;
  finding.set_kind(v1::FINDING_KIND_PROBLEM);
  const Facts facts = OfVisit("HELD", "CreateDiagnosisFinding");
  EXPECT_EQ(Fields(CheckDiagnosisFinding(nullptr, finding, facts)), Names({"advice"}));
  finding.set_advice("集体备课时统一作业设计");
  finding.set_suggested_due_on("2022-06-30");
  EXPECT_EQ(Fields(CheckDiagnosisFinding(nullptr, finding, facts)), Names());
  finding.set_kind(v1::FINDING_KIND_STRENGTH);
  EXPECT_EQ(Fields(CheckDiagnosisFinding(nullptr, finding, facts)), Names({"suggestedDueOn"}));
}

}  // namespace
}  // namespace lianqiao::research
