// SPDX-License-Identifier: Apache-2.0
// Every state of platforms, courses, remote classrooms, online lessons and online research moves along these
// tables and no others, as the domain paper has them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lianqiao/options/v1/options.pb.h"
#include "lianqiao/resources/v1/brand_project.pb.h"
#include "lianqiao/resources/v1/course.pb.h"
#include "lianqiao/resources/v1/equipment_facts.pb.h"
#include "lianqiao/resources/v1/lesson_reception.pb.h"
#include "lianqiao/resources/v1/lesson_timetable.pb.h"
#include "lianqiao/resources/v1/online_lesson.pb.h"
#include "lianqiao/resources/v1/online_research_rule.pb.h"
#include "lianqiao/resources/v1/online_research_session.pb.h"
#include "lianqiao/resources/v1/platform.pb.h"
#include "lianqiao/resources/v1/remote_classroom_pair.pb.h"
#include "lianqiao/resources/v1/remote_session.pb.h"
#include "lianqiao/resources/v1/upstream_cloud.pb.h"
#include "lianqiao/resources/v1/upstream_use.pb.h"

namespace lianqiao::resources {
namespace {

using google::protobuf::Descriptor;
using testing::ElementsAreArray;
using testing::IsEmpty;

// "Launch: PLANNED -> ONLINE", in the order of the contract.
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

TEST(LessonTransitionTables, PlatformsGoOnlineOnceAndOfflineForGood) {
  EXPECT_THAT(TableOf(*v1::Platform::descriptor()),
              ElementsAreArray({"Launch: PLANNED -> ONLINE", "Retire: ONLINE -> OFFLINE"}));
}

TEST(LessonTransitionTables, CloudsAreLinkedPausedAndGivenUp) {
  EXPECT_THAT(TableOf(*v1::UpstreamCloud::descriptor()),
              ElementsAreArray({"Link: REGISTERED PAUSED -> LINKED", "Pause: LINKED FAILING -> PAUSED",
                                "Unlink: REGISTERED LINKED FAILING PAUSED -> UNLINKED"}));
}

TEST(LessonTransitionTables, CoursesOpenAndClose) {
  EXPECT_THAT(TableOf(*v1::Course::descriptor()),
              ElementsAreArray(
                  {"Open: PLANNED -> OPEN", "Close: OPEN -> CLOSED", "Cancel: PLANNED OPEN -> CANCELLED"}));
}

TEST(LessonTransitionTables, BrandProjectsAreBuiltUpAndRecognised) {
  EXPECT_THAT(TableOf(*v1::BrandProject::descriptor()),
              ElementsAreArray({"Begin: PLANNED -> BUILDING", "Recognise: BUILDING -> RECOGNISED",
                                "End: BUILDING RECOGNISED -> ENDED"}));
}

TEST(LessonTransitionTables, RemoteClassroomsGoIntoServiceAndOutOfIt) {
  EXPECT_THAT(TableOf(*v1::RemoteClassroomPair::descriptor()),
              ElementsAreArray({"Start: PLANNED -> IN_SERVICE", "Stop: IN_SERVICE -> OUT_OF_SERVICE"}));
}

TEST(LessonTransitionTables, LessonsAreHeldLoggedMissedAndMadeUp) {
  EXPECT_THAT(TableOf(*v1::OnlineLesson::descriptor()),
              ElementsAreArray({"Hold: PLANNED -> HELD", "Log: HELD -> LOGGED", "Miss: PLANNED -> MISSED",
                                "MakeUp: MISSED -> MADE_UP", "Cancel: PLANNED -> CANCELLED"}));
}

// Confirming is a method of its own, since it may be done again: resources_lesson_pgtest walks it.
TEST(LessonTransitionTables, ReceptionsAreConfirmedHeldMissedAndMadeUp) {
  EXPECT_THAT(TableOf(*v1::LessonReception::descriptor()),
              ElementsAreArray({"Decline: PROPOSED CONFIRMED -> DECLINED", "Hold: CONFIRMED -> HELD",
                                "Miss: CONFIRMED -> MISSED", "MakeUp: MISSED -> MADE_UP"}));
}

TEST(LessonTransitionTables, ResearchRulesAndSessionsBeginAndEnd) {
  EXPECT_THAT(TableOf(*v1::OnlineResearchRule::descriptor()),
              ElementsAreArray({"Enforce: DRAFTED -> IN_FORCE", "End: IN_FORCE -> ENDED"}));
  EXPECT_THAT(TableOf(*v1::OnlineResearchSession::descriptor()),
              ElementsAreArray({"Hold: PLANNED -> HELD", "Cancel: PLANNED -> CANCELLED"}));
}

TEST(LessonTransitionTables, WhatIsOnlyCountedHasNoStates) {
  for (const Descriptor* record :
       {v1::EquipmentFacts::descriptor(), v1::RemoteSession::descriptor(), v1::UpstreamUse::descriptor(),
        v1::BellSchedule::descriptor(), v1::LessonTeacher::descriptor()}) {
    EXPECT_THAT(TableOf(*record), IsEmpty()) << record->name();
    EXPECT_EQ(record->FindFieldByName("state"), nullptr) << record->name();
  }
}

}  // namespace
}  // namespace lianqiao::resources
