// SPDX-License-Identifier: Apache-2.0
// The feed as other systems read it: pages of JSON, cursors that hold or say why not, sums to compare by.
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/e2e/sync_fixture.h"

#include <future>

namespace lianqiao::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAreArray;

class Sync : public SyncFixture {
 protected:
  std::vector<std::string> ChangeIds(const FeedCopy& copy) {
    std::vector<std::string> ids;
    for (const CopiedChange& change : copy.changes()) ids.push_back(change.change_id);
    return ids;
  }
  std::vector<std::string> Ids(const FeedCopy& copy, const std::string& kind) {
    std::vector<std::string> ids;
    for (const auto& [id, revision] : copy.Held(kind)) ids.push_back(id);
    return ids;
  }
};

// The gateway's part of a cursor is only a sum; whoever forges it has the service's own part against him.
std::string Resealed(const std::string& cursor) {
  std::string bytes, sum;
  EXPECT_TRUE(absl::WebSafeBase64Unescape(cursor, &bytes));
  bytes.resize(bytes.size() - 4);
  bytes[bytes.size() / 2] ^= 1;
  sum = absl::HexStringToBytes(Sha256Hex(bytes).substr(0, 8));
  return absl::WebSafeBase64Escape(bytes + sum);
}

TEST_F(Sync, PagesOfJsonLeadFromTheFirstChangeToTheLastByGetAndByPost) {
  const HttpAnswer feed = operator_.Get("/v1/feed");
  ASSERT_EQ(feed.status, 200) << feed.body;
  EXPECT_FALSE(feed.json().Text("/oldestCursor").empty()) << feed.body;
  EXPECT_FALSE(feed.json().Text("/epochs/registry").empty()) << feed.body;
  EXPECT_GT(feed.json().Integer("/retentionDays"), 0);
  EXPECT_THAT(feed.json().Text("/kinds"), HasSubstr("\"organisation\""));
  const std::string before = feed.json().Text("/newestCursor");
  const std::vector<std::string> schools = MakeSchools(12, places_.near_id);

  FeedCopy copy;
  std::string cursor = CatchUp(operator_, &copy, "", "&pageSize=5");
  EXPECT_THAT(Ids(copy, "organisation"), UnorderedElementsAreArray(schools));
  EXPECT_THAT(Ids(copy, "jurisdiction"), IsSupersetOf({places_.city_id, places_.near_id, places_.far_id}));
  FeedCopy posted;
  std::string place;
  Json page("");
  do {
    const HttpAnswer answer = operator_.Post(
        "/v1/changes",
        absl::StrCat(R"({"pageSize":5,"kinds":["organisation"],"cursor":)", Quoted(place), "}"));
    ASSERT_EQ(answer.status, 200) << answer.body;
    page = answer.json();
    for (size_t i = 0; i < page.Size("/changes"); ++i) posted.Apply(page.Text(absl::StrCat("/changes/", i)));
    EXPECT_FALSE(page.Text("/cursor").empty());
    place = page.Text("/cursor");
  } while (page.Text("/hasMore") == "true");
  EXPECT_EQ(posted.Held("organisation"), copy.Held("organisation"));
  FeedCopy later;
  CatchUp(operator_, &later, before);
  EXPECT_THAT(ChangeIds(later), UnorderedElementsAreArray(ChangeIds(posted)))
      << "what came after the newest cursor is what was made after it";

  // Idle, a cursor comes nevertheless; then what is made while somebody waits.
  FeedCopy idle;
  cursor = CatchUp(operator_, &idle, cursor);
  EXPECT_THAT(idle.changes(), IsEmpty());
  auto waiting = std::async(std::launch::async, [&] {
    HttpClient client = platform_.Operator();
    return client.Get(absl::StrCat("/v1/changes?waitSeconds=30&cursor=", Escaped(cursor)));
  });
  const std::string meanwhile = MakeSchools(1, places_.far_id)[0];
  const Json woken = waiting.get().json();
  ASSERT_EQ(woken.Size("/changes"), 1u) << woken.Text("");
  EXPECT_EQ(woken.Text("/changes/0/id"), meanwhile);
  EXPECT_EQ(woken.Text("/changes/0/event"), "EVENT_ENTER");
  EXPECT_EQ(woken.Text("/changes/0/operation"), "CREATE");

  ASSERT_EQ(operator_.Delete("/v1/organisations/" + schools[3]).status, 200);
  ASSERT_EQ(operator_.Patch("/v1/organisations/" + schools[4], R"({"shortName":"四小"})").status, 200);
  CatchUp(operator_, &copy, cursor);
  EXPECT_EQ(copy.LastEvent(schools[3]), "DELETE");
  EXPECT_EQ(copy.LastEvent(schools[4]), "UPSERT");
  EXPECT_EQ(copy.Held("organisation").size(), 12u);
  EXPECT_EQ(copy.Held("organisation").at(schools[4]), 2);
}

