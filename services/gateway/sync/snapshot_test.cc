// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/snapshot.h"

#include <set>

#include "services/gateway/sync/testdata/sync_fixture.h"

namespace lianqiao::gateway::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SnapshotTest : public SyncTest {
 protected:
  absl::StatusOr<v1::StartSnapshotResponse> Begin(int partitions, const std::string& diverged = "") {
    v1::StartSnapshotRequest request;
    request.set_partition_count(partitions);
    request.set_diverged_cursor(diverged);
    return Call<v1::StartSnapshotResponse>(kStartSnapshot, request);
  }
  // Reads a token to its end, or until `messages` have come; what is left goes to `token`.
  absl::Status Read(std::string* token, std::multiset<std::string>* ids, int messages = 1000) {
    v1::ReadSnapshotRequest request;
    request.set_token(*token);
    const auto stream = Stream(kReadSnapshot, request);
    for (int i = 0; i < messages; ++i) {
      const auto message = Next<v1::ReadSnapshotResponse>(stream.get());
      if (!message.has_value()) return stream->status();
      for (const v1::SnapshotRecord& record : message->records()) ids->insert(record.id());
      *token = message->token();
      cursors_.insert(message->cursor());
      if (token->empty()) break;
    }
    if (!token->empty()) return absl::OkStatus();  // Broken off.
    EXPECT_FALSE(stream->ReadAndWait().has_value()) << "an empty token is the end";
    return stream->status();
  }
  std::multiset<std::string> Expected(const std::map<std::string, int>& counts) {
    std::multiset<std::string> ids;
    for (const auto& [name, count] : counts) {
      for (int i = 1; i <= count; ++i) ids.insert(name + std::to_string(i));
    }
    return ids;
  }

  std::set<std::string> cursors_;
};

TEST_F(SnapshotTest, PartsOfAllServicesGiveEverythingOnce) {
  Start({"a", "b"});
  service(0).Add(11);
  service(1).Add(8);
  for (const int partitions : {0, 1, 2, 5}) {
    const auto begun = Begin(partitions);
    ASSERT_TRUE(begun.ok()) << begun.status();
    EXPECT_EQ(begun->cursor(), Cursor({11, 8}));
    EXPECT_EQ(begun->estimated_record_count(), 19);
    EXPECT_LE(begun->partition_tokens_size(), std::max(1, partitions));
    std::multiset<std::string> ids;
    for (std::string token : begun->partition_tokens()) {
      const absl::Status read = Read(&token, &ids);
      ASSERT_TRUE(read.ok()) << read;
    }
    EXPECT_EQ(ids, Expected({{"a", 11}, {"b", 8}})) << partitions;
  }
  EXPECT_THAT(cursors_, ElementsAre(Cursor({11, 8}))) << "the same in every message";
}

TEST_F(SnapshotTest, WithoutATokenEverythingIsReadAsOnePart) {
  Start({"a", "b", "c"});
  service(0).Add(5);
  service(2).Add(3);
  std::string token;
  std::multiset<std::string> ids;
  const absl::Status read = Read(&token, &ids);
  ASSERT_TRUE(read.ok()) << read;
  EXPECT_EQ(ids, Expected({{"a", 5}, {"c", 3}}));
  EXPECT_THAT(cursors_, ElementsAre(Cursor({5, 0, 3})));
}

TEST_F(SnapshotTest, ABrokenReadGoesOnFromItsLastToken) {
  Start({"a", "b"});
  service(0).Add(7);
  service(1).Add(7);
  std::string token;
  std::multiset<std::string> ids;
  int parts = 0;
  do {
    const absl::Status read = Read(&token, &ids, 1);
    ASSERT_TRUE(read.ok()) << read;
    ASSERT_LT(++parts, 20);
    if (parts == 3) {  // In the middle of a.
      service(0).StopServer();
      std::string same = token;
      EXPECT_EQ(Read(&same, &ids, 1).code(), absl::StatusCode::kUnavailable);
      service(0).StartServer();
      ASSERT_TRUE(Eventually([&] { return Begin(1).ok(); }));
    }
  } while (!token.empty());
  EXPECT_EQ(ids, Expected({{"a", 7}, {"b", 7}}));
}

TEST_F(SnapshotTest, IsRefusedWhileAServiceIsAway) {
  Start({"a", "b"});
  service(1).StopServer();
  const auto begun = Begin(2);
  EXPECT_EQ(begun.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(base::FailureOf(begun.status()).arguments().at("service"), "b");
  std::string token;
  std::multiset<std::string> ids;
  EXPECT_EQ(Read(&token, &ids).code(), absl::StatusCode::kUnavailable);
}

TEST_F(SnapshotTest, AfterARestoreOnlyTheServiceThatDivergedIsReadAnew) {
  Start({"a", "b"});
  service(0).Add(5);
  service(1).Add(5);
  const auto begun = Begin(2, Cursor({4, 9}));  // b has fewer changes than the cursor has seen.
  ASSERT_TRUE(begun.ok()) << begun.status();
  EXPECT_EQ(begun->cursor(), Cursor({4, 5})) << "a goes on where it was";
  ASSERT_EQ(begun->diverged_size(), 1);
  EXPECT_EQ(begun->diverged(0).service(), "b");
  EXPECT_THAT(begun->diverged(0).buckets(), ElementsAre(7));
  std::multiset<std::string> ids;
  for (std::string token : begun->partition_tokens()) {
    const absl::Status read = Read(&token, &ids);
    ASSERT_TRUE(read.ok()) << read;
  }
  EXPECT_EQ(ids, Expected({{"b", 5}}));
  service(0).StopServer();
  EXPECT_TRUE(Begin(2, Cursor({4, 9})).ok()) << "a says itself when it is back";
  EXPECT_EQ(Begin(2, Cursor({4, 5})).status().code(), absl::StatusCode::kUnavailable)
      << "nothing has diverged as far as one can tell";
}

TEST_F(SnapshotTest, RefusesTokensThatAreNotItsOwn) {
  Start({"a"});
  for (const std::string& token : {std::string("0-1"), Cursor({0}), std::string(17'000, 'A')}) {
    std::string bad = token;
    std::multiset<std::string> ids;
    const absl::Status read = Read(&bad, &ids);
    EXPECT_EQ(read.code(), absl::StatusCode::kInvalidArgument) << token.substr(0, 80);
    EXPECT_EQ(base::FailureOf(read).violations(0).field(), "token");
  }
  std::string foreign = PackSnapshotToken({{}, {{"a", "forged"}}});
  std::multiset<std::string> ids;
  EXPECT_EQ(Read(&foreign, &ids).code(), absl::StatusCode::kInvalidArgument) << "by the service";
  EXPECT_EQ(Begin(65).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Begin(1, "x").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SnapshotTest, AReaderThatTakesNothingIsCutOff) {
  Timing timing;
  timing.slow_reader = std::chrono::milliseconds(500);
  timing.sweep = std::chrono::milliseconds(50);
  Start({"a"}, timing);
  service(0).PadTo(2'000'000);
  service(0).Add(40);
  const auto stream = Stream(kReadSnapshot, v1::ReadSnapshotRequest());
  ASSERT_TRUE(Next<v1::ReadSnapshotResponse>(stream.get()).has_value());
  absl::SleepFor(absl::Seconds(2));
  while (Next<v1::ReadSnapshotResponse>(stream.get()).has_value()) {
  }
  EXPECT_EQ(base::FailureOf(stream->status()).reason(), base::ErrorReason::CONSUMER_TOO_SLOW)
      << stream->status();
}

}  // namespace
}  // namespace lianqiao::gateway::sync
