// SPDX-License-Identifier: Apache-2.0
// Every state moves along these tables and no others. The contract holds the edges; here they stand once
// more, as the domain paper has them, so that a change of one is a decision and no slip.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lianqiao/exchange/v1/assignment.pb.h"
#include "lianqiao/exchange/v1/growth_event.pb.h"
#include "lianqiao/exchange/v1/growth_record.pb.h"
#include "lianqiao/exchange/v1/mentor_apprentice.pb.h"
#include "lianqiao/exchange/v1/mentor_log_entry.pb.h"
#include "lianqiao/exchange/v1/mentor_pair.pb.h"
#include "lianqiao/exchange/v1/proposal.pb.h"
#include "lianqiao/exchange/v1/quota.pb.h"
#include "lianqiao/exchange/v1/research_community.pb.h"
#include "lianqiao/exchange/v1/research_community_member.pb.h"
#include "lianqiao/exchange/v1/studio.pb.h"
#include "lianqiao/exchange/v1/studio_campus.pb.h"
#include "lianqiao/exchange/v1/studio_member.pb.h"
#include "lianqiao/exchange/v1/studio_session.pb.h"
#include "lianqiao/exchange/v1/support_team.pb.h"
#include "lianqiao/exchange/v1/talent_cohort.pb.h"
#include "lianqiao/exchange/v1/talent_member.pb.h"
#include "lianqiao/exchange/v1/talent_programme.pb.h"
#include "lianqiao/exchange/v1/training.pb.h"
#include "lianqiao/exchange/v1/training_participant.pb.h"
#include "lianqiao/exchange/v1/vacancy.pb.h"
#include "lianqiao/options/v1/options.pb.h"

namespace lianqiao::exchange {
namespace {

using google::protobuf::Descriptor;
using testing::ElementsAreArray;
using testing::IsEmpty;

// "Sign: DRAFTED -> SIGNED", in the order of the contract.
std::vector<std::string> TableOf(const Descriptor& record) {
  std::vector<std::string> edges;
  const auto* service = record.file()->FindServiceByName(record.name() + "Service");
  for (int i = 0; i < service->method_count(); ++i) {
    const auto& method = *service->method(i);
    if (!method.options().HasExtension(options::v1::transition)) continue;
    const auto& rule = method.options().GetExtension(options::v1::transition);
    const std::string verb = method.name().substr(0, method.name().size() - record.name().size());
    edges.push_back(absl::StrCat(verb, ": ", absl::StrJoin(rule.from(), " "), " -> ", rule.to()));
  }
  return edges;
}

// Extending is a method of its own, since it says until when: exchange_assignment_pgtest walks it.
TEST(TransitionTables, AssignmentsAndTeamsAreNominatedApprovedOnPostCompletedAndAssessed) {
  for (const Descriptor* record : {v1::Assignment::descriptor(), v1::SupportTeam::descriptor()}) {
    EXPECT_THAT(TableOf(*record),
                ElementsAreArray({"Approve: NOMINATED -> APPROVED", "Start: APPROVED -> ON_POST",
                                  "Complete: ON_POST EXTENDED -> COMPLETED", "Assess: COMPLETED -> ASSESSED",
                                  "Withdraw: NOMINATED APPROVED -> WITHDRAWN",
                                  "Recall: ON_POST EXTENDED -> RECALLED"}))
        << record->name();
  }
}

// Filling and reopening are methods of their own: exchange_proposal_pgtest walks them.
TEST(TransitionTables, AnOpenVacancyIsWithdrawn) {
  EXPECT_THAT(TableOf(*v1::Vacancy::descriptor()), ElementsAreArray({"Withdraw: OPEN -> WITHDRAWN"}));
}

// Approving is a method of its own.
TEST(TransitionTables, AProposalIsRejected) {
  EXPECT_THAT(TableOf(*v1::AssignmentProposal::descriptor()),
              ElementsAreArray({"Reject: PROPOSED -> REJECTED"}));
}

// Its state follows from the places that are filled and from the day: quota_rules_test.
TEST(TransitionTables, NobodyMovesAQuota) {
  EXPECT_THAT(TableOf(*v1::Quota::descriptor()), IsEmpty());
}

// Whom the contract lets decide about a step beside those who write the record.
std::string DeciderOf(const Descriptor& record, const std::string& verb) {
  const auto* method =
      record.file()->FindServiceByName(record.name() + "Service")->FindMethodByName(verb + record.name());
  return absl::StrJoin(method->options().GetExtension(options::v1::access).party_fields(), " ");
}

TEST(TransitionTables, PairsAreProposedSignedRunningAssessedAndEnded) {
  EXPECT_THAT(TableOf(*v1::MentorPair::descriptor()),
              ElementsAreArray({"Sign: PROPOSED -> SIGNED", "Start: SIGNED -> RUNNING",
                                "Assess: RUNNING -> ASSESSED", "End: ASSESSED -> ENDED",
                                "BreakOff: RUNNING -> ENDED", "Withdraw: PROPOSED SIGNED -> WITHDRAWN"}));
}

TEST(TransitionTables, GroupsArePlannedActiveAndEnded) {
  for (const Descriptor* group :
       {v1::ResearchCommunity::descriptor(), v1::Studio::descriptor(), v1::TalentProgramme::descriptor()}) {
    EXPECT_THAT(TableOf(*group), ElementsAreArray({"Activate: PLANNED -> ACTIVE", "End: ACTIVE -> ENDED",
                                                   "Abandon: PLANNED -> ABANDONED"}))
        << group->name();
  }
}

TEST(TransitionTables, MembersLeave) {
  for (const Descriptor* member : {v1::ResearchCommunityMember::descriptor(), v1::StudioMember::descriptor(),
                                   v1::TalentMember::descriptor()})
    EXPECT_THAT(TableOf(*member), ElementsAreArray({"End: ACTIVE -> ENDED"})) << member->name();
}

TEST(TransitionTables, TrainingsAreHeldReportedAndVerified) {
  EXPECT_THAT(TableOf(*v1::Training::descriptor()),
              ElementsAreArray({"Hold: PLANNED -> HELD", "Report: HELD REJECTED -> REPORTED",
                                "Verify: REPORTED -> VERIFIED", "Reject: REPORTED VERIFIED -> REJECTED",
                                "Cancel: PLANNED -> CANCELLED"}));
  for (const char* verb : {"Verify", "Reject"})
    EXPECT_EQ(DeciderOf(*v1::Training::descriptor(), verb), "jurisdiction_id") << verb;
  EXPECT_EQ(DeciderOf(*v1::Training::descriptor(), "Report"), "");
}

TEST(TransitionTables, GrowthRecordsAreClosedAndReopened) {
  EXPECT_THAT(TableOf(*v1::GrowthRecord::descriptor()),
              ElementsAreArray({"Close: OPEN -> CLOSED", "Reopen: CLOSED -> OPEN"}));
}

TEST(TransitionTables, OthersHaveNoCourse) {
  for (const Descriptor* record :
       {v1::MentorApprentice::descriptor(), v1::MentorLogEntry::descriptor(), v1::StudioCampus::descriptor(),
        v1::StudioSession::descriptor(), v1::TrainingParticipant::descriptor(), v1::GrowthEvent::descriptor(),
        v1::TalentCohort::descriptor()})
    EXPECT_THAT(TableOf(*record), IsEmpty()) << record->name();
}

}  // namespace
}  // namespace lianqiao::exchange
