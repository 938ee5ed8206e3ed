// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/lesson_reception_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lianqiao::resources {
namespace {

using resource::FactRow;
using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;

// Also of one column, which FactRow itself would take for a pair of iterators.
FactRow Row(std::initializer_list<std::pair<const std::string, std::string>> values) {
  return FactRow(std::map<std::string, std::string>(values));
}

std::vector<std::string> Refused(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const base::Violation& violation : violations) fields.push_back(violation.field());
  return fields;
}

using v1::LessonReception;

LessonReception Reception(v1::LessonReceptionState state) {
  LessonReception reception;
  reception.set_id("reception");
  reception.set_online_lesson_id("lesson");
  reception.set_receiver_school_id("rural");
  reception.set_state(state);
  if (state == v1::LESSON_RECEPTION_STATE_PROPOSED || state == v1::LESSON_RECEPTION_STATE_DECLINED)
    return reception;
  reception.set_bell_schedule_id("bells");
  reception.set_class_name("四年级");
  reception.set_room("多媒体室");
  reception.set_confirmed_date("2026-03-02");
  reception.set_confirmed_from("10:00");
  reception.set_confirmed_until("10:40");
  return reception;
}

constexpr auto kProposed = v1::LESSON_RECEPTION_STATE_PROPOSED;
constexpr auto kConfirmed = v1::LESSON_RECEPTION_STATE_CONFIRMED;
constexpr auto kHeld = v1::LESSON_RECEPTION_STATE_HELD;
constexpr auto kMissed = v1::LESSON_RECEPTION_STATE_MISSED;

FactRow Lesson(const std::string& state = "PLANNED", const std::string& mode = "DELIVERED",
               const std::string& starts_at = "10:00", const std::string& most = "0",
               const std::string& on_pair = "f") {
  return Row({{"sender_school_id", "urban"},
              {"mode", "LESSON_MODE_" + mode},
              {"lesson_date", "2026-03-02"},
              {"starts_at", starts_at},
              {"ends_at", "10:40"},
              {"state", "ONLINE_LESSON_STATE_" + state},
              {"max_receiver_count", most},
              {"on_pair", on_pair},
              {"school_a_id", "urban"},
              {"school_b_id", "village"},
              {"room_a", "一号厅"},
              {"room_b", "互动室"}});
}

Facts Known(const FactRow& lesson, const std::string& method, const std::string& today = "2026-03-02") {
  Facts facts;
  facts.set_method(method);
  facts.set_today(today);
  facts.Add("lesson", {lesson});
  facts.Add("party", {Row({{"found", "1"}})});
  facts.Add("schedule", {Row({{"school_id", "rural"}})});
  facts.Add("others", {Row({{"school_count", "0"}})});
  return facts;
}

TEST(LessonReceptionRules, APartyOfTheAllianceReceives) {
  Facts facts = Known(Lesson(), "CreateLessonReception");
  LessonReception reception = Reception(kProposed);
  EXPECT_THAT(CheckLessonReception(nullptr, reception, facts), IsEmpty());
  facts.Add("party", {});
  EXPECT_THAT(Refused(CheckLessonReception(nullptr, reception, facts)), ElementsAre("receiverSchoolId"));
  reception.set_receiver_school_id("urban");
  facts.Add("party", {Row({{"found", "1"}})});
  EXPECT_THAT(Refused(CheckLessonReception(nullptr, reception, facts)), ElementsAre("receiverSchoolId"))
      << "the sender does not receive itself";
}

TEST(LessonReceptionRules, TheOtherSchoolOfThePairReceivesInItsRoom) {
  const Facts facts = Known(Lesson("PLANNED", "LIVE", "10:00", "0", "t"), "CreateLessonReception");
  LessonReception reception = Reception(kProposed);
  EXPECT_THAT(Refused(CheckLessonReception(nullptr, reception, facts)), ElementsAre("receiverSchoolId"));
  reception.set_receiver_school_id("village");
  EXPECT_THAT(CheckLessonReception(nullptr, reception, facts), IsEmpty());
  FillLessonReception(&reception, facts);
  EXPECT_EQ(reception.room(), "互动室");
}

TEST(LessonReceptionRules, OnlyAPlannedLessonIsAgreedOn) {
  const LessonReception proposed = Reception(kProposed);
  for (const std::string state : {"HELD", "LOGGED", "MISSED", "MADE_UP", "CANCELLED"}) {
    EXPECT_THAT(
        Refused(CheckLessonReception(nullptr, proposed, Known(Lesson(state), "CreateLessonReception"))),
        ElementsAre("onlineLessonId"))
        << state;
    EXPECT_THAT(Refused(CheckLessonReception(&proposed, Reception(kConfirmed),
                                             Known(Lesson(state), "ConfirmLessonReception"))),
                ElementsAre("onlineLessonId"))
        << state;
  }
  Facts batch = Known(Lesson("HELD"), "BatchUpsertLessonReceptions");
  EXPECT_THAT(Refused(CheckLessonReception(nullptr, proposed, batch)), ElementsAre("onlineLessonId"));
  batch.set_imports(true);
  EXPECT_THAT(CheckLessonReception(nullptr, Reception(kConfirmed), batch), IsEmpty())
      << "history comes as it was";
}

