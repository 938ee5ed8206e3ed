// SPDX-License-Identifier: Apache-2.0
// Research projects, class placements, diagnosis visits, ranks and models of practice over the real registry:
// who makes them, who answers, who sees them.
#include <algorithm>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "lianqiao/research/v1/class_placement.pb.h"
#include "lianqiao/research/v1/diagnosis_finding.pb.h"
#include "lianqiao/research/v1/diagnosis_visit.pb.h"
#include "lianqiao/research/v1/practice_model.pb.h"
#include "lianqiao/research/v1/ranking_record.pb.h"
#include "lianqiao/research/v1/research_project.pb.h"
#include "lianqiao/sync/v1/feed.pb.h"
#include "tests/conformance/research_world.h"

namespace lianqiao::conformance {
namespace {

namespace research = ::lianqiao::research::v1;

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;
using research::ClassPlacement;
using research::DiagnosisFinding;
using research::DiagnosisVisit;
using research::PracticeModel;
using research::RankingRecord;
using research::ResearchProject;

class ResearchRecords : public ResearchWorld {
 protected:
  // "source" imports for the lead school what "lead" may only write.
  ResearchRecords() {
    research_.AddCaller(
        "source",
        MakeCaller({MakeGrant("research.*", ScopeKind::kOrganisation, near_school_, {"lead-system"}),
                    MakeGrant("research.*.import", ScopeKind::kOrganisation, near_school_),
                    MakeGrant("registry.*", ScopeKind::kOrganisation, near_school_)},
                   near_school_));
  }
  std::string Outside() {
    const std::string school = School("凤县第三小学", far_id_).id();
    research_.CatchUp();
    return school;
  }
};

class ResearchProjects : public ResearchRecords {
 protected:
  ResearchProjects() {
    research_.AddCaller(
        "institute",
        MakeCaller({MakeGrant("research.*", ScopeKind::kJurisdiction, city_id_),
                    MakeGrant("registry.*", ScopeKind::kJurisdiction, city_id_),
                    MakeGrant("research.research_project.approve", ScopeKind::kJurisdiction, city_id_)}));
  }
  ResearchProject NewProject() {
    ResearchProject project;
    project.set_title("积极探索城乡联盟办学缩短校际教育教学质量差距的应用研究");
    project.add_levels(research::PROJECT_LEVEL_PREFECTURE);
    project.add_levels(research::PROJECT_LEVEL_PROVINCE);
    project.set_key_topic(true);
    project.set_programme("十四五");
    project.set_organisation_id(near_school_);
    project.set_alliance_id(alliance_id_);
    project.add_participants()->set_organisation_id(far_school_);
    project.set_leader_id("teacher-7");
    return project;
  }
};

TEST_F(ResearchProjects, AProjectIsAppliedForAndDecidedOnByOthers) {
  const ResearchProject made = Must(Make(NewProject(), "lead"));
  EXPECT_EQ(made.state(), research::RESEARCH_PROJECT_STATE_APPLIED);
  EXPECT_TRUE(Look<ResearchProject>(made.id(), "member").ok()) << "a party of the alliance";
  EXPECT_TRUE(absl::IsPermissionDenied(Edit(made, "member").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(Look<ResearchProject>(made.id(), "stranger").status()));
  for (const char* verb : {"Approve", "Reject", "MidCheck", "Close"})
    for (const char* token : {"lead", "near", "city"})
      EXPECT_TRUE(absl::IsPermissionDenied(Move<ResearchProject>(verb, made.id(), token, "不符").status()))
          << verb << token;
  const ResearchProject approved =
      Must(Move<ResearchProject>("Approve", made.id(), "institute", "", "2022-03-01"));
  EXPECT_EQ(approved.approved_on(), "2022-03-01");
  EXPECT_TRUE(absl::IsFailedPrecondition(Move<ResearchProject>("Approve", made.id(), "institute").status()));
  ResearchProject renamed;
  renamed.set_id(made.id());
  renamed.set_title("另一题目");
  EXPECT_EQ(FieldsOf(Edit(renamed, "lead").status()), "researchProject.state");
  ResearchProject edited;
  edited.set_id(made.id());
  edited.set_project_number("ZX2022-01");
  edited.set_mid_check_result("按计划推进");
  edited.set_outcome("研究报告一份");
  Must(Edit(edited, "lead"));
  Must(Move<ResearchProject>("Open", made.id(), "lead", "", "2022-04-01"));
  Must(Move<ResearchProject>("MidCheck", made.id(), "institute", "", "2022-12-01"));
  const ResearchProject closed =
      Must(Move<ResearchProject>("Close", made.id(), "institute", "", "2023-06-01"));
  EXPECT_EQ(closed.state(), research::RESEARCH_PROJECT_STATE_CLOSED);
  type::v1::ListRequest list;
  list.set_valid_on("2022-10-01");
  const auto then = research_.Call<research::ListResearchProjectsResponse>(
      "ResearchProjectService/ListResearchProjects", list, "member");
  EXPECT_EQ(Must(then).research_projects_size(), 1);
  list.set_valid_on("2023-10-01");
  const auto later = research_.Call<research::ListResearchProjectsResponse>(
      "ResearchProjectService/ListResearchProjects", list, "member");
  EXPECT_EQ(Must(later).research_projects_size(), 0);
}

TEST_F(ResearchProjects, WhatWasApprovedIsChangedByImportersOnly) {
  const ResearchProject made = Must(Make(NewProject(), "lead"));
  ResearchProject raised = Must(Move<ResearchProject>("Approve", made.id(), "institute"));
  raised.set_levels(0, research::PROJECT_LEVEL_NATION);
  EXPECT_EQ(Upsert<research::BatchUpsertResearchProjectsResponse>(raised, "lead"),
            "researchProjects[0].state");
  EXPECT_EQ(Upsert<research::BatchUpsertResearchProjectsResponse>(raised, "source"), "");
  EXPECT_EQ(Must(Look<ResearchProject>(made.id())).levels(0), research::PROJECT_LEVEL_NATION);
}

TEST_F(ResearchProjects, OnlyAnApplicationIsDeleted) {
  const std::string mistaken = Must(Make(NewProject(), "lead")).id();
  Must(Drop<ResearchProject>(mistaken, "lead"));
  const std::string decided = Must(Make(NewProject(), "lead")).id();
  Must(Move<ResearchProject>("Reject", decided, "institute", "选题重复"));
  EXPECT_EQ(FieldsOf(Drop<ResearchProject>(decided, "lead").status()), "state");
}

TEST_F(ResearchProjects, ItsLeaderIsSeenByRightAndErasedForGood) {
  const ResearchProject made = Must(Make(NewProject(), "lead"));
  EXPECT_EQ(Must(Look<ResearchProject>(made.id(), "member")).leader_id(), "");
  EXPECT_EQ(Must(Look<ResearchProject>(made.id())).leader_id(), "teacher-7");
  type::v1::EraseRequest erase;
  erase.set_id(made.id());
  erase.set_reason("保存期满");
  const auto denied =
      research_.Call<ResearchProject>("ResearchProjectService/EraseResearchProject", erase, "lead");
  EXPECT_TRUE(absl::IsPermissionDenied(denied.status()));
  const auto erased =
      Must(research_.Call<ResearchProject>("ResearchProjectService/EraseResearchProject", erase));
  EXPECT_TRUE(erased.has_erase_time());
  EXPECT_EQ(Must(Look<ResearchProject>(made.id())).leader_id(), "");
  EXPECT_EQ(Must(Look<ResearchProject>(made.id())).title(), made.title());
  EXPECT_EQ(research_
                .Query("SELECT count(*) FROM revision WHERE kind = 'research_project'"
                       " AND position('teacher-7'::bytea IN state) > 0")
                ->Integer(0, 0),
            0);
}

TEST_F(ResearchProjects, ParticipantsAreThere) {
  ResearchProject project = NewProject();
  project.add_participants()->set_organisation_id(base::RandomId());
  EXPECT_EQ(FieldsOf(Make(project, "lead").status()), "researchProject.participants[1].organisationId");
  project.mutable_participants(1)->set_organisation_id(far_school_);
  EXPECT_EQ(FieldsOf(Make(project, "lead").status()), "researchProject.participants[1].organisationId");
}

class ClassPlacements : public ResearchRecords {
 protected:
  // S4: grade 5 of 北新桥 becomes class 5 of grade 5 of 西中街.
  ClassPlacement NewPlacement() {
    ClassPlacement placement;
    placement.set_home_organisation_id(near_school_);
    placement.set_host_organisation_id(far_school_);
    placement.set_alliance_id(alliance_id_);
    placement.set_school_year("2010-2011");
    placement.set_grade(type::v1::GRADE_5);
    placement.add_class_names("五年级");
    placement.set_class_count(1);
    placement.set_pupil_count(9);
    placement.set_new_class_name("五年级5班");
    return placement;
  }
};

TEST_F(ClassPlacements, TheHostAloneAgrees) {
  const ClassPlacement made = Must(Make(NewPlacement(), "lead"));
  EXPECT_TRUE(absl::IsPermissionDenied(Move<ClassPlacement>("Agree", made.id(), "lead").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Move<ClassPlacement>("Start", made.id(), "lead").status()));
  EXPECT_TRUE(Look<ClassPlacement>(made.id(), "member").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Edit(made, "member").status())) << "reads, but does not write";
  Must(Move<ClassPlacement>("Agree", made.id(), "member", "", "2010-07-01"));
  ClassPlacement grown;
  grown.set_id(made.id());
  grown.set_class_count(2);
  EXPECT_EQ(FieldsOf(Edit(grown, "lead").status()), "classPlacement.state");
  EXPECT_EQ(Must(Move<ClassPlacement>("Start", made.id(), "lead", "", "2010-09-01")).starts_on(),
            "2010-09-01");
  const ClassPlacement ended = Must(Move<ClassPlacement>("End", made.id(), "lead", "", "2011-06-30"));
  EXPECT_EQ(ended.state(), research::CLASS_PLACEMENT_STATE_ENDED);
}

TEST_F(ClassPlacements, WhatTheHostAnsweredIsChangedByImportersOnlyAndStays) {
  const std::string mistaken = Must(Make(NewPlacement(), "lead")).id();
  Must(Drop<ClassPlacement>(mistaken, "lead"));
  const ClassPlacement made = Must(Make(NewPlacement(), "lead"));
  ClassPlacement grown = Must(Move<ClassPlacement>("Agree", made.id(), "member", "", "2010-07-01"));
  grown.set_class_count(2);
  EXPECT_EQ(Upsert<research::BatchUpsertClassPlacementsResponse>(grown, "lead"), "classPlacements[0].state");
  EXPECT_EQ(Upsert<research::BatchUpsertClassPlacementsResponse>(grown, "source"), "");
  EXPECT_EQ(Must(Look<ClassPlacement>(made.id())).class_count(), 2);
  EXPECT_EQ(FieldsOf(Drop<ClassPlacement>(made.id(), "lead").status()), "state");
}

TEST_F(ClassPlacements, FewPupilsAreNotCountedInPublic) {
  const ClassPlacement made = Must(Make(NewPlacement(), "lead"));
  EXPECT_FALSE(Must(Look<ClassPlacement>(made.id(), "member")).has_pupil_count());
  EXPECT_FALSE(Must(Look<ClassPlacement>(made.id(), "lead")).has_pupil_count());
  EXPECT_EQ(Must(Look<ClassPlacement>(made.id())).pupil_count(), 9);
  ClassPlacement more;
  more.set_id(made.id());
  more.set_pupil_count(10);
  Must(Edit(more, "lead"));
  EXPECT_EQ(Must(Look<ClassPlacement>(made.id(), "member")).pupil_count(), 10);
}

TEST_F(ClassPlacements, AClassIsPlacedOnceAYear) {
  Must(Make(NewPlacement(), "lead"));
  EXPECT_TRUE(absl::IsAlreadyExists(Make(NewPlacement(), "lead").status()));
  ClassPlacement other = NewPlacement();
  other.set_school_year("2011-2012");
  Must(Make(other, "lead"));
  other.set_host_organisation_id(near_school_);
  EXPECT_EQ(FieldsOf(Make(other, "lead").status()), "classPlacement.hostOrganisationId");
  other = NewPlacement();
  other.set_grade(type::v1::GRADE_8);
  EXPECT_EQ(FieldsOf(Make(other, "lead").status()),
            "classPlacement.homeOrganisationId classPlacement.hostOrganisationId");
}

class DiagnosisVisits : public ResearchRecords {
 protected:
  DiagnosisVisit NewVisit() {
    DiagnosisVisit visit;
    visit.set_organisation_id(near_school_);
    visit.set_school_id(far_school_);
    visit.set_alliance_id(alliance_id_);
    visit.set_kind(research::DIAGNOSIS_VISIT_KIND_DROP_IN_LESSONS);
    visit.set_leader_id("teacher-1");
    visit.add_member_ids("teacher-2");
    visit.set_team_size(4);
    visit.set_lessons_seen_count(6);
    return visit;
  }
  DiagnosisFinding NewFinding(const std::string& visit, int number) {
    DiagnosisFinding finding;
    finding.set_diagnosis_visit_id(visit);
    finding.set_number(number);
    finding.set_kind(research::FINDING_KIND_PROBLEM);
    finding.set_area(research::FINDING_AREA_CLASSROOM_TEACHING);
    finding.set_statement("课堂提问层次不够");
    finding.set_advice("集体备课时设计分层问题");
    return finding;
  }
};

TEST_F(DiagnosisVisits, ItsFindingsReachTheSchoolAndKeepTheirIds) {
  const DiagnosisVisit made = Must(Make(NewVisit(), "lead"));
  EXPECT_EQ(FieldsOf(Make(NewFinding(made.id(), 1), "lead").status()), "diagnosisFinding.diagnosisVisitId");
  Must(Move<DiagnosisVisit>("Hold", made.id(), "lead", "", "2022-03-01"));
  EXPECT_EQ(FieldsOf(Move<DiagnosisVisit>("Report", made.id(), "lead").status()), "summary");
  const DiagnosisFinding finding = Must(Make(NewFinding(made.id(), 1), "lead"));
  EXPECT_TRUE(absl::IsAlreadyExists(Make(NewFinding(made.id(), 1), "lead").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(Make(NewFinding(made.id(), 2), "member").status()));
  Must(Move<DiagnosisVisit>("Report", made.id(), "lead"));
  EXPECT_EQ(Must(Look<DiagnosisFinding>(finding.id(), "member")).advice(), finding.advice());
  EXPECT_TRUE(absl::IsPermissionDenied(Look<DiagnosisFinding>(finding.id(), "stranger").status()));
  EXPECT_EQ(FieldsOf(Make(NewFinding(made.id(), 2), "lead").status()), "diagnosisFinding.diagnosisVisitId");
  DiagnosisFinding late;
  late.set_id(finding.id());
  late.set_advice("另一条建议");
  EXPECT_EQ(FieldsOf(Edit(late, "lead").status()), "diagnosisFinding.diagnosisVisitId");
  EXPECT_FALSE(Drop<DiagnosisFinding>(finding.id(), "lead").ok());
  Must(Move<DiagnosisVisit>("Reopen", made.id(), "lead", "补充意见"));
  DiagnosisFinding corrected;
  corrected.set_id(finding.id());
  corrected.set_advice("每周一次分层问题研讨");
  Must(Edit(corrected, "lead"));
  Must(Move<DiagnosisVisit>("Report", made.id(), "lead"));
  EXPECT_EQ(Must(Look<DiagnosisFinding>(finding.id(), "member")).advice(), "每周一次分层问题研讨");
  EXPECT_TRUE(absl::IsPermissionDenied(Move<DiagnosisVisit>("Acknowledge", made.id(), "lead").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(Edit(made, "member").status()));
  EXPECT_EQ(Must(Move<DiagnosisVisit>("Acknowledge", made.id(), "member")).state(),
            research::DIAGNOSIS_VISIT_STATE_ACKNOWLEDGED);
}

TEST_F(DiagnosisVisits, WhatTheSchoolAcknowledgedIsChangedByImportersOnlyAndStays) {
  const std::string mistaken = Must(Make(NewVisit(), "lead")).id();
  Must(Drop<DiagnosisVisit>(mistaken, "lead"));
  DiagnosisVisit visit = NewVisit();
  visit.set_summary("常态课质量稳步提升");
  const std::string id = Must(Make(visit, "lead")).id();
  Must(Move<DiagnosisVisit>("Hold", id, "lead", "", "2022-03-01"));
  EXPECT_EQ(FieldsOf(Drop<DiagnosisVisit>(id, "lead").status()), "state") << "also without findings";
  Must(Move<DiagnosisVisit>("Report", id, "lead"));
  Must(Move<DiagnosisVisit>("Acknowledge", id, "member"));
  DiagnosisFinding late = NewFinding(id, 1);
  late.add_external_ids()->set_system("lead-system");
  late.mutable_external_ids(0)->set_id("1");
  EXPECT_EQ(Upsert<research::BatchUpsertDiagnosisFindingsResponse>(late, "lead", "lead-system"),
            "diagnosisFindings[0].diagnosisVisitId");
  EXPECT_EQ(Upsert<research::BatchUpsertDiagnosisFindingsResponse>(late, "source", "lead-system"), "");
  EXPECT_FALSE(Drop<DiagnosisVisit>(id, "lead").ok());
}

TEST_F(DiagnosisVisits, OnlyWhoHasToDoWithASchoolVisitsIt) {
  DiagnosisVisit visit = NewVisit();
  visit.set_school_id(Outside());
  EXPECT_EQ(FieldsOf(Make(visit, "lead").status()), "diagnosisVisit.allianceId");
  visit.clear_alliance_id();
  EXPECT_EQ(FieldsOf(Make(visit, "lead").status()), "diagnosisVisit.allianceId");
  visit = NewVisit();
  visit.set_alliance_id(county_alliance_id_);
  Must(Make(visit, "near"));  // Both lie in counties that are its parties.
}

TEST_F(DiagnosisVisits, TheTeamIsNamedToFewAndErasedWithTheVisitKept) {
  const DiagnosisVisit made = Must(Make(NewVisit(), "lead"));
  const DiagnosisVisit seen = Must(Look<DiagnosisVisit>(made.id(), "member"));
  EXPECT_EQ(seen.leader_id(), "");
  EXPECT_EQ(seen.member_ids_size(), 0);
  EXPECT_EQ(seen.team_size(), 4);
  EXPECT_EQ(Must(Look<DiagnosisVisit>(made.id())).member_ids(0), "teacher-2");
  type::v1::EraseRequest erase;
  erase.set_id(made.id());
  erase.set_reason("保存期满");
  Must(research_.Call<DiagnosisVisit>("DiagnosisVisitService/EraseDiagnosisVisit", erase));
  const DiagnosisVisit erased = Must(Look<DiagnosisVisit>(made.id()));
  EXPECT_EQ(erased.leader_id(), "");
  EXPECT_EQ(erased.member_ids_size(), 0);
  EXPECT_EQ(erased.lessons_seen_count(), 6);
}

// A report and a finding lock the visit: what comes after the report is refused.
TEST_F(DiagnosisVisits, NoFindingComesAfterTheReport) {
  for (int round = 0; round < 5; ++round) {
    const DiagnosisVisit made = Must(Make(NewVisit(), "lead"));
    Must(Move<DiagnosisVisit>("Hold", made.id(), "lead"));
    Must(Make(NewFinding(made.id(), 1), "lead"));
    std::atomic<int> entered{1};
    std::thread writer([&] {
      for (int number = 2; number < 40; ++number) {
        if (!Make(NewFinding(made.id(), number), "lead").ok()) return;
        ++entered;
      }
    });
    while (entered < 3) absl::SleepFor(absl::Milliseconds(1));
    Must(Move<DiagnosisVisit>("Report", made.id(), "lead"));
    const auto reported = research_.Query(
        absl::StrCat("SELECT count(*) FROM diagnosis_finding WHERE diagnosis_visit_id = '", made.id(), "'"));
    writer.join();
    EXPECT_EQ(reported->Integer(0, 0), entered);
    EXPECT_LT(entered, 39) << "the writer ended before the report: the test shows nothing";
  }
}

class RankingRecords : public ResearchRecords {
 protected:
  RankingRecords() {
    const auto named = [&](const std::string& token, const std::string& place) {
      research_.AddCaller(
          token,
          MakeCaller({MakeGrant("research.ranking_record.restricted.*", ScopeKind::kJurisdiction, place),
                      MakeGrant("registry.*", ScopeKind::kJurisdiction, place)}));
    };
    named("ranks", far_id_);
    named("near-ranks", near_id_);
    research_.AddCaller("wild", MakeCaller({MakeGrant("*.read", ScopeKind::kPlatform, ""),
                                            MakeGrant("*.changes", ScopeKind::kPlatform, ""),
                                            MakeGrant("research.*.write", ScopeKind::kPlatform, ""),
                                            MakeGrant("research.*.personal", ScopeKind::kPlatform, "")}));
  }
  RankingRecord NewRank(int rank, const std::string& term, research::RankMeasure measure,
                        type::v1::Subject subject = type::v1::SUBJECT_UNSPECIFIED,
                        type::v1::Grade grade = type::v1::GRADE_UNSPECIFIED) {
    RankingRecord record;
    record.set_unit_kind(research::UNIT_KIND_ORGANISATION);
    record.set_unit_id(far_school_);
    record.set_ranking_scope("全市乡镇小学");
    record.set_measure(measure);
    record.set_subject(subject);
    record.set_grade(grade);
    record.set_term(term);
    record.set_rank(rank);
    record.add_evidence()->set_title("典型经验材料");
    return record;
  }
  // A pair that a document names: before, and the first term of 2021–2022.
  void Pair(int before, int after, research::RankMeasure measure,
            type::v1::Subject subject = type::v1::SUBJECT_UNSPECIFIED,
            type::v1::Grade grade = type::v1::GRADE_UNSPECIFIED) {
    const RankingRecord earlier = Must(Make(NewRank(before, "", measure, subject, grade), "ranks"));
    RankingRecord later = NewRank(after, "2021-2022-1", measure, subject, grade);
    later.set_compared_with_id(earlier.id());
    Must(Make(later, "ranks"));
  }
  absl::StatusOr<research::GetRankMovesResponse> Moves(const std::string& token,
                                                       const research::GetRankMovesRequest& request = {}) {
    return research_.Call<research::GetRankMovesResponse>("RankingRecordService/GetRankMoves", request,
                                                          token);
  }
};

// The figures of S2.
TEST_F(RankingRecords, MovesOfTheSeedComeOutAsPrinted) {
  using research::RANK_MEASURE_ALL_SUBJECTS;
  using research::RANK_MEASURE_SINGLE_SUBJECT;
  Pair(17, 3, RANK_MEASURE_ALL_SUBJECTS);
  Pair(16, 5, RANK_MEASURE_ALL_SUBJECTS, type::v1::SUBJECT_UNSPECIFIED, type::v1::GRADE_3);
  Pair(14, 10, RANK_MEASURE_SINGLE_SUBJECT, type::v1::SUBJECT_CHINESE, type::v1::GRADE_3);
  Pair(17, 3, RANK_MEASURE_SINGLE_SUBJECT, type::v1::SUBJECT_MATHEMATICS, type::v1::GRADE_3);
  RankingRecord first = NewRank(1, "2021-2022-1", research::RANK_MEASURE_IMPROVEMENT_COEFFICIENT);
  first.set_ranking_scope("全市学区");
  first.set_field_size(4);
  EXPECT_EQ(Must(Make(first, "ranks")).rank(), 1);

  const auto all = Must(Moves("ranks"));
  ASSERT_EQ(all.moves_size(), 4) << "rank 1 of 4 has no earlier one";
  std::multiset<std::string> moves;
  for (const research::RankMove& move : all.moves()) {
    EXPECT_TRUE(move.named());
    EXPECT_TRUE(move.compulsory());
    EXPECT_EQ(move.before_term(), "");
    EXPECT_EQ(move.after_term(), "2021-2022-1");
    moves.insert(absl::StrCat(type::v1::Grade_Name(move.grade()), " ", type::v1::Subject_Name(move.subject()),
                              " ", move.before_rank(), "→", move.after_rank(), " +", move.places_gained()));
  }
  EXPECT_EQ(moves,
            (std::multiset<std::string>{
                "GRADE_UNSPECIFIED SUBJECT_UNSPECIFIED 17→3 +14", "GRADE_3 SUBJECT_UNSPECIFIED 16→5 +11",
                "GRADE_3 SUBJECT_CHINESE 14→10 +4", "GRADE_3 SUBJECT_MATHEMATICS 17→3 +14"}));
  research::GetRankMovesRequest request;
  request.set_grade(type::v1::GRADE_3);
  request.set_measure(RANK_MEASURE_SINGLE_SUBJECT);
  EXPECT_EQ(Must(Moves("ranks", request)).moves_size(), 2);
  request.set_subject(type::v1::SUBJECT_CHINESE);
  EXPECT_EQ(Must(Moves("ranks", request)).moves_size(), 1);
  request.set_term("2022-2023-1");
  EXPECT_EQ(Must(Moves("ranks", request)).moves_size(), 0);

  // Page by page the same.
  research::GetRankMovesRequest page;
  page.set_page_size(3);
  const auto one = Must(Moves("ranks", page));
  EXPECT_EQ(one.moves_size(), 3);
  page.set_page_token(one.next_page_token());
  const auto two = Must(Moves("ranks", page));
  ASSERT_EQ(two.moves_size(), 1);
  EXPECT_EQ(two.next_page_token(), "");
  EXPECT_EQ(two.moves(0).after_record_id(), all.moves(3).after_record_id());
  page.set_page_token("17");
  EXPECT_EQ(FieldsOf(Moves("ranks", page).status()), "pageToken");
}

TEST_F(RankingRecords, WithoutADocumentTheLatestEarlierTermIsCompared) {
  const auto all = research::RANK_MEASURE_ALL_SUBJECTS;
  Must(Make(NewRank(9, "2020-2021-1", all), "ranks"));
  Must(Make(NewRank(7, "2020-2021-2", all), "ranks"));
  Must(Make(NewRank(8, "2021-2022-2", all), "ranks"));
  RankingRecord wider = NewRank(40, "2021-2022-1", all);
  wider.set_ranking_scope("全市小学");
  Must(Make(wider, "ranks"));
  research::GetRankMovesRequest request;
  request.set_unit_id(far_school_);
  request.set_jurisdiction_id(far_id_);
  std::multiset<std::string> moves;
  const auto found = Must(Moves("ranks", request));
  for (const research::RankMove& move : found.moves()) {
    EXPECT_FALSE(move.named());
    moves.insert(absl::StrCat(move.before_term(), " ", move.before_rank(), " ", move.after_term(), " ",
                              move.after_rank(), " ", move.places_gained()));
  }
  EXPECT_EQ(moves,
            (std::multiset<std::string>{"2020-2021-1 9 2020-2021-2 7 2", "2020-2021-2 7 2021-2022-2 8 -1"}));
  request.set_jurisdiction_id(near_id_);
  EXPECT_EQ(Must(Moves("ranks", request)).moves_size(), 0);
}

TEST_F(RankingRecords, NoWildcardGivesARank) {
  const RankingRecord made =
      Must(Make(NewRank(3, "2021-2022-1", research::RANK_MEASURE_ALL_SUBJECTS), "ranks"));
  EXPECT_TRUE(made.compulsory());
  for (const char* token : {"far", "city", "member", "wild"}) {
    EXPECT_TRUE(absl::IsPermissionDenied(Look<RankingRecord>(made.id(), token).status())) << token;
    EXPECT_TRUE(absl::IsPermissionDenied(Moves(token).status())) << token;
    EXPECT_TRUE(absl::IsPermissionDenied(Edit(made, token).status())) << token;
    EXPECT_TRUE(absl::IsPermissionDenied(
        research_
            .Call<research::ListRankingRecordsResponse>("RankingRecordService/ListRankingRecords",
                                                        type::v1::ListRequest(), token)
            .status()))
        << token;
  }
  EXPECT_TRUE(Look<RankingRecord>(made.id(), "ranks").ok());
  EXPECT_TRUE(Look<RankingRecord>(made.id()).ok()) << "\"*\" itself is everything";
  EXPECT_TRUE(absl::IsNotFound(Look<RankingRecord>(made.id(), "near-ranks").status()));
  EXPECT_EQ(Must(Moves("near-ranks")).moves_size(), 0);
  // Nor in the feed.
  sync::v1::ListChangesRequest request;
  request.add_kinds("ranking_record");
  EXPECT_TRUE(absl::IsPermissionDenied(
      research_
          .Call<sync::v1::ListChangesResponse>("/lianqiao.sync.v1.FeedService/ListChanges", request, "wild")
          .status()));
  request.clear_kinds();
  const auto everything = research_.Call<sync::v1::ListChangesResponse>(
      "/lianqiao.sync.v1.FeedService/ListChanges", request, "wild");
  EXPECT_EQ(Must(everything).ShortDebugString().find(made.id()), std::string::npos);
}

TEST_F(RankingRecords, ARankNamesItsDocumentAndComparesTheSame) {
  RankingRecord record = NewRank(3, "2021-2022-1", research::RANK_MEASURE_ALL_SUBJECTS);
  record.clear_evidence();
  EXPECT_EQ(FieldsOf(Make(record, "ranks").status()), "rankingRecord.evidence");
  record.set_stage(type::v1::STAGE_SENIOR);
  EXPECT_FALSE(Must(Make(record, "ranks")).compulsory()) << "beyond the compulsory stages";
  const RankingRecord before = Must(Make(NewRank(17, "", research::RANK_MEASURE_ALL_SUBJECTS), "ranks"));
  RankingRecord other = NewRank(3, "2021-2022-1", research::RANK_MEASURE_ALL_SUBJECTS,
                                type::v1::SUBJECT_UNSPECIFIED, type::v1::GRADE_3);
  other.set_compared_with_id(before.id());
  EXPECT_EQ(FieldsOf(Make(other, "ranks").status()), "rankingRecord.comparedWithId");
  EXPECT_TRUE(absl::IsAlreadyExists(Make(record, "ranks").status()));
}

class PracticeModels : public ResearchRecords {};

TEST_F(PracticeModels, ACountysModelIsReadByItsSchools) {
  PracticeModel model;
  model.set_kind(research::PRACTICE_MODEL_KIND_HOMEWORK_MODEL);
  model.set_code("4+1+2");
  model.set_unit_kind(research::UNIT_KIND_JURISDICTION);
  model.set_unit_id(near_id_);
  const std::map<int, std::string> parts = {
      {4, "四天高质量基础作业"}, {1, "缤纷社团无作业日"}, {2, "周末假期菜单式实践作业"}};
  for (const int figure : {4, 1, 2}) {
    auto* part = model.add_parts();
    part->set_figure(figure);
    part->set_text(parts.at(figure));
  }
  const PracticeModel made = Must(Make(model, "near"));
  EXPECT_EQ(Must(Look<PracticeModel>(made.id(), "lead")).parts(0).text(), "四天高质量基础作业");
  EXPECT_TRUE(absl::IsNotFound(Look<PracticeModel>(made.id(), "member").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(Edit(made, "lead").status()));
  EXPECT_TRUE(absl::IsAlreadyExists(Make(model, "near").status()));
  model.set_code("2+1+4");
  EXPECT_EQ(FieldsOf(Make(model, "near").status()), "practiceModel.parts");
}

TEST_F(PracticeModels, AModelOfAnAllianceIsReadByItsParties) {
  PracticeModel model;
  model.set_kind(research::PRACTICE_MODEL_KIND_RESEARCH_MODE);
  model.set_code("四三一");
  model.set_unit_kind(research::UNIT_KIND_ALLIANCE);
  model.set_unit_id(alliance_id_);
  const PracticeModel made = Must(Make(model, "lead"));
  EXPECT_EQ(Must(Look<PracticeModel>(made.id(), "member")).code(), "四三一");
  EXPECT_TRUE(absl::IsPermissionDenied(Edit(made, "member").status()));
}

}  // namespace
}  // namespace lianqiao::conformance
