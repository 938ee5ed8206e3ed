// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/mentoring_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
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

v1::MentorPair PairIn(v1::MentorPairState state) {
  v1::MentorPair pair;
  pair.set_mentor_id("mentor");
  pair.set_state(state);
  return pair;
}

std::vector<std::string> Refused(const v1::MentorPair& pair, const Facts& facts = By("UpdateMentorPair"),
                                 const v1::MentorPair* before = nullptr) {
  return FieldsOf(CheckMentorPair(before, pair, facts));
}

Facts WithTeacher(const std::string& method, const char* fact, const std::string& left_on, bool works_there) {
  Facts facts = By(method);
  facts.Add(fact, {Row({{"left_on", left_on}, {"works_there", works_there ? "t" : "f"}})});
  return facts;
}

TEST(MentorPairRules, ThePairIsMadeAtTheMentorsOwnSchool) {
  const v1::MentorPair pair = PairIn(v1::MENTOR_PAIR_STATE_PROPOSED);
  EXPECT_THAT(Refused(pair, WithTeacher("CreateMentorPair", "mentor", "", true)), IsEmpty());
  EXPECT_THAT(Refused(pair, WithTeacher("CreateMentorPair", "mentor", "2026-11-26", true)), IsEmpty());
  EXPECT_THAT(Refused(pair, WithTeacher("CreateMentorPair", "mentor", "", false)),
              ElementsAre("mentorSchoolId"));
  EXPECT_THAT(Refused(pair, WithTeacher("CreateMentorPair", "mentor", "2026-11-25", true)),
              ElementsAre("mentorId"));
  const Facts batch = WithTeacher("BatchUpsertMentorPairs", "mentor", "", false);
  EXPECT_THAT(Refused(pair, batch), ElementsAre("mentorSchoolId")) << "of whoever may not import";
  EXPECT_THAT(Refused(pair, Imported(batch)), IsEmpty());
  EXPECT_THAT(Refused(pair, batch, &pair), IsEmpty()) << "moved since";
}

TEST(MentorPairRules, ItTakesAnApprenticeToBeginWith) {
  for (const char* method : {"SignMentorPair", "StartMentorPair"}) {
    Facts facts = By(method);
    EXPECT_THAT(Refused(PairIn(v1::MENTOR_PAIR_STATE_SIGNED), facts), ElementsAre("state")) << method;
    facts.Add("apprentices", {Row({{"id", "one"}})});
    EXPECT_THAT(Refused(PairIn(v1::MENTOR_PAIR_STATE_SIGNED), facts), IsEmpty()) << method;
  }
}

v1::MentorPair With(v1::MentorPair pair, const std::string& field, const std::string& day) {
  pair.GetReflection()->SetString(&pair, pair.GetDescriptor()->FindFieldByName(field), day);
  return pair;
}

TEST(MentorPairRules, DatesOfStepsAreSetBySteps) {
  const struct {
    std::string name;
    v1::MentorPairState too_early;
    v1::MentorPairState first;
    const char* field;
  } cases[] = {{"signed_on", v1::MENTOR_PAIR_STATE_PROPOSED, v1::MENTOR_PAIR_STATE_SIGNED, "signedOn"},
               {"started_on", v1::MENTOR_PAIR_STATE_SIGNED, v1::MENTOR_PAIR_STATE_RUNNING, "startedOn"},
               {"assessed_on", v1::MENTOR_PAIR_STATE_RUNNING, v1::MENTOR_PAIR_STATE_ASSESSED, "assessedOn"},
               {"ended_on", v1::MENTOR_PAIR_STATE_ASSESSED, v1::MENTOR_PAIR_STATE_ENDED, "endedOn"}};
  for (const auto& step : cases) {
    const auto refused = [&](v1::MentorPairState state) {
      v1::MentorPair pair = PairIn(state);
      if (state == v1::MENTOR_PAIR_STATE_ASSESSED) pair.set_result(v1::MENTORING_RESULT_QUALIFIED);
      return Refused(With(pair, step.name, "2026-01-01"));
    };
    EXPECT_THAT(refused(step.too_early), ElementsAre(step.field));
    EXPECT_THAT(refused(step.first), IsEmpty()) << step.name;
  }
}

