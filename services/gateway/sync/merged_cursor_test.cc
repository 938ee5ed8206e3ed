// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/merged_cursor.h"

#include <gmock/gmock.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "services/gateway/sync/sealed.h"

namespace lianqiao::gateway::sync {
namespace {

TEST(MergedCursor, GivesBackEveryPart) {
  const Cursor cursor = {{"exchange", base::Base64Url(base::RandomBytes(350))},
                         {"registry", "no base64url: \x01 at all"},
                         {"research", "AB"}};  // Not canonical base64url, so kept as text.
  EXPECT_EQ(UnpackCursor(PackCursor(cursor)), cursor);
  EXPECT_EQ(UnpackCursor(PackCursor({})), Cursor());
  EXPECT_EQ(UnpackCursor(""), Cursor());
  EXPECT_FALSE(PackCursor({}).empty());
}

TEST(MergedCursor, OfFiveServicesWith32BucketsFitsInto3KiB) {
  Cursor cursor;
  // Position (4 bytes) and digest (8) per bucket, and what stands around them.
  for (const char* name : {"exchange", "registry", "research", "resources", "supervision"})
    cursor[name] = base::Base64Url(base::RandomBytes(32 * 12 + 56));
  EXPECT_LE(PackCursor(cursor).size(), 3072u);
}

TEST(MergedCursor, RefusesWhatItDidNotMake) {
  const std::string good = PackCursor({{"registry", "abcd"}});
  const auto sealed = [](const std::string& body) { return Seal(Sealed::kCursor, body); };
  std::string twice;
  PutNumber(2, &twice);
  for (int i = 0; i < 2; ++i) {
    PutText("registry", &twice);
    PutToken("abcd", &twice);
  }
  std::string many;
  PutNumber(kServicesMax + 1, &many);
  std::string huge;
  PutNumber(1, &huge);
  PutText("registry", &huge);
  PutToken(std::string(kPartBytesMax + 1, '!'), &huge);
  std::string strange;
  PutNumber(1, &strange);
  PutText("Registry/../x", &strange);
  PutToken("abcd", &strange);
  std::string empty;
  PutNumber(1, &empty);
  PutText("registry", &empty);
  PutToken("", &empty);
  for (const std::string& text :
       {std::string("x"), std::string("AA"), good + "A", good.substr(1), good.substr(0, good.size() - 1),
        "é" + good, std::string(100'000, 'A'), sealed(twice), sealed(many), sealed(huge), sealed(strange),
        sealed(empty), sealed(""), sealed(std::string("\x80\x00", 2)), sealed(std::string(9, '\xff')),
        sealed(std::string("\0x", 2)), Seal(Sealed::kSnapshotToken, std::string(1, '\0'))})
    EXPECT_FALSE(UnpackCursor(text).has_value()) << text.substr(0, 100);
}

TEST(MergedCursor, EveryDamageIsFound) {
  const std::string good =
      PackCursor({{"registry", base::Base64Url(base::RandomBytes(60))}, {"exchange", "abcd"}});
  for (size_t length = 1; length < good.size(); ++length)
    EXPECT_FALSE(UnpackCursor(good.substr(0, length)).has_value()) << length;
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(UnpackCursor(bad).has_value()) << i;
  }
}

// A forger computes the checksum too.
TEST(MergedCursor, RandomBodiesAreRefusedOrMeanWhatTheySay) {
  std::mt19937 random(20261126);
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string body;
    const size_t size = random() % 24;
    for (size_t i = 0; i < size; ++i)
      body.push_back(random() % 2 == 0 ? static_cast<char>(random() % 6) : static_cast<char>(random()));
    const std::string text = Seal(Sealed::kCursor, body);
    const std::optional<Cursor> cursor = UnpackCursor(text);
    if (!cursor.has_value()) continue;
    ++accepted;
    ASSERT_EQ(PackCursor(*cursor), text) << "two texts for one cursor";
  }
  EXPECT_GT(accepted, 0) << "bodies without parts at least";
}

TEST(SnapshotToken, GivesBackWhatIsLeft) {
  const SnapshotToken token{{{"registry", "abcd"}}, {{"registry", "part 1"}, {"exchange", "QUJD"}}};
  const auto again = UnpackSnapshotToken(PackSnapshotToken(token));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->cursor, token.cursor);
  EXPECT_EQ(again->rest, token.rest);
}

TEST(SnapshotToken, RefusesWhatItDidNotMake) {
  EXPECT_FALSE(UnpackSnapshotToken("").has_value());
  EXPECT_FALSE(UnpackSnapshotToken(PackCursor({{"registry", "abcd"}})).has_value());
  EXPECT_FALSE(UnpackSnapshotToken(PackSnapshotToken({{{"registry", "abcd"}}, {}})).has_value())
      << "nothing left to read is no token";
  EXPECT_FALSE(UnpackSnapshotToken(PackSnapshotToken({{}, {{"registry", ""}}})).has_value());
  std::string many;
  PutNumber(0, &many);
  PutNumber(uint64_t{1} << 40, &many);
  EXPECT_FALSE(UnpackSnapshotToken(Seal(Sealed::kSnapshotToken, many)).has_value());
}

TEST(DivideSnapshot, NeverGivesMoreTokensThanAskedForAndLosesNothing) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (int i = 0; i < 7; ++i) entries.emplace_back("s" + std::to_string(i % 3), "t" + std::to_string(i));
  for (const size_t count : {size_t{0}, size_t{1}, size_t{3}, size_t{7}, size_t{64}}) {
    const auto tokens = DivideSnapshot({}, entries, count);
    EXPECT_LE(tokens.size(), std::max<size_t>(count, 1));
    size_t total = 0;
    for (const SnapshotToken& token : tokens) {
      EXPECT_FALSE(token.rest.empty());
      total += token.rest.size();
    }
    EXPECT_EQ(total, entries.size());
  }
  EXPECT_TRUE(DivideSnapshot({}, {}, 4).empty());
}

}  // namespace
}  // namespace lianqiao::gateway::sync