TEST(LessonReceptionRules, AConfirmationSaysWhoWhereAndUnderWhichBells) {
  const LessonReception proposed = Reception(kProposed);
  LessonReception confirmed = proposed;
  confirmed.set_state(kConfirmed);
  Facts facts = Known(Lesson(), "ConfirmLessonReception");
  EXPECT_THAT(Refused(CheckLessonReception(&proposed, confirmed, facts)),
              ElementsAre("bellScheduleId", "className", "room"));
  EXPECT_THAT(CheckLessonReception(&proposed, Reception(kConfirmed), facts), IsEmpty());
  facts.Add("schedule", {Row({{"school_id", "urban"}})});
  EXPECT_THAT(Refused(CheckLessonReception(&proposed, Reception(kConfirmed), facts)),
              ElementsAre("bellScheduleId"));
}

TEST(LessonReceptionRules, WhatIsConfirmedIsTheHourOfThatMoment) {
  LessonReception reception = Reception(kConfirmed);
  FillLessonReception(&reception, Known(Lesson("PLANNED", "LIVE", "09:00"), "UpdateLessonReception"));
  EXPECT_EQ(reception.confirmed_from(), "10:00") << "an edit confirms nothing";
  FillLessonReception(&reception, Known(Lesson("PLANNED", "LIVE", "09:00"), "ConfirmLessonReception"));
  EXPECT_EQ(reception.confirmed_from(), "09:00");
  reception.set_state(v1::LESSON_RECEPTION_STATE_DECLINED);
  FillLessonReception(&reception, Known(Lesson(), "DeclineLessonReception"));
  EXPECT_TRUE(reception.confirmed_date().empty());
  reception.set_state(kHeld);
  FillLessonReception(&reception, Known(Lesson("HELD"), "BatchUpsertLessonReceptions"));
  EXPECT_EQ(reception.confirmed_date(), "2026-03-02") << "history has the hour of its lesson";
}

// Moved away and back: the hours are the same, and somebody else may have taken them meanwhile.
TEST(LessonReceptionRules, AConfirmationCountsForTheMoveAtWhichItWasGiven) {
  std::map<std::string, std::string> row = {{"sender_school_id", "urban"},
                                            {"mode", "LESSON_MODE_LIVE"},
                                            {"lesson_date", "2026-03-02"},
                                            {"starts_at", "10:00"},
                                            {"ends_at", "10:40"},
                                            {"state", "ONLINE_LESSON_STATE_HELD"},
                                            {"on_pair", "f"},
                                            {"move_count", "2"}};
  const Facts facts = Known(FactRow(row), "HoldLessonReception");
  LessonReception held = Reception(kHeld);
  held.set_pupil_count(40);
  const LessonReception confirmed = Reception(kConfirmed);
  EXPECT_THAT(Refused(CheckLessonReception(&confirmed, held, facts)), ElementsAre("confirmedDate"));
  FillLessonReception(&held, facts);
  EXPECT_EQ(held.confirmed_move_count(), 0) << "only a confirmation confirms";
  FillLessonReception(&held, Known(FactRow(row), "ConfirmLessonReception"));
  EXPECT_EQ(held.confirmed_move_count(), 2);
  EXPECT_THAT(CheckLessonReception(&confirmed, held, facts), IsEmpty());
  held.set_state(v1::LESSON_RECEPTION_STATE_DECLINED);
  FillLessonReception(&held, facts);
  EXPECT_EQ(held.confirmed_move_count(), 0);
}

TEST(LessonReceptionRules, ARecordedLessonIsPlayedWhenTheSchoolLikes) {
  const LessonReception proposed = Reception(kProposed);
  LessonReception reception = Reception(kConfirmed);
  Facts facts = Known(Lesson("PLANNED", "RECORDED"), "ConfirmLessonReception");
  EXPECT_THAT(Refused(CheckLessonReception(&proposed, reception, facts)),
              ElementsAre("playsOn", "playsFrom", "playsUntil"));
  reception.set_plays_on("2026-03-05");
  reception.set_plays_from("14:00");
  reception.set_plays_until("14:40");
  FillLessonReception(&reception, facts);
  EXPECT_EQ(reception.confirmed_date(), "2026-03-05");
  EXPECT_EQ(reception.confirmed_until(), "14:40");
  EXPECT_THAT(CheckLessonReception(&proposed, reception, facts), IsEmpty());
  reception.set_plays_until("14:00");
  reception.set_plays_on("2026-03-01");
  EXPECT_THAT(Refused(CheckLessonReception(&proposed, reception, facts)),
              ElementsAre("playsOn", "playsUntil"));
  EXPECT_THAT(Refused(CheckLessonReception(&proposed, reception, Known(Lesson(), "ConfirmLessonReception"))),
              ElementsAre("playsOn"))
      << "a live lesson is seen when it is given";
}

