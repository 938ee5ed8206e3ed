// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/consumers.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace lianqiao::sync {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1764000000);

feed::Places At(int64_t first, int64_t second) {
  return {{0, {first, "12345678"}}, {1, {second, "12345678"}}};
}

TEST(Consumers, LagIsWhatLiesBehindTheLastCursorOfEachClient) {
  Consumers consumers;
  consumers.SetHead(0, 10);
  consumers.SetHead(1, 4);
  consumers.SetHead(2, 3);
  consumers.Note("b", At(10, 4), kNow);
  consumers.Note("a", At(1, 0), kNow);
  consumers.Note("a", At(7, 4), kNow + absl::Seconds(2));
  const auto lags = consumers.Lags(kNow + absl::Seconds(5));
  ASSERT_EQ(lags.size(), 2u);
  EXPECT_EQ(lags[0].client_id, "a");
  EXPECT_EQ(lags[0].changes, 3 + 3) << "nothing was read of a bucket that no cursor names";
  EXPECT_EQ(lags[0].silent_seconds, 3);
  EXPECT_EQ(lags[1].changes, 3);
  EXPECT_EQ(lags[1].silent_seconds, 5);
}

TEST(Consumers, WhoReadsBeyondTheKnownHeadIsNotBehind) {
  Consumers consumers;
  consumers.SetHead(0, 10);
  consumers.Note("a", At(12, 0), kNow);
  consumers.Note("b", At(11, 0), kNow);
  const auto lags = consumers.Lags(kNow);
  EXPECT_EQ(lags[0].changes, 0);
  EXPECT_EQ(lags[1].changes, 1) << "somebody was shown more";
  consumers.SetHead(0, 5);
  EXPECT_EQ(consumers.Lags(kNow)[1].changes, 0) << "a restore";
}

TEST(Consumers, AreForgottenAfterADayAndBounded) {
  Consumers consumers;
  for (size_t i = 0; i <= Consumers::kMax; ++i) consumers.Note(absl::StrCat("c", i), At(1, 1), kNow);
  EXPECT_EQ(consumers.Lags(kNow).size(), Consumers::kMax);
  consumers.Note("c7", At(1, 1), kNow + absl::Hours(1));
  const auto lags = consumers.Lags(kNow + Consumers::kForgotten + absl::Seconds(1));
  ASSERT_EQ(lags.size(), 1u);
  EXPECT_EQ(lags[0].client_id, "c7");
}

}  // namespace
}  // namespace lianqiao::sync
