// SPDX-License-Identifier: Apache-2.0
#include "libs/content/digest.h"

#include <gtest/gtest.h>

#include <random>

#include "libs/base/ids.h"

namespace lianqiao::content {
namespace {

std::string RandomText(size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(Digest, IsSha256) {
  Digest digest;
  EXPECT_EQ(digest.Value(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  digest.Update("abc");
  EXPECT_EQ(digest.Value(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, GoesOnFromItsStateAtEveryByte) {
  const std::string text = RandomText(300);
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    Digest before;
    before.Update(text.substr(0, cut));
    Digest after;
    ASSERT_TRUE(after.Restore(before.State(), static_cast<int64_t>(cut)));
    const auto whole = static_cast<size_t>(after.size_bytes());
    EXPECT_EQ(whole, cut / 64 * 64);
    after.Update(text.substr(whole));
    EXPECT_EQ(after.Value(), base::Hex(base::Sha256(text))) << cut;
  }
}

TEST(Digest, CountsBeyondFourGigabits) {
  // The number of bits no longer fits into one word of the state.
  const std::string piece = RandomText(1 << 20);
  Digest all;
  for (int i = 0; i < 513; ++i) all.Update(piece);
  Digest after;
  ASSERT_TRUE(after.Restore(all.State(), all.size_bytes()));
  all.Update("x");
  after.Update("x");
  EXPECT_EQ(after.Value(), all.Value());
}

TEST(Digest, TakesNoStateThatIsNone) {
  Digest digest;
  EXPECT_FALSE(digest.Restore("", 64));
  EXPECT_FALSE(digest.Restore(std::string(64, 'x'), 64));
  EXPECT_FALSE(digest.Restore(std::string(63, '0'), 64));
}

}  // namespace
}  // namespace lianqiao::content
