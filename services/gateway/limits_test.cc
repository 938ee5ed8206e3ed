// SPDX-License-Identifier: Apache-2.0
// Limits and positions; built a second time under ThreadSanitizer (gateway_thread_test).
#include "services/gateway/limits.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "services/gateway/positions.h"

namespace lianqiao::gateway {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(Rate, LetsABurstInAndThenTheRate) {
  Limiter limiter(0);
  const Limit limit{10, 5, 0};
  int64_t now = 100 * kSecond;
  for (int i = 0; i < 5; ++i) {
    const Limiter::Decision decision = limiter.Admit("a", limit, now);
    EXPECT_EQ(decision.refusal, Refusal::kNone);
    EXPECT_EQ(decision.remaining, 4 - i);
  }
  const Limiter::Decision refused = limiter.Admit("a", limit, now);
  EXPECT_EQ(refused.refusal, Refusal::kRate);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_EQ(refused.retry_after_milliseconds, 100);
  EXPECT_EQ(refused.quota, 5);
  EXPECT_EQ(limiter.Admit("a", limit, now + kSecond / 10).refusal, Refusal::kNone);
  EXPECT_EQ(limiter.Admit("a", limit, now + kSecond / 10).refusal, Refusal::kRate);
}

TEST(Rate, IsPerClient) {
  Limiter limiter(0);
  const Limit limit{1, 1, 0};
  EXPECT_EQ(limiter.Admit("a", limit, 0).refusal, Refusal::kNone);
  EXPECT_EQ(limiter.Admit("b", limit, 0).refusal, Refusal::kNone);
  EXPECT_EQ(limiter.Admit("a", limit, 0).refusal, Refusal::kRate);
}

TEST(Rate, OfZeroIsNoLimit) {
  Limiter limiter(0);
  for (int i = 0; i < 1000; ++i) {
    const Limiter::Decision decision = limiter.Admit("a", {}, 0);
    ASSERT_EQ(decision.refusal, Refusal::kNone);
    EXPECT_FALSE(decision.limited);
  }
}

TEST(Concurrency, OfOneClientIsBounded) {
  Limiter limiter(0);
  const Limit limit{0, 0, 2};
  auto first = limiter.Admit("a", limit, 0);
  auto second = limiter.Admit("a", limit, 0);
  EXPECT_EQ(limiter.Admit("a", limit, 0).refusal, Refusal::kConcurrency);
  EXPECT_EQ(limiter.Admit("b", limit, 0).refusal, Refusal::kNone);
  first.slot.Release();
  EXPECT_EQ(limiter.Admit("a", limit, 0).refusal, Refusal::kNone);
}

TEST(Concurrency, OfAllClientsIsBounded) {
  Limiter limiter(2);
  auto first = limiter.Admit("a", {}, 0);
  auto second = limiter.Admit("b", {}, 0);
  EXPECT_EQ(limiter.running(), 2);
  EXPECT_EQ(limiter.Admit("c", {}, 0).refusal, Refusal::kGlobalConcurrency);
  second = Limiter::Decision();
  EXPECT_EQ(limiter.running(), 1);
  EXPECT_EQ(limiter.Admit("c", {}, 0).refusal, Refusal::kNone);
}

TEST(Limiter, ForgetsIdleClients) {
  Limiter limiter(0);
  const Limit limit{10, 10, 0};
  for (int i = 0; i < 200'000; ++i) limiter.Admit(std::to_string(i), limit, i * kSecond / 100);
  EXPECT_LT(limiter.clients(), 32u * 4097u + 1);
}

TEST(Limiter, StreamsHavePlacesOfTheirOwn) {
  Limiter limiter(2, 3);
  const Limit limit{0, 0, 1, 2};
  std::vector<Limiter::Decision> streams;
  for (int i = 0; i < 2; ++i) {
    streams.push_back(limiter.Admit("a", limit, 0, Place::kStream));
    EXPECT_EQ(streams.back().refusal, Refusal::kNone);
  }
  const auto third = limiter.Admit("a", limit, 0, Place::kStream);
  EXPECT_EQ(third.refusal, Refusal::kStreams);
  EXPECT_EQ(third.retry_after_milliseconds, 5000);
  EXPECT_EQ(limiter.Admit("a", limit, 0).refusal, Refusal::kNone) << "calls go on";
  streams.push_back(limiter.Admit("b", limit, 0, Place::kStream));
  EXPECT_EQ(limiter.Admit("b", limit, 0, Place::kStream).refusal, Refusal::kGlobalStreams);
  EXPECT_EQ(limiter.running(Place::kStream), 3);
  EXPECT_EQ(limiter.running(), 0);
  streams.erase(streams.begin());
  EXPECT_EQ(limiter.Admit("a", limit, 0, Place::kStream).refusal, Refusal::kNone);
}

TEST(Limiter, OpeningAStreamCountsAgainstTheRate) {
  Limiter limiter(0);
  const Limit limit{1, 1, 0, 8};
  EXPECT_EQ(limiter.Admit("a", limit, 0, Place::kStream).refusal, Refusal::kNone);
  EXPECT_EQ(limiter.Admit("a", limit, 0, Place::kStream).refusal, Refusal::kRate);
}

TEST(Limiter, CountsExactlyUnderThreads) {
  Limiter limiter(0);
  const Limit limit{1, 1000, 8};
  std::atomic<int> admitted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        const auto decision = limiter.Admit("a", limit, 5 * kSecond);
        if (decision.refusal == Refusal::kNone) ++admitted;
        limiter.Admit(std::to_string(i), limit, 5 * kSecond);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(admitted, 1000);
  EXPECT_EQ(limiter.running(), 0);
}

TEST(Positions, AreSentToOtherServicesForTenSeconds) {
  Positions positions;
  positions.Remember("a", 0, "registry:3:17", 0);
  positions.Remember("a", 0, "registry:5:2", kSecond);
  positions.Remember("a", 0, "registry:3:18", kSecond);
  EXPECT_EQ(positions.After("a", 1, 2 * kSecond), "registry:5:2,registry:3:18");
  EXPECT_EQ(positions.After("a", 0, 2 * kSecond), "");
  EXPECT_EQ(positions.After("b", 1, 2 * kSecond), "");
  EXPECT_EQ(positions.After("a", 1, 12 * kSecond), "");
}

TEST(Positions, OfOneClientAreBounded) {
  Positions positions;
  for (int i = 0; i < 1000; ++i) positions.Remember("a", 0, std::to_string(i) + ":1:1", 0);
  EXPECT_LT(positions.After("a", 1, 0).size(), 64 * 10u);
}

TEST(Positions, AreSafeUnderThreads) {
  Positions positions;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&positions, t] {
      for (int i = 0; i < 500; ++i) {
        positions.Remember(std::to_string(i % 7), static_cast<size_t>(t), "s:1:" + std::to_string(i),
                           i * kSecond);
        positions.After(std::to_string(i % 5), 9, i * kSecond);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace lianqiao::gateway
