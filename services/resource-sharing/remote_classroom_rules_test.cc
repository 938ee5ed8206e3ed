// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/remote_classroom_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lianqiao::resources {
namespace {

using resource::FactRow;
using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;

// Also of one column, which FactRow itself would take for a pair of iterators.
FactRow Row(std::initializer_list<std::pair<const std::string, std::string>> values) {
  return FactRow(std::map<std::string, std::string>(values));
}

std::vector<std::string> Refused(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const base::Violation& violation : violations) fields.push_back(violation.field());
  return fields;
}

using v1::RemoteClassroomPair;
using v1::RemoteSession;

RemoteClassroomPair Pair(v1::RemoteClassroomPairState state) {
  RemoteClassroomPair pair;
  pair.set_alliance_id("alliance");
  pair.set_school_a_id("urban");
  pair.set_school_b_id("rural");
  pair.set_room_a("一号厅");
  pair.set_room_b("互动室");
  pair.set_state(state);
  return pair;
}

Facts Schools(const std::string& type, const std::string& teaches, const std::string& party) {
  Facts facts;
  facts.set_today("2026-03-02");
  if (!type.empty()) facts.Add("alliance", {Row({{"type", "ALLIANCE_TYPE_" + type}})});
  facts.Add("schools", {Row({{"school", "a"}, {"teaches", "t"}, {"party", "t"}}),
                        Row({{"school", "b"}, {"teaches", teaches}, {"party", party}})});
  return facts;
}

TEST(RemoteClassroomRules, TwoSchoolsOfASchoolPair) {
  const RemoteClassroomPair pair = Pair(v1::REMOTE_CLASSROOM_PAIR_STATE_PLANNED);
  EXPECT_THAT(CheckRemoteClassroomPair(nullptr, pair, Schools("SCHOOL_PAIR", "t", "t")), IsEmpty());
  EXPECT_THAT(Refused(CheckRemoteClassroomPair(nullptr, pair, Schools("EDUCATION_GROUP", "t", "t"))),
              ElementsAre("allianceId"));
  EXPECT_THAT(Refused(CheckRemoteClassroomPair(nullptr, pair, Schools("SCHOOL_PAIR", "t", "f"))),
              ElementsAre("schoolBId"));
  EXPECT_THAT(Refused(CheckRemoteClassroomPair(nullptr, pair, Schools("SCHOOL_PAIR", "f", "t"))),
              ElementsAre("schoolBId"));
  RemoteClassroomPair alone = pair;
  alone.clear_alliance_id();
  EXPECT_THAT(CheckRemoteClassroomPair(nullptr, alone, Schools("", "t", "f")), IsEmpty());
  alone.set_school_b_id("urban");
  EXPECT_THAT(Refused(CheckRemoteClassroomPair(nullptr, alone, Schools("", "t", "f"))),
              ElementsAre("schoolBId"));
}

TEST(RemoteClassroomRules, ServiceBeginsOnceTheRoomsAreInstalled) {
  const RemoteClassroomPair planned = Pair(v1::REMOTE_CLASSROOM_PAIR_STATE_PLANNED);
  RemoteClassroomPair pair = Pair(v1::REMOTE_CLASSROOM_PAIR_STATE_IN_SERVICE);
  const Facts facts = Schools("SCHOOL_PAIR", "t", "t");
  EXPECT_THAT(Refused(CheckRemoteClassroomPair(&planned, pair, facts)),
              ElementsAre("installedOn", "inServiceOn"));
  pair.set_installed_on("2026-03-02");
  pair.set_in_service_on("2026-03-02");
  EXPECT_THAT(CheckRemoteClassroomPair(&planned, pair, facts), IsEmpty());
  pair.set_in_service_on("2026-03-01");
  EXPECT_THAT(Refused(CheckRemoteClassroomPair(&planned, pair, facts)), ElementsAre("inServiceOn"));
  pair.set_in_service_on("2026-03-03");
  EXPECT_THAT(Refused(CheckRemoteClassroomPair(&planned, pair, facts)), ElementsAre("inServiceOn"));
}

