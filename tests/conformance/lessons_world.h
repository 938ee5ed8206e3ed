// SPDX-License-Identifier: Apache-2.0
// Resource-sharing beside the registry that it follows, for lessons: two counties, four schools, an alliance
// over both counties, and the school year of today. Tests only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "lianqiao/resources/v1/lesson_reception.pb.h"
#include "lianqiao/resources/v1/lesson_timetable.pb.h"
#include "lianqiao/resources/v1/online_lesson.pb.h"
#include "lianqiao/resources/v1/remote_classroom_pair.pb.h"
#include "services/resource-sharing/resources.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {

namespace resources = ::lianqiao::resources::v1;

// Callers: "near" and "far" may do everything in their counties, "city" in both, "near-school" and
// "far-school" in their schools; "operator" everywhere.
class LessonsWorld : public RegistryWorld {
 protected:
  LessonsWorld();

  // Succeeds, or fails the test with every violation.
  template <typename Response>
  Response Must(const std::string& method, const google::protobuf::Message& request,
                const std::string& token = "operator") {
    const auto response = resources_.Call<Response>(method, request, token);
    EXPECT_TRUE(response.ok()) << method << " as " << token << ": " << Explain(response.status()) << "\n"
                               << request.ShortDebugString();
    return response.ok() ? *response : Response();
  }
  template <typename Response>
  absl::Status Try(const std::string& method, const google::protobuf::Message& request,
                   const std::string& token = "operator") {
    return resources_.Call<Response>(method, request, token).status();
  }
  template <typename Record>
  absl::StatusOr<Record> Look(const std::string& noun, const std::string& id, const std::string& token) {
    type::v1::GetRequest get;
    get.set_id(id);
    return resources_.Call<Record>(absl::StrCat(noun, "Service/Get", noun), get, token);
  }
  template <typename Record>
  Record Move(const std::string& noun, const std::string& verb, const std::string& id,
              const std::string& token = "operator", const std::string& reason = "原因") {
    return Must<Record>(absl::StrCat(noun, "Service/", verb, noun), Transition(id, reason), token);
  }
  template <typename Record>
  absl::Status TryMove(const std::string& noun, const std::string& verb, const std::string& id,
                       const std::string& token = "operator", const std::string& reason = "原因") {
    return Try<Record>(absl::StrCat(noun, "Service/", verb, noun), Transition(id, reason), token);
  }
  static type::v1::TransitionRequest Transition(const std::string& id, const std::string& reason);
  static std::string Explain(const absl::Status& status);
  static std::vector<std::string> ViolatedFields(const absl::Status& status);

  // In the registry; CatchUp afterwards.
  registry::Alliance Alliance(registry::AllianceType type, const std::string& jurisdiction_id,
                              const std::string& parent_id = "");
  registry::Membership Join(const std::string& alliance_id, const std::string& organisation_id,
                            registry::MembershipRole role,
                            registry::MembershipSide side = registry::MEMBERSHIP_SIDE_UNSPECIFIED);
  // A pair of schools, in force.
  registry::Alliance SchoolPair(const std::string& first_school_id, const std::string& second_school_id);
  void CatchUp() { resources_.CatchUp(); }
  // Of a background that works off all that has moved.
  void Stamp();

  // The business date, `days` from now.
  std::string Day(int days = 0);

  // Made once per school: 08:00–08:40, 08:50–09:30, 10:00–10:40.
  const std::string& Bells(const std::string& school_id);
  resources::LessonTeacher Teacher(const std::string& school_id, const std::string& teacher_id);
  // A lesson of the school for the alliance, with a teacher and no room or class; not made yet.
  resources::OnlineLesson NewLesson(const std::string& school_id, const std::string& date,
                                    const std::string& starts_at, const std::string& ends_at);
  absl::StatusOr<resources::OnlineLesson> Plan(const resources::OnlineLesson& lesson,
                                               const std::string& token = "operator");
  // A reception with class and room; not made yet.
  resources::LessonReception NewReception(const std::string& lesson_id, const std::string& school_id);
  absl::StatusOr<resources::LessonReception> Receive(const resources::LessonReception& reception,
                                                     const std::string& token = "operator");
  // Rooms of two schools, in service for a year.
  resources::RemoteClassroomPair Rooms(const std::string& school_a_id, const std::string& school_b_id,
                                       const std::string& alliance_id = "");

  testing::TestService resources_;
  std::string near_school_, near_second_;  // Of the county "near"; near_school_ leads the alliance.
  std::string far_school_, far_second_;    // Of the county "far"; far_second_ is in no alliance.
  std::string alliance_id_;                // An education group of the first three.
  std::string year_id_;                    // The school year of today.
  std::string regional_id_;                // Of which school pairs are children.
  std::map<std::string, std::string> bells_;
};

}  // namespace lianqiao::conformance
