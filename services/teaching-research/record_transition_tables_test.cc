// SPDX-License-Identifier: Apache-2.0
// Projects, placements, tests and visits move along these tables and no others. The contract holds the edges;
// here they stand once more, as the domain paper has them, so that a change of one is a decision and no slip.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lianqiao/options/v1/options.pb.h"
#include "lianqiao/research/v1/class_placement.pb.h"
#include "lianqiao/research/v1/diagnosis_finding.pb.h"
#include "lianqiao/research/v1/diagnosis_visit.pb.h"
#include "lianqiao/research/v1/improvement_coefficient.pb.h"
#include "lianqiao/research/v1/improvement_definition.pb.h"
#include "lianqiao/research/v1/practice_model.pb.h"
#include "lianqiao/research/v1/ranking_record.pb.h"
#include "lianqiao/research/v1/research_project.pb.h"
#include "lianqiao/research/v1/test_result.pb.h"
#include "lianqiao/research/v1/unified_test.pb.h"

namespace lianqiao::research {
namespace {

using google::protobuf::Descriptor;
using testing::ElementsAreArray;
using testing::IsEmpty;

// "Open: APPROVED -> OPENED", in the order of the contract; who answers stands behind it where it is not the
// writer of the record.
std::vector<std::string> TableOf(const Descriptor& record) {
  std::vector<std::string> edges;
  const auto* service = record.file()->FindServiceByName(record.name() + "Service");
  for (int i = 0; i < service->method_count(); ++i) {
    const auto& method = *service->method(i);
    if (!method.options().HasExtension(options::v1::transition)) continue;
    const auto& rule = method.options().GetExtension(options::v1::transition);
    const auto& access = method.options().GetExtension(options::v1::access);
    const std::string verb = method.name().substr(0, method.name().size() - record.name().size());
    const std::string who = absl::StrCat(access.permission(), absl::StrJoin(access.party_fields(), " "));
    edges.push_back(absl::StrCat(verb, ": ", absl::StrJoin(rule.from(), " "), " -> ", rule.to(),
                                 who.empty() ? "" : " by ", who));
  }
  return edges;
}

TEST(RecordTransitionTables, ProjectsAreAppliedForApprovedOpenedCheckedAndClosed) {
  EXPECT_THAT(TableOf(*v1::ResearchProject::descriptor()),
              ElementsAreArray({"Approve: APPLIED -> APPROVED by research.research_project.approve",
                                "Reject: APPLIED -> REJECTED by research.research_project.approve",
                                "Open: APPROVED -> OPENED",
                                "MidCheck: OPENED -> MID_CHECKED by research.research_project.approve",
                                "Close: MID_CHECKED -> CLOSED by research.research_project.approve",
                                "Terminate: APPROVED OPENED MID_CHECKED -> TERMINATED"}));
}

TEST(RecordTransitionTables, PlacementsAreAgreedByTheHostAlone) {
  EXPECT_THAT(
      TableOf(*v1::ClassPlacement::descriptor()),
      ElementsAreArray({"Agree: PROPOSED -> AGREED by host_organisation_id",
                        "Decline: PROPOSED -> DECLINED by host_organisation_id", "Start: AGREED -> RUNNING",
                        "End: RUNNING -> ENDED", "Cancel: PROPOSED AGREED -> CANCELLED"}));
}

// Analysing and sharing are methods of their own: research_records_pgtest walks them.
TEST(RecordTransitionTables, TestsAreSetHeldAndReopened) {
  EXPECT_THAT(TableOf(*v1::UnifiedTest::descriptor()),
              ElementsAreArray({"Prepare: DRAFTED -> SET", "Hold: SET -> HELD", "Reopen: ANALYSED -> HELD",
                                "Cancel: DRAFTED SET -> CANCELLED"}));
}

TEST(RecordTransitionTables, VisitsAreHeldReportedAndAcknowledgedByTheSchool) {
  EXPECT_THAT(TableOf(*v1::DiagnosisVisit::descriptor()),
              ElementsAreArray({"Hold: PLANNED -> HELD", "Report: HELD -> REPORTED",
                                "Acknowledge: REPORTED -> ACKNOWLEDGED by school_id",
                                "Reopen: REPORTED -> HELD", "Cancel: PLANNED -> CANCELLED"}));
}

TEST(RecordTransitionTables, OtherRecordsHaveNoCourse) {
  for (const Descriptor* record :
       {v1::TestResult::descriptor(), v1::DiagnosisFinding::descriptor(), v1::RankingRecord::descriptor(),
        v1::PracticeModel::descriptor(), v1::ImprovementDefinition::descriptor(),
        v1::ImprovementCoefficient::descriptor()})
    EXPECT_THAT(TableOf(*record), IsEmpty()) << record->name();
}

// §1.13: no rank or result of a person. The only fields that may name one are those of teams and leaders.
TEST(RecordTransitionTables, OnlyTeamsAndLeadersArePersons) {
  std::set<std::string> persons;
  for (const Descriptor* record :
       {v1::ResearchProject::descriptor(), v1::ClassPlacement::descriptor(), v1::UnifiedTest::descriptor(),
        v1::TestResult::descriptor(), v1::DiagnosisVisit::descriptor(), v1::DiagnosisFinding::descriptor(),
        v1::RankingRecord::descriptor(), v1::PracticeModel::descriptor(),
        v1::ImprovementDefinition::descriptor(), v1::ImprovementCoefficient::descriptor()}) {
    for (int i = 0; i < record->field_count(); ++i) {
      const auto& rule = record->field(i)->options().GetExtension(options::v1::field);
      if (rule.format() != options::v1::FORMAT_OPAQUE_PERSON) continue;
      EXPECT_TRUE(rule.personal().erasable()) << record->field(i)->full_name();
      persons.insert(absl::StrCat(record->name(), ".", record->field(i)->name()));
    }
  }
  EXPECT_EQ(persons, (std::set<std::string>{"DiagnosisVisit.leader_id", "DiagnosisVisit.member_ids",
                                            "ResearchProject.leader_id"}));
}

TEST(RecordTransitionTables, RanksHaveARightThatNoWildcardGives) {
  const auto& rule = v1::RankingRecord::descriptor()->options().GetExtension(options::v1::resource);
  EXPECT_EQ(rule.permission(), "research.ranking_record.restricted");
  const auto* service = v1::RankingRecord::descriptor()->file()->FindServiceByName("RankingRecordService");
  for (int i = 0; i < service->method_count(); ++i) {
    const auto& access = service->method(i)->options().GetExtension(options::v1::access);
    EXPECT_FALSE(access.public_() || access.any_client()) << service->method(i)->name();
    EXPECT_TRUE(access.permission().empty() || access.permission() == rule.permission() + ".read")
        << service->method(i)->name();
  }
}

}  // namespace
}  // namespace lianqiao::research
