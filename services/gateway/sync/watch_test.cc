// SPDX-License-Identifier: Apache-2.0
// WatchChanges over all services, over real gRPC: services that stop, diverge and come back, slow readers.
#include "services/gateway/sync/watch.h"

#include <thread>

#include "services/gateway/sync/testdata/sync_fixture.h"

namespace lianqiao::gateway::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Timing Impatient() {
  Timing timing;
  timing.heartbeat = std::chrono::milliseconds(400);
  timing.sweep = std::chrono::milliseconds(50);
  timing.backoff_max = std::chrono::milliseconds(300);
  timing.denied_again = std::chrono::milliseconds(200);
  return timing;
}

// A consumer that checks what the feed promises.
class Consumer {
 public:
  explicit Consumer(std::unique_ptr<rpc::ClientStream> stream) : stream_(std::move(stream)) {}

  // The next batch; false at the end.
  bool Read() {
    auto batch = Next<v1::WatchChangesResponse>(stream_.get());
    if (!batch.has_value()) return false;
    last = *std::move(batch);
    for (const v1::Change& change : last.changes())
      EXPECT_EQ(change.position(), ++positions[change.service()]) << "none missing, none twice";
    return true;
  }
  // Reads until it holds.
  bool ReadUntil(const std::function<bool()>& holds) {
    while (!holds()) {
      if (!Read()) return false;
    }
    return true;
  }
  absl::Status End() {
    while (Read()) {
    }
    return stream_->status();
  }
  std::vector<std::string> incomplete() const {
    return {last.incomplete_services().begin(), last.incomplete_services().end()};
  }
  rpc::ClientStream& stream() { return *stream_; }

  v1::WatchChangesResponse last;
  std::map<std::string, int64_t> positions;

 private:
  std::unique_ptr<rpc::ClientStream> stream_;
};

class WatchTest : public SyncTest {
 protected:
  Consumer Watch(const std::string& cursor = "", int page_size = 0) {
    v1::WatchChangesRequest request;
    request.set_cursor(cursor);
    request.set_page_size(page_size);
    return Consumer(Stream(kWatchChanges, request));
  }
};

TEST_F(WatchTest, GivesTheChangesOfAllServicesAndSaysWhenItHasCaughtUp) {
  Start({"a", "b"}, Impatient());
  service(0).Add(25);
  service(1).Add(3);
  Consumer consumer = Watch("", 10);
  ASSERT_TRUE(consumer.ReadUntil([&] { return consumer.last.caught_up(); }));
  EXPECT_EQ(consumer.positions, (std::map<std::string, int64_t>{{"a", 25}, {"b", 3}}));
  EXPECT_EQ(consumer.last.cursor(), Cursor({25, 3}));
  EXPECT_EQ(service(0).last_authorization(), "Bearer good-a");
  EXPECT_EQ(host_->watchers(), 1);
  EXPECT_GE(host_->batches(0), 3);
  service(1).Add(1);
  ASSERT_TRUE(consumer.ReadUntil([&] { return consumer.positions["b"] == 4; }));
  EXPECT_EQ(consumer.last.cursor(), Cursor({25, 4}));
}

TEST_F(WatchTest, GoesOnFromACursor) {
  Start({"a", "b"}, Impatient());
  service(0).Add(5);
  service(1).Add(5);
  Consumer consumer = Watch(Cursor({4, 5}));
  consumer.positions = {{"a", 4}, {"b", 5}};
  ASSERT_TRUE(consumer.ReadUntil([&] { return consumer.last.caught_up(); }));
  EXPECT_EQ(consumer.positions["a"], 5);
}

TEST_F(WatchTest, SendsASignOfLifeWithTheCursor) {
  Start({"a", "b"}, Impatient());
  Consumer consumer = Watch();
  ASSERT_TRUE(consumer.ReadUntil([&] { return consumer.last.caught_up(); }));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(consumer.Read());
    EXPECT_THAT(consumer.last.changes(), IsEmpty());
    EXPECT_EQ(consumer.last.cursor(), Cursor({0, 0}));
    EXPECT_TRUE(consumer.last.caught_up());
  }
}

TEST_F(WatchTest, AServiceThatStopsIsNamedAndGoesOnWhereItWasWhenItIsBack) {
  Start({"a", "b"}, Impatient());
  service(0).Add(3);
  service(1).Add(3);
  Consumer consumer = Watch();
  ASSERT_TRUE(consumer.ReadUntil([&] { return consumer.last.caught_up(); }));
  for (int round = 0; round < 3; ++round) {
    service(1).StopServer();
    service(1).Add(2);
    service(0).Add(2);
    const int64_t a = consumer.positions["a"] + 2;
    ASSERT_TRUE(consumer.ReadUntil([&] { return !consumer.incomplete().empty(); }));
    EXPECT_THAT(consumer.incomplete(), ElementsAre("b"));
    EXPECT_FALSE(consumer.last.caught_up());
    ASSERT_TRUE(consumer.ReadUntil([&] { return consumer.positions["a"] == a; })) << "the other goes on";
    const int64_t b = consumer.positions["b"] + 2;
    service(1).StartServer();
    ASSERT_TRUE(
        consumer.ReadUntil([&] { return consumer.incomplete().empty() && consumer.positions["b"] == b; }));
    ASSERT_TRUE(consumer.ReadUntil([&] { return consumer.last.caught_up(); }));
  }
}

