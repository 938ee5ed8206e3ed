// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/timetable_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace lianqiao::research {
namespace {

using resource::FactRow;
using resource::Facts;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

FactRow Row(std::map<std::string, std::string> values) {
  return FactRow(std::move(values));
}

std::vector<std::string> FieldsOf(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const auto& violation : violations) fields.push_back(violation.field());
  return fields;
}

v1::TimetableLesson Lesson() {
  v1::TimetableLesson lesson;
  lesson.set_id("new");
  lesson.set_joint_timetable_id("timetable");
  lesson.set_weekday(3);
  lesson.set_period(2);
  lesson.set_timetable_teacher_id("wang");
  lesson.set_organisation_id("school");
  lesson.set_class_name("五年级5班");
  lesson.set_room("301");
  return lesson;
}

// A lesson that is there already: another teacher, class and room, but for what is said.
FactRow Other(std::map<std::string, std::string> values) {
  std::map<std::string, std::string> row = {{"id", "old"},
                                            {"period", "2"},
                                            {"weeks", "TIMETABLE_WEEKS_EVERY"},
                                            {"timetable_teacher_id", "li"},
                                            {"organisation_id", "school"},
                                            {"class_name", "五年级6班"},
                                            {"room", "302"}};
  for (const auto& [column, value] : values) row[column] = value;
  return FactRow(row);
}

Facts With(std::vector<FactRow> lessons) {
  Facts facts;
  facts.Add("timetable", {Row({{"state", "JOINT_TIMETABLE_STATE_PUBLISHED"}})});
  facts.Add("teacher", {Row({{"joint_timetable_id", "timetable"}})});
  facts.Add("lessons", std::move(lessons));
  return facts;
}

std::vector<std::string> Check(const v1::TimetableLesson& lesson, const Facts& facts) {
  return FieldsOf(CheckTimetableLesson(nullptr, lesson, facts));
}

TEST(TimetableLessonRules, NobodyAndNothingIsNeededTwiceAtATime) {
  EXPECT_THAT(Check(Lesson(), With({Other({})})), IsEmpty());
  EXPECT_THAT(Check(Lesson(), With({Other({{"timetable_teacher_id", "wang"}})})),
              ElementsAre("timetableTeacherId"));
  EXPECT_THAT(Check(Lesson(), With({Other({{"class_name", "五年级5班"}})})), ElementsAre("className"));
  EXPECT_THAT(Check(Lesson(), With({Other({{"room", "301"}})})), ElementsAre("room"));
  EXPECT_THAT(Check(Lesson(), With({Other({{"room", "301"}, {"organisation_id", "elsewhere"}})})), IsEmpty())
      << "rooms of two schools have the same number";
  EXPECT_THAT(
      Check(Lesson(), With({Other({{"timetable_teacher_id", "wang"}, {"organisation_id", "elsewhere"}})})),
      ElementsAre("timetableTeacherId"))
      << "a teacher is one person in both schools";
}

TEST(TimetableLessonRules, WhatIsNotSaidIsInNobodysWay) {
  v1::TimetableLesson lesson = Lesson();
  lesson.clear_timetable_teacher_id();
  lesson.clear_room();
  EXPECT_THAT(Check(lesson, With({Other({{"timetable_teacher_id", ""}, {"room", ""}})})), IsEmpty());
}

