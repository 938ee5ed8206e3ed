// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/online_lesson_rules.h"

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
using testing::UnorderedElementsAre;
using v1::OnlineLesson;

// Also of one column, which FactRow itself would take for a pair of iterators.
FactRow Row(std::initializer_list<std::pair<const std::string, std::string>> values) {
  return FactRow(std::map<std::string, std::string>(values));
}

std::vector<std::string> Refused(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const base::Violation& violation : violations) fields.push_back(violation.field());
  return fields;
}

OnlineLesson Lesson(v1::OnlineLessonState state = v1::ONLINE_LESSON_STATE_PLANNED) {
  OnlineLesson lesson;
  lesson.set_id("lesson");
  lesson.set_alliance_id("alliance");
  lesson.set_sender_school_id("urban");
  lesson.set_bell_schedule_id("bells");
  lesson.set_lesson_teacher_id("teacher");
  lesson.set_mode(v1::LESSON_MODE_DELIVERED);
  lesson.set_title("小数的意义");
  lesson.set_room("录播室");
  lesson.set_class_name("四(1)班");
  lesson.set_lesson_date("2026-03-02");  // A Monday.
  lesson.set_starts_at("10:00");
  lesson.set_ends_at("10:40");
  lesson.set_state(state);
  return lesson;
}

// `today` is the day after the lesson.
Facts Known(const std::string& method = "CreateOnlineLesson", const std::string& today = "2026-03-03") {
  Facts facts;
  facts.set_method(method);
  facts.set_today(today);
  facts.Add("party", {Row({{"found", "1"}})});
  facts.Add("schedule", {Row({{"school_id", "urban"}})});
  return facts;
}

FactRow Taken(const std::string& starts_at, const std::string& ends_at, const std::string& room,
              const std::string& class_name, const std::string& teacher, const std::string& school = "urban",
              const std::string& record = "online_lesson") {
  return Row({{"record", record},
              {"id", "other"},
              {"school_id", school},
              {"room", room},
              {"class_name", class_name},
              {"teacher_id", teacher},
              {"starts_at", starts_at},
              {"ends_at", ends_at}});
}

TEST(OnlineLessonRules, APlannedLessonOfAPartyIsFine) {
  EXPECT_THAT(CheckOnlineLesson(nullptr, Lesson(), Known()), IsEmpty());
}

TEST(OnlineLessonRules, BelongsToAnAllianceOrToAPairOfClassrooms) {
  OnlineLesson lesson = Lesson();
  lesson.clear_alliance_id();
  EXPECT_THAT(Refused(CheckOnlineLesson(nullptr, lesson, Known())), ElementsAre("allianceId"));
  lesson = Lesson();
  lesson.set_remote_classroom_pair_id("pair");
  EXPECT_THAT(Refused(CheckOnlineLesson(nullptr, lesson, Known())), ElementsAre("remoteClassroomPairId"));
}

TEST(OnlineLessonRules, OnlyAPartySendsOnThatDay) {
  Facts facts = Known();
  facts.Add("party", {});
  EXPECT_THAT(Refused(CheckOnlineLesson(nullptr, Lesson(), facts)), ElementsAre("senderSchoolId"));
  OnlineLesson held = Lesson(v1::ONLINE_LESSON_STATE_HELD);
  const OnlineLesson planned = Lesson();
  facts.set_method("HoldOnlineLesson");
  EXPECT_THAT(CheckOnlineLesson(&planned, held, facts), IsEmpty())
      << "what it was when it was planned counts";
}

Facts OnPair(const std::string& state, const std::string& from, const std::string& until) {
  Facts facts = Known();
  facts.Add("pair", {Row({{"school_a_id", "urban"},
                          {"school_b_id", "rural"},
                          {"room_a", "一号厅"},
                          {"room_b", "互动室"},
                          {"state", "REMOTE_CLASSROOM_PAIR_STATE_" + state},
                          {"in_service_on", from},
                          {"out_of_service_on", until}})});
  return facts;
}

