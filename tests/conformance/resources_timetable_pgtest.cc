// SPDX-License-Identifier: Apache-2.0
// Nobody and nothing is in two online lessons at a time, however many write at once.
#include <atomic>
#include <functional>
#include <thread>

#include "absl/strings/str_replace.h"
#include "libs/base/ids.h"
#include "services/resource-sharing/lesson_service.h"
#include "tests/conformance/lessons_world.h"

namespace lianqiao::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class Timetables : public LessonsWorld {
 protected:
  // How many of the calls succeed when all are made at once; the others must be refused by a rule.
  int AtOnce(const std::vector<std::function<absl::Status()>>& calls) {
    std::atomic<bool> go{false};
    std::atomic<int> done{0};
    std::vector<std::thread> threads;
    for (const auto& call : calls)
      threads.emplace_back([&, call] {
        while (!go) std::this_thread::yield();
        const absl::Status status = call();
        if (status.ok()) ++done;
        EXPECT_TRUE(status.ok() || !ViolatedFields(status).empty()) << status;
      });
    go = true;
    for (std::thread& thread : threads) thread.join();
    return done;
  }
  resources::LessonReception Proposed(const std::string& lesson_id, const std::string& school_id) {
    const auto reception = Receive(NewReception(lesson_id, school_id));
    EXPECT_TRUE(reception.ok()) << Explain(reception.status());
    return reception.value_or(resources::LessonReception());
  }
  absl::Status Confirm(const std::string& id) {
    return TryMove<resources::LessonReception>("LessonReception", "Confirm", id);
  }
};

TEST_F(Timetables, AConflictNamesWhatAndByWhichLesson) {
  resources::OnlineLesson lesson = NewLesson(near_school_, Day(7), "10:00", "10:40");
  lesson.set_room("录播室");
  lesson.set_class_name("四(1)班");
  const auto first = Plan(lesson);
  ASSERT_TRUE(first.ok()) << Explain(first.status());
  lesson.set_starts_at("10:39");
  lesson.set_ends_at("11:20");
  const absl::Status refused = Plan(lesson).status();
  EXPECT_THAT(ViolatedFields(refused), UnorderedElementsAre("onlineLesson.room", "onlineLesson.className",
                                                            "onlineLesson.lessonTeacherId"));
  EXPECT_THAT(Explain(refused), HasSubstr("online lesson " + first->id()));
  lesson.set_starts_at("10:40");
  EXPECT_TRUE(Plan(lesson).ok()) << "one after the other";
  lesson.set_starts_at("10:00");
  lesson.set_lesson_date(Day(8));
  EXPECT_TRUE(Plan(lesson).ok()) << "another day";
}

TEST_F(Timetables, AConfirmedReceptionTakesTheHourOfItsSchool) {
  const auto lesson = Plan(NewLesson(near_school_, Day(7), "10:00", "10:40"));
  ASSERT_TRUE(lesson.ok()) << Explain(lesson.status());
  const std::string reception = Proposed(lesson->id(), far_school_).id();
  resources::OnlineLesson own = NewLesson(far_school_, Day(7), "10:20", "11:00");
  own.set_room("多媒体室");
  const auto before = Plan(own);
  ASSERT_TRUE(before.ok()) << "a proposal takes nothing: " << Explain(before.status());
  EXPECT_THAT(ViolatedFields(Confirm(reception)), ElementsAre("room"));
  Move<resources::OnlineLesson>("OnlineLesson", "Cancel", before->id());
  EXPECT_TRUE(Confirm(reception).ok()) << "a cancelled lesson takes nothing";
  const absl::Status refused = Plan(own).status();
  EXPECT_THAT(ViolatedFields(refused), ElementsAre("onlineLesson.room"));
  EXPECT_THAT(Explain(refused), HasSubstr("reception " + reception));
  // When the lesson is moved, the confirmation is void and its hour free.
  resources::UpdateOnlineLessonRequest move;
  move.mutable_online_lesson()->set_id(lesson->id());
  move.mutable_online_lesson()->set_lesson_date(Day(8));
  Must<resources::OnlineLesson>("OnlineLessonService/UpdateOnlineLesson", move);
  EXPECT_TRUE(Plan(own).ok());
}

