// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/quota_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/teacher-exchange/rules_testing.h"

namespace lianqiao::exchange {
namespace {

using resource::FactRow;
using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;
using v1::Quota;

Quota Due(const std::string& due_on, int planned) {
  Quota quota;
  quota.set_jurisdiction_id("county");
  quota.set_due_on(due_on);
  quota.set_planned_count(planned);
  return quota;
}

// So many teachers began on that day.
struct Began {
  std::string started_on;
  int teachers;
  std::string last_on = "";
};

Facts WithPlaces(const std::string& method, const std::vector<Began>& places) {
  std::vector<FactRow> rows;
  for (const Began& began : places) {
    for (int i = 0; i < began.teachers; ++i)
      rows.push_back(Row({{"teacher_id", std::to_string(rows.size())},
                          {"started_on", began.started_on},
                          {"last_on", began.last_on}}));
  }
  Facts facts = By(method);
  facts.Add("places", std::move(rows));
  return facts;
}

TEST(QuotaState, FollowsFromPlacesAndDay) {
  const std::string due = "2026-11-26";
  EXPECT_EQ(QuotaStateOn(0, 3, due, "2026-11-25"), v1::QUOTA_STATE_OPENED);
  EXPECT_EQ(QuotaStateOn(1, 3, due, "2026-11-25"), v1::QUOTA_STATE_FILLING);
  EXPECT_EQ(QuotaStateOn(2, 3, due, "2026-11-26"), v1::QUOTA_STATE_FILLING) << "the last day is one";
  EXPECT_EQ(QuotaStateOn(2, 3, due, "2026-11-27"), v1::QUOTA_STATE_MISSED);
  EXPECT_EQ(QuotaStateOn(0, 3, due, "2026-11-27"), v1::QUOTA_STATE_MISSED);
  EXPECT_EQ(QuotaStateOn(3, 3, due, "2026-11-25"), v1::QUOTA_STATE_MET);
  EXPECT_EQ(QuotaStateOn(4, 3, due, "2026-11-27"), v1::QUOTA_STATE_MET);
}

TEST(QuotaCount, CountsWhoIsOnPostByToday) {
  Quota quota = Due("2026-12-31", 5);
  CountPlaces(&quota, WithPlaces("UpdateQuota", {Began{"2026-09-01", 2}, Began{"2026-11-26", 1},
                                                 Began{"2026-11-27", 1}, Began{"", 1}}));
  EXPECT_EQ(quota.filled_count(), 4) << "an unknown first day lies behind us";
  EXPECT_EQ(quota.counted_on(), "2026-11-26");
  EXPECT_EQ(quota.state(), v1::QUOTA_STATE_FILLING);
}

TEST(QuotaCount, TwoPostsOfOneTeacherFillOnePlace) {
  Quota quota = Due("2026-12-31", 2);
  Facts facts = By("UpdateQuota");
  facts.Add("places", {Row({{"teacher_id", "one"}, {"started_on", "2026-09-01"}}),
                       Row({{"teacher_id", "one"}, {"started_on", "2026-10-01"}})});
  CountPlaces(&quota, facts);
  EXPECT_EQ(quota.filled_count(), 1);
  EXPECT_EQ(quota.state(), v1::QUOTA_STATE_FILLING);
}

TEST(QuotaCount, ARecalledOneCountsToTheLastDay) {
  Quota quota = Due("2026-12-31", 2);
  CountPlaces(&quota, WithPlaces("UpdateQuota", {Began{"2026-09-01", 1, "2026-11-25"},
                                                 Began{"2026-09-01", 1, "2026-11-26"}}));
  EXPECT_EQ(quota.filled_count(), 1);
}

TEST(QuotaCount, AfterTheDayOnlyThatDayCounts) {
  Quota quota = Due("2026-10-31", 3);
  CountPlaces(&quota, WithPlaces("SettleQuota", {Began{"2026-10-31", 1}, Began{"2026-11-01", 1},
                                                 Began{"2026-09-01", 1, "2026-11-15"}}));
  EXPECT_EQ(quota.filled_count(), 2) << "one came too late, one was recalled only later";
  EXPECT_EQ(quota.state(), v1::QUOTA_STATE_MISSED);
}

TEST(QuotaCount, StaysOnceItWasCountedAfterTheDay) {
  Quota quota = Due("2026-10-31", 1);
  quota.set_state(v1::QUOTA_STATE_MISSED);
  quota.set_counted_on("2026-11-02");
  const std::vector<Began> places = {Began{"2026-10-01", 1}};
  CountPlaces(&quota, WithPlaces("UpdateQuota", places));
  EXPECT_EQ(quota.state(), v1::QUOTA_STATE_MISSED);
  EXPECT_EQ(quota.counted_on(), "2026-11-02");
  Facts changed = WithPlaces("UpdateQuota", places);
  changed.Add("changed", {FactRow()});
  Quota other = quota;
  CountPlaces(&other, changed);
  EXPECT_EQ(other.state(), v1::QUOTA_STATE_MET) << "another number or day";
  CountPlaces(&quota, WithPlaces("SettleQuota", places));
  EXPECT_EQ(quota.state(), v1::QUOTA_STATE_MET) << "asked for: an arrival was entered late";
}

TEST(QuotaCount, WasNotDecidedBeforeTheDayWasOver) {
  Quota quota = Due("2026-10-31", 1);
  quota.set_state(v1::QUOTA_STATE_MET);
  quota.set_counted_on("2026-10-31");
  CountPlaces(&quota, WithPlaces("UpdateQuota", {}));
  EXPECT_EQ(quota.state(), v1::QUOTA_STATE_MISSED);
}

TEST(QuotaCount, ALaterDayOpensItAgain) {
  Quota quota = Due("2026-12-31", 2);
  quota.set_state(v1::QUOTA_STATE_MISSED);
  quota.set_counted_on("2026-11-01");
  CountPlaces(&quota, WithPlaces("UpdateQuota", {Began{"2026-09-01", 1}}));
  EXPECT_EQ(quota.state(), v1::QUOTA_STATE_FILLING);
}

TEST(QuotaCount, HistoryKeepsWhatItSays) {
  Quota quota = Due("2015-12-31", 40);
  quota.set_state(v1::QUOTA_STATE_MET);
  quota.set_filled_count(41);
  CountPlaces(&quota, WithPlaces("BatchUpsertQuotas", {}));
  EXPECT_EQ(quota.state(), v1::QUOTA_STATE_MET);
  EXPECT_EQ(quota.filled_count(), 41);
}

TEST(QuotaRules, ForAnAllianceOrAJurisdiction) {
  Quota quota = Due("2026-12-31", 1);
  const auto refused = [&] { return FieldsOf(CheckQuota(nullptr, quota, By("CreateQuota"))); };
  EXPECT_THAT(refused(), IsEmpty());
  quota.set_alliance_id("alliance");
  EXPECT_THAT(refused(), ElementsAre("jurisdictionId"));
  quota.clear_jurisdiction_id();
  quota.set_side(v1::QUOTA_SIDE_FIRST);
  EXPECT_THAT(refused(), IsEmpty());
  quota.clear_alliance_id();
  EXPECT_THAT(refused(), ElementsAre("jurisdictionId", "allianceId"));
  quota = Due("2026-12-31", 1);
  quota.set_opened_on("2027-01-01");
  EXPECT_THAT(refused(), ElementsAre("dueOn"));
}

TEST(QuotaRules, NeverLessThanIsTaken) {
  const Quota before = Due("2026-12-31", 5);
  Quota after = Due("2026-12-31", 3);
  Facts facts = By("UpdateQuota");
  facts.Add("taken", {Row({{"taken", "3"}})});
  EXPECT_THAT(CheckQuota(&before, after, facts), IsEmpty());
  after.set_planned_count(2);
  EXPECT_THAT(FieldsOf(CheckQuota(&before, after, facts)), ElementsAre("plannedCount"));
  EXPECT_THAT(CheckQuota(&after, after, facts), IsEmpty()) << "an import took more than there were";
}

}  // namespace
}  // namespace lianqiao::exchange
