// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/timetable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace lianqiao::resource {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The third lesson on Wednesdays.
LessonTime Third() {
  LessonTime time;
  time.weekday = 3;
  time.period = 3;
  return time;
}

LessonTime Minutes(int begins, int ends) {
  LessonTime time = Third();
  time.period = 0;
  time.begins_minute = begins;
  time.ends_minute = ends;
  return time;
}

LessonTime Within(const std::string& from, const std::string& to) {
  LessonTime time = Third();
  time.from_on = from;
  time.to_on = to;
  return time;
}

void ExpectTogether(const LessonTime& a, const LessonTime& b, bool together) {
  EXPECT_EQ(TakePlaceTogether(a, b), together);
  EXPECT_EQ(TakePlaceTogether(b, a), together) << "whichever comes first";
}

TEST(LessonTimes, TheSamePeriodOfTheSameWeekdayIsOneTime) {
  ExpectTogether(Third(), Third(), true);
  LessonTime other = Third();
  other.weekday = 4;
  ExpectTogether(Third(), other, false);
  other = Third();
  other.period = 4;
  ExpectTogether(Third(), other, false);
}

TEST(LessonTimes, OddAndEvenWeeksNeverMeet) {
  LessonTime odd = Third();
  odd.weeks = Weeks::kOdd;
  LessonTime even = Third();
  even.weeks = Weeks::kEven;
  ExpectTogether(odd, even, false);
  ExpectTogether(odd, odd, true);
  ExpectTogether(odd, Third(), true);
  ExpectTogether(even, Third(), true);
}

TEST(LessonTimes, MinutesDecideWhereBothHaveThem) {
  ExpectTogether(Minutes(600, 640), Minutes(639, 679), true);
  ExpectTogether(Minutes(600, 640), Minutes(640, 680), false);
  LessonTime late = Third();
  late.begins_minute = 700;
  late.ends_minute = 740;
  LessonTime early = Third();
  early.begins_minute = 600;
  early.ends_minute = 640;
  ExpectTogether(early, late, false);  // The third lesson of a school that begins later.
  ExpectTogether(early, Third(), true);
  ExpectTogether(Minutes(600, 640), Third(), false);  // Nothing to compare.
}

TEST(LessonTimes, PeriodsThatShareNoSuchWeekdayNeverMeet) {
  ExpectTogether(Within("2026-09-01", "2026-10-31"), Within("2026-10-31", "2027-01-15"), false);
  ExpectTogether(Within("2026-09-01", "2026-10-28"), Within("2026-10-28", "2027-01-15"), true);  // Wednesday.
  ExpectTogether(Within("2026-09-01", "2026-10-28"), Within("2026-10-29", ""), false);
  ExpectTogether(Within("2026-09-01", ""), Within("", "2026-09-30"), true);
  ExpectTogether(Within("", ""), Within("2026-09-02", "2026-09-02"), true);
  ExpectTogether(Within("", "2026-09-01"), Within("2026-09-02", ""), false);
}

TEST(Timetables, EveryLessonInTheWayIsNamedWithWhatBothNeed) {
  Timetable timetable;
  timetable.Add({"a", Third(), {"teacher:wang", "room:1/301"}});
  timetable.Add({"b", Third(), {"teacher:li", "room:1/302", "class:1/五1"}});
  LessonTime fourth = Third();
  fourth.period = 4;
  timetable.Add({"c", fourth, {"teacher:wang", "room:1/302"}});
  EXPECT_THAT(timetable.ConflictsOf({"d", Third(), {"teacher:wang", "room:1/302"}}),
              ElementsAre(TimetableConflict{"a", "teacher:wang"}, TimetableConflict{"b", "room:1/302"}));
  EXPECT_THAT(timetable.ConflictsOf({"a", Third(), {"teacher:wang", "room:1/301"}}), IsEmpty());
  EXPECT_THAT(timetable.ConflictsOf({"d", Third(), {"teacher:zhao", "room:2/301"}}), IsEmpty());
}

// 200 classes with 25 lessons a week: one more lesson is compared with few of them.
TEST(Timetables, OneLessonAmongFiveThousandMeetsOnlyItsOwn) {
  Timetable timetable;
  const auto lesson = [](int index) {
    LessonTime time;
    time.weekday = 1 + index % 5;
    time.period = 1 + index / 5 % 5;
    const int school_class = index / 25;
    return TimetableEntry{absl::StrCat(index),
                          time,
                          {absl::StrCat("class:", school_class), absl::StrCat("room:", school_class),
                           absl::StrCat("teacher:", school_class)}};
  };
  for (int index = 0; index < 5000; ++index) timetable.Add(lesson(index));
  ASSERT_EQ(timetable.size(), 5000);
  for (int index = 0; index < 5000; ++index)
    ASSERT_THAT(timetable.ConflictsOf(lesson(index)), IsEmpty()) << index;
  TimetableEntry second = lesson(2500);
  second.id = "new";
  EXPECT_EQ(timetable.ConflictsOf(second).size(), 3);
}

}  // namespace
}  // namespace lianqiao::resource
