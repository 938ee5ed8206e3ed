// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"

namespace lianqiao::rpc {
namespace {

using base::ErrorReason;
using ::testing::Contains;
using ::testing::Pair;

constexpr char kService[] = "/lianqiao.test.v1.StreamService/";

absl::Time Soon() {
  return absl::Now() + absl::Seconds(20);
}

bool Within(absl::Duration limit, const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + limit;
  while (!condition()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

// Where a count stands once the transport is full and nothing moves any more.
int64_t Standstill(const std::atomic<int64_t>& count) {
  int64_t before = -1;
  EXPECT_TRUE(Within(absl::Seconds(20), [&] {
    const int64_t now = count;
    const bool still = now == before && now > 0;
    before = now;
    if (!still) absl::SleepFor(absl::Milliseconds(300));
    return still;
  }));
  return before;
}

// Gives back what it gets, one message at a time.
void Echo(const std::shared_ptr<ServerStream>& stream) {
  stream->Read([stream](std::optional<std::string> bytes) {
    if (!bytes.has_value()) return stream->Finish(absl::OkStatus());
    stream->Write(std::move(*bytes), [stream](bool ok) {
      if (ok) Echo(stream);
    });
  });
}

// Sends numbers from `next` on.
void Count(const std::shared_ptr<ServerStream>& stream, int next, int end) {
  if (next == end) return stream->Finish(absl::OkStatus());
  stream->Write(std::to_string(next), [=](bool ok) {
    if (ok) Count(stream, next + 1, end);
  });
}

// Answers with the number of bytes that came.
void Sum(const std::shared_ptr<ServerStream>& stream, size_t sum) {
  stream->Read([stream, sum](std::optional<std::string> bytes) {
    if (bytes.has_value()) return Sum(stream, sum + bytes->size());
    stream->Write(std::to_string(sum), [stream](bool) { stream->Finish(absl::OkStatus()); });
  });
}

// Sends blocks until nobody takes them any more.
void Flood(const std::shared_ptr<ServerStream>& stream, std::atomic<int64_t>* taken) {
  constexpr size_t kBlock = 64u << 10;
  stream->Write(std::string(kBlock, 'x'), [stream, taken](bool ok) {
    if (!ok) return;
    *taken += kBlock;
    Flood(stream, taken);
  });
}

class StreamTest : public ::testing::Test {
 protected:
  void SetUp() override { Start({}); }

  void Start(Server::Options options) {
    options.listen = {"127.0.0.1:0"};
    options.observe = [this](const CallContext& context, absl::StatusCode code, double) {
      const std::lock_guard lock(mutex_);
      observed_.emplace_back(context.method.substr(sizeof kService - 1), code);
    };
    client_.reset();
    server_ = std::make_unique<Server>(options);
    const auto bind = [this](const std::string& name, auto handler) {
      server_->BindStream(kService + name, [this, handler](auto context, auto stream) {
        {
          const std::lock_guard lock(mutex_);
          last_ = context;
        }
        handler(std::move(stream));
      });
    };
    bind("Echo", [](auto stream) { Echo(stream); });
    bind("Sum", [](auto stream) { Sum(stream, 0); });
    bind("Count", [](auto stream) {
      stream->Read([stream](auto bytes) { Count(stream, 0, std::stoi(bytes.value_or("0"))); });
    });
    bind("Flood", [this](auto stream) { Flood(stream, &taken_); });
    bind("Described", [](auto stream) {
      stream->AddMetadata(kFileSize, "7");
      stream->Write("x", [stream](bool) {
        stream->AddMetadata("late", "1");
        stream->Finish(absl::OkStatus());
      });
    });
    bind("Fail", [](auto stream) {
      stream->Write("before", [stream](bool) {
        stream->Finish(base::FailIfAny({base::Refuse("name", ErrorReason::FIELD_TOO_LONG, {{"max", "5"}})}));
      });
    });
    bind("Drop", [](auto) {});
    bind("Hold", [this](auto stream) {
      stream->OnCancel([this] {
        absl::SleepFor(absl::Milliseconds(5));  // Longer than a read takes to fail.
        ++cancelled_;
      });
      const std::lock_guard lock(mutex_);
      held_.push_back(std::move(stream));
    });
    server_->Bind(absl::StrCat(kService, "Unary"), [](auto, std::string request, const Done& done) {
      done(Reply{std::move(request), {}});
    });
    ASSERT_TRUE(server_->Start().ok());
    client_ = std::make_unique<Client>(Client::Options{absl::StrCat("127.0.0.1:", server_->port(0)), 1});
  }

  std::unique_ptr<ClientStream> Open(const std::string& name, absl::Time deadline = absl::InfiniteFuture(),
                                     const Client::Metadata& metadata = {}) {
    return client_->Open(kService + name, metadata, deadline);
  }
  std::shared_ptr<ServerStream> Held(size_t index) {
    EXPECT_TRUE(Within(absl::Seconds(20), [&] {
      const std::lock_guard lock(mutex_);
      return held_.size() > index;
    }));
    const std::lock_guard lock(mutex_);
    return held_.at(index);
  }
  std::vector<std::pair<std::string, absl::StatusCode>> Observed() {
    const std::lock_guard lock(mutex_);
    return observed_;
  }
  bool Idle() {
    return Within(absl::Seconds(20), [&] { return server_->streams() == 0; });
  }

  std::mutex mutex_;
  std::shared_ptr<const CallContext> last_;
  std::vector<std::shared_ptr<ServerStream>> held_;
  std::vector<std::pair<std::string, absl::StatusCode>> observed_;
  std::atomic<int64_t> taken_{0};
  std::atomic<int> cancelled_{0};
  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;
};

TEST_F(StreamTest, EchoesBothWaysWithMetadata) {
  const auto stream = Open("Echo", Soon(), {{"x-request-id", "r-1"}, {"accept-language", "en"}});
  for (const std::string& bytes : {std::string("a"), std::string(), std::string("\0b", 2)}) {
    ASSERT_TRUE(stream->WriteAndWait(bytes));
    EXPECT_EQ(stream->ReadAndWait(), bytes);
  }
  EXPECT_THAT(stream->metadata(), Contains(Pair("x-request-id", "r-1")));
  EXPECT_EQ(last_->language, base::Language::kEnglish);
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kUnknown);
  stream->WritesDone();
  EXPECT_EQ(stream->ReadAndWait(), std::nullopt);
  EXPECT_TRUE(stream->status().ok()) << stream->status();
  EXPECT_FALSE(stream->WriteAndWait("late"));
  EXPECT_EQ(stream->ReadAndWait(), std::nullopt);
  EXPECT_TRUE(Idle());
  EXPECT_THAT(Observed(), ::testing::ElementsAre(Pair("Echo", absl::StatusCode::kOk)));
}

TEST_F(StreamTest, SaysWhatItIsBeforeItBegins) {
  const auto stream = Open("Described", Soon());
  EXPECT_EQ(stream->ReadAndWait(), "x");
  EXPECT_THAT(stream->metadata(), Contains(Pair("lianqiao-size", "7")));
  EXPECT_EQ(stream->ReadAndWait(), std::nullopt);
  EXPECT_TRUE(stream->status().ok()) << stream->status();
  EXPECT_THAT(stream->metadata(), ::testing::Not(Contains(Pair("late", "1"))));
}

TEST_F(StreamTest, CarriesAHundredThousandMessagesInOrder) {
  const auto stream = Open("Count", absl::Now() + absl::Seconds(120));
  ASSERT_TRUE(stream->WriteAndWait("100000"));
  stream->WritesDone();
  // As a program would: the next read is asked for from the answer of the last.
  std::promise<int> read;
  int next = 0;
  std::function<void(std::optional<std::string>)> then = [&](std::optional<std::string> bytes) {
    if (!bytes.has_value() || *bytes != std::to_string(next)) return read.set_value(next);
    ++next;
    stream->Read(then);
  };
  stream->Read(then);
  EXPECT_EQ(read.get_future().get(), 100000);
  EXPECT_TRUE(stream->status().ok()) << stream->status();
}

TEST_F(StreamTest, SumsWhatAClientSends) {
  const auto stream = Open("Sum", Soon());
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(stream->WriteAndWait(std::string(10000, 'x')));
  stream->WritesDone();
  EXPECT_EQ(stream->ReadAndWait(), "10000000");
  EXPECT_EQ(stream->ReadAndWait(), std::nullopt);
  EXPECT_TRUE(stream->status().ok());
}

TEST_F(StreamTest, AnswersClientsThatSendAndWaitForOneMessage) {
  const Answer answer = client_->CallAndWait(absl::StrCat(kService, "Sum"), "12345", {}, Soon());
  EXPECT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.bytes, "5");
}

TEST_F(StreamTest, UnaryMethodsLiveInTheSameService) {
  EXPECT_EQ(client_->CallAndWait(absl::StrCat(kService, "Unary"), "x", {}, Soon()).bytes, "x");
  EXPECT_THAT(server_->methods(), Contains(absl::StrCat(kService, "Echo")));
  const auto stream = Open("Nothing", Soon());
  EXPECT_EQ(stream->ReadAndWait(), std::nullopt);
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kUnimplemented);
}

TEST_F(StreamTest, ASlowReaderHoldsTheWriterUp) {
  const auto stream = Open("Flood");
  ASSERT_TRUE(stream->ReadAndWait().has_value());
  const int64_t before = Standstill(taken_);
  EXPECT_LT(before, 1 << 20) << "all of it lies in buffers";
  for (int64_t read = 0; read < before + (1 << 20); read += 64 << 10) ASSERT_TRUE(stream->ReadAndWait());
  EXPECT_TRUE(Within(absl::Seconds(20), [&] { return taken_ > before; }));
}

// They share a connection, whose window is not theirs to use up.
TEST_F(StreamTest, SlowReadersHoldNobodyElseUp) {
  std::vector<std::unique_ptr<ClientStream>> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(Open("Flood"));
    ASSERT_TRUE(slow.back()->ReadAndWait().has_value());
  }
  EXPECT_LT(Standstill(taken_), 50 << 20) << "what gRPC keeps for each adds up";
  const auto stream = Open("Count", Soon());
  ASSERT_TRUE(stream->WriteAndWait("5000"));
  stream->WritesDone();
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(stream->ReadAndWait(), std::to_string(i));
  const Answer answer =
      client_->CallAndWait(absl::StrCat(kService, "Unary"), std::string(1u << 20, 'x'), {}, Soon());
  EXPECT_EQ(answer.bytes.size(), 1u << 20) << answer.status;
}