TEST(TimetableLessonRules, OtherTimesAreFree) {
  const auto wang = [](std::map<std::string, std::string> values) {
    values["timetable_teacher_id"] = "wang";
    return With({Other(values)});
  };
  EXPECT_THAT(Check(Lesson(), wang({{"period", "3"}})), IsEmpty());
  v1::TimetableLesson odd = Lesson();
  odd.set_weeks(v1::TIMETABLE_WEEKS_ODD);
  EXPECT_THAT(Check(odd, wang({{"weeks", "TIMETABLE_WEEKS_EVEN"}})), IsEmpty());
  EXPECT_THAT(Check(odd, wang({{"weeks", "TIMETABLE_WEEKS_ODD"}})), ElementsAre("timetableTeacherId"));
  v1::TimetableLesson first_half = Lesson();
  first_half.set_to_on("2023-10-31");
  EXPECT_THAT(Check(first_half, wang({{"from_on", "2023-11-01"}})), IsEmpty());
  EXPECT_THAT(Check(first_half, wang({{"to_on", "2023-10-04"}})), ElementsAre("timetableTeacherId"));
  v1::TimetableLesson timed = Lesson();
  timed.set_starts_at("10:00");
  timed.set_ends_at("10:40");
  EXPECT_THAT(Check(timed, wang({{"starts_at", "10:40"}, {"ends_at", "11:20"}})), IsEmpty());
  EXPECT_THAT(Check(timed, wang({{"period", "3"}, {"starts_at", "10:39"}, {"ends_at", "11:20"}})),
              ElementsAre("timetableTeacherId"));
}

TEST(TimetableLessonRules, WhoIsInTheWayIsNamedAndWhen) {
  const Facts facts = With({Other({{"timetable_teacher_id", "wang"},
                                   {"starts_at", "10:00"},
                                   {"ends_at", "10:40"},
                                   {"weeks", "TIMETABLE_WEEKS_ODD"}})});
  const auto violations = CheckTimetableLesson(nullptr, Lesson(), facts);
  ASSERT_EQ(violations.size(), 1);
  const auto text = [&](base::Language language) {
    return base::Describe(violations[0].reason(), violations[0].arguments(), language);
  };
  EXPECT_THAT(text(base::Language::kChinese),
              HasSubstr("教师wang在周三第2节(10:00–10:40,单周)已有课:课时old,班级五年级6班"));
  EXPECT_THAT(
      text(base::Language::kEnglish),
      HasSubstr("teacher wang has a lesson then: Wednesday, period 2 (10:00–10:40, odd weeks), lesson "
                "old of class 五年级6班"));
}

// What another timetable of the term holds, by the teacher's reference.
TEST(TimetableLessonRules, ATeacherOfTwoTimetablesIsOnePerson) {
  Facts facts = With({Other({{"timetable_teacher_id", "wang-too"},
                             {"teacher_ref", "t-wang"},
                             {"joint_timetable_id", "second"}}),
                      Other({{"id", "erased"}, {"timetable_teacher_id", "gone"}})});
  facts.Add("teacher", {Row({{"joint_timetable_id", "timetable"}, {"teacher_ref", "t-wang"}})});
  const auto violations = CheckTimetableLesson(nullptr, Lesson(), facts);
  EXPECT_THAT(FieldsOf(violations), ElementsAre("timetableTeacherId"));
  const std::string text =
      base::Describe(violations[0].reason(), violations[0].arguments(), base::Language::kEnglish);
  EXPECT_THAT(text, HasSubstr("teacher wang has a lesson then: Wednesday, period 2, lesson old of class"));
  EXPECT_THAT(text, HasSubstr("in timetable second"));
  EXPECT_THAT(text, testing::Not(HasSubstr("t-wang")));
}

TEST(TimetableLessonRules, OfAnotherAllianceNothingIsToldButThatItIsInTheWay) {
  const Facts facts =
      With({Other({{"room", "301"}, {"joint_timetable_id", "second"}, {"of_another_alliance", "t"}})});
  const auto violations = CheckTimetableLesson(nullptr, Lesson(), facts);
  EXPECT_THAT(FieldsOf(violations), ElementsAre("room"));
  const std::string text =
      base::Describe(violations[0].reason(), violations[0].arguments(), base::Language::kEnglish);
  EXPECT_THAT(text, HasSubstr("in a timetable of another alliance"));
  for (const char* told : {"old", "五年级6班", "second"}) EXPECT_THAT(text, testing::Not(HasSubstr(told)));
}

