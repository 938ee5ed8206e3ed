// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/turns.h"

#include <gtest/gtest.h>

#include <thread>

namespace lianqiao::sync {
namespace {

// Takes a request and one message; says later what became of that.
class HeldStream final : public rpc::ServerStream {
 public:
  void Read(std::function<void(std::optional<std::string>)> then) override { then("request"); }
  void AddMetadata(const std::string&, const std::string&) override {}
  void Write(std::string, std::function<void(bool)> then) override { written = std::move(then); }
  void Finish(const absl::Status& status) override { ended = status; }
  void OnCancel(std::function<void()>) override {}

  std::function<void(bool)> written;
  std::optional<absl::Status> ended;
};

class OneMessage final : public Turns {
 public:
  using Turns::Turns;

 private:
  absl::Status Take(const std::string&) override { return absl::OkStatus(); }
  void Turn(const access::Caller&) override {
    Write("message", [] {});
  }
};

// gRPC says what became of a message when the server that sent it may be gone already.
TEST(Turns, AreWaitedForWhenTheirFeedEnds) {
  const auto stream = std::make_shared<HeldStream>();
  auto poller = std::make_unique<feed::HeadPoller>(nullptr);
  auto open = std::make_unique<OpenTurns>();
  Parts parts;
  parts.poller = poller.get();
  parts.open_turns = open.get();
  std::make_shared<OneMessage>(parts, std::make_shared<rpc::CallContext>(), stream)->Start(access::Caller());
  ASSERT_TRUE(stream->written);
  std::thread late([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    std::exchange(stream->written, nullptr)(false);
  });
  poller->Stop();
  open->Wait();
  poller.reset();
  open.reset();
  late.join();
  EXPECT_TRUE(stream->ended.has_value());
}

TEST(Turns, WhoWaitsOnAStoppedPollerIsAnsweredAtOnce) {
  feed::HeadPoller poller(nullptr);
  poller.Stop();
  bool answered = false;
  poller.At(absl::InfiniteFuture(), [&](bool moved) { answered = !moved; });
  EXPECT_TRUE(answered);
  EXPECT_EQ(poller.waiting(), 0);
}

}  // namespace
}  // namespace lianqiao::sync