// Sends blocks until nobody takes them any more.
void Flood(const std::shared_ptr<ClientStream>& stream, const std::shared_ptr<std::atomic<int64_t>>& sent) {
  stream->Write(std::string(64u << 10, 'x'), [stream, sent](bool ok) {
    if (!ok) return;
    *sent += 64 << 10;
    Flood(stream, sent);
  });
}

TEST_F(StreamTest, ASlowServerHoldsClientsUp) {
  constexpr size_t kStreams = 30;
  const auto sent = std::make_shared<std::atomic<int64_t>>(0);
  std::vector<std::shared_ptr<ClientStream>> streams;
  for (size_t i = 0; i < kStreams; ++i) {
    streams.push_back(Open("Hold"));
    const auto held = Held(i);
    std::promise<void> read;
    held->Read([&](auto) { read.set_value(); });
    Flood(streams.back(), sent);
    read.get_future().wait();
  }
  EXPECT_LT(Standstill(*sent), kStreams << 20);
  for (size_t i = 0; i < kStreams; ++i) {
    Held(i)->Finish(absl::OkStatus());
    EXPECT_EQ(streams[i]->ReadAndWait(), std::nullopt);
    EXPECT_TRUE(streams[i]->status().ok()) << streams[i]->status();
  }
}

TEST_F(StreamTest, CarriesTheFailureWithReasonAndArguments) {
  const auto stream = Open("Fail", Soon());
  EXPECT_EQ(stream->ReadAndWait(), "before");
  EXPECT_EQ(stream->ReadAndWait(), std::nullopt);
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kInvalidArgument);
  const base::Failure failure = base::FailureOf(stream->status());
  EXPECT_EQ(failure.reason(), ErrorReason::REQUEST_INVALID);
  ASSERT_EQ(failure.violations_size(), 1);
  EXPECT_EQ(failure.violations(0).field(), "name");
  EXPECT_THAT(stream->error_details(), ::testing::HasSubstr("FIELD_TOO_LONG"));
}

