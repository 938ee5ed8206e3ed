// SPDX-License-Identifier: Apache-2.0
// The feed as a stream over HTTP: NDJSON and server-sent events, cut, resumed, taken away, and while the
// service behind it is gone.
#include <signal.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/e2e/sync_fixture.h"

namespace lianqiao::e2e {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

const HttpClient::Headers kEvents = {"Accept: text/event-stream"};
const HttpClient::Headers kLines = {"Accept: application/x-ndjson"};

class SyncStreams : public SyncFixture {
 protected:
  // Until an event of this type, or nullopt; changes on the way are applied.
  std::optional<ServerEvent> Until(HttpStream& stream, const std::string& type, FeedCopy* copy) {
    const absl::Time end = absl::Now() + kPatience;
    while (auto event = NextEvent(stream, end - absl::Now())) {
      if (event->type == "change") copy->Apply(event->data);
      if (!event->id.empty()) last_id_ = event->id;
      if (event->type == type) return event;
    }
    return std::nullopt;
  }
  // Until `id` has come; false if it does not.
  bool UntilRecord(HttpStream& stream, const std::string& id, FeedCopy* copy) {
    while (copy->LastEvent(id).empty()) {
      const auto event = Until(stream, "change", copy);
      if (!event.has_value()) return false;
    }
    return true;
  }