TEST(TimetableLessonRules, AFewConflictsAreNamedAndNotAll) {
  std::vector<FactRow> lessons;
  for (int i = 0; i < 30; ++i)
    lessons.push_back(Other({{"id", absl::StrCat("old", i)}, {"timetable_teacher_id", "wang"}}));
  EXPECT_EQ(CheckTimetableLesson(nullptr, Lesson(), With(lessons)).size(), 10);
}

TEST(TimetableLessonRules, ALessonEndsAfterItBegins) {
  v1::TimetableLesson lesson = Lesson();
  lesson.set_starts_at("10:00");
  EXPECT_THAT(Check(lesson, With({})), ElementsAre("endsAt"));
  lesson.set_ends_at("10:00");
  EXPECT_THAT(Check(lesson, With({})), ElementsAre("endsAt"));
  lesson.clear_starts_at();
  EXPECT_THAT(Check(lesson, With({})), ElementsAre("startsAt"));
  lesson = Lesson();
  lesson.set_from_on("2023-10-02");
  lesson.set_to_on("2023-10-01");
  EXPECT_THAT(Check(lesson, With({})), ElementsAre("toOn"));
}

TEST(TimetableLessonRules, TheTeacherIsOneOfTheTimetableAndThatIsOpen) {
  Facts facts = With({});
  facts.Add("teacher", {Row({{"joint_timetable_id", "other"}})});
  EXPECT_THAT(Check(Lesson(), facts), ElementsAre("timetableTeacherId"));
  facts = With({});
  facts.Add("timetable", {Row({{"state", "JOINT_TIMETABLE_STATE_CLOSED"}})});
  EXPECT_THAT(Check(Lesson(), facts), ElementsAre("jointTimetableId"));
  EXPECT_THAT(FieldsOf(CheckTimetableTeacher(nullptr, v1::TimetableTeacher(), facts)),
              ElementsAre("jointTimetableId"));
  EXPECT_THAT(FieldsOf(CheckTimetableLessonDeletion(Lesson(), facts)), ElementsAre("jointTimetableId"));
  EXPECT_THAT(FieldsOf(CheckTimetableTeacherDeletion(v1::TimetableTeacher(), facts)),
              ElementsAre("jointTimetableId"));
  EXPECT_THAT(FieldsOf(CheckTimetableTeacher(nullptr, v1::TimetableTeacher(), With({}))), IsEmpty());
  EXPECT_THAT(FieldsOf(CheckTimetableLessonDeletion(Lesson(), With({}))), IsEmpty());
  EXPECT_THAT(FieldsOf(CheckTimetableTeacherDeletion(v1::TimetableTeacher(), With({}))), IsEmpty());
}

TEST(JointTimetableRules, AnEmptyOneIsNotPublished) {
  Facts facts;
  facts.set_method("PublishJointTimetable");
  EXPECT_THAT(FieldsOf(CheckJointTimetable(nullptr, v1::JointTimetable(), facts)), ElementsAre("id"));
  facts.Add("lesson", {Row({{"id", "lesson"}})});
  EXPECT_THAT(FieldsOf(CheckJointTimetable(nullptr, v1::JointTimetable(), facts)), IsEmpty());
}

TEST(JointTimetableRules, AClosedOneStays) {
  for (int state = 1; state < v1::JointTimetableState_ARRAYSIZE; ++state) {
    v1::JointTimetable before;
    before.set_state(static_cast<v1::JointTimetableState>(state));
    v1::JointTimetable after = before;
    after.set_title("新名称");
    const bool closed = before.state() == v1::JOINT_TIMETABLE_STATE_CLOSED;
    EXPECT_EQ(CheckJointTimetable(&before, after, Facts()).empty(), !closed) << state;
    EXPECT_EQ(CheckJointTimetableDeletion(before, Facts()).empty(), !closed) << state;
  }
  v1::JointTimetable timetable;
  timetable.set_published_on("2023-09-02");
  timetable.set_closed_on("2023-09-01");
  EXPECT_THAT(FieldsOf(CheckJointTimetable(nullptr, timetable, Facts())), ElementsAre("closedOn"));
}

}  // namespace
}  // namespace lianqiao::research
