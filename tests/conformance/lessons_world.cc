// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/lessons_world.h"

#include "lianqiao/registry/v1/calendar.pb.h"
#include "libs/base/clock.h"
#include "libs/base/ids.h"

namespace lianqiao::conformance {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;

LessonsWorld::LessonsWorld() : resources_(::lianqiao::resources::ResourcesDefinition(), {&service_}) {
  near_school_ = School("渭滨区第一小学", near_id_).id();
  near_second_ = School("渭滨区第二小学", near_id_).id();
  far_school_ = School("凤县第一小学", far_id_).id();
  far_second_ = School("凤县第二小学", far_id_).id();
  const auto place = [&](const std::string& token, const std::string& id) {
    resources_.AddCaller(token, MakeCaller({MakeGrant("resources.*", ScopeKind::kJurisdiction, id, {"cloud"}),
                                            MakeGrant("registry.*", ScopeKind::kJurisdiction, id)}));
  };
  const auto school = [&](const std::string& token, const std::string& id) {
    resources_.AddCaller(token, MakeCaller({MakeGrant("resources.*", ScopeKind::kOrganisation, id),
                                            MakeGrant("registry.*", ScopeKind::kOrganisation, id)},
                                           id));
  };
  place("near", near_id_);
  place("far", far_id_);
  place("city", city_id_);
  school("near-school", near_school_);
  school("far-school", far_school_);
  resources_.AddCaller("stranger", MakeCaller({}));

  alliance_id_ = Alliance(registry::ALLIANCE_TYPE_EDUCATION_GROUP, city_id_).id();
  Join(alliance_id_, near_school_, registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  Join(alliance_id_, near_second_, registry::MEMBERSHIP_ROLE_MEMBER);
  Join(alliance_id_, far_school_, registry::MEMBERSHIP_ROLE_MEMBER);

  const int first_year = std::stoi(Day().substr(0, 4)) - (Day().substr(5) < "09-01" ? 1 : 0);
  registry::CreateSchoolYearRequest year;
  year.mutable_school_year()->set_key(absl::StrCat(first_year, "-", first_year + 1));
  year.mutable_school_year()->set_starts_on(absl::StrCat(first_year, "-09-01"));
  year.mutable_school_year()->set_ends_on(absl::StrCat(first_year + 1, "-08-31"));
  year.mutable_school_year()->set_statistics_on(absl::StrCat(first_year, "-09-01"));
  const auto made = service_.Call<registry::SchoolYear>("SchoolYearService/CreateSchoolYear", year);
  EXPECT_TRUE(made.ok()) << Explain(made.status());
  if (made.ok()) year_id_ = made->id();
  CatchUp();
}

type::v1::TransitionRequest LessonsWorld::Transition(const std::string& id, const std::string& reason) {
  type::v1::TransitionRequest request;
  request.set_id(id);
  request.set_reason(reason);
  return request;
}

std::string LessonsWorld::Explain(const absl::Status& status) {
  std::string text(status.ToString());
  const base::Failure failure = base::FailureOf(status);
  for (const auto& violation : failure.violations()) {
    absl::StrAppend(&text, "\n  ", violation.field(), ": ",
                    base::Describe(violation.reason(), violation.arguments(), base::Language::kEnglish));
  }
  return text;
}

std::vector<std::string> LessonsWorld::ViolatedFields(const absl::Status& status) {
  std::vector<std::string> fields;
  const base::Failure failure = base::FailureOf(status);
  for (const auto& violation : failure.violations()) fields.push_back(violation.field());
  return fields;
}

registry::Alliance LessonsWorld::Alliance(registry::AllianceType type, const std::string& jurisdiction_id,
                                          const std::string& parent_id) {
  registry::CreateAllianceRequest request;
  request.mutable_alliance()->set_name(registry::AllianceType_Name(type));
  request.mutable_alliance()->set_type(type);
  request.mutable_alliance()->set_jurisdiction_id(jurisdiction_id);
  request.mutable_alliance()->set_parent_alliance_id(parent_id);
  request.mutable_alliance()->set_state(registry::ALLIANCE_STATE_ACTIVE);
  request.mutable_alliance()->set_active_on("2020-09-01");
  const auto made = service_.Call<registry::Alliance>("AllianceService/CreateAlliance", request);
  EXPECT_TRUE(made.ok()) << Explain(made.status());
  return made.ok() ? *made : registry::Alliance();
}

registry::Membership LessonsWorld::Join(const std::string& alliance_id, const std::string& organisation_id,
                                        registry::MembershipRole role, registry::MembershipSide side) {
  registry::CreateMembershipRequest request;
  request.mutable_membership()->set_alliance_id(alliance_id);
  request.mutable_membership()->set_organisation_id(organisation_id);
  request.mutable_membership()->set_role(role);
  request.mutable_membership()->set_side(side);
  request.mutable_membership()->set_state(registry::MEMBERSHIP_STATE_ACTIVE);
  request.mutable_membership()->set_joined_on("2020-09-01");
  const auto made = service_.Call<registry::Membership>("MembershipService/CreateMembership", request);
  EXPECT_TRUE(made.ok()) << Explain(made.status());
  return made.ok() ? *made : registry::Membership();
}

registry::Alliance LessonsWorld::SchoolPair(const std::string& first_school_id,
                                            const std::string& second_school_id) {
  if (regional_id_.empty()) regional_id_ = Alliance(registry::ALLIANCE_TYPE_REGIONAL, city_id_).id();
  const registry::Alliance pair = Alliance(registry::ALLIANCE_TYPE_SCHOOL_PAIR, city_id_, regional_id_);
  Join(pair.id(), first_school_id, registry::MEMBERSHIP_ROLE_HELPER, registry::MEMBERSHIP_SIDE_FIRST);
  Join(pair.id(), second_school_id, registry::MEMBERSHIP_ROLE_HELPED, registry::MEMBERSHIP_SIDE_SECOND);
  return pair;
}

void LessonsWorld::Stamp() {
  while (*resources_.engine().RestampSome(absl::Now() + absl::Seconds(30)) > 0) continue;
}

std::string LessonsWorld::Day(int days) {
  return base::BusinessDate(resources_.clock().Now() + days * absl::Hours(24));
}

const std::string& LessonsWorld::Bells(const std::string& school_id) {
  std::string& id = bells_[school_id];
  if (!id.empty()) return id;
  resources::CreateBellScheduleRequest request;
  request.mutable_bell_schedule()->set_school_id(school_id);
  int number = 0;
  for (const auto& [from, to] : {std::make_pair("08:00", "08:40"), std::make_pair("08:50", "09:30"),
                                 std::make_pair("10:00", "10:40")}) {
    auto* period = request.mutable_bell_schedule()->add_periods();
    period->set_number(++number);
    period->set_starts_at(from);
    period->set_ends_at(to);
  }
  id = Must<resources::BellSchedule>("BellScheduleService/CreateBellSchedule", request).id();
  return id;
}

resources::LessonTeacher LessonsWorld::Teacher(const std::string& school_id, const std::string& teacher_id) {
  resources::CreateLessonTeacherRequest request;
  request.mutable_lesson_teacher()->set_school_id(school_id);
  request.mutable_lesson_teacher()->set_teacher_id(teacher_id);
  return Must<resources::LessonTeacher>("LessonTeacherService/CreateLessonTeacher", request);
}

resources::OnlineLesson LessonsWorld::NewLesson(const std::string& school_id, const std::string& date,
                                                const std::string& starts_at, const std::string& ends_at) {
  resources::OnlineLesson lesson;
  lesson.set_alliance_id(alliance_id_);
  lesson.set_sender_school_id(school_id);
  lesson.set_bell_schedule_id(Bells(school_id));
  lesson.set_lesson_teacher_id(Teacher(school_id, base::RandomId()).id());
  lesson.set_mode(resources::LESSON_MODE_DELIVERED);
  lesson.set_title("小数的意义");
  lesson.set_subject(type::v1::SUBJECT_MATHEMATICS);
  lesson.set_grade(type::v1::GRADE_4);
  lesson.set_lesson_date(date);
  lesson.set_starts_at(starts_at);
  lesson.set_ends_at(ends_at);
  return lesson;
}

absl::StatusOr<resources::OnlineLesson> LessonsWorld::Plan(const resources::OnlineLesson& lesson,
                                                           const std::string& token) {
  resources::CreateOnlineLessonRequest request;
  *request.mutable_online_lesson() = lesson;
  return resources_.Call<resources::OnlineLesson>("OnlineLessonService/CreateOnlineLesson", request, token);
}

resources::LessonReception LessonsWorld::NewReception(const std::string& lesson_id,
                                                      const std::string& school_id) {
  resources::LessonReception reception;
  reception.set_online_lesson_id(lesson_id);
  reception.set_receiver_school_id(school_id);
  reception.set_bell_schedule_id(Bells(school_id));
  reception.set_class_name("四年级");
  reception.set_room("多媒体室");
  return reception;
}

absl::StatusOr<resources::LessonReception> LessonsWorld::Receive(const resources::LessonReception& reception,
                                                                 const std::string& token) {
  resources::CreateLessonReceptionRequest request;
  *request.mutable_lesson_reception() = reception;
  return resources_.Call<resources::LessonReception>("LessonReceptionService/CreateLessonReception", request,
                                                     token);
}

resources::RemoteClassroomPair LessonsWorld::Rooms(const std::string& school_a_id,
                                                   const std::string& school_b_id,
                                                   const std::string& alliance_id) {
  resources::CreateRemoteClassroomPairRequest request;
  resources::RemoteClassroomPair& pair = *request.mutable_remote_classroom_pair();
  pair.set_alliance_id(alliance_id);
  pair.set_school_a_id(school_a_id);
  pair.set_school_b_id(school_b_id);
  pair.set_room_a("一号厅");
  pair.set_room_b("互动室");
  pair.set_installed_on(Day(-400));
  pair.set_in_service_on(Day(-365));
  pair.set_state(resources::REMOTE_CLASSROOM_PAIR_STATE_IN_SERVICE);
  return Must<resources::RemoteClassroomPair>("RemoteClassroomPairService/CreateRemoteClassroomPair",
                                              request);
}

}  // namespace lianqiao::conformance
