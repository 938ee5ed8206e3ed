// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/weekly_dates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lianqiao::resources {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Refused(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const base::Violation& violation : violations) fields.push_back(violation.field());
  return fields;
}

v1::PlanWeeklyOnlineLessonsRequest Weeks(const std::string& from, const std::string& to) {
  v1::PlanWeeklyOnlineLessonsRequest request;
  request.set_from_on(from);
  request.set_to_on(to);
  request.add_weekdays(v1::WEEKDAY_MONDAY);
  request.add_weekdays(v1::WEEKDAY_THURSDAY);
  return request;
}

std::vector<std::string> Dates(const v1::PlanWeeklyOnlineLessonsRequest& request) {
  resource::Violations violations;
  const std::vector<std::string> dates = WeeklyDates(request, &violations);
  EXPECT_THAT(Refused(violations), IsEmpty());
  return dates;
}

std::vector<std::string> Wrong(const v1::PlanWeeklyOnlineLessonsRequest& request) {
  resource::Violations violations;
  WeeklyDates(request, &violations);
  return Refused(violations);
}

TEST(WeeklyDates, EveryWeekdayBetweenTheDatesButThoseSkipped) {
  auto request = Weeks("2026-03-02", "2026-03-12");
  EXPECT_THAT(Dates(request), ElementsAre("2026-03-02", "2026-03-05", "2026-03-09", "2026-03-12"));
  request.add_skipped_dates("2026-03-05");
  EXPECT_THAT(Dates(request), ElementsAre("2026-03-02", "2026-03-09", "2026-03-12"));
}

TEST(WeeklyDates, EveryOtherWeekFromTheWeekOfTheFirstDay) {
  auto request = Weeks("2026-03-03", "2026-03-31");  // A Tuesday: its Monday is over.
  request.set_every_weeks(2);
  EXPECT_THAT(Dates(request), ElementsAre("2026-03-05", "2026-03-16", "2026-03-19", "2026-03-30"));
}

TEST(WeeklyDates, RefusesWhatGivesNoDaysOrTooMany) {
  EXPECT_THAT(Wrong(Weeks("2026-03-03", "2026-03-04")), ElementsAre("weekdays"));
  EXPECT_THAT(Wrong(Weeks("2026-03-03", "2026-03-02")), ElementsAre("toOn"));
  EXPECT_THAT(Wrong(Weeks("2026-03-02", "2027-03-04")), ElementsAre("toOn"));
  auto request = Weeks("2026-03-02", "2027-03-01");
  for (const auto day : {v1::WEEKDAY_TUESDAY, v1::WEEKDAY_WEDNESDAY}) request.add_weekdays(day);
  EXPECT_THAT(Wrong(request), ElementsAre("toOn")) << "more than 200 lessons";
  request = Weeks("2026-03-02", "2026-03-12");
  request.add_skipped_dates("3月5日");
  EXPECT_THAT(Wrong(request), ElementsAre("skippedDates"));
}

}  // namespace
}  // namespace lianqiao::resources