TEST_F(Timetables, ALessonThatWasMovedAwayAndBackIsConfirmedAnew) {
  const auto lesson = Plan(NewLesson(near_school_, Day(7), "10:00", "10:40"));
  ASSERT_TRUE(lesson.ok()) << Explain(lesson.status());
  EXPECT_EQ(lesson->move_count(), 0);
  const std::string reception = Proposed(lesson->id(), far_school_).id();
  ASSERT_TRUE(Confirm(reception).ok());
  const auto move = [&](const std::string& from, const std::string& until) {
    resources::UpdateOnlineLessonRequest request;
    request.mutable_online_lesson()->set_id(lesson->id());
    request.mutable_online_lesson()->set_starts_at(from);
    request.mutable_online_lesson()->set_ends_at(until);
    return Must<resources::OnlineLesson>("OnlineLessonService/UpdateOnlineLesson", request);
  };
  EXPECT_EQ(move("14:00", "14:40").move_count(), 1);
  resources::OnlineLesson own = NewLesson(far_school_, Day(7), "10:00", "10:40");
  own.set_room("多媒体室");
  const auto planned = Plan(own);
  ASSERT_TRUE(planned.ok()) << "the hour is free: " << Explain(planned.status());
  EXPECT_EQ(move("10:00", "10:40").move_count(), 2);
  EXPECT_THAT(ViolatedFields(Confirm(reception)), ElementsAre("room")) << "it is taken by the school's own";
  Move<resources::OnlineLesson>("OnlineLesson", "Cancel", planned->id());
  const auto other = Plan(own);
  ASSERT_TRUE(other.ok()) << "the old confirmation takes nothing: " << Explain(other.status());
  Move<resources::OnlineLesson>("OnlineLesson", "Cancel", other->id());
  ASSERT_TRUE(Confirm(reception).ok());
  EXPECT_EQ(
      Look<resources::LessonReception>("LessonReception", reception, "operator")->confirmed_move_count(), 2);
  EXPECT_THAT(ViolatedFields(Plan(own).status()), ElementsAre("onlineLesson.room"));
}

TEST_F(Timetables, ATeacherIsNotInTwoSchoolsAtATime) {
  const std::string teacher = Teacher(near_school_, base::RandomId()).id();
  resources::OnlineLesson here = NewLesson(near_school_, Day(7), "10:00", "10:40");
  here.set_lesson_teacher_id(teacher);
  const auto lesson = Plan(here);
  ASSERT_TRUE(lesson.ok()) << Explain(lesson.status());
  resources::OnlineLesson there = NewLesson(far_school_, Day(7), "10:30", "11:10");
  there.set_lesson_teacher_id(teacher);
  EXPECT_THAT(ViolatedFields(Plan(there).status()), ElementsAre("onlineLesson.lessonTeacherId"));
  const auto other = Plan(NewLesson(near_second_, Day(7), "10:00", "10:40"));
  resources::LessonReception reception = NewReception(other->id(), far_school_);
  reception.set_assistant_teacher_id(teacher);
  const auto assists = Receive(reception);
  ASSERT_TRUE(assists.ok()) << Explain(assists.status());
  EXPECT_THAT(ViolatedFields(Confirm(assists->id())), ElementsAre("assistantTeacherId"));
}

TEST_F(Timetables, ClassesOfASchoolMaySitTogetherInOneLesson) {
  const auto lesson = Plan(NewLesson(near_school_, Day(7), "10:00", "10:40"));
  resources::LessonReception reception = NewReception(lesson->id(), far_school_);
  const auto first = Receive(reception);
  EXPECT_TRUE(absl::IsAlreadyExists(Receive(reception).status())) << "the same class";
  reception.set_class_name("五年级");
  const auto second = Receive(reception);
  ASSERT_TRUE(first.ok() && second.ok()) << second.status();
  EXPECT_TRUE(Confirm(first->id()).ok());
  EXPECT_TRUE(Confirm(second->id()).ok());
}

TEST_F(Timetables, OneOfManyLessonsGetsTheRoom) {
  for (int round = 0; round < 5; ++round) {
    std::vector<std::function<absl::Status()>> calls;
    for (int i = 0; i < 4; ++i) {
      resources::OnlineLesson lesson = NewLesson(near_school_, Day(7 + round), "10:00", "10:40");
      lesson.set_room("录播室");
      calls.push_back([this, lesson] { return Plan(lesson).status(); });
    }
    EXPECT_EQ(AtOnce(calls), 1) << round;
  }
  EXPECT_EQ(resources_.Query("SELECT count(*) FROM online_lesson")->Integer(0, 0), 5);
}