TEST(MentorPairRules, DatesAreInOrder) {
  v1::MentorPair pair = PairIn(v1::MENTOR_PAIR_STATE_ENDED);
  pair.set_proposed_on("2025-08-01");
  pair.set_signed_on("2025-09-01");
  pair.set_started_on("2025-09-01");
  pair.set_planned_until("2026-08-31");
  pair.set_assessed_on("2026-06-30");
  pair.set_ended_on("2026-07-01");
  EXPECT_THAT(Refused(pair), IsEmpty());
  EXPECT_THAT(Refused(With(pair, "signed_on", "2025-07-31")), ElementsAre("signedOn"));
  EXPECT_THAT(Refused(With(pair, "signed_on", "2025-09-02")), ElementsAre("startedOn"));
  EXPECT_THAT(Refused(With(pair, "planned_until", "2025-08-31")), ElementsAre("plannedUntil"));
  EXPECT_THAT(Refused(With(pair, "assessed_on", "2025-08-31")), ElementsAre("assessedOn"));
  EXPECT_THAT(Refused(With(pair, "ended_on", "2026-06-29")), ElementsAre("endedOn"));
}

TEST(MentorPairRules, AnAssessedPairHasAResultAndAPairThatNeverRanHasNone) {
  v1::MentorPair pair = PairIn(v1::MENTOR_PAIR_STATE_ASSESSED);
  EXPECT_THAT(Refused(pair), ElementsAre("result"));
  pair.set_result(v1::MENTORING_RESULT_EXCELLENT);
  EXPECT_THAT(Refused(pair), IsEmpty());
  pair.set_state(v1::MENTOR_PAIR_STATE_SIGNED);
  EXPECT_THAT(Refused(pair), ElementsAre("result"));
  pair.set_state(v1::MENTOR_PAIR_STATE_ENDED);
  pair.clear_result();
  EXPECT_THAT(Refused(pair), IsEmpty()) << "broken off without one";
}

TEST(MentorPairRules, APairServesACycleOfItsTime) {
  v1::MentorPair pair = PairIn(v1::MENTOR_PAIR_STATE_RUNNING);
  pair.set_started_on("2026-09-01");
  pair.set_planned_until("2027-08-31");
  Facts facts = By("UpdateMentorPair");
  facts.Add("cycle", {Row({{"starts_on", "2024-09-01"}, {"ends_on", "2027-08-31"}})});
  EXPECT_THAT(Refused(pair, facts), IsEmpty());
  pair.set_started_on("2027-09-01");
  pair.set_planned_until("2028-08-31");
  EXPECT_THAT(Refused(pair, facts), ElementsAre("cycleId"));
}

TEST(MentorPairRules, WhatIsOverStands) {
  for (const auto state :
       {v1::MENTOR_PAIR_STATE_ASSESSED, v1::MENTOR_PAIR_STATE_ENDED, v1::MENTOR_PAIR_STATE_WITHDRAWN}) {
    v1::MentorPair before = PairIn(state);
    if (state == v1::MENTOR_PAIR_STATE_ASSESSED) before.set_result(v1::MENTORING_RESULT_QUALIFIED);
    v1::MentorPair after = before;
    after.set_goals("提高");
    EXPECT_THAT(Refused(after, By("UpdateMentorPair"), &before), ElementsAre("state"));
    EXPECT_THAT(Refused(after, By("BatchUpsertMentorPairs"), &before), ElementsAre("state"));
    EXPECT_THAT(Refused(after, Imported(By("BatchUpsertMentorPairs")), &before), IsEmpty());
    after = before;
    after.add_evidence()->set_title("结对协议");
    EXPECT_THAT(Refused(after, By("UpdateMentorPair"), &before), IsEmpty()) << "evidence may be added";
  }
}