TEST_F(Sync, ASchoolThatMovesLeavesTheOneCountyAndEntersTheOther) {
  const Reader near = MakeReader(places_.near_id), far = MakeReader(places_.far_id);
  HttpClient near_client(platform_.url(), near.guest.token), far_client(platform_.url(), far.guest.token);
  const std::vector<std::string> schools = MakeSchools(3, places_.near_id);
  FeedCopy near_copy, far_copy;
  const std::string near_cursor = CatchUp(near_client, &near_copy, "");
  const std::string far_cursor = CatchUp(far_client, &far_copy, "");
  EXPECT_THAT(Ids(near_copy, "organisation"), UnorderedElementsAreArray(schools));
  EXPECT_THAT(Ids(far_copy, "organisation"), IsEmpty());
  const HttpAnswer moved = operator_.Patch("/v1/organisations/" + schools[1],
                                           absl::StrCat(R"({"jurisdictionId":")", places_.far_id, "\"}"));
  ASSERT_EQ(moved.status, 200) << moved.body;
  CatchUp(near_client, &near_copy, near_cursor);
  CatchUp(far_client, &far_copy, far_cursor);
  EXPECT_EQ(near_copy.LastEvent(schools[1]), "LEAVE");
  EXPECT_EQ(far_copy.LastEvent(schools[1]), "ENTER");
  EXPECT_EQ(near_copy.Held("organisation").size(), 2u);
  EXPECT_EQ(far_copy.Held("organisation").size(), 1u);
  // Reading is not reading changes.
  const Guest reader = MakeGuest(platform_, operator_, "registry.*.read", places_.near_id);
  HttpClient reader_client(platform_.url(), reader.token);
  ExpectError(reader_client.Get("/v1/changes"), 403, "PERMISSION_DENIED");
  ExpectError(reader_client.Get("/v1/digest"), 403, "PERMISSION_DENIED");
}

TEST_F(Sync, TheDigestIsTheSumThatAClientComputesFromItsOwnCopy) {
  const std::vector<std::string> schools = MakeSchools(40, places_.near_id);
  ASSERT_EQ(operator_.Patch("/v1/organisations/" + schools[7], R"({"shortName":"七小"})").status, 200);
  ASSERT_EQ(operator_.Delete("/v1/organisations/" + schools[8]).status, 200);
  FeedCopy copy;
  CatchUp(operator_, &copy, "");
  const auto expect_equal = [&copy](const HttpAnswer& answer, size_t parts_min) {
    ASSERT_EQ(answer.status, 200) << answer.body;
    const Json digest = answer.json();
    EXPECT_GE(digest.Size("/parts"), parts_min) << answer.body;
    for (size_t i = 0; i < digest.Size("/parts"); ++i) {
      const std::string part = absl::StrCat("/parts/", i);
      EXPECT_EQ(
          copy.Sum(digest.Text(part + "/kind"), digest.Text(part + "/afterId"), digest.Text(part + "/toId")),
          digest.Text(part + "/sum"))
          << digest.Text(part);
    }
  };
  const HttpAnswer whole = operator_.Get("/v1/digest");
  expect_equal(whole, 2);
  expect_equal(operator_.Get("/v1/digest?kinds=organisation&partCount=4"), 4);
  // The cursor is the snapshot's place: nothing lies between it and the end.
  FeedCopy rest;
  CatchUp(operator_, &rest, whole.json().Text("/cursor"));
  EXPECT_THAT(rest.changes(), IsEmpty());
  // A range names its records, so that a copy finds what differs.
  const HttpAnswer range =
      operator_.Get(absl::StrCat("/v1/digest?kinds=organisation&afterId=", schools[4], "&toId=", schools[9]));
  expect_equal(range, 1);
  const Json named = range.json();
  EXPECT_EQ(named.Integer("/parts/0/recordCount"), static_cast<int64_t>(named.Size("/parts/0/records")));
  for (size_t i = 0; i < named.Size("/parts/0/records"); ++i) {
    const std::string record = absl::StrCat("/parts/0/records/", i);
    EXPECT_EQ(copy.Held("organisation").at(named.Text(record + "/id")), named.Integer(record + "/revision"));
  }
  // A copy that missed one change has another sum.
  MakeSchools(1, places_.near_id);
  const Json changed = operator_.Get("/v1/digest?kinds=organisation").json();
  EXPECT_NE(copy.Sum("organisation"), changed.Text("/parts/0/sum"));
}

