// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/joint_activity_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lianqiao::research {
namespace {

using resource::FactRow;
using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;
using v1::ActivityParty;
using v1::JointActivity;

FactRow Row(std::map<std::string, std::string> values) {
  return FactRow(std::move(values));
}

std::vector<std::string> FieldsOf(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const auto& violation : violations) fields.push_back(violation.field());
  return fields;
}

Facts On(const std::string& today, const std::string& method = "UpdateJointActivity") {
  Facts facts;
  facts.set_today(today);
  facts.set_method(method);
  return facts;
}

// Lesson preparation of two days, as it is reported.
JointActivity Preparation(v1::JointActivityState state = v1::JOINT_ACTIVITY_STATE_HELD) {
  JointActivity activity;
  activity.set_alliance_id("alliance");
  activity.set_category(v1::JOINT_ACTIVITY_CATEGORY_TEACHING_RESEARCH);
  activity.set_type(v1::JOINT_ACTIVITY_TYPE_COLLECTIVE_PREPARATION);
  activity.set_title("集体备课");
  activity.set_term_id("autumn");
  activity.set_starts_on("2023-10-09");
  activity.set_ends_on("2023-10-10");
  activity.set_host_organisation_id("school");
  activity.set_mode(v1::JOINT_ACTIVITY_MODE_MIXED);
  activity.set_day_count(2);
  activity.set_distinct_person_count(267);
  activity.set_state(state);
  return activity;
}

std::vector<std::string> Check(const JointActivity& activity, const Facts& facts = On("2023-11-01")) {
  return FieldsOf(CheckJointActivity(nullptr, activity, facts));
}

TEST(JointActivityRules, AHeldActivityIsFine) {
  EXPECT_THAT(Check(Preparation()), IsEmpty());
}

TEST(JointActivityRules, ItEndsAfterItBegins) {
  JointActivity activity = Preparation();
  activity.set_ends_on("2023-10-08");
  activity.clear_day_count();
  EXPECT_THAT(Check(activity), ElementsAre("endsOn"));
}

TEST(JointActivityRules, OneHostAtMost) {
  JointActivity activity = Preparation();
  activity.set_host_jurisdiction_id("county");
  EXPECT_THAT(Check(activity), ElementsAre("hostJurisdictionId"));
  activity.clear_host_organisation_id();
  EXPECT_THAT(Check(activity), IsEmpty());
}

TEST(JointActivityRules, TypesBelongToTheirExchanges) {
  JointActivity activity = Preparation();
  activity.set_category(v1::JOINT_ACTIVITY_CATEGORY_PARTY_BUILDING);
  EXPECT_THAT(Check(activity), ElementsAre("type"));
  activity.set_type(v1::JOINT_ACTIVITY_TYPE_THEME_PARTY_DAY);
  EXPECT_THAT(Check(activity), IsEmpty());
  for (const auto type : {v1::JOINT_ACTIVITY_TYPE_JOINT_SEMINAR, v1::JOINT_ACTIVITY_TYPE_LECTURE,
                          v1::JOINT_ACTIVITY_TYPE_OTHER}) {
    for (int category = 1; category < v1::JointActivityCategory_ARRAYSIZE; ++category)
      EXPECT_TRUE(BelongsTo(type, static_cast<v1::JointActivityCategory>(category))) << type << category;
  }
}

TEST(JointActivityRules, EveryTypeBelongsToSomeExchange) {
  for (int type = 1; type < v1::JointActivityType_ARRAYSIZE; ++type) {
    bool belongs = false;
    for (int category = 1; category < v1::JointActivityCategory_ARRAYSIZE; ++category)
      belongs = belongs || BelongsTo(static_cast<v1::JointActivityType>(type),
                                     static_cast<v1::JointActivityCategory>(category));
    EXPECT_TRUE(belongs) << type;
  }
}

TEST(JointActivityRules, PersonTimesAreAtLeastAsManyAsPersonsWhereBothAreExact) {
  JointActivity activity = Preparation();
  activity.set_person_time_count(266);
  EXPECT_THAT(Check(activity), ElementsAre("personTimeCount"));
  activity.set_person_time_count_comparison(type::v1::COMPARISON_MORE_THAN);
  EXPECT_THAT(Check(activity), IsEmpty()) << "266余人次 may be 267";
  activity.clear_person_time_count_comparison();
  activity.set_person_time_count(267);
  EXPECT_THAT(Check(activity), IsEmpty());
}

