// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/training_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/teacher-exchange/rules_testing.h"

namespace lianqiao::exchange {
namespace {

using resource::FactRow;
using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Refused(const v1::Training& training, const std::string& method = "UpdateTraining",
                                 const v1::Training* before = nullptr) {
  return FieldsOf(CheckTraining(before, training, By(method)));
}

std::vector<std::string> RefusedImport(const v1::Training& training, const v1::Training* before) {
  return FieldsOf(CheckTraining(before, training, Imported(By("BatchUpsertTrainings"))));
}

v1::Training Held() {
  v1::Training training;
  training.set_state(v1::TRAINING_STATE_HELD);
  training.set_started_on("2026-10-12");
  training.set_ended_on("2026-10-14");
  training.set_term_id("term");
  training.set_distinct_person_count(38);
  return training;
}

TEST(TrainingRules, ItIsHeldOnceItIsOver) {
  v1::Training training;
  EXPECT_THAT(Refused(training, "HoldTraining"), ElementsAre("startedOn"));
  training.set_started_on("2026-11-26");
  EXPECT_THAT(Refused(training, "HoldTraining"), IsEmpty());
  training.set_ended_on("2026-11-27");
  EXPECT_THAT(Refused(training, "HoldTraining"), ElementsAre("endedOn"));
  EXPECT_THAT(Refused(training, "UpdateTraining"), IsEmpty());
  training.set_ended_on("2026-11-25");
  EXPECT_THAT(Refused(training), ElementsAre("endedOn"));
}

TEST(TrainingRules, AReportGivesItsTermAndPersons) {
  v1::Training training = Held();
  EXPECT_THAT(Refused(training, "ReportTraining"), IsEmpty());
  training.clear_distinct_person_count();
  EXPECT_THAT(Refused(training, "ReportTraining"), ElementsAre("distinctPersonCount"));
  training.set_person_time_count(40);
  EXPECT_THAT(Refused(training, "ReportTraining"), IsEmpty());
  training.clear_term_id();
  EXPECT_THAT(Refused(training, "ReportTraining"), ElementsAre("termId"));
  EXPECT_THAT(Refused(training, "HoldTraining"), IsEmpty());
}

TEST(TrainingRules, DatesOfStepsAreSetBySteps) {
  v1::Training training = Held();
  training.set_reported_on("2026-10-20");
  EXPECT_THAT(Refused(training), ElementsAre("reportedOn"));
  for (const auto state : {v1::TRAINING_STATE_REPORTED, v1::TRAINING_STATE_REJECTED}) {
    training.set_state(state);
    EXPECT_THAT(Refused(training), IsEmpty());
  }
  training.set_verified_on("2026-10-25");
  EXPECT_THAT(Refused(training), ElementsAre("verifiedOn"));
  training.set_state(v1::TRAINING_STATE_VERIFIED);
  EXPECT_THAT(Refused(training), IsEmpty());
  training.set_verified_on("2026-10-19");
  EXPECT_THAT(Refused(training), ElementsAre("verifiedOn"));
  training.clear_verified_on();
  training.set_reported_on("2026-10-11");
  EXPECT_THAT(Refused(training), ElementsAre("reportedOn"));
}

TEST(TrainingRules, ItCountsInATermOfItsTime) {
  Facts facts = By("UpdateTraining");
  facts.Add("term", {Row({{"starts_on", "2026-09-01"}, {"ends_on", "2027-01-20"}})});
  v1::Training training = Held();
  EXPECT_THAT(FieldsOf(CheckTraining(nullptr, training, facts)), IsEmpty());
  training.set_started_on("2026-08-20");
  training.set_ended_on("2026-09-01");
  EXPECT_THAT(FieldsOf(CheckTraining(nullptr, training, facts)), IsEmpty()) << "runs into it";
  training.set_ended_on("2026-08-31");
  EXPECT_THAT(FieldsOf(CheckTraining(nullptr, training, facts)), ElementsAre("termId"));
}

TEST(TrainingRules, TheAuthorityIsThatOfTheHostsPlace) {
  v1::Training before = Held();
  before.set_jurisdiction_id("county");
  v1::Training after = before;
  EXPECT_THAT(Refused(before, "CreateTraining"), ElementsAre("jurisdictionId"));
  EXPECT_THAT(Refused(after, "UpdateTraining", &before), IsEmpty()) << "as it was";
  after.set_jurisdiction_id("elsewhere");
  EXPECT_THAT(Refused(after, "UpdateTraining", &before), ElementsAre("jurisdictionId"));
  EXPECT_THAT(Refused(after, "BatchUpsertTrainings", &before), ElementsAre("jurisdictionId"));
  EXPECT_THAT(Refused(after, "BatchUpsertTrainings"), ElementsAre("jurisdictionId"));
  EXPECT_THAT(RefusedImport(after, &before), IsEmpty());
  Facts facts = By("UpdateTraining");
  facts.Add("authority", {Row({{"id", "host"}})});
  EXPECT_THAT(FieldsOf(CheckTraining(&before, after, facts)), IsEmpty());
}

TEST(TrainingRules, FiguresFitEachOtherAndTheParticipantsOnRecord) {
  v1::Training training = Held();
  training.set_person_time_count(37);
  EXPECT_THAT(Refused(training), ElementsAre("personTimeCount"));
  training.set_person_time_count(38);
  EXPECT_THAT(Refused(training), IsEmpty());
  training.set_reached_pupil_count_comparison(type::v1::COMPARISON_ABOUT);
  EXPECT_THAT(Refused(training), ElementsAre("reachedPupilCountComparison"));
  training.set_reached_pupil_count(1177);
  const auto refused = [&](int participants) {
    Facts facts = By("UpdateTraining");
    facts.Add("participants", {Row({{"count", absl::StrCat(participants)}})});
    return FieldsOf(CheckTraining(nullptr, training, facts));
  };
  EXPECT_THAT(refused(38), IsEmpty());
  EXPECT_THAT(refused(39), ElementsAre("distinctPersonCount"));
  training.set_distinct_person_count_comparison(type::v1::COMPARISON_AT_LEAST);
  EXPECT_THAT(refused(39), IsEmpty());
  training.set_distinct_person_count_comparison(type::v1::COMPARISON_LESS_THAN);
  EXPECT_THAT(refused(39), ElementsAre("distinctPersonCount"));
  training.clear_distinct_person_count();
  training.clear_distinct_person_count_comparison();
  EXPECT_THAT(refused(39), IsEmpty());
}

TEST(TrainingRules, WhatIsReportedStands) {
  for (const auto state : {v1::TRAINING_STATE_REPORTED, v1::TRAINING_STATE_VERIFIED}) {
    v1::Training before = Held();
    before.set_state(state);
    v1::Training after = before;
    after.set_day_count(11);
    EXPECT_THAT(Refused(after, "UpdateTraining", &before), ElementsAre("state"));
    EXPECT_THAT(Refused(after, "BatchUpsertTrainings", &before), ElementsAre("state"));
    EXPECT_THAT(RefusedImport(after, &before), IsEmpty());
  }
  v1::Training before = Held();
  before.set_state(v1::TRAINING_STATE_REJECTED);
  v1::Training after = before;
  after.set_day_count(11);
  EXPECT_THAT(Refused(after, "UpdateTraining", &before), IsEmpty());
}

TEST(TrainingRules, WhatWasVerifiedAndIsRejectedWasVerifiedOnNoDay) {
  v1::Training before = Held();
  before.set_state(v1::TRAINING_STATE_VERIFIED);
  before.set_verified_on("2026-10-25");
  v1::Training after = before;
  after.set_state(v1::TRAINING_STATE_REJECTED);
  after.set_reject_reason("重复上报");
  ForgetVerification(&after, By("RejectTraining"));
  EXPECT_THAT(after.verified_on(), IsEmpty());
  EXPECT_THAT(Refused(after, "RejectTraining", &before), IsEmpty());
  ForgetVerification(&before, By("UpdateTraining"));
  EXPECT_EQ(before.verified_on(), "2026-10-25");
}

TEST(TrainingRules, WhatCountsIsNotDeleted) {
  v1::Training training = Held();
  EXPECT_THAT(FieldsOf(CheckTrainingDeletion(training, By("DeleteTraining"))), IsEmpty());
  training.set_state(v1::TRAINING_STATE_VERIFIED);
  EXPECT_THAT(FieldsOf(CheckTrainingDeletion(training, By("DeleteTraining"))), ElementsAre("state"));
}

Facts InTraining(const std::string& state, const std::string& method = "CreateTrainingParticipant") {
  Facts facts = By(method);
  facts.Add("training", {Row({{"state", "TRAINING_STATE_" + state}})});
  return facts;
}

TEST(TrainingParticipantRules, ParticipantsStandWithTheReport) {
  for (const char* state : {"REPORTED", "VERIFIED"}) {
    EXPECT_THAT(FieldsOf(CheckTrainingParticipant(nullptr, {}, InTraining(state))),
                ElementsAre("trainingId"));
    const Facts batch = InTraining(state, "BatchUpsertTrainingParticipants");
    EXPECT_THAT(FieldsOf(CheckTrainingParticipant(nullptr, {}, batch)), ElementsAre("trainingId"));
    EXPECT_THAT(FieldsOf(CheckTrainingParticipant(nullptr, {}, Imported(batch))), IsEmpty());
    EXPECT_THAT(FieldsOf(CheckTrainingParticipantDeletion({}, InTraining(state))), ElementsAre("trainingId"));
  }
  for (const char* state : {"PLANNED", "HELD", "REJECTED"}) {
    EXPECT_THAT(FieldsOf(CheckTrainingParticipant(nullptr, {}, InTraining(state))), IsEmpty()) << state;
    EXPECT_THAT(FieldsOf(CheckTrainingParticipantDeletion({}, InTraining(state))), IsEmpty()) << state;
  }
  EXPECT_THAT(FieldsOf(CheckTrainingParticipant(nullptr, {}, InTraining("CANCELLED"))),
              ElementsAre("trainingId"));
}

TEST(TrainingParticipantRules, ResultsComeAfterTheTraining) {
  v1::TrainingParticipant participant;
  participant.set_result(v1::TRAINING_RESULT_PASSED);
  EXPECT_THAT(FieldsOf(CheckTrainingParticipant(nullptr, participant, InTraining("PLANNED"))),
              ElementsAre("result"));
  EXPECT_THAT(FieldsOf(CheckTrainingParticipant(nullptr, participant, InTraining("HELD"))), IsEmpty());
}

TEST(TrainingParticipantRules, ThereAreNoMoreThanTheTrainingReports) {
  const auto refused = [](int others, const std::string& comparison,
                          const v1::TrainingParticipant* before = nullptr) {
    Facts facts = InTraining("HELD");
    facts.Add("other_participants", {Row({{"count", absl::StrCat(others)}})});
    facts.Add("figures", {Row({{"distinct_person_count", "38"}, {"comparison", comparison}})});
    return FieldsOf(CheckTrainingParticipant(before, {}, facts));
  };
  EXPECT_THAT(refused(37, "COMPARISON_UNSPECIFIED"), IsEmpty());
  EXPECT_THAT(refused(38, "COMPARISON_UNSPECIFIED"), ElementsAre("trainingId"));
  EXPECT_THAT(refused(38, "COMPARISON_AT_MOST"), ElementsAre("trainingId"));
  EXPECT_THAT(refused(38, "COMPARISON_MORE_THAN"), IsEmpty());
  const v1::TrainingParticipant before;
  EXPECT_THAT(refused(38, "COMPARISON_UNSPECIFIED", &before), IsEmpty()) << "is one of them already";
}

TEST(TrainingParticipantRules, IdsElsewhereAreNoResidentIds) {
  v1::TrainingParticipant participant;
  participant.add_external_ids()->set_id("13800138000");
  EXPECT_THAT(FieldsOf(CheckTrainingParticipant(nullptr, participant, InTraining("HELD"))),
              ElementsAre("externalIds[0].id"));
}

}  // namespace
}  // namespace lianqiao::exchange