TEST(LessonReceptionRules, NoMoreSchoolsThanTheLessonTakes) {
  const LessonReception proposed = Reception(kProposed);
  const auto with = [&](const std::string& most, const std::string& others) {
    Facts facts = Known(Lesson("PLANNED", "LIVE", "10:00", most), "ConfirmLessonReception");
    facts.Add("others", {Row({{"school_count", others}})});
    return Refused(CheckLessonReception(&proposed, Reception(kConfirmed), facts));
  };
  EXPECT_THAT(with("2", "1"), IsEmpty());
  EXPECT_THAT(with("2", "2"), ElementsAre("onlineLessonId"));
  EXPECT_THAT(with("0", "900"), IsEmpty()) << "any number";
}

TEST(LessonReceptionRules, ItIsHeldOnceTheLessonWasGivenAtTheHourConfirmed) {
  const LessonReception confirmed = Reception(kConfirmed);
  LessonReception held = Reception(kHeld);
  Facts facts = Known(Lesson("HELD"), "HoldLessonReception");
  EXPECT_THAT(Refused(CheckLessonReception(&confirmed, held, facts)), ElementsAre("pupilCount"));
  held.set_pupil_count(31);
  EXPECT_THAT(CheckLessonReception(&confirmed, held, facts), IsEmpty());
  for (const std::string state : {"PLANNED", "MISSED", "CANCELLED"})
    EXPECT_THAT(Refused(CheckLessonReception(&confirmed, held, Known(Lesson(state), "HoldLessonReception"))),
                ElementsAre("onlineLessonId"));
  EXPECT_THAT(Refused(CheckLessonReception(&confirmed, held,
                                           Known(Lesson("HELD", "LIVE", "09:00"), "HoldLessonReception"))),
              ElementsAre("confirmedDate"))
      << "moved since";
  EXPECT_THAT(Refused(CheckLessonReception(&confirmed, held,
                                           Known(Lesson("HELD"), "HoldLessonReception", "2026-03-01"))),
              ElementsAre("confirmedDate"));
}

TEST(LessonReceptionRules, WhatWasMissedIsMadeUpInAWayThatIsTold) {
  const LessonReception missed = Reception(kMissed);
  LessonReception made_up = Reception(v1::LESSON_RECEPTION_STATE_MADE_UP);
  made_up.set_made_up_on("2026-03-01");
  const Facts facts = Known(Lesson("HELD"), "MakeUpLessonReception", "2026-03-04");
  EXPECT_THAT(Refused(CheckLessonReception(&missed, made_up, facts)), ElementsAre("makeUpNote", "madeUpOn"));
  made_up.set_make_up_note("播放课堂实录");
  made_up.set_made_up_on("2026-03-04");
  EXPECT_THAT(CheckLessonReception(&missed, made_up, facts), IsEmpty());
}

TEST(LessonReceptionRules, NobodyAndNothingIsTakenTwiceAtATime) {
  const LessonReception proposed = Reception(kProposed);
  LessonReception confirmed = Reception(kConfirmed);
  confirmed.set_assistant_teacher_id("teacher");
  Facts facts = Known(Lesson(), "ConfirmLessonReception");
  const auto taken = [&](const std::string& room, const std::string& class_name, const std::string& teacher) {
    facts.Add("taken", {Row({{"record", "online_lesson"},
                             {"id", "other"},
                             {"school_id", "rural"},
                             {"room", room},
                             {"class_name", class_name},
                             {"teacher_id", teacher},
                             {"starts_at", "10:30"},
                             {"ends_at", "11:10"}})});
    return Refused(CheckLessonReception(&proposed, confirmed, facts));
  };
  EXPECT_THAT(taken("多媒体室", "", ""), ElementsAre("room"));
  EXPECT_THAT(taken("", "四年级", ""), ElementsAre("className"));
  EXPECT_THAT(taken("", "", "teacher"), ElementsAre("assistantTeacherId"));
  EXPECT_THAT(taken("别处", "五年级", "somebody"), IsEmpty());
  LessonReception other_room = confirmed;
  other_room.set_room("别处");
  facts.set_method("UpdateLessonReception");
  const LessonReception before = confirmed;
  taken("别处", "", "");
  EXPECT_THAT(Refused(CheckLessonReception(&before, other_room, facts)), ElementsAre("room"));
  EXPECT_THAT(CheckLessonReception(&before, before, facts), IsEmpty()) << "nothing of the hour changes";
}

TEST(LessonReceptionRules, WhatIsReportedIsSettledButForWhatIsToldOfIt) {
  LessonReception held = Reception(kHeld);
  held.set_pupil_count(30);
  LessonReception after = held;
  const Facts facts = Known(Lesson("HELD"), "UpdateLessonReception");
  after.set_pupil_count(31);
  after.set_feedback("清晰");
  EXPECT_THAT(CheckLessonReception(&held, after, facts), IsEmpty());
  after.set_class_name("五年级");
  EXPECT_THAT(Refused(CheckLessonReception(&held, after, facts)), ElementsAre("state"));
}

}  // namespace
}  // namespace lianqiao::resources