TEST_F(Sync, ACursorThatCannotBeGoneOnFromSaysWhyAndHowToGoOn) {
  MakeSchools(30, places_.near_id);
  FeedCopy early;
  const Json page = operator_.Get("/v1/changes?pageSize=10").json();
  const std::string old_cursor = page.Text("/cursor");
  FeedCopy copy;
  const std::string cursor = CatchUp(operator_, &copy, "");

  std::string forged = cursor;
  char& letter = forged[forged.size() / 2];
  letter = letter == 'A' ? 'B' : 'A';
  for (const std::string& bad :
       {forged, Resealed(cursor), std::string("nonsense"), cursor.substr(0, cursor.size() - 8)}) {
    const HttpAnswer answer = operator_.Get("/v1/changes?cursor=" + Escaped(bad));
    ExpectError(answer, 400, "INVALID_ARGUMENT");
    EXPECT_THAT(answer.body, HasSubstr(R"("reason":"CURSOR_INVALID")"));
  }
  ExpectError(operator_.Get("/v1/changes?kinds=organisation&cursor=" + Escaped(cursor)), 400,
              "INVALID_ARGUMENT");

  // Lost behind the programs' back, as by a restore: the last change of one bucket.
  const std::string bucket =
      platform_.Sql("SELECT bucket FROM alliance_registry.feed_head ORDER BY pos DESC LIMIT 1");
  platform_.Sql(
      absl::StrCat("WITH lost AS (DELETE FROM alliance_registry.change c USING alliance_registry.feed_head h "
                   "WHERE c.bucket"
                   " = ",
                   bucket,
                   " AND h.bucket = c.bucket AND c.pos = h.pos RETURNING c.bucket, c.pos) UPDATE "
                   "alliance_registry.feed_head h SET pos = h.pos - 1, head_digest = (SELECT digest FROM "
                   "alliance_registry.change c WHERE c.bucket = h.bucket AND c.pos = h.pos - 1) FROM lost "
                   "WHERE h.bucket = "
                   "lost.bucket"));
  const HttpAnswer diverged = operator_.Get("/v1/changes?cursor=" + Escaped(cursor));
  ExpectError(diverged, 409, "FAILED_PRECONDITION");
  EXPECT_EQ(ErrorInfo(diverged.json(), "reason"), "CURSOR_DIVERGED");
  EXPECT_EQ(ErrorInfo(diverged.json(), "metadata/buckets"), bucket) << diverged.body;
  EXPECT_EQ(ErrorInfo(diverged.json(), "metadata/service"), "registry") << diverged.body;
  HttpStream stream =
      Watch(platform_.operator_token(), "cursor=" + Escaped(cursor), {"Accept: application/x-ndjson"});
  while (stream.Line(kPatience)) {
  }
  EXPECT_EQ(stream.status(), 409) << "before the first record a stream's error is an ordinary answer";
  // The way on: the diverged bucket anew, everything else from where it was.
  const HttpAnswer snapshot =
      operator_.Post("/v1/snapshots", absl::StrCat(R"({"divergedCursor":)", Quoted(cursor), "}"));
  ASSERT_EQ(snapshot.status, 200) << snapshot.body;
  EXPECT_EQ(snapshot.json().Text("/diverged/0/service"), "registry");
  EXPECT_EQ(snapshot.json().Text("/diverged/0/buckets"), absl::StrCat("[", bucket, "]"));
  EXPECT_EQ(operator_.Get("/v1/changes?cursor=" + Escaped(snapshot.json().Text("/cursor"))).status, 200);

  // Below what is kept.
  platform_.Sql("UPDATE alliance_registry.feed_head SET low_pos = pos, low_digest = head_digest");
  platform_.Sql("DELETE FROM alliance_registry.change");
  const HttpAnswer expired = operator_.Get("/v1/changes?cursor=" + Escaped(old_cursor));
  ExpectError(expired, 410, "OUT_OF_RANGE");
  EXPECT_EQ(ErrorInfo(expired.json(), "reason"), "CURSOR_EXPIRED");
  const std::string oldest = ErrorInfo(expired.json(), "metadata/oldest_cursor");
  ASSERT_FALSE(oldest.empty()) << expired.body;
  const std::string made = MakeSchools(1, places_.near_id)[0];
  FeedCopy late;
  CatchUp(operator_, &late, oldest);
  EXPECT_EQ(late.LastEvent(made), "ENTER");
}

}  // namespace
}  // namespace lianqiao::e2e