TEST(OnlineLessonRules, AClassroomPairMustBeInServiceOnThatDay) {
  OnlineLesson lesson = Lesson();
  lesson.clear_alliance_id();
  lesson.set_remote_classroom_pair_id("pair");
  EXPECT_THAT(CheckOnlineLesson(nullptr, lesson, OnPair("IN_SERVICE", "2026-03-02", "")), IsEmpty());
  EXPECT_THAT(CheckOnlineLesson(nullptr, lesson, OnPair("OUT_OF_SERVICE", "2025-03-02", "2026-03-02")),
              IsEmpty());
  for (const Facts& facts : {OnPair("IN_SERVICE", "2026-03-03", ""), OnPair("PLANNED", "", ""),
                             OnPair("OUT_OF_SERVICE", "2025-03-02", "2026-03-01")})
    EXPECT_THAT(Refused(CheckOnlineLesson(nullptr, lesson, facts)), ElementsAre("lessonDate"));
  lesson.set_sender_school_id("third");
  Facts facts = OnPair("IN_SERVICE", "2026-03-02", "");
  facts.Add("schedule", {Row({{"school_id", "third"}})});
  EXPECT_THAT(Refused(CheckOnlineLesson(nullptr, lesson, facts)), ElementsAre("senderSchoolId"));
}

TEST(OnlineLessonRules, TheScheduleIsTheSendersAndKnowsThePeriod) {
  Facts facts = Known();
  facts.Add("schedule", {Row({{"school_id", "rural"}})});
  EXPECT_THAT(Refused(CheckOnlineLesson(nullptr, Lesson(), facts)), ElementsAre("bellScheduleId"));
  OnlineLesson lesson = Lesson();
  lesson.set_period(9);
  EXPECT_THAT(Refused(CheckOnlineLesson(nullptr, lesson, Known())), ElementsAre("period"));
}

TEST(OnlineLessonRules, HoursAreNeededAndInOrder) {
  OnlineLesson lesson = Lesson();
  lesson.set_ends_at("10:00");
  EXPECT_THAT(Refused(CheckOnlineLesson(nullptr, lesson, Known())), ElementsAre("endsAt"));
  lesson.clear_starts_at();
  lesson.clear_ends_at();
  EXPECT_THAT(Refused(CheckOnlineLesson(nullptr, lesson, Known())), ElementsAre("startsAt", "endsAt"));
}

TEST(OnlineLessonRules, OnlyARecordedLessonNeedsNoTeacher) {
  OnlineLesson lesson = Lesson();
  lesson.clear_lesson_teacher_id();
  EXPECT_THAT(Refused(CheckOnlineLesson(nullptr, lesson, Known())), ElementsAre("lessonTeacherId"));
  lesson.set_mode(v1::LESSON_MODE_RECORDED);
  EXPECT_THAT(CheckOnlineLesson(nullptr, lesson, Known()), IsEmpty());
}

TEST(OnlineLessonRules, ALessonIsNotTurnedIntoARecordingUnderItsReceivers) {
  const OnlineLesson live = Lesson();
  OnlineLesson recorded = live;
  recorded.set_mode(v1::LESSON_MODE_RECORDED);
  OnlineLesson embedded = live;
  embedded.set_mode(v1::LESSON_MODE_EMBEDDED);
  Facts facts = Known("UpdateOnlineLesson", "2026-03-01");
  facts.Add("confirmed", {Row({{"school_count", "0"}, {"asked_count", "1"}})});
  EXPECT_THAT(Refused(CheckOnlineLesson(&live, recorded, facts)), ElementsAre("mode"));
  EXPECT_THAT(Refused(CheckOnlineLesson(&recorded, live, facts)), ElementsAre("mode"));
  EXPECT_THAT(CheckOnlineLesson(&live, embedded, facts), IsEmpty());
  facts.Add("confirmed", {Row({{"school_count", "0"}, {"asked_count", "0"}})});
  EXPECT_THAT(CheckOnlineLesson(&live, recorded, facts), IsEmpty());
}