TEST_F(StreamTest, AFailureWithArgumentsArrivesBeforeAnyMessage) {
  const auto stream = Open("Hold", Soon());
  Held(0)->Finish(
      base::Fail(absl::StatusCode::kOutOfRange, ErrorReason::CURSOR_EXPIRED, {{"oldest", "c1.abc"}}));
  EXPECT_EQ(stream->ReadAndWait(), std::nullopt);
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kOutOfRange);
  const base::Failure failure = base::FailureOf(stream->status());
  EXPECT_EQ(failure.reason(), ErrorReason::CURSOR_EXPIRED);
  EXPECT_EQ(failure.arguments().at("oldest"), "c1.abc");
  EXPECT_FALSE(stream->metadata().empty());
}

TEST_F(StreamTest, ADroppedStreamEndsInternal) {
  const auto stream = Open("Drop", Soon());
  EXPECT_EQ(stream->ReadAndWait(), std::nullopt);
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Observed(), ::testing::ElementsAre(Pair("Drop", absl::StatusCode::kInternal)));
}

TEST_F(StreamTest, ACancelReachesTheHandlerOnceAndEndsItsOperations) {
  const auto stream = Open("Hold");
  const auto held = Held(0);
  std::promise<bool> read;
  held->Read([&](auto bytes) { read.set_value(bytes.has_value() || cancelled_ == 0); });
  stream->Cancel();
  EXPECT_EQ(stream->ReadAndWait(), std::nullopt);
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kCancelled);
  EXPECT_FALSE(read.get_future().get()) << "the handler learns of the cancel first";
  EXPECT_TRUE(Idle()) << "though the handler holds it still";
  EXPECT_EQ(cancelled_, 1);
  std::promise<bool> wrote;
  held->Write("x", [&](bool ok) { wrote.set_value(ok); });
  EXPECT_FALSE(wrote.get_future().get());
  std::promise<void> told;
  held->OnCancel([&] { told.set_value(); });
  told.get_future().wait();
  held->Finish(absl::OkStatus());
  EXPECT_THAT(Observed(), ::testing::ElementsAre(Pair("Hold", absl::StatusCode::kCancelled)));
}