TEST_F(WatchTest, AServiceThatComesBackWithoutChangesIsToldOfAtOnce) {
  Timing timing = Impatient();
  timing.heartbeat = std::chrono::minutes(1);
  Start({"a", "b"}, timing);
  Consumer consumer = Watch();
  ASSERT_TRUE(consumer.ReadUntil([&] { return consumer.last.caught_up(); }));
  service(1).StopServer();
  ASSERT_TRUE(consumer.Read());
  EXPECT_THAT(consumer.incomplete(), ElementsAre("b"));
  service(1).StartServer();
  ASSERT_TRUE(consumer.Read());
  EXPECT_THAT(consumer.incomplete(), IsEmpty());
}

TEST_F(WatchTest, BeginsWithThoseThatAreThereAndIsRefusedIfNobodyIs) {
  Start({"a", "b"}, Impatient());
  service(0).Add(1);
  service(1).StopServer();
  Consumer consumer = Watch();
  ASSERT_TRUE(
      consumer.ReadUntil([&] { return consumer.positions["a"] == 1 && !consumer.incomplete().empty(); }));
  service(0).StopServer();
  ASSERT_TRUE(consumer.ReadUntil([&] { return consumer.incomplete().size() == 2; })) << "it goes on";
  Consumer late = Watch();
  EXPECT_FALSE(late.Read());
  EXPECT_EQ(late.stream().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(base::FailureOf(late.stream().status()).arguments().at("service"), "a, b");
}

TEST_F(WatchTest, EndsWithWhatOneServiceCannotGoOnFrom) {
  Start({"a", "b"}, Impatient());
  Consumer consumer = Watch(Cursor({0, 0}));
  ASSERT_TRUE(consumer.ReadUntil([&] { return consumer.last.caught_up(); }));
  service(1).EndStreams(base::Fail(absl::StatusCode::kFailedPrecondition, base::ErrorReason::CURSOR_DIVERGED,
                                   {{"service", "b"}, {"buckets", "3"}}));
  const absl::Status end = consumer.End();
  EXPECT_EQ(end.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(base::FailureOf(end).reason(), base::ErrorReason::CURSOR_DIVERGED);
  EXPECT_EQ(base::FailureOf(end).arguments().at("buckets"), "3");
  EXPECT_TRUE(Eventually([&] { return service(0).open_streams() == 0; })) << "nobody is left behind";
  EXPECT_TRUE(Eventually([&] { return host_->watchers() == 0; }));
}

TEST_F(WatchTest, EndsWhenAServiceRefusesTheToken) {
  Start({"a", "b"}, Impatient());
  Consumer consumer = Watch();
  ASSERT_TRUE(consumer.ReadUntil([&] { return consumer.last.caught_up(); }));
  service(0).EndStreams(base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED));
  EXPECT_EQ(consumer.End().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(WatchTest, EndsWithTheTokenEvenIfNoServiceIsThereToSaySo) {
  Start({"a"}, Impatient());
  Consumer consumer = Watch();
  ASSERT_TRUE(consumer.Read());
  service(0).StopServer();
  authenticator_.refuse = true;
  EXPECT_EQ(consumer.End().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(WatchTest, AServiceWithoutAnythingForTheCallerIsLeftOutUntilAGrantSaysOtherwise) {
  Start({"a", "b"}, Impatient());
  service(0).Add(1);
  service(1).Add(1);
  service(1).FailWith(base::Fail(absl::StatusCode::kPermissionDenied, base::ErrorReason::PERMISSION_DENIED,
                                 {{"permission", "b.changes"}}));
  Consumer consumer = Watch();
  ASSERT_TRUE(consumer.ReadUntil([&] { return consumer.last.caught_up(); }));
  EXPECT_THAT(consumer.incomplete(), IsEmpty());
  EXPECT_EQ(consumer.last.cursor(), Cursor({1, -1}));
  service(1).FailWith(absl::OkStatus());
  ASSERT_TRUE(consumer.ReadUntil([&] { return consumer.positions["b"] == 1; }));
  service(1).EndStreams(base::Fail(absl::StatusCode::kPermissionDenied, base::ErrorReason::PERMISSION_DENIED,
                                   {{"permission", "b.changes"}}));
  EXPECT_EQ(consumer.End().code(), absl::StatusCode::kPermissionDenied) << "a grant that went is told";
}

TEST_F(WatchTest, AnswersWhatIsWrongBeforeItAsksAnybody) {
  Start({"a"});
  Consumer consumer = Watch("no cursor", -1);
  EXPECT_FALSE(consumer.Read());
  EXPECT_EQ(consumer.stream().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(base::FailureOf(consumer.stream().status()).violations_size(), 2);
  EXPECT_THAT(service(0).watches(), IsEmpty());
  v1::WatchChangesRequest request;
  Consumer nobody(Stream(kWatchChanges, request, "Bearer bad"));
  EXPECT_FALSE(nobody.Read());
  EXPECT_EQ(nobody.stream().status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(WatchTest, ASlowReaderIsCutOffAndHarmsNobody) {
  Timing timing = Impatient();
  timing.slow_reader = std::chrono::milliseconds(1500);
  Start({"a", "b"}, timing);
  service(0).PadTo(20'000);
  Consumer slow = Watch();
  ASSERT_TRUE(slow.ReadUntil([&] { return slow.last.caught_up(); }));
  Consumer quick = Watch();
  service(0).Add(3000);  // 60 MB, which fit into no window.
  ASSERT_TRUE(quick.ReadUntil([&] { return quick.positions["a"] == 3000; }));
  service(1).Add(1);
  ASSERT_TRUE(quick.ReadUntil([&] { return quick.positions["b"] == 1; }));
  EXPECT_TRUE(Eventually([&] { return host_->watchers() == 1; }));
  EXPECT_TRUE(Eventually([&] { return service(0).open_streams() == 1; }));
  const absl::Status end = slow.End();
  EXPECT_EQ(end.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(base::FailureOf(end).reason(), base::ErrorReason::CONSUMER_TOO_SLOW);
  EXPECT_LT(slow.positions["a"], 3000);
}

TEST_F(WatchTest, DoesNotReadOnFromAServiceWhoseBatchIsNotSent) {
  Start({"a"}, Impatient());
  service(0).PadTo(200'000);
  Consumer consumer = Watch("", 10);
  ASSERT_TRUE(consumer.Read());
  service(0).Add(1000);  // 200 MB in batches of 2 MB.
  absl::SleepFor(absl::Seconds(1));
  // What windows of two connections and one batch in the middle can hold, far from all of it.
  EXPECT_LT(service(0).batches_sent(), 30);
  ASSERT_TRUE(consumer.ReadUntil([&] { return consumer.positions["a"] == 1000; }));
}

TEST_F(WatchTest, AWatcherThatGoesLeavesNothingBehind) {
  Start({"a", "b"}, Impatient());
  {
    Consumer consumer = Watch();
    ASSERT_TRUE(consumer.Read());
    ASSERT_TRUE(Eventually([&] { return service(1).open_streams() == 1; }));
  }
  EXPECT_TRUE(Eventually([&] { return service(0).open_streams() == 0 && service(1).open_streams() == 0; }));
  EXPECT_TRUE(Eventually([&] { return host_->watchers() == 0; }));
}

TEST_F(WatchTest, ManyWatchersOfServicesThatComeAndGoMissNothing) {
  Start({"a", "b", "c"}, Impatient());
  constexpr int kWatchers = 12;
  constexpr int kChanges = 400;
  std::vector<std::thread> threads;
  std::atomic<int> complete{0};
  for (int i = 0; i < kWatchers; ++i) {
    threads.emplace_back([&] {
      Consumer consumer = Watch("", 7);
      const auto all = [&] {
        return consumer.positions["a"] == kChanges && consumer.positions["b"] == kChanges &&
               consumer.positions["c"] == kChanges;
      };
      if (consumer.ReadUntil(all)) ++complete;
    });
  }
  for (int i = 0; i < kChanges / 10; ++i) {
    for (int s = 0; s < 3; ++s) service(s).Add(10);
    if (i % 13 == 5) {
      service(i % 3).StopServer();
      absl::SleepFor(absl::Milliseconds(30));
      service(i % 3).StartServer();
    }
    absl::SleepFor(absl::Milliseconds(2));
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(complete, kWatchers);
}

TEST_F(WatchTest, AnUnfinishedWatchEndsWithTheHost) {
  Start({"a"}, Impatient());
  Consumer consumer = Watch();
  ASSERT_TRUE(consumer.Read());
  const absl::Time start = absl::Now();
  host_->Drain(absl::Seconds(5));
  EXPECT_EQ(consumer.End().code(), absl::StatusCode::kUnavailable);
  EXPECT_LT(absl::Now() - start, absl::Seconds(4));
}

}  // namespace
}  // namespace lianqiao::gateway::sync