TEST(OnlineLessonRules, LiesInItsTerm) {
  Facts facts = Known();
  facts.Add("term", {Row({{"starts_on", "2026-03-03"}, {"ends_on", "2026-07-10"}})});
  EXPECT_THAT(Refused(CheckOnlineLesson(nullptr, Lesson(), facts)), ElementsAre("lessonDate"));
  facts.Add("term", {Row({{"starts_on", "2026-03-02"}, {"ends_on", "2026-07-10"}})});
  EXPECT_THAT(CheckOnlineLesson(nullptr, Lesson(), facts), IsEmpty());
}

TEST(OnlineLessonRules, FillsWeekdayHoursAndRoom) {
  OnlineLesson lesson = Lesson();
  lesson.set_period(3);
  Facts facts = OnPair("IN_SERVICE", "2026-03-02", "");
  facts.Add("schedule", {Row({{"school_id", "urban"}, {"starts_at", "09:50"}, {"ends_at", "10:30"}})});
  FillOnlineLesson(&lesson, facts);
  EXPECT_EQ(lesson.weekday(), v1::WEEKDAY_MONDAY);
  EXPECT_EQ(lesson.starts_at(), "09:50");
  EXPECT_EQ(lesson.ends_at(), "10:30");
  EXPECT_EQ(lesson.room(), "一号厅");

  OnlineLesson held = Lesson(v1::ONLINE_LESSON_STATE_HELD);
  held.set_period(3);
  FillOnlineLesson(&held, facts);
  EXPECT_EQ(held.starts_at(), "10:00") << "later bells do not change when it was held";
  EXPECT_EQ(held.room(), "录播室");
}

TEST(OnlineLessonRules, EveryChangeOfItsHoursIsCounted) {
  OnlineLesson lesson = Lesson();
  lesson.set_move_count(7);
  FillOnlineLesson(&lesson, Known());
  EXPECT_EQ(lesson.move_count(), 0) << "a new one has not been moved";
  Facts facts = Known("UpdateOnlineLesson");
  facts.Add("stored", {Row({{"lesson_date", "2026-03-02"},
                            {"starts_at", "10:00"},
                            {"ends_at", "10:40"},
                            {"move_count", "3"}})});
  FillOnlineLesson(&lesson, facts);
  EXPECT_EQ(lesson.move_count(), 3);
  lesson.set_lesson_date("2026-03-03");
  FillOnlineLesson(&lesson, facts);
  FillOnlineLesson(&lesson, facts);
  EXPECT_EQ(lesson.move_count(), 4) << "from what is stored";
  lesson = Lesson();
  lesson.set_ends_at("10:41");
  FillOnlineLesson(&lesson, facts);
  EXPECT_EQ(lesson.move_count(), 4);
}

TEST(OnlineLessonRules, NobodyAndNothingIsTakenTwiceAtATime) {
  Facts facts = Known();
  facts.Add("taken", {Taken("10:39", "11:20", "录播室", "四(1)班", "teacher")});
  EXPECT_THAT(Refused(CheckOnlineLesson(nullptr, Lesson(), facts)),
              UnorderedElementsAre("room", "className", "lessonTeacherId"));
  facts.Add("taken", {Taken("10:40", "11:20", "录播室", "四(1)班", "teacher")});
  EXPECT_THAT(CheckOnlineLesson(nullptr, Lesson(), facts), IsEmpty()) << "one after the other";
  facts.Add("taken", {Taken("10:00", "10:40", "录播室", "四(1)班", "somebody", "rural")});
  EXPECT_THAT(CheckOnlineLesson(nullptr, Lesson(), facts), IsEmpty()) << "rooms of another school";
  facts.Add("taken", {Taken("09:00", "12:00", "别处", "别班", "teacher", "rural", "lesson_reception")});
  const auto violations = CheckOnlineLesson(nullptr, Lesson(), facts);
  ASSERT_THAT(Refused(violations), ElementsAre("lessonTeacherId"));
  EXPECT_THAT(base::Describe(violations[0].reason(), violations[0].arguments(), base::Language::kEnglish),
              testing::HasSubstr("reception other"));
}

