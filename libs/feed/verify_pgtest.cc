// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/verify.h"

#include "libs/base/ids.h"
#include "libs/feed/consumer_fixture.h"

namespace lianqiao::feed {
namespace {

class VerifyPgTest : public ConsumerFixture {
 protected:
  absl::StatusOr<Verification> Compare(bool repair) {
    Consumer consumer(Options());
    VerifyOptions options;
    options.consumer = &consumer;
    options.source = &model_;
    options.database = database_.get();
    options.tables = tables_.get();
    options.repair = repair;
    options.patience = absl::Seconds(5);
    return Verify(options);
  }
};

TEST_F(VerifyPgTest, SaysThatAnEqualCopyIsEqualInOneQuestion) {
  CreateSome(40);
  const auto result = Compare(false);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->record_count, 40);
  EXPECT_TRUE(result->differences.empty());
  EXPECT_EQ(result->question_count, 1);
}

TEST_F(VerifyPgTest, FindsAndRepairsWhatDiffers) {
  const auto ids = CreateSome(700);
  ASSERT_TRUE(CatchUp().ok());
  Execute("DELETE FROM jurisdiction WHERE id = '" + ids[5] + "'");
  Execute("UPDATE jurisdiction SET revision = 0, name = '旧' WHERE id = '" + ids[300] + "'");
  Execute("UPDATE jurisdiction SET revision = 9 WHERE id = '" + ids[650] + "'");
  const std::string phantom = base::NewId(absl::Now());
  Execute("INSERT INTO jurisdiction (id, revision, sync_service, sync_bucket, sync_step) VALUES ('" +
          phantom + "', 1, 'registry', 0, 1)");
  auto result = Compare(false);
  ASSERT_TRUE(result.ok()) << result.status();
  std::map<std::string, std::pair<int64_t, int64_t>> found;
  for (const Difference& difference : result->differences)
    found[difference.id] = {difference.held, difference.published};
  const std::map<std::string, std::pair<int64_t, int64_t>> expected = {
      {ids[5], {0, 1}}, {ids[300], {0, 1}}, {ids[650], {9, 1}}, {phantom, {1, 0}}};
  EXPECT_EQ(found, expected);
  EXPECT_NE(Held(), model_.Visible());

  result = Compare(true);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->repaired_count, 4);
  EXPECT_EQ(Held(), model_.Visible());
  result = Compare(false);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->differences.empty());
  // And it goes on from there.
  model_.Rename(ids[5], "之后");
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Held(), model_.Visible());
}

// The feed shows what reading one by one does not: it is another right.
TEST_F(VerifyPgTest, WhatCannotBeReadOneByOneIsRepairedByASnapshot) {
  const auto ids = CreateSome(700);
  ASSERT_TRUE(CatchUp().ok());
  Execute("DELETE FROM jurisdiction WHERE id = '" + ids[5] + "'");
  Execute("UPDATE jurisdiction SET revision = 0, name = '旧' WHERE id = '" + ids[300] + "'");
  model_.OnMessage([&](const std::string& what) {
    return what == "Fetch" ? absl::PermissionDeniedError("read") : absl::OkStatus();
  });
  const auto result = Compare(true);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->differences.size(), 2u);
  EXPECT_EQ(result->repaired_count, 2);
  EXPECT_EQ(result->remaining_count, 0);
  EXPECT_EQ(Held(), model_.Visible());
  EXPECT_EQ(model_.calls("StartSnapshot"), 2);
}

TEST_F(VerifyPgTest, APhantomIsRemovedWhoeverElseMayReadIt) {
  CreateSome(3);
  ASSERT_TRUE(CatchUp().ok());
  Execute("INSERT INTO jurisdiction (id, revision, sync_service, sync_bucket, sync_step) VALUES ('" +
          base::NewId(absl::Now()) + "', 1, 'registry', 0, 1)");
  const auto result = Compare(true);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->repaired_count, 1);
  EXPECT_EQ(model_.calls("Fetch"), 0);
  EXPECT_EQ(Held(), model_.Visible());
}

// A repair may bring what was written behind the cursor, which a restore can take back.
TEST_F(VerifyPgTest, ARepairLeavesTheCopyAheadOfItsCursor) {
  const auto ids = CreateSome(30);
  ASSERT_TRUE(CatchUp().ok());
  const auto before = model_.Backup();
  Execute("UPDATE jurisdiction SET revision = 0, name = '旧' WHERE id = '" + ids[3] + "'");
  bool renamed = false;
  model_.OnMessage([&](const std::string& what) {
    if (what == "Fetch" && !std::exchange(renamed, true)) model_.Rename(ids[3], "新名");
    return renamed && what != "Fetch" ? absl::UnavailableError("the platform is away") : absl::OkStatus();
  });
  EXPECT_FALSE(Compare(true).ok()) << "broken off behind the repair";
  ASSERT_EQ(Held().at(ids[3]), model_.Visible().at(ids[3]));
  model_.OnMessage([](const std::string&) { return absl::OkStatus(); });
  model_.Restore(*before);
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Held(), model_.Visible());
}

TEST_F(VerifyPgTest, WritesMeanwhileAreNoDifferences) {
  const auto ids = CreateSome(50);
  ASSERT_TRUE(CatchUp().ok());
  int turn = 0;
  model_.OnMessage([&](const std::string& what) {
    if (what != "GetDigest") return absl::OkStatus();
    const size_t at = static_cast<size_t>(turn++ * 3);
    model_.Rename(ids[at], "改名");
    model_.Delete(ids[at + 1]);
    model_.Create("新县");
    return absl::OkStatus();
  });
  const auto result = Compare(true);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->differences.empty());
  EXPECT_EQ(result->repaired_count, 0);
}

// A repaired row has no bucket: a restore after it must not leave it behind.
TEST_F(VerifyPgTest, ARestoreAfterARepairReplacesEverything) {
  CreateSome(30);
  const auto backup = model_.Backup();
  const std::string lost = model_.Create("将要失去");
  ASSERT_TRUE(CatchUp().ok());
  Execute("DELETE FROM jurisdiction WHERE id = '" + lost + "'");
  ASSERT_TRUE(Compare(true).ok());
  ASSERT_EQ(Held(), model_.Visible());
  model_.Restore(*backup);
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Held(), model_.Visible());
  EXPECT_EQ(model_.calls("StartSnapshot"), 2);
}

}  // namespace
}  // namespace lianqiao::feed