TEST_F(StreamTest, ADestroyedClientStreamCancels) {
  auto stream = Open("Hold");
  Held(0);
  std::promise<bool> read;
  stream->Read([&](auto bytes) { read.set_value(bytes.has_value()); });
  stream.reset();
  EXPECT_FALSE(read.get_future().get()) << "what was asked for is answered";
  EXPECT_TRUE(Idle());
  EXPECT_EQ(cancelled_, 1);
}

TEST_F(StreamTest, OutlivesItsClient) {
  const auto stream = Open("Echo", Soon());
  client_.reset();
  ASSERT_TRUE(stream->WriteAndWait("a"));
  EXPECT_EQ(stream->ReadAndWait(), "a");
}

TEST_F(StreamTest, ADeadlineEndsBothSides) {
  Server::Options options;
  options.deadline_max = absl::Milliseconds(1);  // Of unary calls only.
  Start(options);
  const auto stream = Open("Hold", absl::Now() + absl::Milliseconds(500));
  Held(0);
  EXPECT_GT(last_->deadline - absl::Now(), absl::Milliseconds(100));
  EXPECT_EQ(stream->ReadAndWait(), std::nullopt);
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(Idle());
  EXPECT_EQ(cancelled_, 1);
  ASSERT_EQ(Observed().size(), 1u);
  // A busy machine may bring the client's cancel long before the server's own time.
  EXPECT_THAT(Observed()[0].second,
              ::testing::AnyOf(absl::StatusCode::kDeadlineExceeded, absl::StatusCode::kCancelled));
}

TEST_F(StreamTest, WithoutADeadlineThereIsNone) {
  const auto stream = Open("Hold");
  Held(0);
  EXPECT_EQ(last_->deadline, absl::InfiniteFuture());
}

