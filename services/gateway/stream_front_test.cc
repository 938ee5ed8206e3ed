// SPDX-License-Identifier: Apache-2.0
// Streams through the gRPC front against a real backend.
#include <gmock/gmock.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/gateway/testdata/gateway_fixture.h"

namespace lianqiao::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

bool Within(absl::Duration limit, const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + limit;
  while (!condition()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

class StreamFront : public GatewayFixture {
 protected:
  std::unique_ptr<rpc::ClientStream> Open(const std::string& method, const std::string& client = "a",
                                          rpc::Client::Metadata metadata = {}) {
    if (caller_ == nullptr || caller_port_ != grpc_server->port(0)) {
      caller_port_ = grpc_server->port(0);
      caller_ =
          std::make_unique<rpc::Client>(rpc::Client::Options{absl::StrCat("127.0.0.1:", caller_port_), 1});
    }
    if (!client.empty()) metadata.emplace_back("authorization", "Bearer good-" + client);
    return caller_->Open("/lianqiao.gatewaytest.v1.BookService/" + method, metadata,
                         absl::Now() + absl::Seconds(30));
  }
  // The status of a stream that gives no message.
  static absl::Status Ends(const std::unique_ptr<rpc::ClientStream>& stream) {
    EXPECT_EQ(stream->ReadAndWait(), std::nullopt);
    return stream->status();
  }
  void EchoStreams() {
    backend_stream = [](auto, const std::shared_ptr<rpc::ServerStream>& stream) { Echo(stream); };
  }
  static void Echo(const std::shared_ptr<rpc::ServerStream>& stream) {
    stream->Read([stream](std::optional<std::string> bytes) {
      if (!bytes.has_value()) return stream->Finish(absl::OkStatus());
      stream->Write(std::move(*bytes), [stream](bool ok) {
        if (ok) Echo(stream);
      });
    });
  }
  static void Count(const std::shared_ptr<rpc::ServerStream>& stream, int came) {
    stream->Read([stream, came](const std::optional<std::string>& bytes) {
      if (bytes.has_value()) return Count(stream, came + 1);
      stream->Write(std::to_string(came), [stream](bool) { stream->Finish(absl::OkStatus()); });
    });
  }
  static void Flood(const std::shared_ptr<rpc::ServerStream>& stream,
                    const std::shared_ptr<std::atomic<int64_t>>& taken) {
    stream->Write(std::string(64u << 10, 'x'), [stream, taken](bool ok) {
      if (!ok) return;
      *taken += 64 << 10;
      Flood(stream, taken);
    });
  }
  void HoldStreams() {
    backend_stream = [this](auto, const std::shared_ptr<rpc::ServerStream>& stream) {
      stream->OnCancel([this] { ++cancelled_; });
      const std::lock_guard lock(mutex_);
      held_.push_back(stream);
    };
  }
  size_t Held() {
    const std::lock_guard lock(mutex_);
    return held_.size();
  }
  bool Idle() {
    return Within(absl::Seconds(20), [&] { return guard->streams() == 0; });
  }

  std::mutex mutex_;
  std::vector<std::shared_ptr<rpc::ServerStream>> held_;
  std::atomic<int> cancelled_{0};
  int caller_port_ = 0;
  std::unique_ptr<rpc::Client> caller_;
};

TEST_F(StreamFront, PassesMessagesBothWaysAsTheyCome) {
  EchoStreams();
  const auto stream = Open("TradeBooks", "a",
                           {{"x-request-id", "r-1"},
                            {"lianqiao-acting-person", "p7"},
                            {"x-client-id", "admin"},
                            {rpc::kCallerAddress, "6.6.6.6"}});
  for (const std::string& bytes : {std::string("\x0a\x01x"), std::string(), std::string(100000, 'x')}) {
    ASSERT_TRUE(stream->WriteAndWait(bytes));
    EXPECT_EQ(stream->ReadAndWait(), bytes);
  }
  EXPECT_EQ(guard->streams(), 1);
  EXPECT_EQ(Received("authorization"), "Bearer good-a");
  EXPECT_EQ(Received("x-request-id"), "r-1");
  EXPECT_EQ(Received("lianqiao-acting-person"), "p7");
  EXPECT_EQ(Received("x-client-id"), "");
  EXPECT_EQ(Received(rpc::kCallerAddress), "127.0.0.1");
  stream->WritesDone();
  EXPECT_TRUE(Ends(stream).ok());
  EXPECT_TRUE(Idle());
  EXPECT_THAT(prometheus::TextSerializer().Serialize(registry->Collect()),
              HasSubstr("gateway_grpc_streams_total{grpc_code=\"OK\"} 1"));
}

TEST_F(StreamFront, ChecksTheCallerAsForCalls) {
  EchoStreams();
  EXPECT_EQ(Ends(Open("TradeBooks", "")).code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Ends(Open("TradeBooks", "", {{"authorization", "Bearer forged"}})).code(),
            absl::StatusCode::kUnauthenticated);
  const auto nothing = Open("Nothing");
  nothing->WritesDone();
  EXPECT_EQ(Ends(nothing).code(), absl::StatusCode::kUnimplemented);
  const auto open = Open("FollowFeatured", "");
  open->WritesDone();
  EXPECT_TRUE(Ends(open).ok());
  EXPECT_TRUE(Idle());
}

TEST_F(StreamFront, AClientStreamHasOneAnswer) {
  backend_stream = [](auto, const std::shared_ptr<rpc::ServerStream>& stream) { Count(stream, 0); };
  const auto stream = Open("FillShelf");
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(stream->WriteAndWait("book"));
  stream->WritesDone();
  EXPECT_EQ(stream->ReadAndWait(), "1000");
  EXPECT_TRUE(Ends(stream).ok());
}

TEST_F(StreamFront, AFailureComesThroughAndTheTextOfABugDoesNot) {
  absl::Status status =
      base::Fail(absl::StatusCode::kOutOfRange, base::ErrorReason::CURSOR_EXPIRED, {{"oldest", "c1.abc"}});
  backend_stream = [&](auto, const std::shared_ptr<rpc::ServerStream>& stream) {
    stream->Write("first", [stream, status](bool) { stream->Finish(status); });
  };
  const auto stream = Open("FollowShelf");
  EXPECT_EQ(stream->ReadAndWait(), "first");
  EXPECT_EQ(Ends(stream).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(base::FailureOf(stream->status()).reason(), base::ErrorReason::CURSOR_EXPIRED);
  EXPECT_EQ(base::FailureOf(stream->status()).arguments().at("oldest"), "c1.abc");
  status = absl::InternalError("SELECT * FROM secret");
  const auto bug = Open("FollowShelf");
  EXPECT_EQ(bug->ReadAndWait(), "first");
  EXPECT_EQ(Ends(bug).code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(bug->status().message()), Not(HasSubstr("secret")));
  EXPECT_THAT(bug->error_details(), Not(HasSubstr("secret")));
}

TEST_F(StreamFront, WhatAFileIsGoesThrough) {
  backend_stream = [](auto, const std::shared_ptr<rpc::ServerStream>& stream) {
    stream->AddMetadata(rpc::kFileEtag, "e1");
    stream->AddMetadata("x-internal", "1");
    stream->Write("x", [stream](bool) { stream->Finish(absl::OkStatus()); });
  };
  const auto stream = Open("FollowShelf");
  EXPECT_EQ(stream->ReadAndWait(), "x");
  EXPECT_THAT(stream->metadata(), ::testing::Contains(::testing::Pair("lianqiao-etag", "e1")));
  EXPECT_THAT(stream->metadata(), Not(::testing::Contains(::testing::Pair("x-internal", "1"))));
}

TEST_F(StreamFront, AClientHasOnlySoManyStreams) {
  guard_options.client.streams = 2;
  HoldStreams();
  Start();
  const auto first = Open("FollowShelf");
  auto second = Open("FollowShelf");
  ASSERT_TRUE(Within(absl::Seconds(20), [&] { return Held() == 2; }));
  const absl::Status refused = Ends(Open("FollowShelf"));
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(base::FailureOf(refused).reason(), base::ErrorReason::RATE_LIMITED);
  EXPECT_GT(base::FailureOf(refused).retry_after_milliseconds(), 0);
  EXPECT_EQ(guard->streams(), 2);
  const auto other = Open("FollowShelf", "b");
  ASSERT_TRUE(Within(absl::Seconds(20), [&] { return Held() == 3; }));
  second.reset();
  ASSERT_TRUE(Within(absl::Seconds(20), [&] { return guard->streams() == 2; }));
  const auto again = Open("FollowShelf");
  EXPECT_TRUE(Within(absl::Seconds(20), [&] { return Held() == 4; }));
}

TEST_F(StreamFront, AClientThatLeavesIsToldToTheService) {
  HoldStreams();
  const auto cancelled = Open("FollowShelf");
  auto dropped = Open("TradeBooks");
  ASSERT_TRUE(Within(absl::Seconds(20), [&] { return Held() == 2; }));
  cancelled->Cancel();
  dropped.reset();
  EXPECT_TRUE(Idle());
  EXPECT_TRUE(Within(absl::Seconds(20), [&] { return cancelled_ == 2; }));
  EXPECT_THAT(prometheus::TextSerializer().Serialize(registry->Collect()),
              HasSubstr("gateway_grpc_streams_total{grpc_code=\"CANCELLED\"} 2"));
}

TEST_F(StreamFront, TheDeadlineIsTheClients) {
  HoldStreams();
  rpc::Client caller({absl::StrCat("127.0.0.1:", grpc_server->port(0)), 1});
  const auto late = caller.Open("/lianqiao.gatewaytest.v1.BookService/FollowShelf",
                                {{"authorization", "Bearer good-a"}}, absl::Now() + absl::Seconds(1));
  EXPECT_EQ(late->ReadAndWait(), std::nullopt);
  EXPECT_EQ(late->status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(Idle());
  // On a busy machine the call may not even have come so far.
  EXPECT_TRUE(Within(absl::Seconds(20), [&] { return cancelled_ == static_cast<int>(Held()); }));
}

TEST_F(StreamFront, AServiceThatGoesIsUnavailableWithoutItsAddress) {
  HoldStreams();
  const auto stream = Open("FollowShelf");
  ASSERT_TRUE(Within(absl::Seconds(20), [&] { return Held() == 1; }));
  backend_server->Drain(absl::ZeroDuration());
  backend_server.reset();
  for (const absl::Status& status : {Ends(stream), Ends(Open("FollowShelf"))}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(base::FailureOf(status).reason(), base::ErrorReason::BACKEND_UNAVAILABLE);
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("127.0.0.1")));
  }
  EXPECT_TRUE(Idle());
}

TEST_F(StreamFront, ASlowClientHoldsTheServiceUp) {
  const auto counted = std::make_shared<std::atomic<int64_t>>(0);
  backend_stream = [counted](auto, const std::shared_ptr<rpc::ServerStream>& stream) {
    Flood(stream, counted);
  };
  const std::atomic<int64_t>& taken = *counted;
  const auto stream = Open("FollowShelf");
  int64_t before = -1;
  ASSERT_TRUE(Within(absl::Seconds(20), [&] {
    const int64_t now = taken;
    const bool still = now == before && now > 0;
    before = now;
    if (!still) absl::SleepFor(absl::Milliseconds(300));
    return still;
  }));
  EXPECT_LT(before, 32 << 20);
  for (int64_t read = 0; read < before + (1 << 20); read += 64 << 10) ASSERT_TRUE(stream->ReadAndWait());
  EXPECT_TRUE(Within(absl::Seconds(20), [&] { return taken > before; }));
  stream->Cancel();
  EXPECT_TRUE(Idle());
}

TEST_F(StreamFront, AClientThatStopsReadingIsCutOffAndToldWhy) {
  slow_reader = absl::Milliseconds(500);
  Start();
  const auto taken = std::make_shared<std::atomic<int64_t>>(0);
  backend_stream = [this, taken](auto, const std::shared_ptr<rpc::ServerStream>& stream) {
    stream->OnCancel([this] { ++cancelled_; });
    {
      const std::lock_guard lock(mutex_);
      held_.push_back(stream);
    }
    Flood(stream, taken);
  };
  const auto stream = Open("FollowShelf");
  ASSERT_TRUE(Within(absl::Seconds(20), [&] { return *taken > 0; }));
  EXPECT_TRUE(Idle()) << "it still has its connection";
  EXPECT_TRUE(Within(absl::Seconds(20), [&] { return cancelled_ == 1; }));
  EXPECT_THAT(prometheus::TextSerializer().Serialize(registry->Collect()),
              HasSubstr("gateway_grpc_streams_total{grpc_code=\"RESOURCE_EXHAUSTED\"} 1"));
  if (HasFailure()) return;  // The flood would never end.
  while (stream->ReadAndWait().has_value()) {
  }
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(base::FailureOf(stream->status()).reason(), base::ErrorReason::CONSUMER_TOO_SLOW);
}

TEST_F(StreamFront, AQuietStreamAndAClientThatTakesEveryMessageAreKept) {
  slow_reader = absl::Milliseconds(300);
  Start();
  EchoStreams();
  const auto stream = Open("TradeBooks");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(stream->WriteAndWait("book"));
    EXPECT_EQ(stream->ReadAndWait(), "book");
    absl::SleepFor(absl::Milliseconds(500));
  }
  stream->WritesDone();
  EXPECT_TRUE(Ends(stream).ok());
}

TEST_F(StreamFront, ADrainEndsStreamsAtBothSides) {
  HoldStreams();
  const auto stream = Open("TradeBooks");
  ASSERT_TRUE(Within(absl::Seconds(20), [&] { return Held() == 1; }));
  grpc_server->Drain(absl::Seconds(20));
  EXPECT_EQ(Ends(stream).code(), absl::StatusCode::kUnavailable);
  grpc_server.reset();
  grpc_front.reset();  // Waits for what is still to be counted.
  EXPECT_EQ(guard->streams(), 0);
  EXPECT_TRUE(Within(absl::Seconds(20), [&] { return cancelled_ == 1; }));
}

TEST_F(StreamFront, ManyThreadsOpenUseAndLeaveStreams) {
  guard_options.client = {};
  EchoStreams();
  Start();
  Open("TradeBooks")->Cancel();  // Makes the client of all.
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 30; ++i) {
        const auto stream = Open("TradeBooks");
        const int kind = (t + i) % 3;
        if (kind == 0) {
          bool good = stream->WriteAndWait("a") && stream->ReadAndWait() == "a";
          stream->WritesDone();
          good = good && !stream->ReadAndWait().has_value() && stream->status().ok();
          wrong += !good;
        } else if (kind == 1) {
          stream->Write("a", [](bool) {});
          stream->Cancel();
        } else {
          stream->Read([](auto) {});
          stream->Write("a", [](bool) {});
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(Idle());
}

}  // namespace
}  // namespace lianqiao::gateway