TEST_F(Timetables, OneOfTwoSchoolsGetsTheTeacher) {
  for (int round = 0; round < 5; ++round) {
    const std::string teacher = Teacher(near_school_, base::RandomId()).id();
    std::vector<std::function<absl::Status()>> calls;
    for (const std::string& school : {near_school_, far_school_}) {
      resources::OnlineLesson lesson = NewLesson(school, Day(7), "10:00", "10:40");
      lesson.set_lesson_teacher_id(teacher);
      calls.push_back([this, lesson] { return Plan(lesson).status(); });
    }
    EXPECT_EQ(AtOnce(calls), 1) << round;
  }
}

TEST_F(Timetables, TheLastPlaceOfALessonGoesToOneSchool) {
  for (int round = 0; round < 5; ++round) {
    resources::OnlineLesson lesson = NewLesson(near_school_, Day(7 + round), "10:00", "10:40");
    lesson.set_max_receiver_count(1);
    const auto planned = Plan(lesson);
    ASSERT_TRUE(planned.ok()) << Explain(planned.status());
    std::vector<std::function<absl::Status()>> calls;
    for (const std::string& school : {near_second_, far_school_}) {
      const std::string id = Proposed(planned->id(), school).id();
      calls.push_back([this, id] { return Confirm(id); });
    }
    EXPECT_EQ(AtOnce(calls), 1) << round;
  }
}

TEST_F(Timetables, ASchoolConfirmsOneOfTwoLessonsForAClass) {
  for (int round = 0; round < 5; ++round) {
    std::vector<std::function<absl::Status()>> calls;
    for (const std::string& school : {near_school_, near_second_}) {
      const auto lesson = Plan(NewLesson(school, Day(7 + round), "10:00", "10:40"));
      ASSERT_TRUE(lesson.ok()) << Explain(lesson.status());
      const std::string id = Proposed(lesson->id(), far_school_).id();
      calls.push_back([this, id] { return Confirm(id); });
    }
    EXPECT_EQ(AtOnce(calls), 1) << round;
  }
}

// A lesson that moves while a school confirms: whatever comes first, no confirmation stands for an hour that
// the school has not agreed to.
TEST_F(Timetables, AMoveBesideAConfirmationLeavesNothingHalfAgreed) {
  for (int round = 0; round < 5; ++round) {
    const auto lesson = Plan(NewLesson(near_school_, Day(7 + round), "10:00", "10:40"));
    ASSERT_TRUE(lesson.ok()) << Explain(lesson.status());
    const std::string reception = Proposed(lesson->id(), far_school_).id();
    AtOnce({[&] { return Confirm(reception); },
            [&] {
              resources::UpdateOnlineLessonRequest move;
              move.mutable_online_lesson()->set_id(lesson->id());
              move.mutable_online_lesson()->set_starts_at("10:10");
              move.mutable_online_lesson()->set_ends_at("10:50");
              return Try<resources::OnlineLesson>("OnlineLessonService/UpdateOnlineLesson", move);
            }});
    const auto after = Look<resources::LessonReception>("LessonReception", reception, "operator");
    ASSERT_TRUE(after.ok());
    EXPECT_THAT(after->confirmed_from(), ::testing::AnyOf("10:00", "10:10"));
    EXPECT_EQ(after->state(), resources::LESSON_RECEPTION_STATE_CONFIRMED);
    resources::OnlineLesson own = NewLesson(far_school_, Day(7 + round), "10:00", "10:50");
    own.set_room("多媒体室");
    EXPECT_EQ(Plan(own).ok(), after->confirmed_from() == "10:00")
        << "a confirmation that is void takes nothing";
  }
}

