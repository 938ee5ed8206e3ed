// SPDX-License-Identifier: Apache-2.0
// ListChanges and the other single answers of the merged feed, over real gRPC.
#include <thread>

#include "lianqiao/sync/v1/digest.pb.h"
#include "lianqiao/sync/v1/revision.pb.h"
#include "services/gateway/sync/feed_methods.h"
#include "services/gateway/sync/list_changes.h"
#include "services/gateway/sync/testdata/sync_fixture.h"

namespace lianqiao::gateway::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using FeedTest = SyncTest;
using Response = absl::StatusOr<v1::ListChangesResponse>;

v1::ListChangesRequest From(const std::string& cursor, int page_size = 0, int wait_seconds = 0) {
  v1::ListChangesRequest request;
  request.set_cursor(cursor);
  request.set_page_size(page_size);
  request.set_wait_seconds(wait_seconds);
  return request;
}

std::vector<std::string> Seen(const v1::ListChangesResponse& response) {
  std::vector<std::string> seen;
  for (const v1::Change& change : response.changes())
    seen.push_back(change.service() + std::to_string(change.position()));
  return seen;
}

TEST_F(FeedTest, GivesTheChangesOfAllServicesOnceAndInOrder) {
  Start({"a", "b", "c"});
  service(0).Add(7);
  service(1).Add(23);
  std::map<std::string, int64_t> last;
  std::string cursor;
  bool more = true;
  for (int page = 0; more; ++page) {
    ASSERT_LT(page, 20);
    const auto response = Call<v1::ListChangesResponse>(kListChanges, From(cursor, 6));
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_LE(response->changes_size(), 6);
    for (const v1::Change& change : response->changes())
      ASSERT_EQ(change.position(), ++last[change.service()]) << "every one, in order, once";
    cursor = response->cursor();
    more = response->has_more();
    EXPECT_THAT(response->incomplete_services(), IsEmpty());
  }
  EXPECT_EQ(last["a"], 7);
  EXPECT_EQ(last["b"], 23);
  EXPECT_EQ(cursor, Cursor({7, 23, 0})) << "the idle service has moved forward too";
  EXPECT_EQ(service(0).last_authorization(), "Bearer good-a");
}

TEST_F(FeedTest, ABacklogOfOneServiceFillsThePage) {
  Start({"a", "b", "c"});
  service(1).Add(1000);
  const auto response = Call<v1::ListChangesResponse>(kListChanges, From("", 300));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->changes_size(), 300);
  EXPECT_TRUE(response->has_more());
}

TEST_F(FeedTest, APageSmallerThanTheNumberOfServicesIsKept) {
  Start({"a", "b", "c"});
  for (int i = 0; i < 3; ++i) service(i).Add(5);
  std::string cursor;
  std::map<std::string, int> counts;
  for (int i = 0; i < 15; ++i) {
    const auto response = Call<v1::ListChangesResponse>(kListChanges, From(cursor, 1));
    ASSERT_TRUE(response.ok()) << response.status();
    ASSERT_EQ(response->changes_size(), 1);
    EXPECT_EQ(response->has_more(), i < 14);
    ++counts[response->changes(0).service()];
    cursor = response->cursor();
  }
  EXPECT_EQ(counts, (std::map<std::string, int>{{"a", 5}, {"b", 5}, {"c", 5}}));
}

TEST_F(FeedTest, WaitsForTheFirstChangeOfAnyService) {
  Start({"a", "b", "c"});
  Response response;
  const absl::Time start = absl::Now();
  std::thread caller([&] {
    response = Call<v1::ListChangesResponse>(kListChanges, From(Cursor({0, 0, 0}), 0, 20));
  });
  ASSERT_TRUE(Eventually([&] { return service(2).requests().size() == 2; }));
  service(1).Add(1);
  caller.join();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_LT(absl::Now() - start, absl::Seconds(8));
  EXPECT_THAT(Seen(*response), ElementsAre("b1"));
  EXPECT_EQ(response->cursor(), Cursor({0, 1, 0}));
}

TEST_F(FeedTest, AWaitWithoutChangesEndsEmptyAndWithACursor) {
  Start({"a", "b"});
  const auto response = Call<v1::ListChangesResponse>(kListChanges, From("", 0, 1));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->changes(), IsEmpty());
  EXPECT_FALSE(response->has_more());
  EXPECT_EQ(response->cursor(), Cursor({0, 0}));
}

TEST_F(FeedTest, AServiceThatIsAwayKeepsItsPartAndIsNamed) {
  Start({"a", "b"});
  service(0).Add(3);
  service(1).Add(3);
  service(1).StopServer();
  const auto response = Call<v1::ListChangesResponse>(kListChanges, From(Cursor({1, 2})));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Seen(*response), ElementsAre("a2", "a3"));
  EXPECT_THAT(response->incomplete_services(), ElementsAre("b"));
  EXPECT_EQ(response->cursor(), Cursor({3, 2}));
  service(1).StartServer();
  Response later;
  ASSERT_TRUE(Eventually([&] {
    later = Call<v1::ListChangesResponse>(kListChanges, From(response->cursor()));
    return later.ok() && later->incomplete_services().empty();
  }));
  EXPECT_THAT(Seen(*later), ElementsAre("b3"));
}