TEST(OnlineLessonRules, OnlyWhatChangesTheHourIsComparedAgain) {
  Facts facts = Known("UpdateOnlineLesson");
  facts.Add("taken", {Taken("10:00", "10:40", "录播室", "", "")});
  const OnlineLesson before = Lesson();
  OnlineLesson after = before;
  after.set_title("小数的性质");
  EXPECT_THAT(CheckOnlineLesson(&before, after, facts), IsEmpty());
  after.set_class_name("四(2)班");
  EXPECT_THAT(Refused(CheckOnlineLesson(&before, after, facts)), ElementsAre("room"));
  after = Lesson(v1::ONLINE_LESSON_STATE_CANCELLED);
  EXPECT_THAT(CheckOnlineLesson(&before, after, facts), IsEmpty()) << "a cancelled lesson needs no room";
  OnlineLesson deleted = Lesson();
  deleted.mutable_delete_time()->set_seconds(1);
  facts.set_method("UndeleteOnlineLesson");
  EXPECT_THAT(Refused(CheckOnlineLesson(&deleted, Lesson(), facts)), ElementsAre("room"));
}

TEST(OnlineLessonRules, NothingHasBecomeOfALessonAheadAndNoneIsCancelledAfterwards) {
  const OnlineLesson planned = Lesson();
  for (const auto state : {v1::ONLINE_LESSON_STATE_HELD, v1::ONLINE_LESSON_STATE_MISSED}) {
    EXPECT_THAT(Refused(CheckOnlineLesson(&planned, Lesson(state), Known("HoldOnlineLesson", "2026-03-01"))),
                ElementsAre("lessonDate"));
    EXPECT_THAT(CheckOnlineLesson(&planned, Lesson(state), Known("HoldOnlineLesson", "2026-03-02")),
                IsEmpty());
  }
  const OnlineLesson cancelled = Lesson(v1::ONLINE_LESSON_STATE_CANCELLED);
  EXPECT_THAT(Refused(CheckOnlineLesson(&planned, cancelled, Known("CancelOnlineLesson", "2026-03-03"))),
              ElementsAre("lessonDate"));
  EXPECT_THAT(CheckOnlineLesson(&planned, cancelled, Known("CancelOnlineLesson", "2026-03-02")), IsEmpty());
}

TEST(OnlineLessonRules, ALogSaysWhatWasTaughtAndSettlesTheLesson) {
  const OnlineLesson held = Lesson(v1::ONLINE_LESSON_STATE_HELD);
  OnlineLesson logged = Lesson(v1::ONLINE_LESSON_STATE_LOGGED);
  EXPECT_THAT(Refused(CheckOnlineLesson(&held, logged, Known("LogOnlineLesson"))), ElementsAre("summary"));
  logged.set_summary("认识小数");
  EXPECT_THAT(CheckOnlineLesson(&held, logged, Known("LogOnlineLesson")), IsEmpty());
  OnlineLesson after = logged;
  after.set_summary("改写");
  EXPECT_THAT(Refused(CheckOnlineLesson(&logged, after, Known("UpdateOnlineLesson"))), ElementsAre("state"));
  after = logged;
  after.set_recording_url("https://example.org/1");
  EXPECT_THAT(CheckOnlineLesson(&logged, after, Known("UpdateOnlineLesson")), IsEmpty());
  after = held;
  after.set_summary("认识小数");
  EXPECT_THAT(CheckOnlineLesson(&held, after, Known("UpdateOnlineLesson")), IsEmpty());
  after.set_title("别的课");
  EXPECT_THAT(Refused(CheckOnlineLesson(&held, after, Known("UpdateOnlineLesson"))), ElementsAre("state"));
}