TEST_F(StreamTest, StreamsHaveALimitOfTheirOwn) {
  Server::Options options;
  options.streams_max = 1;
  options.concurrent_calls_max = 1;
  Start(options);
  const auto first = Open("Hold");
  Held(0);
  const auto second = Open("Hold", Soon());
  EXPECT_EQ(second->ReadAndWait(), std::nullopt);
  EXPECT_EQ(second->status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(base::FailureOf(second->status()).reason(), ErrorReason::OVERLOADED);
  EXPECT_TRUE(client_->CallAndWait(absl::StrCat(kService, "Unary"), "", {}, Soon()).status.ok());
  first->Cancel();
  ASSERT_TRUE(Idle());
  const auto third = Open("Echo", Soon());
  ASSERT_TRUE(third->WriteAndWait("a"));
  EXPECT_EQ(third->ReadAndWait(), "a");
}

TEST_F(StreamTest, AMessageThatIsTooLargeIsNeverTakenForTheEnd) {
  Server::Options options;
  options.message_bytes_max = 1000;
  Start(options);
  const auto stream = Open("Hold", Soon());
  const auto held = Held(0);
  std::promise<bool> read;
  held->Read([&](auto bytes) { read.set_value(bytes.has_value() || cancelled_ == 0); });
  stream->WriteAndWait(std::string(2000, 'x'));
  EXPECT_FALSE(read.get_future().get());
  EXPECT_EQ(stream->ReadAndWait(), std::nullopt);
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kResourceExhausted) << stream->status();
}

TEST_F(StreamTest, AClientTakesNoMessageBeyondItsLimit) {
  Client small({absl::StrCat("127.0.0.1:", server_->port(0)), 1, 1000});
  const auto stream = small.Open(absl::StrCat(kService, "Flood"), {}, Soon());
  EXPECT_EQ(stream->ReadAndWait(), std::nullopt);
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kResourceExhausted) << stream->status();
  EXPECT_TRUE(Idle());
}

TEST_F(StreamTest, WhoDoesNotTakeTheEndIsCutOff) {
  Server::Options options;
  options.stream_end_limit = absl::Milliseconds(300);
  Start(options);
  const auto stream = Open("Hold");
  const auto held = Held(0);
  std::atomic<bool> refused{false};
  std::function<void(bool)> next = [&](bool ok) {
    if (!ok) {
      refused = true;
      return;
    }
    held->Write(std::string(1u << 20, 'x'), next);
  };
  next(true);
  absl::SleepFor(absl::Milliseconds(500));
  held->Finish(base::Fail(absl::StatusCode::kAborted, ErrorReason::CONSUMER_TOO_SLOW));
  EXPECT_TRUE(Idle());
  EXPECT_TRUE(refused);
}

TEST_F(StreamTest, ADrainEndsStreamsEarlyAndAsUnavailable) {
  std::vector<std::unique_ptr<ClientStream>> streams;
  for (int i = 0; i < 10; ++i) streams.push_back(Open("Hold"));
  streams.push_back(Open("Flood"));  // Cannot take the end.
  ASSERT_TRUE(streams.back()->ReadAndWait().has_value());
  for (size_t i = 0; i < 10; ++i) Held(i);
  Standstill(taken_);
  const absl::Time start = absl::Now();
  server_->Drain(absl::Seconds(60));
  EXPECT_LT(absl::Now() - start, absl::Seconds(20));
  EXPECT_EQ(cancelled_, 10);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(streams[i]->ReadAndWait(), std::nullopt);
    EXPECT_EQ(streams[i]->status().code(), absl::StatusCode::kUnavailable) << streams[i]->status();
  }
  while (streams[10]->ReadAndWait().has_value()) {
  }
  EXPECT_EQ(streams[10]->status().code(), absl::StatusCode::kUnavailable) << streams[10]->status();
  const auto late = Open("Echo", Soon());
  EXPECT_EQ(late->ReadAndWait(), std::nullopt);
  EXPECT_EQ(late->status().code(), absl::StatusCode::kUnavailable) << late->status();
  // What handlers hold may outlive the server.
  server_.reset();
  held_[0]->Finish(absl::OkStatus());
  std::promise<bool> wrote;
  held_[1]->Write("x", [&](bool ok) { wrote.set_value(ok); });
  EXPECT_FALSE(wrote.get_future().get());
}

