// SPDX-License-Identifier: Apache-2.0
// Online lessons and their receptions: who sees and writes them, and how they go from plan to log.
#include "lianqiao/resources/v1/lesson_statistics.pb.h"
#include "libs/base/ids.h"
#include "tests/conformance/lessons_world.h"

namespace lianqiao::conformance {
namespace {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Lessons : public LessonsWorld {
 protected:
  resources::OnlineLesson Planned(int day = 7) {
    const auto lesson = Plan(NewLesson(near_school_, Day(day), "10:00", "10:40"), "near");
    EXPECT_TRUE(lesson.ok()) << Explain(lesson.status());
    return lesson.value_or(resources::OnlineLesson());
  }
  absl::Status Edit(resources::OnlineLesson lesson, const std::string& token) {
    resources::UpdateOnlineLessonRequest request;
    lesson.clear_etag();
    *request.mutable_online_lesson() = lesson;
    return Try<resources::OnlineLesson>("OnlineLessonService/UpdateOnlineLesson", request, token);
  }
  absl::Status EditReception(const std::string& id, const std::string& room, int pupils,
                             const std::string& token) {
    resources::UpdateLessonReceptionRequest request;
    request.mutable_lesson_reception()->set_id(id);
    if (!room.empty()) request.mutable_lesson_reception()->set_room(room);
    if (pupils > 0) request.mutable_lesson_reception()->set_pupil_count(pupils);
    return Try<resources::LessonReception>("LessonReceptionService/UpdateLessonReception", request, token);
  }
  // Of the far school, confirmed by its county.
  resources::LessonReception Confirmed(const std::string& lesson_id) {
    const auto reception = Receive(NewReception(lesson_id, far_school_), "far");
    EXPECT_TRUE(reception.ok()) << Explain(reception.status());
    return Move<resources::LessonReception>("LessonReception", "Confirm", reception->id(), "far");
  }
  resources::InviteLessonReceiversResponse Invite(const std::string& id, std::vector<std::string> schools,
                                                  const std::string& token) {
    resources::InviteLessonReceiversRequest request;
    request.set_id(id);
    for (const std::string& school : schools) request.add_receiver_school_ids(school);
    return Must<resources::InviteLessonReceiversResponse>("OnlineLessonService/InviteLessonReceivers",
                                                          request, token);
  }
};

TEST_F(Lessons, PartiesReadALessonAndItsSenderWritesIt) {
  resources_.AddCaller("outside", MakeCaller({MakeGrant("resources.*", ScopeKind::kOrganisation, far_second_),
                                              MakeGrant("registry.*", ScopeKind::kOrganisation, far_second_)},
                                             far_second_));
  const resources::OnlineLesson lesson = Planned();
  for (const char* token : {"near", "near-school", "far", "far-school", "city"})
    EXPECT_TRUE(Look<resources::OnlineLesson>("OnlineLesson", lesson.id(), token).ok()) << token;
  EXPECT_TRUE(
      absl::IsNotFound(Look<resources::OnlineLesson>("OnlineLesson", lesson.id(), "outside").status()));
  resources::OnlineLesson edited;
  edited.set_id(lesson.id());
  edited.set_title("小数的性质");
  EXPECT_TRUE(Edit(edited, "near-school").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Edit(edited, "far-school")));
  EXPECT_TRUE(absl::IsPermissionDenied(
      TryMove<resources::OnlineLesson>("OnlineLesson", "Cancel", lesson.id(), "far-school")));
}

TEST_F(Lessons, OnlyTheReceiverWritesItsReception) {
  const resources::OnlineLesson lesson = Planned();
  const auto reception = Receive(NewReception(lesson.id(), far_school_), "far-school");
  ASSERT_TRUE(reception.ok()) << Explain(reception.status());
  EXPECT_EQ(reception->state(), resources::LESSON_RECEPTION_STATE_PROPOSED);
  const std::string id = reception->id();
  EXPECT_TRUE(Look<resources::LessonReception>("LessonReception", id, "near-school").ok())
      << "whoever reads the lesson";
  EXPECT_TRUE(absl::IsPermissionDenied(EditReception(id, "别处", 0, "near-school")));
  EXPECT_TRUE(absl::IsPermissionDenied(
      TryMove<resources::LessonReception>("LessonReception", "Confirm", id, "near")));
  EXPECT_TRUE(EditReception(id, "大礼堂", 0, "far-school").ok());
  const auto confirmed = Move<resources::LessonReception>("LessonReception", "Confirm", id, "far-school");
  EXPECT_EQ(confirmed.confirmed_date(), lesson.lesson_date());
  EXPECT_EQ(confirmed.confirmed_from(), "10:00");
  const auto for_another = Receive(NewReception(lesson.id(), near_second_), "far-school");
  EXPECT_FALSE(for_another.ok()) << "nobody receives for another school";
}

TEST_F(Lessons, WhoIsInvitedAnswersForItself) {
  const resources::OnlineLesson lesson = Planned();
  const auto invited = Invite(lesson.id(), {far_school_, near_second_, far_school_}, "near-school");
  ASSERT_EQ(invited.lesson_receptions_size(), 2);
  EXPECT_EQ(Invite(lesson.id(), {far_school_}, "near-school").lesson_receptions_size(), 0);
  const std::string id = invited.lesson_receptions(0).id();
  EXPECT_EQ(invited.lesson_receptions(0).receiver_school_id(), far_school_);
  EXPECT_TRUE(absl::IsPermissionDenied(
      TryMove<resources::LessonReception>("LessonReception", "Decline", id, "near-school")));
  EXPECT_EQ(Move<resources::LessonReception>("LessonReception", "Decline", id, "far-school").state(),
            resources::LESSON_RECEPTION_STATE_DECLINED);

  resources::InviteLessonReceiversRequest request;
  request.set_id(lesson.id());
  request.add_receiver_school_ids(far_second_);
  const absl::Status outside = Try<resources::InviteLessonReceiversResponse>(
      "OnlineLessonService/InviteLessonReceivers", request, "operator");
  EXPECT_THAT(ViolatedFields(outside), ElementsAre("receiverSchoolId")) << "is no party";
  request.set_receiver_school_ids(0, near_second_);
  EXPECT_TRUE(absl::IsPermissionDenied(Try<resources::InviteLessonReceiversResponse>(
      "OnlineLessonService/InviteLessonReceivers", request, "far-school")))
      << "only who writes the lesson invites";
}

TEST_F(Lessons, FromThePlanToTheLog) {
  const resources::OnlineLesson lesson = Planned(0);
  const std::string reception = Confirmed(lesson.id()).id();
  EXPECT_TRUE(EditReception(reception, "", 31, "far").ok());
  EXPECT_THAT(
      ViolatedFields(TryMove<resources::LessonReception>("LessonReception", "Hold", reception, "far")),
      ElementsAre("onlineLessonId"))
      << "the lesson was not given yet";
  Move<resources::OnlineLesson>("OnlineLesson", "Hold", lesson.id(), "near");
  EXPECT_EQ(Move<resources::LessonReception>("LessonReception", "Hold", reception, "far").state(),
            resources::LESSON_RECEPTION_STATE_HELD);
  EXPECT_THAT(ViolatedFields(TryMove<resources::OnlineLesson>("OnlineLesson", "Log", lesson.id(), "near")),
              ElementsAre("summary"));
  resources::OnlineLesson told;
  told.set_id(lesson.id());
  told.set_summary("认识小数");
  ASSERT_TRUE(Edit(told, "near").ok());
  const auto logged = Move<resources::OnlineLesson>("OnlineLesson", "Log", lesson.id(), "near");
  EXPECT_EQ(logged.logged_on(), Day());
  told.set_summary("改写");
  EXPECT_THAT(ViolatedFields(Edit(told, "near")), ElementsAre("onlineLesson.state"));
  EXPECT_FALSE(EditReception(reception, "别处", 0, "far").ok()) << "what was reported is settled";
}

TEST_F(Lessons, AMissedLessonIsMadeUpByAnother) {
  const resources::OnlineLesson lesson = Planned(-3);
  Move<resources::OnlineLesson>("OnlineLesson", "Miss", lesson.id(), "near");
  EXPECT_THAT(ViolatedFields(TryMove<resources::OnlineLesson>("OnlineLesson", "MakeUp", lesson.id(), "near")),
              ElementsAre("madeUpOn"));
  resources::OnlineLesson again = NewLesson(near_school_, Day(-1), "10:00", "10:40");
  again.set_makes_up_for_id(lesson.id());
  const auto made = Plan(again, "near");
  ASSERT_TRUE(made.ok()) << Explain(made.status());
  EXPECT_FALSE(TryMove<resources::OnlineLesson>("OnlineLesson", "MakeUp", lesson.id(), "near").ok())
      << "planned is not held";
  Move<resources::OnlineLesson>("OnlineLesson", "Hold", made->id(), "near");
  const auto made_up = Move<resources::OnlineLesson>("OnlineLesson", "MakeUp", lesson.id(), "near");
  EXPECT_EQ(made_up.state(), resources::ONLINE_LESSON_STATE_MADE_UP);
  EXPECT_EQ(made_up.made_up_on(), Day());
}

TEST_F(Lessons, AMovedLessonIsConfirmedAgain) {
  const resources::OnlineLesson lesson = Planned(0);
  const std::string reception = Confirmed(lesson.id()).id();
  ASSERT_TRUE(EditReception(reception, "", 20, "far").ok());
  resources::OnlineLesson moved;
  moved.set_id(lesson.id());
  moved.set_starts_at("14:00");
  moved.set_ends_at("14:40");
  ASSERT_TRUE(Edit(moved, "near").ok());
  const auto hold = [&] {
    return TryMove<resources::LessonReception>("LessonReception", "Hold", reception, "far");
  };
  EXPECT_EQ(Move<resources::LessonReception>("LessonReception", "Confirm", reception, "far").confirmed_from(),
            "14:00");
  moved.set_starts_at("15:00");
  moved.set_ends_at("15:40");
  ASSERT_TRUE(Edit(moved, "near").ok());
  Move<resources::OnlineLesson>("OnlineLesson", "Hold", lesson.id(), "near");
  EXPECT_THAT(ViolatedFields(hold()), ElementsAre("confirmedDate"));
  // Moved on the day itself, and the class was there: the school says so afterwards.
  EXPECT_EQ(Move<resources::LessonReception>("LessonReception", "Confirm", reception, "far").confirmed_from(),
            "15:00");
  const absl::Status held = hold();
  EXPECT_TRUE(held.ok()) << Explain(held);
}

TEST_F(Lessons, ALessonThatWasPlannedAsRecordedIsNotGivenWithoutATeacher) {
  resources::OnlineLesson recorded = NewLesson(near_school_, Day(7), "10:00", "10:40");
  recorded.clear_lesson_teacher_id();
  recorded.set_mode(resources::LESSON_MODE_RECORDED);
  const auto lesson = Plan(recorded, "near");
  ASSERT_TRUE(lesson.ok()) << Explain(lesson.status());
  resources::OnlineLesson live;
  live.set_id(lesson->id());
  live.set_mode(resources::LESSON_MODE_LIVE);
  EXPECT_THAT(ViolatedFields(Edit(live, "near")), ElementsAre("onlineLesson.lessonTeacherId"));
  live.set_lesson_teacher_id(Teacher(near_school_, base::RandomId()).id());
  EXPECT_TRUE(Edit(live, "near").ok());
}

// When a class sees it follows from the mode: one that schools have been asked for stays what it is.
TEST_F(Lessons, AModeStaysOnceSchoolsReceive) {
  const resources::OnlineLesson lesson = Planned();
  const std::string reception = Confirmed(lesson.id()).id();
  resources::OnlineLesson change;
  change.set_id(lesson.id());
  change.set_starts_at("14:00");
  change.set_ends_at("14:40");
  ASSERT_TRUE(Edit(change, "near").ok());
  resources::OnlineLesson own = NewLesson(far_school_, lesson.lesson_date(), "10:00", "10:40");
  own.set_room("多媒体室");
  const auto planned = Plan(own, "far");
  ASSERT_TRUE(planned.ok()) << "the hour is free: " << Explain(planned.status());
  resources::OnlineLesson mode;
  mode.set_id(lesson.id());
  mode.set_mode(resources::LESSON_MODE_RECORDED);
  EXPECT_THAT(ViolatedFields(Edit(mode, "near")), ElementsAre("onlineLesson.mode"));
  mode.set_mode(resources::LESSON_MODE_LIVE);
  EXPECT_TRUE(Edit(mode, "near").ok()) << "both are received when they are given";
  Move<resources::LessonReception>("LessonReception", "Decline", reception, "far");
  mode.set_mode(resources::LESSON_MODE_RECORDED);
  EXPECT_TRUE(Edit(mode, "near").ok()) << "nobody waits for it";
}

// A confirmation that counts no longer is told differently without asking for an hour that is not its own.
TEST_F(Lessons, AVoidConfirmationIsEditedFreely) {
  const resources::OnlineLesson lesson = Planned();
  const std::string reception = Confirmed(lesson.id()).id();
  resources::OnlineLesson moved;
  moved.set_id(lesson.id());
  moved.set_starts_at("14:00");
  moved.set_ends_at("14:40");
  ASSERT_TRUE(Edit(moved, "near").ok());
  resources::OnlineLesson own = NewLesson(far_school_, lesson.lesson_date(), "10:00", "10:40");
  own.set_room("大礼堂");
  ASSERT_TRUE(Plan(own, "far").ok());
  const absl::Status edited = EditReception(reception, "大礼堂", 0, "far");
  EXPECT_TRUE(edited.ok()) << Explain(edited);
  EXPECT_TRUE(TryMove<resources::LessonReception>("LessonReception", "Confirm", reception, "far").ok());
}

TEST_F(Lessons, AVoidConfirmationHoldsNoPlace) {
  resources::OnlineLesson plan = NewLesson(near_school_, Day(7), "10:00", "10:40");
  plan.set_max_receiver_count(1);
  const auto lesson = Plan(plan, "near");
  ASSERT_TRUE(lesson.ok()) << Explain(lesson.status());
  const std::string first = Confirmed(lesson->id()).id();
  const auto second = Receive(NewReception(lesson->id(), near_second_), "near");
  ASSERT_TRUE(second.ok()) << Explain(second.status());
  const auto confirm = [&](const std::string& id, const char* token) {
    return TryMove<resources::LessonReception>("LessonReception", "Confirm", id, token);
  };
  EXPECT_THAT(ViolatedFields(confirm(second->id(), "near")), ElementsAre("onlineLessonId"));
  resources::OnlineLesson moved;
  moved.set_id(lesson->id());
  moved.set_starts_at("14:00");
  moved.set_ends_at("14:40");
  ASSERT_TRUE(Edit(moved, "near").ok());
  const absl::Status taken = confirm(second->id(), "near");
  EXPECT_TRUE(taken.ok()) << Explain(taken);
  EXPECT_THAT(ViolatedFields(confirm(first, "far")), ElementsAre("onlineLessonId"));
  resources::GetOnlineLessonStatisticsRequest request;
  request.set_jurisdiction_id(city_id_);
  request.set_from_on(Day());
  request.set_to_on(Day(10));
  const auto figures = Must<resources::OnlineLessonStatistics>(
      "OnlineLessonStatisticsService/GetOnlineLessonStatistics", request);
  EXPECT_EQ(figures.receptions().confirmed_count(), 1);
  EXPECT_EQ(figures.receptions().proposed_count(), 1) << "asked for anew";
}

TEST_F(Lessons, APeriodGivesTheHoursOfTheSchool) {
  resources::OnlineLesson lesson = NewLesson(near_school_, "2026-03-02", "", "");
  lesson.set_period(2);
  const auto planned = Plan(lesson);
  ASSERT_TRUE(planned.ok()) << Explain(planned.status());
  EXPECT_EQ(planned->starts_at(), "08:50");
  EXPECT_EQ(planned->ends_at(), "09:30");
  EXPECT_EQ(planned->weekday(), resources::WEEKDAY_MONDAY);
  lesson.set_period(4);
  EXPECT_THAT(ViolatedFields(Plan(lesson).status()),
              ElementsAre("onlineLesson.period", "onlineLesson.startsAt", "onlineLesson.endsAt"));
  lesson.set_period(2);
  lesson.set_bell_schedule_id(Bells(far_school_));
  EXPECT_THAT(ViolatedFields(Plan(lesson).status()), ElementsAre("onlineLesson.bellScheduleId"));
}

TEST_F(Lessons, WhoTookPartOnThatDayCounts) {
  resources::OnlineLesson lesson = NewLesson(far_second_, Day(3), "10:00", "10:40");
  EXPECT_THAT(ViolatedFields(Plan(lesson).status()), ElementsAre("onlineLesson.senderSchoolId"));
  Join(alliance_id_, far_second_, registry::MEMBERSHIP_ROLE_MEMBER);
  CatchUp();
  EXPECT_TRUE(Plan(lesson).ok());
  lesson.set_lesson_date("2020-08-31");
  EXPECT_THAT(ViolatedFields(Plan(lesson).status()), ElementsAre("onlineLesson.senderSchoolId"))
      << "the day before it joined";
}

TEST_F(Lessons, ATeacherIsNamedInOnePlaceAndCanBeErased) {
  const std::string person = base::RandomId();
  const resources::LessonTeacher teacher = Teacher(near_school_, person);
  resources::OnlineLesson lesson = NewLesson(near_school_, Day(3), "10:00", "10:40");
  lesson.set_lesson_teacher_id(teacher.id());
  const auto planned = Plan(lesson, "near");
  ASSERT_TRUE(planned.ok()) << Explain(planned.status());
  resources_.AddCaller("reader",
                       MakeCaller({MakeGrant("resources.*.read", ScopeKind::kJurisdiction, near_id_)}));
  const auto shown = Look<resources::LessonTeacher>("LessonTeacher", teacher.id(), "reader");
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_THAT(shown->teacher_id(), IsEmpty()) << "reading is not reading persons";
  resources_.AddCaller(
      "keeper",
      MakeCaller({MakeGrant("resources.*.read", ScopeKind::kJurisdiction, near_id_),
                  MakeGrant("resources.lesson_teacher.personal", ScopeKind::kJurisdiction, near_id_)}));
  const auto known = Look<resources::LessonTeacher>("LessonTeacher", teacher.id(), "keeper");
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_EQ(known->teacher_id(), person);

  resources::CreateLessonTeacherRequest twice;
  twice.mutable_lesson_teacher()->set_school_id(near_second_);
  twice.mutable_lesson_teacher()->set_teacher_id(person);
  EXPECT_TRUE(absl::IsAlreadyExists(
      Try<resources::LessonTeacher>("LessonTeacherService/CreateLessonTeacher", twice, "near")));
  twice.mutable_lesson_teacher()->set_teacher_id("11010519491231002X");
  EXPECT_THAT(ViolatedFields(
                  Try<resources::LessonTeacher>("LessonTeacherService/CreateLessonTeacher", twice, "near")),
              ElementsAre("lessonTeacher.teacherId"));

  type::v1::EraseRequest erase;
  erase.set_id(teacher.id());
  erase.set_reason("本人申请");
  const auto erased = Must<resources::LessonTeacher>("LessonTeacherService/EraseLessonTeacher", erase);
  EXPECT_TRUE(erased.has_erase_time());
  EXPECT_THAT(erased.teacher_id(), IsEmpty());
  EXPECT_TRUE(Look<resources::OnlineLesson>("OnlineLesson", planned->id(), "near").ok())
      << "the lesson stays";
  const auto kept =
      resources_.Query("SELECT count(*) FROM revision WHERE kind = 'lesson_teacher' AND id = '" +
                       teacher.id() + "' AND position('" + person + "'::bytea IN state) > 0");
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->Integer(0, 0), 0) << "no past revision names the person";
}

}  // namespace
}  // namespace lianqiao::conformance
