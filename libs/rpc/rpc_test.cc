// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "libs/rpc/client.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/server.h"

namespace lianqiao::rpc {
namespace {

using base::ErrorReason;

constexpr char kEcho[] = "/lianqiao.test.v1.EchoService/Echo";
constexpr char kFail[] = "/lianqiao.test.v1.EchoService/Fail";
constexpr char kHang[] = "/lianqiao.test.v1.EchoService/Hang";

class RpcTest : public ::testing::Test {
 protected:
  void Start(Server::Options options) {
    options.listen = {"127.0.0.1:0"};
    options.reflection = true;
    server_ = std::make_unique<Server>(options);
    server_->Bind(kEcho, [this](auto context, std::string request, Done done) {
      ++echoed_;
      Reply reply;
      reply.bytes = request;
      reply.metadata.emplace_back("seen-language",
                                  context->language == base::Language::kEnglish ? "en" : "zh");
      done(std::move(reply));
    });
    server_->Bind(kFail, [](auto, std::string, Done done) {
      done(base::FailIfAny({base::Refuse("name", ErrorReason::FIELD_TOO_LONG, {{"max", "5"}})}));
    });
    server_->Bind(kHang, [this](auto, std::string, Done done) {
      const std::lock_guard<std::mutex> lock(mutex_);
      held_.push_back(std::move(done));
    });
    ASSERT_TRUE(server_->Start().ok());
    client_ = std::make_unique<Client>(Client::Options{"127.0.0.1:" + std::to_string(server_->port(0)), 1});
  }
  void Release() {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (Done& done : held_) done(Reply());
    held_.clear();
  }

  std::atomic<int> echoed_{0};
  std::mutex mutex_;
  std::vector<Done> held_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;
};

absl::Time Soon() {
  return absl::Now() + absl::Seconds(5);
}

TEST_F(RpcTest, CarriesBytesAndMetadataBothWays) {
  Start({});
  const Answer answer =
      client_->CallAndWait(kEcho, std::string("\0x", 2), {{"accept-language", "en"}}, Soon());
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.bytes, std::string("\0x", 2));
  EXPECT_THAT(answer.metadata,
              ::testing::Contains(std::make_pair(std::string("seen-language"), std::string("en"))));
}

TEST_F(RpcTest, CarriesTheFailureAndTellsItInTheCallersLanguage) {
  Start({});
  const Answer answer = client_->CallAndWait(kFail, "", {{"accept-language", "zh-CN,en;q=0.5"}}, Soon());
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kInvalidArgument);
  const base::Failure failure = base::FailureOf(answer.status);
  EXPECT_EQ(failure.reason(), ErrorReason::REQUEST_INVALID);
  ASSERT_EQ(failure.violations_size(), 1);
  EXPECT_EQ(failure.violations(0).field(), "name");
  google::rpc::Status rich;
  ASSERT_TRUE(rich.ParseFromString(answer.error_details));
  google::rpc::BadRequest bad;
  ASSERT_TRUE(rich.details(1).UnpackTo(&bad));
  EXPECT_EQ(bad.field_violations(0).description(), "超出长度上限5;请缩短内容");
}

TEST_F(RpcTest, AnswersUnimplementedForAnUnknownMethod) {
  Start({});
  EXPECT_EQ(client_->CallAndWait("/lianqiao.test.v1.EchoService/Nothing", "", {}, Soon()).status.code(),
            absl::StatusCode::kUnimplemented);
}

TEST_F(RpcTest, RefusesCallsBeyondTheLimit) {
  Server::Options options;
  options.concurrent_calls_max = 1;
  Start(options);
  std::thread first([&] { client_->CallAndWait(kHang, "", {}, Soon()); });
  while (true) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!held_.empty()) break;
  }
  EXPECT_EQ(client_->CallAndWait(kEcho, "", {}, Soon()).status.code(), absl::StatusCode::kResourceExhausted);
  Release();
  first.join();
  EXPECT_TRUE(client_->CallAndWait(kEcho, "", {}, Soon()).status.ok());
}

TEST_F(RpcTest, SecondServerCannotTakeThePort) {
  Start({});
  Server::Options options;
  options.listen = {"127.0.0.1:" + std::to_string(server_->port(0))};
  Server second(options);
  EXPECT_EQ(second.Start().code(), absl::StatusCode::kUnavailable);
}

// A call as it goes on by itself: what came back, once it has.
class Later {
 public:
  std::function<void(Answer)> Done() {
    return [state = state_](Answer answer) { state->set_value(std::move(answer)); };
  }
  bool Came(absl::Duration limit) {
    return answer_.wait_for(absl::ToChronoMilliseconds(limit)) == std::future_status::ready;
  }
  Answer Get() { return answer_.get(); }

 private:
  std::shared_ptr<std::promise<Answer>> state_ = std::make_shared<std::promise<Answer>>();
  std::future<Answer> answer_ = state_->get_future();
};

