// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/weekly_share.h"

#include <gtest/gtest.h>

#include "services/teacher-exchange/rules_testing.h"

namespace lianqiao::exchange {
namespace {

using resource::FactRow;
using v1::Assignment;

constexpr char kToday[] = "2026-11-26";

Assignment Of(v1::AssignmentState state, const std::string& planned_from, const std::string& planned_until,
              const std::string& started_on = "", const std::string& ended_on = "") {
  Assignment assignment;
  assignment.set_state(state);
  assignment.set_planned_from(planned_from);
  assignment.set_planned_until(planned_until);
  assignment.set_started_on(started_on);
  assignment.set_ended_on(ended_on);
  assignment.set_weekly_share_percent(60);
  return assignment;
}

TEST(WeeklyShare, OnlyWhatWasApprovedTakesOne) {
  Share share;
  for (const auto state :
       {v1::ASSIGNMENT_STATE_UNSPECIFIED, v1::ASSIGNMENT_STATE_NOMINATED, v1::ASSIGNMENT_STATE_WITHDRAWN})
    EXPECT_FALSE(TakesShare(Of(state, "2026-09-01", "2027-08-31"), kToday, &share));
  ASSERT_TRUE(TakesShare(Of(v1::ASSIGNMENT_STATE_APPROVED, "2026-09-01", "2027-08-31"), kToday, &share));
  EXPECT_EQ(share, (Share{"2026-09-01", "2027-08-31", 60}));
}

TEST(WeeklyShare, WhoIsOnPostStaysUntilItIsOver) {
  Share share;
  for (const auto state : {v1::ASSIGNMENT_STATE_ON_POST, v1::ASSIGNMENT_STATE_EXTENDED}) {
    ASSERT_TRUE(TakesShare(Of(state, "2025-09-01", "2026-08-31", "2025-09-03"), kToday, &share));
    EXPECT_EQ(share, (Share{"2025-09-03", kToday, 60})) << "beyond what was planned";
    ASSERT_TRUE(TakesShare(Of(state, "2025-09-01", ""), kToday, &share));
    EXPECT_EQ(share, (Share{"2025-09-01", "", 60})) << "no end is planned";
  }
}

TEST(WeeklyShare, WhatHasEndedTookItUntilThen) {
  Share share;
  for (const auto state :
       {v1::ASSIGNMENT_STATE_COMPLETED, v1::ASSIGNMENT_STATE_ASSESSED, v1::ASSIGNMENT_STATE_RECALLED}) {
    ASSERT_TRUE(TakesShare(Of(state, "2025-09-01", "2026-08-31", "", "2026-03-01"), kToday, &share));
    EXPECT_EQ(share.until, "2026-03-01");
    ASSERT_TRUE(TakesShare(Of(state, "2025-09-01", "2026-08-31"), kToday, &share));
    EXPECT_EQ(share.until, "2026-08-31") << "nobody knows when: as planned";
    EXPECT_FALSE(TakesShare(Of(state, "2025-09-01", ""), kToday, &share)) << "nobody knows when";
  }
}

TEST(WeeklyShare, RowsAreReadAsAssignments) {
  const FactRow row = Row({{"state", "ASSIGNMENT_STATE_ON_POST"},
                           {"planned_until", "2027-08-31"},
                           {"started_on", "2026-09-01"},
                           {"weekly_share_percent", "40"}});
  const auto shares = SharesOf({row, Row({{"state", "ASSIGNMENT_STATE_NOMINATED"}})}, kToday);
  ASSERT_EQ(shares.size(), 1u);
  EXPECT_EQ(shares[0], (Share{"2026-09-01", "2027-08-31", 40}));
}

TEST(WeeklyShare, TheBusiestDayIsOneOnWhichOneBegins) {
  const Share own{"2026-09-01", "2027-08-31", 50};
  EXPECT_EQ(BusiestDay(own, {}).percent, 50);
  EXPECT_EQ(BusiestDay(own, {}).day, "2026-09-01");
  // One after the other: never both at once.
  const Busiest apart = BusiestDay(own, {{"2026-09-01", "2026-12-31", 50}, {"2027-01-01", "2027-08-31", 50}});
  EXPECT_EQ(apart.percent, 100);
  const Busiest together =
      BusiestDay(own, {{"2026-09-01", "2027-02-01", 40}, {"2027-02-01", "2027-08-31", 30}});
  EXPECT_EQ(together.percent, 120);
  EXPECT_EQ(together.day, "2027-02-01") << "the last day of one is the first of the other";
}

TEST(WeeklyShare, OthersOutsideOfItsDaysDoNotCount) {
  const Share own{"2026-09-01", "2027-08-31", 80};
  EXPECT_EQ(BusiestDay(own, {{"2025-09-01", "2026-08-31", 100}, {"2027-09-01", "", 100}}).percent, 80);
  EXPECT_EQ(BusiestDay(own, {{"", "", 30}}).percent, 110) << "open on both sides";
  EXPECT_EQ(BusiestDay({"", "", 80}, {{"2027-09-01", "", 30}}).percent, 110);
}

}  // namespace
}  // namespace lianqiao::exchange
