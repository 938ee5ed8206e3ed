// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/growth_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/teacher-exchange/rules_testing.h"

namespace lianqiao::exchange {
namespace {

using resource::FactRow;
using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(GrowthRecordRules, AYearIsClosedWithItsNote) {
  v1::GrowthRecord record;
  record.set_state(v1::GROWTH_RECORD_STATE_CLOSED);
  EXPECT_THAT(FieldsOf(CheckGrowthRecord(nullptr, record, By("CloseGrowthRecord"))),
              ElementsAre("yearlyNote"));
  record.set_yearly_note("能独立承担六年级教学");
  EXPECT_THAT(FieldsOf(CheckGrowthRecord(nullptr, record, By("CloseGrowthRecord"))), IsEmpty());
}

TEST(GrowthRecordRules, AClosedRecordStandsUntilItIsReopened) {
  v1::GrowthRecord before;
  before.set_state(v1::GROWTH_RECORD_STATE_CLOSED);
  v1::GrowthRecord after = before;
  after.set_goals("骨干教师");
  EXPECT_THAT(FieldsOf(CheckGrowthRecord(&before, after, By("UpdateGrowthRecord"))), ElementsAre("state"));
  const Facts batch = By("BatchUpsertGrowthRecords");
  EXPECT_THAT(FieldsOf(CheckGrowthRecord(&before, after, batch)), ElementsAre("state"));
  EXPECT_THAT(FieldsOf(CheckGrowthRecord(&before, after, Imported(batch))), IsEmpty());
  before.set_state(v1::GROWTH_RECORD_STATE_OPEN);
  after.set_state(v1::GROWTH_RECORD_STATE_OPEN);
  EXPECT_THAT(FieldsOf(CheckGrowthRecord(&before, after, By("UpdateGrowthRecord"))), IsEmpty());
}

TEST(GrowthRecordRules, TheDayOfClosingIsSetByClosing) {
  v1::GrowthRecord record;
  record.set_closed_on("2026-07-10");
  EXPECT_THAT(FieldsOf(CheckGrowthRecord(nullptr, record, By("CreateGrowthRecord"))),
              ElementsAre("closedOn"));
  record.set_state(v1::GROWTH_RECORD_STATE_CLOSED);
  EXPECT_THAT(FieldsOf(CheckGrowthRecord(nullptr, record, By("CreateGrowthRecord"))), IsEmpty()) << "history";
  v1::GrowthRecord before = record;
  record.set_state(v1::GROWTH_RECORD_STATE_OPEN);
  EXPECT_THAT(FieldsOf(CheckGrowthRecord(&before, record, By("ReopenGrowthRecord"))), IsEmpty());
}

TEST(GrowthRecordRules, IdsElsewhereAreNoResidentIds) {
  v1::GrowthRecord record;
  record.add_external_ids()->set_id("13800138000");
  EXPECT_THAT(FieldsOf(CheckGrowthRecord(nullptr, record, By("CreateGrowthRecord"))),
              ElementsAre("externalIds[0].id"));
}

class GrowthEventRules : public testing::Test {
 protected:
  Facts Year(const std::string& state, const std::string& method = "CreateGrowthEvent") {
    Facts facts = By(method);
    facts.Add("record", {Row({{"state", "GROWTH_RECORD_STATE_" + state},
                              {"starts_on", "2026-09-01"},
                              {"ends_on", "2027-08-31"}})});
    return facts;
  }
  std::vector<std::string> On(const std::string& day) {
    v1::GrowthEvent event;
    event.set_happened_on(day);
    return FieldsOf(CheckGrowthEvent(nullptr, event, Year("OPEN")));
  }
};

TEST_F(GrowthEventRules, AnEventLiesInItsYearAndNotInTheFuture) {
  EXPECT_THAT(On("2026-09-01"), IsEmpty());
  EXPECT_THAT(On("2026-11-26"), IsEmpty());
  EXPECT_THAT(On("2026-08-31"), ElementsAre("happenedOn"));
  EXPECT_THAT(On("2026-11-27"), ElementsAre("happenedOn"));
}

TEST_F(GrowthEventRules, EventsStandWithAClosedRecord) {
  v1::GrowthEvent event;
  event.set_happened_on("2026-10-01");
  EXPECT_THAT(FieldsOf(CheckGrowthEvent(nullptr, event, Year("CLOSED"))), ElementsAre("growthRecordId"));
  const Facts batch = Year("CLOSED", "BatchUpsertGrowthEvents");
  EXPECT_THAT(FieldsOf(CheckGrowthEvent(nullptr, event, batch)), ElementsAre("growthRecordId"));
  EXPECT_THAT(FieldsOf(CheckGrowthEvent(nullptr, event, Imported(batch))), IsEmpty());
  EXPECT_THAT(FieldsOf(CheckGrowthEventDeletion(event, Year("CLOSED"))), ElementsAre("growthRecordId"));
  EXPECT_THAT(FieldsOf(CheckGrowthEventDeletion(event, Year("OPEN"))), IsEmpty());
}

}  // namespace
}  // namespace lianqiao::exchange