TEST(MentorPairRules, IdsElsewhereAreNoResidentIds) {
  v1::MentorPair pair = PairIn(v1::MENTOR_PAIR_STATE_PROPOSED);
  pair.add_external_ids()->set_id("13800138000");
  EXPECT_THAT(Refused(pair), ElementsAre("externalIds[0].id"));
}

FactRow PairRow(const std::string& state, const std::string& ended_on = "") {
  return Row({{"mentor_id", "mentor"}, {"state", "MENTOR_PAIR_STATE_" + state}, {"ended_on", ended_on}});
}

std::vector<std::string> RefusedApprentice(const v1::MentorApprentice& apprentice, const std::string& state,
                                           Facts facts = By("CreateMentorApprentice"),
                                           const v1::MentorApprentice* before = nullptr) {
  facts.Add("pair", {PairRow(state, state == "ENDED" ? "2026-07-01" : "")});
  return FieldsOf(CheckMentorApprentice(before, apprentice, facts));
}

TEST(MentorApprenticeRules, NobodyIsTheirOwnMentor) {
  v1::MentorApprentice apprentice;
  apprentice.set_teacher_id("other");
  EXPECT_THAT(RefusedApprentice(apprentice, "PROPOSED"), IsEmpty());
  apprentice.set_teacher_id("mentor");
  EXPECT_THAT(RefusedApprentice(apprentice, "PROPOSED"), ElementsAre("teacherId"));
}

TEST(MentorApprenticeRules, NobodyJoinsAPairThatIsOver) {
  v1::MentorApprentice apprentice;
  for (const char* state : {"PROPOSED", "SIGNED", "RUNNING"})
    EXPECT_THAT(RefusedApprentice(apprentice, state), IsEmpty()) << state;
  for (const char* state : {"ASSESSED", "ENDED", "WITHDRAWN"}) {
    EXPECT_THAT(RefusedApprentice(apprentice, state), ElementsAre("mentorPairId")) << state;
    const Facts batch = By("BatchUpsertMentorApprentices");
    EXPECT_THAT(RefusedApprentice(apprentice, state, batch), ElementsAre("mentorPairId")) << state;
    EXPECT_THAT(RefusedApprentice(apprentice, state, Imported(batch)), IsEmpty()) << state;
    v1::MentorApprentice deleted;
    deleted.mutable_delete_time();
    EXPECT_THAT(RefusedApprentice(apprentice, state, By("UndeleteMentorApprentice"), &deleted),
                ElementsAre("mentorPairId"))
        << state;
  }
}

TEST(MentorApprenticeRules, ApprenticesOfAPairThatIsAssessedOrOverStand) {
  const v1::MentorApprentice before;
  v1::MentorApprentice after;
  after.set_left_on("2026-06-01");
  const Facts edit = By("UpdateMentorApprentice");
  EXPECT_THAT(RefusedApprentice(after, "RUNNING", edit, &before), IsEmpty());
  for (const char* state : {"ASSESSED", "ENDED", "WITHDRAWN"}) {
    EXPECT_THAT(RefusedApprentice(after, state, edit, &before), ElementsAre("mentorPairId")) << state;
    EXPECT_THAT(RefusedApprentice(after, state, Imported(By("BatchUpsertMentorApprentices")), &before),
                IsEmpty());
    EXPECT_THAT(RefusedApprentice(after, state, By("EraseTeacher"), &before), IsEmpty());
  }
}