TEST_F(Timetables, AWeeklyPlanIsMadeAsAWholeOrNotAtAll) {
  resources::PlanWeeklyOnlineLessonsRequest request;
  *request.mutable_online_lesson() = NewLesson(near_school_, "2026-03-01", "", "");
  request.mutable_online_lesson()->set_period(3);
  request.mutable_online_lesson()->set_room("录播室");
  request.set_from_on("2026-03-02");
  request.set_to_on("2026-03-29");
  request.add_weekdays(resources::WEEKDAY_TUESDAY);
  request.add_skipped_dates("2026-03-17");
  request.set_request_id("weekly-1");
  const std::string method = "OnlineLessonService/PlanWeeklyOnlineLessons";
  const auto plan = Must<resources::PlanWeeklyOnlineLessonsResponse>(method, request, "near");
  ASSERT_EQ(plan.online_lessons_size(), 3);
  EXPECT_EQ(plan.online_lessons(0).lesson_date(), "2026-03-03");
  EXPECT_EQ(plan.online_lessons(2).lesson_date(), "2026-03-24");
  EXPECT_EQ(plan.online_lessons(2).starts_at(), "10:00");
  EXPECT_EQ(plan.online_lessons(0).series_id(), plan.online_lessons(2).series_id());
  const auto again = Must<resources::PlanWeeklyOnlineLessonsResponse>(method, request, "near");
  ASSERT_EQ(again.online_lessons_size(), 3);
  EXPECT_EQ(again.online_lessons(1).id(), plan.online_lessons(1).id()) << "a repetition does nothing";
  request.set_request_id("weekly-2");
  request.set_from_on("2026-03-16");
  request.clear_skipped_dates();
  EXPECT_THAT(ViolatedFields(Try<resources::PlanWeeklyOnlineLessonsResponse>(method, request, "near")),
              UnorderedElementsAre("room", "lessonTeacherId"));
  EXPECT_EQ(resources_.Query("SELECT count(*) FROM online_lesson")->Integer(0, 0), 3) << "none of the second";
  EXPECT_TRUE(
      absl::IsPermissionDenied(Try<resources::PlanWeeklyOnlineLessonsResponse>(method, request, "far")))
      << "another county's school";
}

// What every lesson asks about its day, in a school with a full timetable for years.
TEST_F(Timetables, WhatIsTakenIsFoundByAnIndex) {
  const auto lesson = Plan(NewLesson(near_school_, Day(7), "10:00", "10:40"));
  ASSERT_TRUE(lesson.ok()) << Explain(lesson.status());
  // 500 days of 40 lessons and as many receptions.
  const auto lessons = resources_.Query(
      "INSERT INTO online_lesson (id, revision, create_time, update_time, bucket, scope, write_scope,"
      " sender_school_id, lesson_teacher_id, room, class_name, lesson_date, starts_at, ends_at, state, mode)"
      " SELECT gen_random_uuid(), 1, now(), now(), 0, scope, write_scope, sender_school_id, "
      "lesson_teacher_id,"
      " 'R' || n % 40, 'C' || n % 40, lesson_date - n / 40 + 250, '10:00', '10:40', state, mode"
      " FROM online_lesson, generate_series(0, 19999) n");
  ASSERT_TRUE(lessons.ok()) << lessons.status();
  const auto receptions = resources_.Query(
      "INSERT INTO lesson_reception (id, revision, create_time, update_time, bucket, scope, write_scope,"
      " online_lesson_id, receiver_school_id, room, class_name, confirmed_date, confirmed_from,"
      " confirmed_until, state) SELECT gen_random_uuid(), 1, now(), now(), 0, scope, write_scope, id,"
      " sender_school_id, room, class_name, lesson_date, starts_at, ends_at, "
      "'LESSON_RECEPTION_STATE_CONFIRMED'"
      " FROM online_lesson WHERE class_name <> ''");
  ASSERT_TRUE(receptions.ok()) << receptions.status();
  const std::string sql = absl::StrReplaceAll(::lianqiao::resources::TakenByLessonSql(),
                                              {{"$1", "'" + base::RandomId() + "'"},
                                               {"$2", "'" + near_school_ + "'"},
                                               {"$3", "'" + lesson->lesson_teacher_id() + "'"},
                                               {"$4", "'" + Day(7) + "'"}});
  const auto taken = resources_.Query("SELECT count(*) FROM (" + sql + ") t");
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->Integer(0, 0), 81) << "forty of each, and the first";
  // How long it takes is measured by tests/bench/resources.
  const auto plan = resources_.Query("EXPLAIN " + sql);
  ASSERT_TRUE(plan.ok()) << plan.status();
  for (int row = 0; row < plan->rows(); ++row) {
    const std::string line = plan->Text(row, 0);
    EXPECT_EQ(line.find("Seq Scan on online_lesson t"), std::string::npos) << line;
    EXPECT_EQ(line.find("Seq Scan on lesson_reception"), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace lianqiao::conformance
