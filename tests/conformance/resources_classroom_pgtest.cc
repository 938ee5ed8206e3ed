// SPDX-License-Identifier: Apache-2.0
// Remote classrooms of school pairs, their use and coverage, lessons that are given in them, and what is
// counted of lessons.
#include "lianqiao/resources/v1/lesson_statistics.pb.h"
#include "lianqiao/resources/v1/remote_session.pb.h"
#include "libs/base/ids.h"
#include "tests/conformance/lessons_world.h"

namespace lianqiao::conformance {
namespace {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class Classrooms : public LessonsWorld {
 protected:
  absl::StatusOr<resources::RemoteSession> Use(const std::string& pair_id,
                                               resources::RemoteSessionPurpose purpose,
                                               resources::RemoteSessionQuality quality,
                                               const std::string& token = "operator", int day = -1) {
    resources::CreateRemoteSessionRequest request;
    resources::RemoteSession& session = *request.mutable_remote_session();
    session.set_remote_classroom_pair_id(pair_id);
    session.set_held_on(Day(day));
    session.set_starts_at("10:00");
    session.set_ends_at("10:40");
    session.set_purpose(purpose);
    session.set_quality(quality);
    return resources_.Call<resources::RemoteSession>("RemoteSessionService/CreateRemoteSession", request,
                                                     token);
  }
  resources::RemoteClassroomStatistics Coverage(const std::string& place,
                                                const std::string& token = "operator") {
    resources::GetRemoteClassroomStatisticsRequest request;
    request.set_jurisdiction_id(place);
    return Must<resources::RemoteClassroomStatistics>(
        "RemoteClassroomStatisticsService/GetRemoteClassroomStatistics", request, token);
  }
  // How many pairs of the city were covered on that day.
  int64_t Covered(int day) {
    resources::GetRemoteClassroomStatisticsRequest request;
    request.set_jurisdiction_id(city_id_);
    request.set_date(Day(day));
    return Must<resources::RemoteClassroomStatistics>(
               "RemoteClassroomStatisticsService/GetRemoteClassroomStatistics", request)
        .covered_school_pair_count();
  }
};

TEST_F(Classrooms, BothSchoolsKeepTheirRooms) {
  const std::string alliance = SchoolPair(near_school_, far_school_).id();
  CatchUp();
  resources::CreateRemoteClassroomPairRequest request;
  request.mutable_remote_classroom_pair()->set_alliance_id(alliance);
  request.mutable_remote_classroom_pair()->set_school_a_id(near_school_);
  request.mutable_remote_classroom_pair()->set_school_b_id(far_school_);
  request.mutable_remote_classroom_pair()->set_room_a("一号厅");
  request.mutable_remote_classroom_pair()->set_room_b("待定");
  const std::string create = "RemoteClassroomPairService/CreateRemoteClassroomPair";
  const auto pair = Must<resources::RemoteClassroomPair>(create, request, "near-school");
  EXPECT_EQ(pair.state(), resources::REMOTE_CLASSROOM_PAIR_STATE_PLANNED);
  resources::UpdateRemoteClassroomPairRequest room;
  room.mutable_remote_classroom_pair()->set_id(pair.id());
  room.mutable_remote_classroom_pair()->set_room_b("互动室");
  const std::string update = "RemoteClassroomPairService/UpdateRemoteClassroomPair";
  EXPECT_TRUE(Try<resources::RemoteClassroomPair>(update, room, "far-school").ok());
  EXPECT_THAT(ViolatedFields(TryMove<resources::RemoteClassroomPair>("RemoteClassroomPair", "Start",
                                                                     pair.id(), "near-school")),
              ElementsAre("installedOn"));
  room.mutable_remote_classroom_pair()->set_installed_on(Day(-1));
  ASSERT_TRUE(Try<resources::RemoteClassroomPair>(update, room, "far-school").ok());
  const auto started =
      Move<resources::RemoteClassroomPair>("RemoteClassroomPair", "Start", pair.id(), "near-school");
  EXPECT_EQ(started.in_service_on(), Day());
  const auto stopped = Move<resources::RemoteClassroomPair>("RemoteClassroomPair", "Stop", pair.id(),
                                                            "far-school", "设备损坏");
  EXPECT_EQ(stopped.out_of_service_on(), Day());
  EXPECT_EQ(stopped.out_of_service_reason(), "设备损坏");

  request.mutable_remote_classroom_pair()->set_school_b_id(far_second_);
  EXPECT_THAT(ViolatedFields(Try<resources::RemoteClassroomPair>(create, request, "near-school")),
              ElementsAre("remoteClassroomPair.schoolBId"));
  request.mutable_remote_classroom_pair()->set_alliance_id(alliance_id_);
  request.mutable_remote_classroom_pair()->set_school_b_id(far_school_);
  EXPECT_THAT(ViolatedFields(Try<resources::RemoteClassroomPair>(create, request, "near-school")),
              ElementsAre("remoteClassroomPair.allianceId"))
      << "an education group is no school pair";
}

TEST_F(Classrooms, ALessonOfThePairIsGivenFromItsRoomToTheOther) {
  const auto rooms = Rooms(near_second_, far_second_);
  resources::OnlineLesson lesson = NewLesson(far_second_, Day(0), "10:00", "10:40");
  lesson.clear_alliance_id();
  lesson.set_remote_classroom_pair_id(rooms.id());
  const auto planned = Plan(lesson, "far");
  ASSERT_TRUE(planned.ok()) << Explain(planned.status());
  EXPECT_EQ(planned->room(), "互动室");
  EXPECT_TRUE(Look<resources::OnlineLesson>("OnlineLesson", planned->id(), "near").ok());
  EXPECT_TRUE(
      absl::IsNotFound(Look<resources::OnlineLesson>("OnlineLesson", planned->id(), "near-school").status()))
      << "another school of the same county";
  resources::LessonReception reception = NewReception(planned->id(), near_second_);
  reception.clear_room();
  const auto received = Receive(reception, "near");
  ASSERT_TRUE(received.ok()) << Explain(received.status());
  EXPECT_EQ(received->room(), "一号厅");
  EXPECT_THAT(ViolatedFields(Receive(NewReception(planned->id(), near_school_), "operator").status()),
              ElementsAre("lessonReception.receiverSchoolId"));

  resources::CreateRemoteSessionRequest session;
  session.mutable_remote_session()->set_remote_classroom_pair_id(rooms.id());
  session.mutable_remote_session()->set_online_lesson_id(planned->id());
  session.mutable_remote_session()->set_held_on(Day(-1));
  session.mutable_remote_session()->set_starts_at("10:00");
  session.mutable_remote_session()->set_ends_at("10:40");
  session.mutable_remote_session()->set_purpose(resources::REMOTE_SESSION_PURPOSE_LESSON);
  session.mutable_remote_session()->set_quality(resources::REMOTE_SESSION_QUALITY_SMOOTH);
  const std::string create = "RemoteSessionService/CreateRemoteSession";
  EXPECT_THAT(ViolatedFields(Try<resources::RemoteSession>(create, session, "far")),
              ElementsAre("remoteSession.heldOn"));
  session.mutable_remote_session()->set_held_on(Day(0));
  EXPECT_TRUE(Try<resources::RemoteSession>(create, session, "far").ok());
}

// CD-10: of four school pairs one has rooms of its alliance, one has rooms that name no alliance, one has
// rooms that are out of service, one has none.
TEST_F(Classrooms, CoverageCountsPairsWithRoomsInService) {
  const std::string third = School("渭滨区第三小学", near_id_).id();
  const std::string named = SchoolPair(near_school_, far_school_).id();
  const std::string unnamed = SchoolPair(near_second_, far_second_).id();
  const std::string stopped = SchoolPair(near_school_, far_second_).id();
  const std::string none = SchoolPair(near_second_, third).id();
  CatchUp();
  const auto rooms = Rooms(near_school_, far_school_, named);
  Rooms(near_second_, far_second_);
  Move<resources::RemoteClassroomPair>("RemoteClassroomPair", "Stop",
                                       Rooms(near_school_, far_second_, stopped).id());
  resources_.clock().Advance(absl::Hours(24));  // Its last day of service is over.
  ASSERT_TRUE(
      Use(rooms.id(), resources::REMOTE_SESSION_PURPOSE_LESSON, resources::REMOTE_SESSION_QUALITY_SMOOTH)
          .ok());
  ASSERT_TRUE(Use(rooms.id(), resources::REMOTE_SESSION_PURPOSE_RESEARCH,
                  resources::REMOTE_SESSION_QUALITY_INTERRUPTED)
                  .ok());
  ASSERT_TRUE(
      Use(rooms.id(), resources::REMOTE_SESSION_PURPOSE_LESSON, resources::REMOTE_SESSION_QUALITY_FAILED)
          .ok());
  ASSERT_TRUE(
      Use(rooms.id(), resources::REMOTE_SESSION_PURPOSE_TEST_RUN, resources::REMOTE_SESSION_QUALITY_SMOOTH)
          .ok());

  const auto city = Coverage(city_id_, "city");
  EXPECT_EQ(city.school_pair_count(), 4);
  EXPECT_EQ(city.covered_school_pair_count(), 2);
  EXPECT_DOUBLE_EQ(city.coverage(), 0.5);
  EXPECT_THAT(city.uncovered_alliance_ids(), UnorderedElementsAre(stopped, none));
  EXPECT_EQ(city.in_service_pair_count(), 2);
  EXPECT_EQ(city.planned_pair_count(), 0);
  EXPECT_EQ(city.distinct_school_count(), 4);
  EXPECT_EQ(city.session_count(), 2);
  EXPECT_EQ(city.lesson_session_count(), 1);
  EXPECT_EQ(city.failed_session_count(), 1);

  const auto far = Coverage(far_id_, "far");
  EXPECT_EQ(far.school_pair_count(), 3) << "the fourth lies in the other county";
  EXPECT_EQ(far.covered_school_pair_count(), 2);
  EXPECT_EQ(far.distinct_school_count(), 2) << "schools of the county only";
  EXPECT_THAT(far.uncovered_alliance_ids(), ElementsAre(stopped));
}

TEST_F(Classrooms, NobodyCountsWhatHeMayNotRead) {
  SchoolPair(near_school_, far_school_);
  CatchUp();
  Rooms(near_school_, far_school_);
  // Knows the places, but reads alliances and rooms of nobody.
  resources_.AddCaller(
      "blind", MakeCaller({MakeGrant("registry.jurisdiction.read", ScopeKind::kJurisdiction, city_id_),
                           MakeGrant("resources.statistics.read", ScopeKind::kJurisdiction, city_id_)}));
  const auto blind = Coverage(city_id_, "blind");
  EXPECT_EQ(blind.school_pair_count(), 0);
  EXPECT_FALSE(blind.has_coverage());
  EXPECT_EQ(blind.in_service_pair_count(), 0);
  resources::GetRemoteClassroomStatisticsRequest request;
  request.set_jurisdiction_id(far_id_);
  const std::string method = "RemoteClassroomStatisticsService/GetRemoteClassroomStatistics";
  EXPECT_TRUE(absl::IsNotFound(Try<resources::RemoteClassroomStatistics>(method, request, "near")));
  EXPECT_TRUE(
      absl::IsPermissionDenied(Try<resources::RemoteClassroomStatistics>(method, request, "stranger")));
  request.set_jurisdiction_id(city_id_);
  request.set_date(Day(-1));
  request.set_from_on(Day());
  EXPECT_THAT(ViolatedFields(Try<resources::RemoteClassroomStatistics>(method, request, "city")),
              ElementsAre("date"));
}

TEST_F(Classrooms, APairThatIsNoLongerInForceIsNotCounted) {
  const std::string pair = SchoolPair(near_school_, far_school_).id();
  CatchUp();
  EXPECT_EQ(Coverage(city_id_).school_pair_count(), 1);
  resources::GetRemoteClassroomStatisticsRequest before;
  before.set_jurisdiction_id(city_id_);
  before.set_date("2020-08-31");
  const std::string method = "RemoteClassroomStatisticsService/GetRemoteClassroomStatistics";
  EXPECT_EQ(Must<resources::RemoteClassroomStatistics>(method, before).school_pair_count(), 0);
  type::v1::TransitionRequest end = Transition(pair, "周期结束");
  end.set_effective_on(Day(-10));
  const auto ended = service_.Call<registry::Alliance>("AllianceService/DissolveAlliance", end);
  ASSERT_TRUE(ended.ok()) << Explain(ended.status());
  CatchUp();
  EXPECT_EQ(Coverage(city_id_).school_pair_count(), 0);
  before.set_date(Day(-10));
  EXPECT_EQ(Must<resources::RemoteClassroomStatistics>(method, before).school_pair_count(), 1);
}

// Rooms that name no alliance count for the pair whose schools were its parties on that day.
TEST_F(Classrooms, CoverageOfAPastDayStaysWhatItWas) {
  const std::string pair = SchoolPair(near_school_, far_school_).id();
  CatchUp();
  Rooms(near_school_, far_school_);
  EXPECT_EQ(Covered(-20), 1);
  type::v1::TransitionRequest end = Transition(pair, "周期结束");
  end.set_effective_on(Day(-10));
  const auto ended = service_.Call<registry::Alliance>("AllianceService/DissolveAlliance", end);
  ASSERT_TRUE(ended.ok()) << Explain(ended.status());
  CatchUp();
  EXPECT_EQ(Covered(-20), 1) << "its parties took part then";
  EXPECT_EQ(Covered(0), 0);
}

TEST_F(Classrooms, CoverageOfAPastDayOutlivesASuspension) {
  regional_id_ = Alliance(registry::ALLIANCE_TYPE_REGIONAL, city_id_).id();
  const std::string pair = Alliance(registry::ALLIANCE_TYPE_SCHOOL_PAIR, city_id_, regional_id_).id();
  Join(pair, near_school_, registry::MEMBERSHIP_ROLE_HELPER, registry::MEMBERSHIP_SIDE_FIRST);
  const auto helped =
      Join(pair, far_school_, registry::MEMBERSHIP_ROLE_HELPED, registry::MEMBERSHIP_SIDE_SECOND);
  CatchUp();
  Rooms(near_school_, far_school_);
  EXPECT_EQ(Covered(-20), 1);
  type::v1::TransitionRequest stop = Transition(helped.id(), "校舍改造");
  stop.set_effective_on(Day(-10));
  const auto stopped = service_.Call<registry::Membership>("MembershipService/SuspendMembership", stop);
  ASSERT_TRUE(stopped.ok()) << Explain(stopped.status());
  CatchUp();
  EXPECT_EQ(Covered(-20), 1) << "it took part then";
  EXPECT_EQ(Covered(-11), 1);
  EXPECT_EQ(Covered(-10), 0) << "the first day on which it does not";
  EXPECT_EQ(Covered(0), 0);
}

TEST_F(Classrooms, CoverageOutlivesTheMergerOfASchool) {
  SchoolPair(near_school_, far_school_);
  CatchUp();
  Rooms(near_school_, far_school_);
  EXPECT_EQ(Covered(-20), 1);
  registry::MergeRequest request;
  request.add_source_ids(near_school_);
  request.set_target_id(near_second_);
  request.set_document("合并示例");
  const auto merged =
      service_.Call<registry::MergeOrganisationsResponse>("OrganisationService/MergeOrganisations", request);
  ASSERT_TRUE(merged.ok()) << Explain(merged.status());
  CatchUp();
  EXPECT_EQ(Covered(-20), 1);
  EXPECT_EQ(Covered(0), 1) << "the rooms are those of the school that it was merged into";
}

TEST_F(Classrooms, RoomsOfACampusCoverThePairOfItsSchool) {
  registry::CreateOrganisationRequest request = NewSchool("渭滨区第一小学东校区", near_id_);
  request.mutable_organisation()->set_kind(registry::ORGANISATION_KIND_CAMPUS);
  request.mutable_organisation()->set_parent_organisation_id(near_school_);
  const auto campus =
      service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request);
  ASSERT_TRUE(campus.ok()) << Explain(campus.status());
  SchoolPair(near_school_, far_school_);
  CatchUp();
  Rooms(campus->id(), near_school_);  // Of one party only.
  EXPECT_EQ(Covered(0), 0);
  Rooms(campus->id(), far_school_);
  EXPECT_EQ(Covered(0), 1);
}

TEST_F(Classrooms, ASchoolCoversNoDayBeforeItJoined) {
  regional_id_ = Alliance(registry::ALLIANCE_TYPE_REGIONAL, city_id_).id();
  const std::string pair = Alliance(registry::ALLIANCE_TYPE_SCHOOL_PAIR, city_id_, regional_id_).id();
  Join(pair, near_school_, registry::MEMBERSHIP_ROLE_HELPER, registry::MEMBERSHIP_SIDE_FIRST);
  registry::CreateMembershipRequest late;
  late.mutable_membership()->set_alliance_id(pair);
  late.mutable_membership()->set_organisation_id(far_school_);
  late.mutable_membership()->set_role(registry::MEMBERSHIP_ROLE_HELPED);
  late.mutable_membership()->set_side(registry::MEMBERSHIP_SIDE_SECOND);
  late.mutable_membership()->set_state(registry::MEMBERSHIP_STATE_ACTIVE);
  late.mutable_membership()->set_joined_on(Day(-30));
  ASSERT_TRUE(service_.Call<registry::Membership>("MembershipService/CreateMembership", late).ok());
  CatchUp();
  Rooms(near_school_, far_school_);
  resources::GetRemoteClassroomStatisticsRequest request;
  request.set_jurisdiction_id(city_id_);
  const std::string method = "RemoteClassroomStatisticsService/GetRemoteClassroomStatistics";
  for (const auto& [day, covered] : {std::make_pair(-31, 0), std::make_pair(-30, 1)}) {
    request.set_date(Day(day));
    const auto figures = Must<resources::RemoteClassroomStatistics>(method, request);
    EXPECT_EQ(figures.school_pair_count(), 1);
    EXPECT_EQ(figures.covered_school_pair_count(), covered) << day;
  }
}

class LessonCounts : public LessonsWorld {
 protected:
  // As history is imported: with its state.
  std::string Lesson(int day, resources::OnlineLessonState state, resources::LessonMode mode,
                     const std::string& school) {
    resources::OnlineLesson lesson = NewLesson(school, Day(day), "10:00", "10:40");
    lesson.set_mode(mode);
    lesson.set_state(state);
    const auto made = Plan(lesson);
    EXPECT_TRUE(made.ok()) << Explain(made.status());
    return made.ok() ? made->id() : "";
  }
  void Reception(const std::string& lesson_id, resources::LessonReceptionState state,
                 const std::string& school, const std::string& class_name, int pupils = 0) {
    resources::BatchUpsertLessonReceptionsRequest request;
    resources::LessonReception& reception = *request.add_lesson_receptions();
    reception = NewReception(lesson_id, school);
    reception.set_class_name(class_name);
    reception.set_room(class_name);
    reception.set_state(state);
    reception.set_pupil_count(pupils);
    request.set_source_system("test");
    auto* external_id = reception.add_external_ids();
    external_id->set_system("test");
    external_id->set_id(base::RandomId());
    const auto answer = Must<resources::BatchUpsertLessonReceptionsResponse>(
        "LessonReceptionService/BatchUpsertLessonReceptions", request);
    ASSERT_EQ(answer.results_size(), 1);
    EXPECT_EQ(answer.results(0).outcome(), type::v1::UpsertResult::CREATED) << answer.ShortDebugString();
  }
  resources::OnlineLessonStatistics Counts(const std::string& place, const std::string& token = "operator") {
    resources::GetOnlineLessonStatisticsRequest request;
    request.set_jurisdiction_id(place);
    request.set_from_on(Day(-10));
    request.set_to_on(Day(10));
    return Must<resources::OnlineLessonStatistics>("OnlineLessonStatisticsService/GetOnlineLessonStatistics",
                                                   request, token);
  }
};

TEST_F(LessonCounts, LessonsAndReceptionsByWhatBecameOfThem) {
  registry::UpdateOrganisationRequest village;
  village.mutable_organisation()->set_id(far_school_);
  village.mutable_organisation()->set_urban_rural_class(registry::URBAN_RURAL_CLASS_VILLAGE);
  ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", village).ok());
  CatchUp();
  constexpr auto kDelivered = resources::LESSON_MODE_DELIVERED;
  const std::string held = Lesson(-5, resources::ONLINE_LESSON_STATE_HELD, kDelivered, near_school_);
  const std::string logged = Lesson(-4, resources::ONLINE_LESSON_STATE_LOGGED, kDelivered, near_school_);
  const std::string missed = Lesson(-3, resources::ONLINE_LESSON_STATE_MISSED, kDelivered, near_school_);
  const std::string made_up = Lesson(-6, resources::ONLINE_LESSON_STATE_MADE_UP, kDelivered, near_school_);
  const std::string cancelled =
      Lesson(-2, resources::ONLINE_LESSON_STATE_CANCELLED, resources::LESSON_MODE_LIVE, near_school_);
  const std::string overdue =
      Lesson(-1, resources::ONLINE_LESSON_STATE_PLANNED, resources::LESSON_MODE_LIVE, near_school_);
  const std::string ahead =
      Lesson(5, resources::ONLINE_LESSON_STATE_PLANNED, resources::LESSON_MODE_LIVE, near_second_);
  Lesson(-11, resources::ONLINE_LESSON_STATE_HELD, kDelivered, near_school_);  // Before the period.
  Lesson(-5, resources::ONLINE_LESSON_STATE_HELD, resources::LESSON_MODE_EMBEDDED, far_school_);

  constexpr auto kConfirmed = resources::LESSON_RECEPTION_STATE_CONFIRMED;
  Reception(held, resources::LESSON_RECEPTION_STATE_HELD, far_school_, "四年级", 30);
  Reception(held, resources::LESSON_RECEPTION_STATE_HELD, near_second_, "四(1)班", 40);
  Reception(logged, resources::LESSON_RECEPTION_STATE_HELD, far_school_, "四年级", 29);
  Reception(logged, resources::LESSON_RECEPTION_STATE_MISSED, near_second_, "四(1)班");
  Reception(logged, resources::LESSON_RECEPTION_STATE_MADE_UP, near_second_, "四(2)班");
  Reception(missed, kConfirmed, far_school_, "四年级");
  Reception(made_up, kConfirmed, far_school_, "四年级");
  Reception(cancelled, kConfirmed, far_school_, "四年级");
  Reception(ahead, kConfirmed, far_school_, "四年级");
  Reception(overdue, resources::LESSON_RECEPTION_STATE_DECLINED, far_school_, "四年级");
  Reception(overdue, resources::LESSON_RECEPTION_STATE_PROPOSED, near_second_, "四(1)班");

  const auto city = Counts(city_id_, "city");
  EXPECT_EQ(city.lessons().planned_count(), 2);
  EXPECT_EQ(city.lessons().overdue_count(), 1);
  EXPECT_EQ(city.lessons().held_count(), 3);
  EXPECT_EQ(city.lessons().missed_count(), 1);
  EXPECT_EQ(city.lessons().made_up_count(), 1);
  EXPECT_EQ(city.lessons().cancelled_count(), 1);
  EXPECT_EQ(city.lessons().distinct_sender_school_count(), 2);
  ASSERT_EQ(city.modes_size(), 3);
  EXPECT_EQ(city.modes(0).mode(), resources::LESSON_MODE_LIVE);
  EXPECT_EQ(city.modes(0).lessons().planned_count(), 2);
  EXPECT_EQ(city.modes(1).mode(), resources::LESSON_MODE_EMBEDDED);
  EXPECT_EQ(city.modes(2).lessons().held_count(), 2);
  EXPECT_EQ(city.receptions().proposed_count(), 1);
  EXPECT_EQ(city.receptions().confirmed_count(), 1);
  EXPECT_EQ(city.receptions().held_count(), 3);
  EXPECT_EQ(city.receptions().missed_count(), 2);
  EXPECT_EQ(city.receptions().made_up_count(), 2);
  EXPECT_EQ(city.receptions().declined_count(), 1);
  EXPECT_EQ(city.receptions().distinct_receiver_school_count(), 2);
  EXPECT_EQ(city.receptions().distinct_rural_receiver_school_count(), 1);
  EXPECT_EQ(city.receptions().pupil_time_count(), 99);

  const auto far = Counts(far_id_, "far");
  EXPECT_EQ(far.lessons().held_count(), 1) << "sent from the county";
  EXPECT_EQ(far.lessons().planned_count(), 0);
  EXPECT_EQ(far.receptions().held_count(), 2) << "received in the county";
  EXPECT_EQ(far.receptions().pupil_time_count(), 59);
  EXPECT_EQ(Counts(city_id_).lessons().held_count(), 3);
}

}  // namespace
}  // namespace lianqiao::conformance