TEST(JointActivityRules, AnOperatorStandsBesideANumber) {
  JointActivity activity = Preparation();
  activity.set_session_count_comparison(type::v1::COMPARISON_AT_LEAST);
  activity.set_lesson_count_comparison(type::v1::COMPARISON_AT_LEAST);
  activity.set_person_time_count_comparison(type::v1::COMPARISON_MORE_THAN);
  activity.set_pupil_count_comparison(type::v1::COMPARISON_ABOUT);
  EXPECT_THAT(Check(activity), ElementsAre("sessionCountComparison", "lessonCountComparison",
                                           "pupilCountComparison", "personTimeCountComparison"));
  activity.set_session_count(1);
  activity.set_lesson_count(11);
  activity.set_person_time_count(300);
  activity.set_pupil_count(1177);
  EXPECT_THAT(Check(activity), IsEmpty());
}

TEST(JointActivityRules, NoMoreDaysThanItLasts) {
  JointActivity activity = Preparation();
  activity.set_day_count(3);
  EXPECT_THAT(Check(activity), ElementsAre("dayCount"));
  activity.set_day_count_comparison(type::v1::COMPARISON_AT_MOST);
  EXPECT_THAT(Check(activity), IsEmpty());
  activity.clear_ends_on();
  activity.clear_day_count_comparison();
  activity.set_day_count(1);
  EXPECT_THAT(Check(activity), IsEmpty());
}

TEST(JointActivityRules, ItBelongsToTheTermOfItsFirstDay) {
  Facts facts = On("2023-11-01");
  facts.Add("terms", {Row({{"id", "autumn"}})});
  EXPECT_THAT(Check(Preparation(), facts), IsEmpty());
  JointActivity activity = Preparation();
  activity.set_term_id("spring");
  EXPECT_THAT(Check(activity, facts), ElementsAre("termId"));
  EXPECT_THAT(Check(activity), IsEmpty()) << "the holidays belong to no term";
  EXPECT_THAT(FieldsOf(CheckJointActivity(&activity, activity, facts)), IsEmpty())
      << "said before the calendar changed";
}

TEST(JointActivityRules, NothingIsPlannedBehindTheEndOfTheAlliance) {
  Facts facts = On("2023-11-01");
  facts.Add("alliance", {Row({{"ended_on", "2023-10-08"}})});
  EXPECT_THAT(Check(Preparation(), facts), ElementsAre("startsOn"));
  facts.Add("alliance", {Row({{"ended_on", "2023-10-09"}})});
  EXPECT_THAT(Check(Preparation(), facts), IsEmpty());
}

TEST(JointActivityRules, WhatIsHeldIsOver) {
  JointActivity activity = Preparation();
  EXPECT_THAT(Check(activity, On("2023-10-09")), ElementsAre("endsOn"));
  EXPECT_THAT(Check(activity, On("2023-10-10")), IsEmpty());
  activity.clear_ends_on();
  activity.clear_day_count();
  EXPECT_THAT(Check(activity, On("2023-10-08")), ElementsAre("startsOn"));
  activity.set_state(v1::JOINT_ACTIVITY_STATE_PLANNED);
  EXPECT_THAT(Check(activity, On("2023-10-08")), IsEmpty());
}

TEST(JointActivityRules, AReportSaysWhoHostedHowAndHowMuch) {
  const Facts facts = On("2023-11-01", "ReportJointActivity");
  JointActivity activity = Preparation(v1::JOINT_ACTIVITY_STATE_REPORTED);
  activity.set_reported_on("2023-11-01");
  EXPECT_THAT(Check(activity, facts), IsEmpty());
  activity.clear_host_organisation_id();
  activity.clear_mode();
  activity.clear_day_count();
  activity.clear_distinct_person_count();
  activity.set_pupil_count(80);
  EXPECT_THAT(Check(activity, facts), ElementsAre("hostOrganisationId", "mode", "sessionCount"));
  activity.set_host_jurisdiction_id("county");
  activity.set_mode(v1::JOINT_ACTIVITY_MODE_ONLINE);
  activity.set_lesson_count(0);
  EXPECT_THAT(Check(activity, facts), IsEmpty());
}

TEST(JointActivityRules, ReportedAfterItWasHeldAndVerifiedAfterThat) {
  JointActivity activity = Preparation(v1::JOINT_ACTIVITY_STATE_VERIFIED);
  activity.set_reported_on("2023-10-09");
  EXPECT_THAT(Check(activity), ElementsAre("reportedOn"));
  activity.set_reported_on("2023-10-12");
  activity.set_verified_on("2023-10-11");
  EXPECT_THAT(Check(activity), ElementsAre("verifiedOn"));
  activity.set_verified_on("2023-11-02");
  EXPECT_THAT(Check(activity), ElementsAre("verifiedOn")) << "ahead";
  activity.set_verified_on("2023-11-01");
  EXPECT_THAT(Check(activity), IsEmpty());
}