TEST_F(RpcTest, EndsACancelledCallAndOneThatIsLate) {
  Start({});
  Later cancelled;
  const auto cancel = client_->Call(kHang, "", {}, absl::InfiniteFuture(), cancelled.Done());
  Later late;
  client_->Call(kHang, "", {}, absl::Now() + absl::Milliseconds(100), late.Done());
  ASSERT_TRUE(late.Came(absl::Seconds(5)));
  EXPECT_EQ(late.Get().status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(cancelled.Came(absl::ZeroDuration()));
  cancel();
  ASSERT_TRUE(cancelled.Came(absl::Seconds(5)));
  EXPECT_EQ(cancelled.Get().status.code(), absl::StatusCode::kCancelled);
  cancel();  // Also after the end.
  Release();
}

TEST_F(RpcTest, FinishesCallsWhoseClientHasGone) {
  Start({});
  Later later;
  client_->Call(kHang, "", {}, Soon(), later.Done());
  while (true) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!held_.empty()) break;
  }
  client_.reset();
  Release();
  ASSERT_TRUE(later.Came(absl::Seconds(5)));
  EXPECT_TRUE(later.Get().status.ok());
}

TEST_F(RpcTest, MakesTheNextCallFromTheEndOfOne) {
  Start({});
  Later second;
  client_->Call(kEcho, "first", {}, Soon(), [&](Answer first) {
    client_->Call(kEcho, first.bytes + ", second", {}, Soon(), second.Done());
  });
  ASSERT_TRUE(second.Came(absl::Seconds(5)));
  EXPECT_EQ(second.Get().bytes, "first, second");
}

TEST_F(RpcTest, AnswersWhatADrainingServerTookAndRefusesTheRestAsUnavailable) {
  Start({});
  std::atomic<bool> stop{false};
  std::atomic<int> answered{0};
  std::vector<absl::Status> failures;
  std::mutex mutex;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (!stop) {
        const Answer answer = client_->CallAndWait(kEcho, "x", {}, Soon());
        if (answer.status.ok()) {
          ++answered;
          continue;
        }
        const std::lock_guard<std::mutex> lock(mutex);
        failures.push_back(answer.status);
        return;
      }
    });
  }
  while (answered < 100) absl::SleepFor(absl::Milliseconds(1));
  server_->Drain(absl::Seconds(5));
  stop = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(echoed_, answered);
  // Others were refused, and in a way that says that they may be repeated.
  for (const absl::Status& failure : failures) {
    EXPECT_EQ(failure.code(), absl::StatusCode::kUnavailable) << failure;
  }
}

// Some of its channels still wait before they connect again: they are passed over.
TEST(ClientOfSeveralChannels, AfterARestartOnceItAnswersItGoesOnAnswering) {
  const std::string address = "unix:/tmp/lianqiao-rpc-test-" + std::to_string(::getpid()) + ".sock";
  const auto serve = [&] {
    Server::Options options;
    options.listen = {address};
    auto server = std::make_unique<Server>(options);
    server->Bind(kEcho, [](auto, std::string request, Done done) { done(Reply{std::move(request), {}}); });
    EXPECT_TRUE(server->Start().ok());
    return server;
  };
  Client client({address, 4});
  auto server = serve();
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(client.CallAndWait(kEcho, "", {}, Soon()).status.ok());
  server.reset();
  const absl::Time away_until = absl::Now() + absl::Seconds(1);
  while (absl::Now() < away_until) client.CallAndWait(kEcho, "", {}, Soon(), false);
  server = serve();
  const absl::Time limit = absl::Now() + absl::Seconds(5);
  while (!client.CallAndWait(kEcho, "", {}, Soon(), false).status.ok()) ASSERT_LT(absl::Now(), limit);
  int failed = 0;
  for (int i = 0; i < 100; ++i) failed += !client.CallAndWait(kEcho, "", {}, Soon(), false).status.ok();
  EXPECT_EQ(failed, 0);
  ::unlink(address.c_str() + 5);
}

TEST(ServerAddresses, ArePrivate) {
  for (const std::string address : {"0.0.0.0:0", "[::]:0", "192.168.1.1:8081", "localhost.example:1", ":0"}) {
    Server::Options options;
    options.listen = {"127.0.0.1:0", address};
    EXPECT_EQ(Server(options).Start().code(), absl::StatusCode::kInvalidArgument) << address;
  }
}

TEST(LanguageOf, PrefersChineseUnlessEnglishWeighsMore) {
  EXPECT_EQ(LanguageOf(""), base::Language::kChinese);
  EXPECT_EQ(LanguageOf("en-US,en;q=0.9"), base::Language::kEnglish);
  EXPECT_EQ(LanguageOf("en;q=0.5,zh-CN"), base::Language::kChinese);
  EXPECT_EQ(LanguageOf("fr"), base::Language::kChinese);
}

TEST(ToRpcStatus, NeverShowsWhatWentWrongInside) {
  const auto rich =
      ToRpcStatus(absl::InternalError("relation \"x\" does not exist"), base::Language::kEnglish, "r");
  EXPECT_EQ(rich.message(), "an internal error occurred");
}

}  // namespace
}  // namespace lianqiao::rpc