TEST_F(FeedTest, WithoutAnyServiceItIsUnavailable) {
  Start({"a", "b"});
  service(0).StopServer();
  service(1).FailWith(base::Fail(absl::StatusCode::kUnavailable, base::ErrorReason::BACKEND_UNAVAILABLE,
                                 {{"service", "identity"}}));
  const auto response = Call<v1::ListChangesResponse>(kListChanges, From(""));
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(base::FailureOf(response.status()).arguments().at("service"), "a, b");
}

TEST_F(FeedTest, AServiceThatJoinsBeginsAtItsFirstChangeAndOneThatLeftKeepsItsPart) {
  Start({"a", "b"});
  service(0).Add(1);
  service(1).Add(2);
  sync::Cursor cursor = {{"a", service(0).CursorAt(1)}, {"former", "whatever"}};
  const auto response = Call<v1::ListChangesResponse>(kListChanges, From(PackCursor(cursor)));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Seen(*response), ElementsAre("b1", "b2"));
  EXPECT_THAT(response->incomplete_services(), ElementsAre("former"));
  cursor["b"] = service(1).CursorAt(2);
  EXPECT_EQ(UnpackCursor(response->cursor()), cursor);
}

TEST_F(FeedTest, KindsGoToTheirServicesAndTheOthersStayWhereTheyAre) {
  Start({"a", "b"});
  service(0).Add(2);
  service(1).Add(2);
  v1::ListChangesRequest request = From(Cursor({1, 1}));
  request.add_kinds("b_kind");
  request.add_jurisdiction_ids("0191e0a8-0000-7000-8000-000000000001");
  const auto response = Call<v1::ListChangesResponse>(kListChanges, request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Seen(*response), ElementsAre("b2"));
  EXPECT_EQ(response->cursor(), Cursor({1, 2}));
  EXPECT_THAT(service(0).requests(), IsEmpty());
  EXPECT_THAT(service(1).requests()[0].kinds(), ElementsAre("b_kind"));
  EXPECT_THAT(service(1).requests()[0].jurisdiction_ids(), ElementsAre(request.jurisdiction_ids(0)));
}

TEST_F(FeedTest, RefusesEverythingThatIsWrongAtOnce) {
  Start({"a"});
  v1::ListChangesRequest request = From("no cursor", 5001, 31);
  request.add_kinds("nothing");
  const auto response = Call<v1::ListChangesResponse>(kListChanges, request);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kInvalidArgument);
  std::vector<std::string> fields;
  const base::Failure failure = base::FailureOf(response.status());
  for (const auto& violation : failure.violations()) fields.push_back(violation.field());
  EXPECT_THAT(fields, ::testing::UnorderedElementsAre("pageSize", "waitSeconds", "cursor", "kinds"));
  EXPECT_THAT(service(0).requests(), IsEmpty());
  EXPECT_EQ(Call<v1::ListChangesResponse>(kListChanges, From(service(0).CursorAt(0))).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "a service's own cursor is none of the gateway's";
}

TEST_F(FeedTest, NobodyWithoutATokenGetsToAService) {
  Start({"a"});
  const auto response = Call<v1::ListChangesResponse>(kListChanges, From(""), "Bearer bad");
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(service(0).requests(), IsEmpty());
}

TEST_F(FeedTest, PassesOnWhyOneServiceCannotGoOnWithACursorOfAllServices) {
  Start({"a", "b"});
  service(0).Add(5);
  service(1).FailWith(base::Fail(absl::StatusCode::kOutOfRange, base::ErrorReason::CURSOR_EXPIRED,
                                 {{"oldest_cursor", service(1).CursorAt(40)}}));
  const auto expired = Call<v1::ListChangesResponse>(kListChanges, From(Cursor({3, 2})));
  EXPECT_EQ(expired.status().code(), absl::StatusCode::kOutOfRange);
  const base::Failure failure = base::FailureOf(expired.status());
  EXPECT_EQ(failure.reason(), base::ErrorReason::CURSOR_EXPIRED);
  EXPECT_EQ(failure.arguments().at("service"), "b");
  EXPECT_EQ(failure.arguments().at("oldest_cursor"), Cursor({3, 40}))
      << "what a answered was not given to the caller, so it must not be passed over";
  service(1).FailWith(base::Fail(absl::StatusCode::kFailedPrecondition, base::ErrorReason::CURSOR_DIVERGED,
                                 {{"service", "b"}, {"buckets", "3, 5"}}));
  const auto diverged = Call<v1::ListChangesResponse>(kListChanges, From(Cursor({3, 2})));
  EXPECT_EQ(diverged.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(base::FailureOf(diverged.status()).arguments().at("buckets"), "3, 5");
}

TEST_F(FeedTest, AServiceWhereTheCallerMayReadNothingIsLeftOutUnlessItsKindsAreAskedFor) {
  Start({"a", "b"});
  service(0).Add(1);
  service(1).FailWith(base::Fail(absl::StatusCode::kPermissionDenied, base::ErrorReason::PERMISSION_DENIED,
                                 {{"permission", "b.changes"}}));
  const auto response = Call<v1::ListChangesResponse>(kListChanges, From(""));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Seen(*response), ElementsAre("a1"));
  EXPECT_THAT(response->incomplete_services(), IsEmpty());
  EXPECT_EQ(response->cursor(), Cursor({1, -1}));
  v1::ListChangesRequest request;
  request.add_kinds("b_kind");
  EXPECT_EQ(Call<v1::ListChangesResponse>(kListChanges, request).status().code(),
            absl::StatusCode::kPermissionDenied);
  service(0).FailWith(base::Fail(absl::StatusCode::kPermissionDenied, base::ErrorReason::PERMISSION_DENIED,
                                 {{"permission", "a.changes"}}));
  EXPECT_EQ(Call<v1::ListChangesResponse>(kListChanges, From("")).status().code(),
            absl::StatusCode::kPermissionDenied);
}