  std::string last_id_;
};

TEST_F(SyncStreams, ACutStreamOfEventsGoesOnBehindItsLastWholeBatch) {
  // A batch takes at least one change of every bucket that has any. Of 40 in 16 buckets the first two batches
  // hold two or more, wherever chance put them: so both can be cut in their middle.
  FeedCopy before, all;
  const std::string from = CatchUp(operator_, &before, "", "&kinds=organisation");
  const std::string query = absl::StrCat("kinds=organisation&pageSize=5&cursor=", Escaped(from));
  MakeSchools(40, places_.near_id);
  CatchUp(operator_, &all, from, "&kinds=organisation");
  ASSERT_EQ(all.changes().size(), 40u);
  // Cut in the middle of a batch, after at least one whole one: what came behind the last id comes again.
  std::vector<std::string> places;
  std::string id;
  size_t unnamed = 0, whole = 0;
  {
    HttpStream stream = Watch(platform_.operator_token(), query, kEvents);
    const absl::Time end = absl::Now() + kPatience;  // Signs of life prolong nothing.
    while (whole == 0 || unnamed == 0) {
      const auto event = NextEvent(stream, end - absl::Now());
      ASSERT_TRUE(event.has_value()) << stream.status() << stream.rest();
      if (event->type != "change") continue;
      places.push_back(event->json().Text("/changeId"));
      ++unnamed;
      if (event->id.empty()) continue;
      id = event->id;
      whole = places.size();
      unnamed = 0;
    }
    EXPECT_EQ(stream.status(), 200);
  }
  EXPECT_GT(whole, 1u) << "only the last event of a batch has an id";
  places.resize(whole);
  // As a browser does: the same address, and the id in a header, which wins over the address's cursor.
  HttpClient::Headers headers = kEvents;
  headers.push_back("Last-Event-ID: " + id);
  HttpStream again = Watch(platform_.operator_token(), query, headers);
  const absl::Time end = absl::Now() + kPatience;
  while (places.size() < all.changes().size()) {
    const auto event = NextEvent(again, end - absl::Now());
    ASSERT_TRUE(event.has_value()) << again.status() << again.rest();
    if (event->type == "change") places.push_back(event->json().Text("/changeId"));
  }
  const std::string last = MakeSchools(1, places_.near_id)[0];
  FeedCopy copy;
  EXPECT_TRUE(UntilRecord(again, last, &copy));
  EXPECT_EQ(copy.changes().size(), 1u) << "nothing was left over between the two";
  std::set<std::string> expected;
  for (const CopiedChange& change : all.changes()) expected.insert(change.change_id);
  EXPECT_EQ(std::set<std::string>(places.begin(), places.end()), expected);
  EXPECT_EQ(places.size(), expected.size()) << "one was told twice";
}

TEST_F(SyncStreams, LinesCarryABatchWithItsCursorAndTheWatchGoesOnFromIt) {
  const std::vector<std::string> schools = MakeSchools(7, places_.near_id);
  std::string cursor;
  FeedCopy copy;
  {
    HttpStream stream = Watch(platform_.operator_token(), "kinds=organisation&pageSize=3", kLines);
    std::string caught_up;
    while (caught_up != "true") {
      const auto line = stream.Line(kPatience);
      ASSERT_TRUE(line.has_value()) << stream.status() << stream.rest();
      const Json json(*line);
      ASSERT_TRUE(json.valid()) << *line;
      if (!json.Has("/batch")) {
        copy.Apply(*line);
        continue;
      }
      cursor = json.Text("/batch/cursor");
      EXPECT_FALSE(cursor.empty()) << *line;
      caught_up = json.Text("/batch/caughtUp");
    }
    EXPECT_EQ(copy.Held("organisation").size(), schools.size());
  }
  const std::string next = MakeSchools(1, places_.near_id)[0];
  HttpStream stream(platform_.url(), platform_.operator_token(),
                    "/v1/changes:watch?kinds=organisation&cursor=" + Escaped(cursor));
  const auto line = stream.Line(kPatience);
  ASSERT_TRUE(line.has_value()) << stream.status() << stream.rest();
  EXPECT_EQ(Json(*line).Text("/id"), next);
  // A drain says that the stream is not whole.
  platform_.gateway().Signal(SIGTERM);
  std::string last;
  while (const auto more = stream.Line(kPatience)) last = *more;
  EXPECT_EQ(Json(last).Integer("/error/code"), 503) << last;
  EXPECT_EQ(platform_.gateway().Terminate(kPatience), 0);
  platform_.gateway().Start();
  platform_.WaitReady();
}

TEST_F(SyncStreams, AClientThatLosesItsGrantIsToldSoInTheMiddleOfTheStream) {
  const Reader reader = MakeReader(places_.near_id);
  FeedCopy events_copy;
  HttpStream events = Watch(reader.guest.token, "", kEvents);
  HttpStream lines = Watch(reader.guest.token, "", kLines);
  const std::string before = MakeSchools(1, places_.near_id)[0];
  ASSERT_TRUE(UntilRecord(events, before, &events_copy));
  FeedCopy lines_copy;
  while (lines_copy.LastEvent(before).empty()) {
    const auto line = lines.Line(kPatience);
    ASSERT_TRUE(line.has_value()) << lines.status() << lines.rest();
    if (Json(*line).Has("/event")) lines_copy.Apply(*line);
  }
  ASSERT_EQ(operator_.Delete("/v1/identity/grants/" + reader.changes_grant_id).status, 200);
  const absl::Time removed = absl::Now();
  const auto error = Until(events, "error", &events_copy);
  const double seconds = absl::ToDoubleSeconds(absl::Now() - removed);
  ASSERT_TRUE(error.has_value()) << "a stream that is taken away says so";
  EXPECT_EQ(error->json().Integer("/error/code"), 403) << error->data;
  RecordProperty("milliseconds", static_cast<int>(seconds * 1000));
  // Promised within a second; this machine may be doing other things.
  EXPECT_LT(seconds, 3) << "a lost grant acts within a second";
  EXPECT_FALSE(NextEvent(events, kPatience).has_value());
  EXPECT_TRUE(events.ended());
  const std::string after = MakeSchools(1, places_.near_id)[0];
  std::string last;
  while (const auto line = lines.Line(kPatience)) {
    EXPECT_FALSE(absl::StrContains(*line, after)) << *line;
    last = *line;
  }
  EXPECT_TRUE(lines.ended());
  EXPECT_EQ(Json(last).Text("/error/status"), "PERMISSION_DENIED") << last;
  EXPECT_TRUE(events_copy.LastEvent(after).empty());
}

TEST_F(SyncStreams, WhileTheServiceIsAwayTheStreamSaysSoAndThenLacksNothing) {
  FeedCopy copy;
  HttpStream stream = Watch(platform_.operator_token(), "kinds=organisation", kEvents);
  ASSERT_TRUE(UntilRecord(stream, MakeSchools(3, places_.near_id)[2], &copy));
  for (int round = 0; round < 2; ++round) {
    platform_.registry().Kill();
    const auto degraded = Until(stream, "degraded", &copy);
    ASSERT_TRUE(degraded.has_value()) << stream.status();
    EXPECT_EQ(degraded->json().Text("/incompleteServices"), "[\"registry\"]") << degraded->data;
    platform_.registry().Start();
    platform_.WaitReady();
    const std::string made = MakeSchools(1, places_.near_id)[0];
    ASSERT_TRUE(Until(stream, "recovered", &copy).has_value());
    ASSERT_TRUE(UntilRecord(stream, made, &copy));
  }
  FeedCopy all;
  CatchUp(operator_, &all, "", "&kinds=organisation");
  EXPECT_EQ(copy.Held("organisation"), all.Held("organisation"));
  EXPECT_EQ(copy.changes().size(), all.changes().size()) << "nothing lost, nothing twice";
}

}  // namespace
}  // namespace lianqiao::e2e