TEST(RemoteClassroomRules, DatesOfServiceAreSetByItsSteps) {
  RemoteClassroomPair pair = Pair(v1::REMOTE_CLASSROOM_PAIR_STATE_PLANNED);
  pair.set_in_service_on("2026-03-01");
  pair.set_out_of_service_on("2026-03-01");
  EXPECT_THAT(Refused(CheckRemoteClassroomPair(nullptr, pair, Schools("", "t", "t"))),
              ElementsAre("inServiceOn", "outOfServiceOn"));
  pair.set_state(v1::REMOTE_CLASSROOM_PAIR_STATE_OUT_OF_SERVICE);
  EXPECT_THAT(CheckRemoteClassroomPair(nullptr, pair, Schools("", "t", "t")), IsEmpty());
  pair.set_out_of_service_on("2026-02-28");
  EXPECT_THAT(Refused(CheckRemoteClassroomPair(nullptr, pair, Schools("", "t", "t"))),
              ElementsAre("outOfServiceOn"));
}

RemoteSession Session(v1::RemoteSessionPurpose purpose) {
  RemoteSession session;
  session.set_remote_classroom_pair_id("pair");
  session.set_held_on("2026-03-02");
  session.set_starts_at("10:00");
  session.set_ends_at("10:40");
  session.set_purpose(purpose);
  return session;
}

Facts InService(const std::string& from, const std::string& until, const std::string& today = "2026-03-02") {
  Facts facts;
  facts.set_today(today);
  facts.Add("pair", {Row({{"state", "REMOTE_CLASSROOM_PAIR_STATE_" +
                                        std::string(until.empty() ? "IN_SERVICE" : "OUT_OF_SERVICE")},
                          {"in_service_on", from},
                          {"out_of_service_on", until}})});
  return facts;
}

TEST(RemoteSessionRules, TakesPlaceWhileTheRoomsAreInService) {
  const RemoteSession session = Session(v1::REMOTE_SESSION_PURPOSE_RESEARCH);
  EXPECT_THAT(CheckRemoteSession(nullptr, session, InService("2026-03-02", "")), IsEmpty());
  EXPECT_THAT(CheckRemoteSession(nullptr, session, InService("2025-03-02", "2026-03-02")), IsEmpty());
  EXPECT_THAT(Refused(CheckRemoteSession(nullptr, session, InService("2026-03-03", ""))),
              ElementsAre("heldOn"));
  EXPECT_THAT(Refused(CheckRemoteSession(nullptr, session, InService("2025-03-02", "2026-03-01"))),
              ElementsAre("heldOn"));
  EXPECT_THAT(
      CheckRemoteSession(nullptr, Session(v1::REMOTE_SESSION_PURPOSE_TEST_RUN), InService("2026-03-03", "")),
      IsEmpty())
      << "rooms are tried out before";
}

TEST(RemoteSessionRules, IsRecordedWhenItIsOver) {
  RemoteSession session = Session(v1::REMOTE_SESSION_PURPOSE_RESEARCH);
  EXPECT_THAT(Refused(CheckRemoteSession(nullptr, session, InService("2025-03-02", "", "2026-03-01"))),
              ElementsAre("heldOn"));
  session.set_ends_at("10:00");
  EXPECT_THAT(Refused(CheckRemoteSession(nullptr, session, InService("2025-03-02", ""))),
              ElementsAre("endsAt"));
}

TEST(RemoteSessionRules, ALessonIsOfThePairAndTheDay) {
  RemoteSession session = Session(v1::REMOTE_SESSION_PURPOSE_LESSON);
  session.set_online_lesson_id("lesson");
  const auto with = [&](const std::string& pair, const std::string& date) {
    Facts facts = InService("2025-03-02", "");
    facts.Add("lesson", {Row({{"remote_classroom_pair_id", pair}, {"lesson_date", date}})});
    return Refused(CheckRemoteSession(nullptr, session, facts));
  };
  EXPECT_THAT(with("pair", "2026-03-02"), IsEmpty());
  EXPECT_THAT(with("", "2026-03-02"), ElementsAre("onlineLessonId"));
  EXPECT_THAT(with("pair", "2026-03-01"), ElementsAre("heldOn"));
  session.set_purpose(v1::REMOTE_SESSION_PURPOSE_MANAGEMENT);
  EXPECT_THAT(with("pair", "2026-03-02"), ElementsAre("purpose"));
}

}  // namespace
}  // namespace lianqiao::resources