TEST(OnlineLessonRules, AMissedLessonIsMadeUpByALessonOfTheSameSchool) {
  const OnlineLesson missed = Lesson(v1::ONLINE_LESSON_STATE_MISSED);
  const OnlineLesson made_up = Lesson(v1::ONLINE_LESSON_STATE_MADE_UP);
  Facts facts = Known("MakeUpOnlineLesson");
  EXPECT_THAT(Refused(CheckOnlineLesson(&missed, made_up, facts)), ElementsAre("madeUpOn"));
  facts.Add("made_up", {Row({{"found", "1"}})});
  EXPECT_THAT(CheckOnlineLesson(&missed, made_up, facts), IsEmpty());

  OnlineLesson lesson = Lesson();
  lesson.set_makes_up_for_id("missed");
  const auto with = [&](const std::string& school, const std::string& state, const std::string& date) {
    Facts known = Known();
    known.Add("missed", {Row({{"sender_school_id", school},
                              {"state", "ONLINE_LESSON_STATE_" + state},
                              {"lesson_date", date}})});
    return Refused(CheckOnlineLesson(nullptr, lesson, known));
  };
  EXPECT_THAT(with("urban", "MISSED", "2026-02-25"), IsEmpty());
  EXPECT_THAT(with("rural", "MISSED", "2026-02-25"), ElementsAre("makesUpForId"));
  EXPECT_THAT(with("urban", "PLANNED", "2026-02-25"), ElementsAre("makesUpForId"));
  EXPECT_THAT(with("urban", "MISSED", "2026-03-03"), ElementsAre("lessonDate"));
}

TEST(OnlineLessonRules, ARecordingOfMinorsNeedsConsent) {
  OnlineLesson lesson = Lesson();
  lesson.set_recording_url("https://example.org/1");
  EXPECT_THAT(CheckOnlineLesson(nullptr, lesson, Known()), IsEmpty());
  lesson.set_shows_minors(true);
  EXPECT_THAT(Refused(CheckOnlineLesson(nullptr, lesson, Known())), ElementsAre("consentBasis"));
  lesson.set_consent_basis("监护人书面同意");
  EXPECT_THAT(CheckOnlineLesson(nullptr, lesson, Known()), IsEmpty());
}

TEST(OnlineLessonRules, NoFewerReceiversThanHaveConfirmed) {
  Facts facts = Known("UpdateOnlineLesson");
  facts.Add("confirmed", {Row({{"school_count", "3"}})});
  const OnlineLesson before = Lesson();
  OnlineLesson after = before;
  after.set_max_receiver_count(2);
  EXPECT_THAT(Refused(CheckOnlineLesson(&before, after, facts)), ElementsAre("maxReceiverCount"));
  after.set_max_receiver_count(3);
  EXPECT_THAT(CheckOnlineLesson(&before, after, facts), IsEmpty());
}

TEST(BellScheduleRules, PeriodsShareNeitherNumberNorMinute) {
  v1::BellSchedule schedule;
  const auto add = [&](int number, const std::string& from, const std::string& to) {
    auto* period = schedule.add_periods();
    period->set_number(number);
    period->set_starts_at(from);
    period->set_ends_at(to);
  };
  add(1, "08:00", "08:40");
  add(2, "08:40", "09:20");
  EXPECT_THAT(CheckBellSchedule(nullptr, schedule, Facts()), IsEmpty());
  add(2, "09:10", "09:50");
  EXPECT_THAT(Refused(CheckBellSchedule(nullptr, schedule, Facts())),
              ElementsAre("periods[2].number", "periods[2]"));
  schedule.mutable_periods()->RemoveLast();
  add(3, "10:00", "10:00");
  EXPECT_THAT(Refused(CheckBellSchedule(nullptr, schedule, Facts())), ElementsAre("periods[2].endsAt"));
  schedule.mutable_periods()->RemoveLast();
  Facts facts;
  facts.Add("school", {Row({{"teaches", "f"}})});
  EXPECT_THAT(Refused(CheckBellSchedule(nullptr, schedule, facts)), ElementsAre("schoolId"));
}

}  // namespace
}  // namespace lianqiao::resources