TEST(JointActivityRules, WhatIsReportedVerifiedOrCancelledStands) {
  for (int state = 1; state < v1::JointActivityState_ARRAYSIZE; ++state) {
    const auto of = static_cast<v1::JointActivityState>(state);
    const bool stands = of == v1::JOINT_ACTIVITY_STATE_REPORTED || of == v1::JOINT_ACTIVITY_STATE_VERIFIED ||
                        of == v1::JOINT_ACTIVITY_STATE_CANCELLED;
    const JointActivity before = Preparation(of);
    JointActivity after = before;
    after.set_distinct_person_count(300);
    const auto fields = FieldsOf(CheckJointActivity(&before, after, On("2023-11-01")));
    EXPECT_EQ(fields, stands ? std::vector<std::string>{"state"} : std::vector<std::string>()) << state;
    after = before;
    after.add_evidence()->set_title("签到表");
    after.set_authority_jurisdiction_id("city");
    EXPECT_THAT(FieldsOf(CheckJointActivity(&before, after, On("2023-11-01"))), IsEmpty())
        << "evidence may be added";
  }
  const JointActivity verified = Preparation(v1::JOINT_ACTIVITY_STATE_VERIFIED);
  JointActivity imported = Preparation(v1::JOINT_ACTIVITY_STATE_HELD);
  imported.set_distinct_person_count(300);
  EXPECT_THAT(FieldsOf(CheckJointActivity(&verified, imported, On("2023-11-01"))), IsEmpty());
}

TEST(JointActivityRules, WhoVerifiesFollowsFromTheAlliance) {
  Facts facts = On("2023-11-01");
  facts.Add("authority", {Row({{"id", "city"}})});
  JointActivity activity = Preparation(v1::JOINT_ACTIVITY_STATE_REJECTED);
  activity.set_verified_on("2023-10-20");
  FillJointActivity(&activity, facts);
  EXPECT_EQ(activity.authority_jurisdiction_id(), "city");
  EXPECT_EQ(activity.verified_on(), "") << "no longer verified";
  activity.set_state(v1::JOINT_ACTIVITY_STATE_VERIFIED);
  activity.set_verified_on("2023-10-20");
  FillJointActivity(&activity, On("2023-11-01"));
  EXPECT_EQ(activity.authority_jurisdiction_id(), "city") << "the alliance is not known any more";
  EXPECT_EQ(activity.verified_on(), "2023-10-20");
}

TEST(JointActivityRules, OnlyWhatIsVerifiedCannotBeDeleted) {
  for (int state = 1; state < v1::JointActivityState_ARRAYSIZE; ++state) {
    const auto of = static_cast<v1::JointActivityState>(state);
    EXPECT_EQ(CheckJointActivityDeletion(Preparation(of), Facts()).empty(),
              of != v1::JOINT_ACTIVITY_STATE_VERIFIED);
  }
}

ActivityParty Party(v1::ActivityPartyState state = v1::ACTIVITY_PARTY_STATE_INVITED) {
  ActivityParty party;
  party.set_joint_activity_id("activity");
  party.set_organisation_id("school");
  party.set_state(state);
  party.set_distinct_person_count(11);
  return party;
}

Facts Of(const std::string& state, const std::string& method = "UpdateActivityParty") {
  Facts facts = On("2023-11-01", method);
  facts.Add("activity", {Row({{"state", "JOINT_ACTIVITY_STATE_" + state}, {"starts_on", "2023-10-09"}})});
  return facts;
}

std::vector<std::string> Check(const ActivityParty* before, const ActivityParty& after, const Facts& facts) {
  return FieldsOf(CheckActivityParty(before, after, facts));
}

TEST(ActivityPartyRules, ExactlyOneWho) {
  ActivityParty party = Party();
  EXPECT_THAT(Check(nullptr, party, Of("PLANNED")), IsEmpty());
  party.set_jurisdiction_id("county");
  EXPECT_THAT(Check(nullptr, party, Of("PLANNED")), ElementsAre("jurisdictionId"));
  party.clear_jurisdiction_id();
  party.clear_organisation_id();
  EXPECT_THAT(Check(nullptr, party, Of("PLANNED")), ElementsAre("organisationId"));
}