TEST_F(FeedTest, AServiceThatHangsCostsOnlyItsOwnTime) {
  Timing timing;
  timing.question = absl::Milliseconds(300);
  Start({"a", "b"}, timing);
  service(0).Add(1);
  service(1).Hang(true);
  const absl::Time start = absl::Now();
  const auto response = Call<v1::ListChangesResponse>(kListChanges, From(""));
  service(1).Hang(false);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  EXPECT_THAT(response->incomplete_services(), ElementsAre("b"));
}

TEST_F(FeedTest, ACallerThatGoesStopsTheWaitInTheServices) {
  Start({"a"});
  const auto cancel =
      client_->Call(kListChanges, From("", 0, 25).SerializeAsString(), {{"authorization", "Bearer good-a"}},
                    absl::Now() + absl::Seconds(29), [](const rpc::Answer&) {});
  ASSERT_TRUE(Eventually([&] { return service(0).requests().size() == 2; }));
  cancel();
  EXPECT_TRUE(Eventually([&] { return service(0).cancelled() == 1; }));
}

TEST_F(FeedTest, TheStateOfTheFeedIsThatOfAllServices) {
  Start({"a", "b"});
  service(0).Add(2);
  service(1).Add(4);
  auto feed = Call<v1::Feed>(kGetFeed, v1::GetFeedRequest());
  ASSERT_TRUE(feed.ok()) << feed.status();
  EXPECT_EQ(feed->oldest_cursor(), Cursor({0, 0}));
  EXPECT_EQ(feed->newest_cursor(), Cursor({2, 4}));
  EXPECT_EQ(feed->epochs().at("b"), "epoch of b");
  EXPECT_THAT(feed->kinds(), ElementsAre("a_kind", "b_kind"));
  EXPECT_EQ(feed->retention_days(), 100) << "as long as the shortest";
  EXPECT_EQ(feed->oldest_time().seconds(), 101) << "since the latest";
  service(0).StopServer();
  feed = Call<v1::Feed>(kGetFeed, v1::GetFeedRequest());
  ASSERT_TRUE(feed.ok()) << feed.status();
  EXPECT_THAT(feed->incomplete_services(), ElementsAre("a"));
  EXPECT_EQ(feed->newest_cursor(), Cursor({-1, 4}));
}

TEST_F(FeedTest, ADigestHasThePartsOfAllServicesAndOneCursor) {
  Start({"a", "b"});
  service(1).Add(4);
  const auto digest = Call<v1::Digest>(kGetDigest, v1::GetDigestRequest());
  ASSERT_TRUE(digest.ok()) << digest.status();
  ASSERT_EQ(digest->parts_size(), 2);
  EXPECT_EQ(digest->parts(1).kind(), "b_kind");
  EXPECT_EQ(digest->parts(1).record_count(), 4);
  EXPECT_EQ(digest->cursor(), Cursor({0, 4}));
}

TEST_F(FeedTest, RevisionsComeFromTheOwnerOfTheKind) {
  Start({"a", "b"});
  v1::GetRevisionRequest request;
  request.set_kind("b_kind");
  request.set_id("0191e0a8-0000-7000-8000-000000000001");
  request.set_revision(3);
  const auto revision = Call<v1::Revision>(kGetRevision, request);
  ASSERT_TRUE(revision.ok()) << revision.status();
  EXPECT_EQ(revision->actor(), "b");
  request.set_kind("c_kind");
  const auto unknown = Call<v1::Revision>(kGetRevision, request);
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(base::FailureOf(unknown.status()).violations(0).field(), "kind");
  request.set_kind("b_kind");
  service(1).FailWith(
      base::Fail(absl::StatusCode::kNotFound, base::ErrorReason::RESOURCE_NOT_FOUND, {{"kind", "b"}}));
  EXPECT_EQ(Call<v1::Revision>(kGetRevision, request).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace lianqiao::gateway::sync