TEST(MentorApprenticeRules, ApprenticesAreOfThePairsSchool) {
  EXPECT_THAT(FieldsOf(CheckMentorApprentice(nullptr, {},
                                             WithTeacher("CreateMentorApprentice", "apprentice", "", false))),
              ElementsAre("teacherId"));
  EXPECT_THAT(FieldsOf(CheckMentorApprentice(
                  nullptr, {}, WithTeacher("CreateMentorApprentice", "apprentice", "2020-01-01", true))),
              ElementsAre("teacherId"));
  EXPECT_THAT(FieldsOf(CheckMentorApprentice(nullptr, {},
                                             WithTeacher("CreateMentorApprentice", "apprentice", "", true))),
              IsEmpty());
  const Facts batch = WithTeacher("BatchUpsertMentorApprentices", "apprentice", "", false);
  EXPECT_THAT(FieldsOf(CheckMentorApprentice(nullptr, {}, batch)), ElementsAre("teacherId"));
  EXPECT_THAT(FieldsOf(CheckMentorApprentice(nullptr, {}, Imported(batch))), IsEmpty());
  const v1::MentorApprentice before;
  EXPECT_THAT(FieldsOf(CheckMentorApprentice(&before, {}, batch)), IsEmpty()) << "moved since";
}

TEST(MentorApprenticeRules, ResultsAndDaysFitThePair) {
  v1::MentorApprentice apprentice;
  apprentice.set_result(v1::MENTORING_RESULT_QUALIFIED);
  EXPECT_THAT(RefusedApprentice(apprentice, "SIGNED"), ElementsAre("result"));
  EXPECT_THAT(RefusedApprentice(apprentice, "RUNNING"), IsEmpty());
  const Facts import = Imported(By("BatchUpsertMentorApprentices"));
  apprentice.set_joined_on("2026-07-02");
  EXPECT_THAT(RefusedApprentice(apprentice, "ENDED", import), ElementsAre("joinedOn"));
  apprentice.set_joined_on("2026-07-01");
  apprentice.set_left_on("2026-07-02");
  EXPECT_THAT(RefusedApprentice(apprentice, "ENDED", import), ElementsAre("leftOn"));
  apprentice.set_left_on("2026-06-30");
  EXPECT_THAT(RefusedApprentice(apprentice, "ENDED", import), ElementsAre("leftOn"));
  apprentice.set_left_on("2026-07-01");
  EXPECT_THAT(RefusedApprentice(apprentice, "ENDED", import), IsEmpty());
}

TEST(MentorApprenticeRules, IdsElsewhereAreNoResidentIds) {
  v1::MentorApprentice apprentice;
  apprentice.add_external_ids()->set_id("13800138000");
  EXPECT_THAT(RefusedApprentice(apprentice, "RUNNING"), ElementsAre("externalIds[0].id"));
}

// All of them, not only the last one: what they did has been counted. Who goes leaves by leftOn.
TEST(MentorApprenticeRules, ASignedPairKeepsItsApprentices) {
  const auto refused = [](const std::string& state) {
    Facts facts = By("DeleteMentorApprentice");
    facts.Add("pair", {PairRow(state)});
    return FieldsOf(CheckMentorApprenticeDeletion({}, facts));
  };
  for (const char* state : {"SIGNED", "RUNNING", "ASSESSED", "ENDED"})
    EXPECT_THAT(refused(state), ElementsAre("mentorPairId")) << state;
  for (const char* state : {"PROPOSED", "WITHDRAWN"}) EXPECT_THAT(refused(state), IsEmpty()) << state;
}

class MentorLogRules : public testing::Test {
 protected:
  MentorLogRules() { entry_.set_happened_on("2026-10-15"); }
  std::vector<std::string> Refused(Facts facts = By("CreateMentorLogEntry"),
                                   const v1::MentorLogEntry* before = nullptr) {
    facts.Add("pair", {FactRow(pair_)});
    return FieldsOf(CheckMentorLogEntry(before, entry_, facts));
  }
  v1::MentorLogEntry entry_;
  std::map<std::string, std::string> pair_ = {{"state", "MENTOR_PAIR_STATE_RUNNING"},
                                              {"started_on", "2026-09-01"},
                                              {"same_pair", "t"},
                                              {"joined_on", "2026-10-01"}};
};