TEST(ActivityPartyRules, FiguresAreAsInTheActivity) {
  ActivityParty party = Party();
  party.set_person_time_count(10);
  EXPECT_THAT(Check(nullptr, party, Of("HELD")), ElementsAre("personTimeCount"));
  party.clear_person_time_count();
  party.set_person_time_count_comparison(type::v1::COMPARISON_ABOUT);
  EXPECT_THAT(Check(nullptr, party, Of("HELD")), ElementsAre("personTimeCountComparison"));
}

TEST(ActivityPartyRules, ConfirmedOnceItHasBeenHeld) {
  const ActivityParty invited = Party();
  ActivityParty confirmed = Party(v1::ACTIVITY_PARTY_STATE_CONFIRMED);
  confirmed.set_confirmed_on("2023-10-12");
  for (const std::string state : {"HELD", "REPORTED", "VERIFIED", "REJECTED"})
    EXPECT_THAT(Check(&invited, confirmed, Of(state)), IsEmpty()) << state;
  for (const std::string state : {"PLANNED", "CANCELLED"})
    EXPECT_THAT(Check(&invited, confirmed, Of(state)), ElementsAre("state")) << state;
  confirmed.set_confirmed_on("2023-10-08");
  EXPECT_THAT(Check(&invited, confirmed, Of("HELD")), ElementsAre("confirmedOn"));
  confirmed.set_confirmed_on("2023-11-02");
  EXPECT_THAT(Check(&invited, confirmed, Of("HELD")), ElementsAre("confirmedOn")) << "ahead";
}

TEST(ActivityPartyRules, NobodyIsInvitedToWhatIsVerifiedOrCancelled) {
  for (const std::string state : {"VERIFIED", "CANCELLED"}) {
    EXPECT_THAT(Check(nullptr, Party(), Of(state, "CreateActivityParty")), ElementsAre("jointActivityId"));
    const ActivityParty declined = Party(v1::ACTIVITY_PARTY_STATE_DECLINED);
    EXPECT_THAT(Check(&declined, Party(), Of(state, "InviteActivityParty")), ElementsAre("jointActivityId"));
    const ActivityParty deleted = Party();
    EXPECT_THAT(Check(&deleted, Party(), Of(state, "UndeleteActivityParty")), ElementsAre("jointActivityId"));
    EXPECT_THAT(Check(&deleted, Party(), Of(state)), IsEmpty()) << "was invited before";
  }
  EXPECT_THAT(Check(nullptr, Party(v1::ACTIVITY_PARTY_STATE_CONFIRMED), Of("VERIFIED")), IsEmpty())
      << "as history is imported";
  EXPECT_THAT(Check(nullptr, Party(), Of("REPORTED")), IsEmpty());
}

TEST(ActivityPartyRules, AConfirmationIsTakenBackBeforeTheActivityIsVerified) {
  const ActivityParty confirmed = Party(v1::ACTIVITY_PARTY_STATE_CONFIRMED);
  const ActivityParty declined = Party(v1::ACTIVITY_PARTY_STATE_DECLINED);
  EXPECT_THAT(Check(&confirmed, declined, Of("REPORTED")), IsEmpty());
  EXPECT_THAT(Check(&confirmed, declined, Of("VERIFIED")), ElementsAre("state"));
  const ActivityParty invited = Party();
  EXPECT_THAT(Check(&invited, declined, Of("VERIFIED")), IsEmpty());
}

TEST(ActivityPartyRules, WhatThePartyConfirmedStands) {
  const ActivityParty before = Party(v1::ACTIVITY_PARTY_STATE_CONFIRMED);
  ActivityParty after = before;
  after.set_distinct_person_count(12);
  EXPECT_THAT(Check(&before, after, Of("HELD")), ElementsAre("state"));
  const ActivityParty invited = Party();
  after.set_state(v1::ACTIVITY_PARTY_STATE_INVITED);
  EXPECT_THAT(Check(&invited, after, Of("HELD")), IsEmpty());
  EXPECT_FALSE(CheckActivityPartyDeletion(before, Facts()).empty());
  EXPECT_TRUE(CheckActivityPartyDeletion(invited, Facts()).empty());
}

TEST(ActivityPartyRules, TheDayOfTheConfirmationGoesWithIt) {
  ActivityParty party = Party(v1::ACTIVITY_PARTY_STATE_DECLINED);
  party.set_confirmed_on("2023-10-12");
  FillActivityParty(&party, Facts());
  EXPECT_EQ(party.confirmed_on(), "");
  party.set_state(v1::ACTIVITY_PARTY_STATE_CONFIRMED);
  party.set_confirmed_on("2023-10-12");
  FillActivityParty(&party, Facts());
  EXPECT_EQ(party.confirmed_on(), "2023-10-12");
}

}  // namespace
}  // namespace lianqiao::research