TEST_F(StreamTest, AnAnswerKnownAtOnceDoesNotComeWithinTheAsking) {
  const auto stream = Open("Hold", Soon());
  const auto held = Held(0);
  held->Finish(absl::OkStatus());
  EXPECT_EQ(stream->ReadAndWait(), std::nullopt);
  // Each receiver takes the lock that its asker holds.
  std::mutex mutex;
  std::promise<void> read, write, received, sent;
  const auto later = [&mutex](std::promise<void>* done) {
    const std::lock_guard lock(mutex);
    done->set_value();
  };
  {
    const std::lock_guard lock(mutex);
    held->Read([&](auto) { later(&read); });
    held->Write("x", [&](bool) { later(&write); });
    stream->Read([&](auto) { later(&received); });
    stream->Write("x", [&](bool) { later(&sent); });
  }
  for (auto* done : {&read, &write, &received, &sent}) done->get_future().wait();
}

TEST_F(StreamTest, AClientThatGoesIsNeverTakenForOneThatHasSentAll) {
  for (int i = 0; i < 20; ++i) {
    auto stream = Open("Hold");
    const auto held = Held(static_cast<size_t>(i));
    std::promise<bool> read;
    const int before = cancelled_;
    held->Read([&](auto bytes) { read.set_value(bytes.has_value() || cancelled_ == before); });
    stream.reset();
    EXPECT_FALSE(read.get_future().get());
  }
}

// What breaks a client off, in turn with whole calls, from many threads at once.
TEST_F(StreamTest, ManyThreadsOpenUseAndBreakOffStreams) {
  const char* const text = std::getenv("LIANQIAO_STREAM_ROUNDS");
  const int rounds = text != nullptr ? std::atoi(text) : 60;
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < rounds; ++i) {
        const int kind = (t + i) % 6;
        auto stream = Open(kind == 3 ? "Count" : kind == 5 ? "Fail" : "Echo", Soon());
        bool good = true;
        if (kind == 0) {
          good = stream->WriteAndWait("a") && stream->ReadAndWait() == "a";
          stream->WritesDone();
          good = good && !stream->ReadAndWait().has_value() && stream->status().ok();
        } else if (kind == 1) {
          stream->Write("a", [](bool) {});
          stream->Cancel();
        } else if (kind == 2) {
          stream->Read([](auto) {});
          stream->Write("a", [](bool) {});
        } else if (kind == 3) {
          stream->Write("1000", [](bool) {});
          for (int n = 0; n < i % 7; ++n) stream->ReadAndWait();
          std::thread([&] { stream->Cancel(); }).join();
        } else if (kind == 5) {
          good = stream->ReadAndWait() == "before" && !stream->ReadAndWait().has_value() &&
                 stream->status().code() == absl::StatusCode::kInvalidArgument;
        }
        wrong += !good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(Idle());
  // A stream that is cancelled at once may never reach the server.
  EXPECT_GE(Observed().size(), static_cast<size_t>(3 * rounds));
  EXPECT_LE(Observed().size(), static_cast<size_t>(8 * rounds));
}

TEST_F(StreamTest, ManyThreadsUseOneStreamAsTheServerGoes) {
  for (int round = 0; round < 10; ++round) {
    Start({});
    std::vector<std::unique_ptr<ClientStream>> streams;
    for (int i = 0; i < 4; ++i) streams.push_back(Open("Echo"));
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (const auto& stream : streams) {
      threads.emplace_back([&stream] {
        while (stream->WriteAndWait("x")) {
        }
      });
      threads.emplace_back([&stream] {
        while (stream->ReadAndWait().has_value()) {
        }
      });
    }
    absl::SleepFor(absl::Milliseconds(5 * round));
    server_.reset();
    for (std::thread& thread : threads) thread.join();
    for (const auto& stream : streams) EXPECT_EQ(stream->status().code(), absl::StatusCode::kUnavailable);
  }
}

}  // namespace
}  // namespace lianqiao::rpc