TEST_F(MentorLogRules, AnEntryIsOfADayOnWhichBothWereInThePair) {
  EXPECT_THAT(Refused(), IsEmpty());
  entry_.set_happened_on("2026-08-31");
  EXPECT_THAT(Refused(), ElementsAre("happenedOn"));
  entry_.set_happened_on("2026-09-30");
  EXPECT_THAT(Refused(), ElementsAre("happenedOn")) << "before the apprentice joined";
  entry_.set_happened_on("2026-11-27");
  EXPECT_THAT(Refused(), ElementsAre("happenedOn")) << "tomorrow";
  entry_.set_happened_on("2026-11-20");
  pair_["ended_on"] = "2026-11-19";
  EXPECT_THAT(Refused(), ElementsAre("happenedOn"));
}

TEST(MentorLogDeletion, TheLogStandsOnceThePairIsAssessed) {
  const auto refused = [](const std::string& state) {
    Facts facts = By("DeleteMentorLogEntry");
    facts.Add("pair", {PairRow(state)});
    return FieldsOf(CheckMentorLogEntryDeletion({}, facts));
  };
  EXPECT_THAT(refused("RUNNING"), IsEmpty());
  EXPECT_THAT(refused("ASSESSED"), ElementsAre("mentorPairId"));
  EXPECT_THAT(refused("ENDED"), ElementsAre("mentorPairId"));
}

TEST_F(MentorLogRules, AnEntryIsOfAnApprenticeOfAPairThatRuns) {
  pair_["same_pair"] = "f";
  EXPECT_THAT(Refused(), ElementsAre("mentorApprenticeId"));
  pair_["same_pair"] = "t";
  for (const char* state : {"PROPOSED", "SIGNED", "WITHDRAWN"}) {
    pair_["state"] = absl::StrCat("MENTOR_PAIR_STATE_", state);
    EXPECT_THAT(Refused(), ElementsAre("mentorPairId")) << state;
  }
}

// What was counted and assessed is not added to; only a pair that has broken off takes what is entered late.
TEST_F(MentorLogRules, TheLogIsClosedByTheAssessmentOrSomeTimeAfterTheEnd) {
  const Facts import = Imported(By("BatchUpsertMentorLogEntries"));
  pair_["state"] = "MENTOR_PAIR_STATE_ASSESSED";
  EXPECT_THAT(Refused(), ElementsAre("mentorPairId"));
  EXPECT_THAT(Refused(By("BatchUpsertMentorLogEntries")), ElementsAre("mentorPairId"));
  EXPECT_THAT(Refused(import), IsEmpty());
  pair_["state"] = "MENTOR_PAIR_STATE_ENDED";
  pair_["ended_on"] = "2026-10-27";
  EXPECT_THAT(Refused(), IsEmpty()) << "30 days ago";
  pair_["assessed_on"] = "2026-10-26";
  EXPECT_THAT(Refused(), ElementsAre("mentorPairId"));
  pair_.erase("assessed_on");
  pair_["ended_on"] = "2026-10-26";
  EXPECT_THAT(Refused(), ElementsAre("mentorPairId"));
  EXPECT_THAT(Refused(import), IsEmpty());
}

TEST_F(MentorLogRules, EntriesOfAPairThatIsAssessedOrOverStand) {
  const v1::MentorLogEntry before = entry_;
  entry_.set_lesson_count(9);
  EXPECT_THAT(Refused(By("UpdateMentorLogEntry"), &before), IsEmpty());
  pair_["ended_on"] = "2026-11-25";
  for (const char* state : {"ASSESSED", "ENDED"}) {
    pair_["state"] = absl::StrCat("MENTOR_PAIR_STATE_", state);
    EXPECT_THAT(Refused(By("UpdateMentorLogEntry"), &before), ElementsAre("mentorPairId")) << state;
    EXPECT_THAT(Refused(Imported(By("BatchUpsertMentorLogEntries")), &before), IsEmpty()) << state;
    EXPECT_THAT(Refused(By("EraseTeacher"), &before), IsEmpty()) << state;
  }
}

}  // namespace
}  // namespace lianqiao::exchange
