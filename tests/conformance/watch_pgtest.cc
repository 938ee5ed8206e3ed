// SPDX-License-Identifier: Apache-2.0
// WatchChanges and ReadSnapshot of one service: rights in the middle of a stream, snapshots beside writers,
// many watchers of one feed.
#include <atomic>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/conformance/feed_copy.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {
namespace {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;
using sync::v1::Change;

constexpr char kWatch[] = "/lianqiao.sync.v1.FeedService/WatchChanges";
constexpr char kSnapshot[] = "/lianqiao.sync.v1.FeedService/ReadSnapshot";

class Watch : public RegistryWorld {
 protected:
  Watch() { Grant("watch", {near_id_}); }

  void Grant(const std::string& token, const std::vector<std::string>& jurisdictions) {
    std::vector<access::Grant> grants;
    for (const std::string& id : jurisdictions)
      grants.push_back(MakeGrant("registry.*.changes", ScopeKind::kJurisdiction, id));
    service_.AddCaller(token, MakeCaller(std::move(grants)));
  }
  std::unique_ptr<rpc::ClientStream> Open(const std::string& path, const google::protobuf::Message& request,
                                          const std::string& token) {
    auto stream =
        service_.client().Open(path, {{rpc::kAuthorization, "Bearer " + token}, {rpc::kAcceptLanguage, "en"}},
                               absl::Now() + absl::Seconds(60));
    EXPECT_TRUE(stream->WriteAndWait(request.SerializeAsString()));
    stream->WritesDone();
    return stream;
  }
  std::unique_ptr<rpc::ClientStream> OpenWatch(const std::string& token, const std::string& cursor = "") {
    sync::v1::WatchChangesRequest request;
    request.set_cursor(cursor);
    request.add_kinds("organisation");
    return Open(kWatch, request, token);
  }
  std::optional<sync::v1::WatchChangesResponse> Next(rpc::ClientStream* stream) {
    const auto bytes = stream->ReadAndWait();
    sync::v1::WatchChangesResponse batch;
    if (!bytes.has_value() || !batch.ParseFromString(*bytes)) return std::nullopt;
    return batch;
  }
  // Batches until the stream says that it has caught up.
  std::vector<Change> UntilCaughtUp(rpc::ClientStream* stream) {
    std::vector<Change> changes;
    for (auto batch = Next(stream); batch.has_value(); batch = Next(stream)) {
      changes.insert(changes.end(), batch->changes().begin(), batch->changes().end());
      if (batch->caught_up()) break;
    }
    return changes;
  }
  std::map<std::string, int64_t> Organisations(const std::string& jurisdiction_id) {
    const auto rows = service_.Query("SELECT id, revision FROM organisation WHERE delete_time IS NULL AND '" +
                                     jurisdiction_id + "' = ANY(scope)");
    std::map<std::string, int64_t> revisions;
    for (int i = 0; rows.ok() && i < rows->rows(); ++i) revisions[rows->Text(i, 0)] = rows->Integer(i, 1);
    return revisions;
  }
  // Every record of the parts into the copy, `restarts` times broken off and gone on with.
  std::string TakeSnapshot(const std::string& token, int partitions, bool restarts, FeedCopy* copy) {
    sync::v1::StartSnapshotRequest start;
    start.add_kinds("organisation");
    start.set_partition_count(partitions);
    const auto snapshot = service_.Call<sync::v1::StartSnapshotResponse>(
        "/lianqiao.sync.v1.FeedService/StartSnapshot", start, token);
    EXPECT_TRUE(snapshot.ok()) << snapshot.status();
    if (!snapshot.ok()) return "";
    for (const std::string& part : snapshot->partition_tokens()) {
      std::string rest = part;
      while (!rest.empty()) {
        sync::v1::ReadSnapshotRequest read;
        read.set_token(rest);
        const auto stream = Open(kSnapshot, read, token);
        for (auto bytes = stream->ReadAndWait(); bytes.has_value(); bytes = stream->ReadAndWait()) {
          sync::v1::ReadSnapshotResponse page;
          EXPECT_TRUE(page.ParseFromString(*bytes));
          for (const auto& record : page.records())
            copy->Put(record.id(), record.revision(), record.record());
          rest = page.token();
          if (restarts) break;
        }
        if (restarts) continue;
        EXPECT_TRUE(stream->status().ok()) << stream->status();
        break;
      }
    }
    return snapshot->cursor();
  }
};

TEST_F(Watch, AWriteIsSeenAtOnceAndAnIdleWatcherHasACursor) {
  const auto stream = OpenWatch("watch");
  UntilCaughtUp(stream.get());
  const absl::Time start = absl::Now();
  const std::string school = School("一小", near_id_).id();
  const auto batch = Next(stream.get());
  ASSERT_TRUE(batch.has_value()) << stream->status();
  ASSERT_EQ(batch->changes_size(), 1);
  EXPECT_EQ(batch->changes(0).id(), school);
  EXPECT_EQ(batch->changes(0).event(), Change::EVENT_ENTER);
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  const auto again = OpenWatch("watch", batch->cursor());
  const auto first = Next(again.get());
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->changes_size(), 0);
  EXPECT_FALSE(first->cursor().empty());
}

// The rows that the process has read for all watchers say for ever that the move is under way.
TEST_F(Watch, ARecordThatWaitsForAMoveIsToldWhenTheMoveIsOver) {
  const std::string school = School("一小", near_id_).id();
  auto request = NewSchool("分校", near_id_);
  request.mutable_organisation()->set_kind(registry::ORGANISATION_KIND_CAMPUS);
  request.mutable_organisation()->set_parent_organisation_id(school);
  const auto campus =
      service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request);
  ASSERT_TRUE(campus.ok()) << campus.status();
  const auto stream = OpenWatch("watch");
  UntilCaughtUp(stream.get());
  for (int i = 0; i < 2; ++i) {  // From the second one on the watcher follows what is read for all.
    ASSERT_TRUE(Rename(school, absl::StrCat("名", i), "").ok());
    ASSERT_TRUE(Next(stream.get()).has_value());
  }
  ASSERT_TRUE(service_
                  .Query(absl::StrCat("INSERT INTO restamp_job (job_id, kind, id, create_time, lost) VALUES "
                                      "(gen_random_uuid(), 'organisation', '",
                                      school, "', now(), ARRAY['", near_id_, "']::uuid[])"))
                  .ok());
  ASSERT_TRUE(Rename(campus->id(), "分", "").ok());
  absl::SleepFor(absl::Milliseconds(500));
  ASSERT_TRUE(service_.Query("DELETE FROM restamp_job").ok());
  const absl::Time start = absl::Now();
  std::vector<Change> changes;
  while (changes.empty() && absl::Now() - start < absl::Seconds(20)) {
    const auto batch = Next(stream.get());
    ASSERT_TRUE(batch.has_value()) << stream->status();
    changes.assign(batch->changes().begin(), batch->changes().end());
  }
  ASSERT_EQ(changes.size(), 1u) << "never told";
  EXPECT_EQ(changes[0].id(), campus->id());
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
}

// A failover that loses the newest changes: the process serves on, and what it told lies beyond the new head.
TEST_F(Watch, AWatcherBeyondTheHeadOfALostHistoryIsTold) {
  const std::string school = School("一小", near_id_).id();
  const auto stream = OpenWatch("watch");
  UntilCaughtUp(stream.get());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(Rename(school, absl::StrCat("名", i), "").ok());
    ASSERT_TRUE(Next(stream.get()).has_value());
  }
  const std::string bucket = absl::StrCat("(SELECT bucket FROM change WHERE id = '", school, "' LIMIT 1)");
  ASSERT_TRUE(service_
                  .Query(absl::StrCat(
                      "WITH lost AS (DELETE FROM change c USING feed_head h WHERE c.bucket = ", bucket,
                      " AND h.bucket = c.bucket AND c.pos = h.pos RETURNING c.bucket,"
                      " c.pos) UPDATE feed_head h SET pos = h.pos - 1, head_digest = (SELECT"
                      " digest FROM change c WHERE c.bucket = h.bucket AND c.pos = h.pos - 1)"
                      " FROM lost WHERE h.bucket = lost.bucket"))
                  .ok());
  const absl::Time start = absl::Now();
  while (Next(stream.get()).has_value() && absl::Now() - start < absl::Seconds(20)) {
  }
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(stream->status()), "CURSOR_DIVERGED");
}

// Else what the first parts lacked is told by nobody, once the grants are what they were.
TEST_F(Watch, PartsOfASnapshotAreReadWithTheGrantsOfItsBeginning) {
  School("一小", near_id_);
  School("二小", far_id_);
  Grant("watch", {near_id_, far_id_});
  sync::v1::StartSnapshotRequest start;
  start.add_kinds("organisation");
  const auto snapshot = service_.Call<sync::v1::StartSnapshotResponse>(
      "/lianqiao.sync.v1.FeedService/StartSnapshot", start, "watch");
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  sync::v1::ReadSnapshotRequest read;
  read.set_token(snapshot->partition_tokens(0));
  Grant("watch", {near_id_});
  const auto narrowed = Open(kSnapshot, read, "watch");
  EXPECT_FALSE(narrowed->ReadAndWait().has_value());
  EXPECT_EQ(ReasonOf(narrowed->status()), "PAGE_TOKEN_INVALID");
  Grant("watch", {near_id_, far_id_});
  const auto same = Open(kSnapshot, read, "watch");
  EXPECT_TRUE(same->ReadAndWait().has_value()) << same->status();
}

// Everything that the cursor knows of is lost, and a bucket has come of which it knows nothing.
TEST_F(Watch, AfterALossNothingIsPassedOver) {
  for (int i = 0; i < 3; ++i) School(absl::StrCat("旧校", i), near_id_);
  FeedCopy copy(&service_, "watch", {"organisation"});
  copy.CatchUp();
  const int64_t before = Count("SELECT count(*) FROM feed_head");
  // Another history: heads and the changes at them. What is written next goes on from there.
  ASSERT_TRUE(service_
                  .Query("WITH head AS (UPDATE feed_head SET head_digest = '\\x0102030405060708'"
                         " RETURNING bucket, pos) UPDATE change c SET digest = '\\x0102030405060708'"
                         " FROM head WHERE c.bucket = head.bucket AND c.pos = head.pos")
                  .ok());
  for (int i = 0; i < 200 && Count("SELECT count(*) FROM feed_head") == before; ++i)
    School(absl::StrCat("新校", i), near_id_);
  ASSERT_GT(Count("SELECT count(*) FROM feed_head"), before);
  EXPECT_EQ(ReasonOf(copy.Page().status()), "CURSOR_DIVERGED");
  sync::v1::StartSnapshotRequest start;  // Without a number of parts: one.
  start.add_kinds("organisation");
  start.set_diverged_cursor(copy.cursor());
  const auto snapshot = service_.Call<sync::v1::StartSnapshotResponse>(
      "/lianqiao.sync.v1.FeedService/StartSnapshot", start, "watch");
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  ASSERT_EQ(snapshot->partition_tokens_size(), 1);
  FeedCopy again(&service_, "watch", {"organisation"});
  sync::v1::ReadSnapshotRequest read;
  read.set_token(snapshot->partition_tokens(0));
  const auto stream = Open(kSnapshot, read, "watch");
  for (auto bytes = stream->ReadAndWait(); bytes.has_value(); bytes = stream->ReadAndWait()) {
    sync::v1::ReadSnapshotResponse page;
    ASSERT_TRUE(page.ParseFromString(*bytes));
    for (const auto& record : page.records()) again.Put(record.id(), record.revision(), record.record());
  }
  ASSERT_TRUE(stream->status().ok()) << stream->status();
  again.SetCursor(snapshot->cursor());
  again.CatchUp();
  EXPECT_EQ(again.Revisions(), Organisations(near_id_));
}

// Also to those who share what the process reads, and stand at its end.
TEST_F(Watch, AHoleInTheFeedIsToldToWhoeverWatches) {
  const auto stream = OpenWatch("watch");
  UntilCaughtUp(stream.get());
  School("一小", near_id_);
  ASSERT_TRUE(Next(stream.get()).has_value()) << stream->status();
  ASSERT_TRUE(service_.Query("UPDATE feed_head SET pos = pos + 1 WHERE pos > 0").ok());
  while (Next(stream.get()).has_value()) {
  }
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kDataLoss) << stream->status();
}

TEST_F(Watch, WhoeverLosesItsGrantStopsReceivingWithinASecond) {
  const auto stream = OpenWatch("watch");
  UntilCaughtUp(stream.get());
  service_.AddCaller("watch", MakeCaller({}));
  const absl::Time start = absl::Now();
  EXPECT_FALSE(Next(stream.get()).has_value());
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kPermissionDenied);
  Grant("watch", {near_id_});
  const auto other = OpenWatch("watch");
  UntilCaughtUp(other.get());
  service_.authenticator().Remove("watch");
  EXPECT_FALSE(Next(other.get()).has_value());
  EXPECT_EQ(other->status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(Watch, AChangeOfGrantsIsToldInTheMiddleOfAStream) {
  const std::string near = School("近", near_id_).id();
  const std::string far = School("远", far_id_).id();
  const auto stream = OpenWatch("watch");
  UntilCaughtUp(stream.get());
  Grant("watch", {far_id_});
  const auto told = UntilCaughtUp(stream.get());
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.front().event(), Change::EVENT_SCOPE_CHANGED);
  bool entered = false, left = false;
  for (const Change& change : told) {
    entered = entered || (change.id() == far && change.event() == Change::EVENT_ENTER);
    left = left || (change.id() == near && change.event() == Change::EVENT_LEAVE);
  }
  EXPECT_TRUE(entered);
  EXPECT_TRUE(left);
}

TEST_F(Watch, ABadRequestEndsTheStreamWithItsViolations) {
  sync::v1::WatchChangesRequest request;
  request.set_cursor("forged");
  const auto stream = Open(kWatch, request, "watch");
  EXPECT_FALSE(Next(stream.get()).has_value());
  EXPECT_EQ(ReasonOf(stream->status()), "CURSOR_INVALID");
  sync::v1::ReadSnapshotRequest read;
  read.set_token("forged");
  const auto snapshot = Open(kSnapshot, read, "watch");
  EXPECT_FALSE(snapshot->ReadAndWait().has_value());
  EXPECT_EQ(ReasonOf(snapshot->status()), "PAGE_TOKEN_INVALID");
}

TEST_F(Watch, ASnapshotBesideWritersAndItsTailEndAtTheTables) {
  for (int i = 0; i < 20; ++i) School(absl::StrCat("学校", i), i % 2 == 0 ? near_id_ : far_id_);
  ASSERT_TRUE(
      service_
          .Query("INSERT INTO organisation SELECT (jsonb_populate_record(o, jsonb_build_object('id', "
                 "gen_random_uuid()))).* FROM organisation o, generate_series(1, 4500) WHERE name = '学校0'")
          .ok());
  std::atomic<bool> writing{true};
  std::vector<std::thread> writers = StartWriters(4, &writing);
  FeedCopy broken(&service_, "watch", {"organisation"});
  broken.SetCursor(TakeSnapshot("watch", 1, true, &broken));
  FeedCopy whole(&service_, "watch", {"organisation"});
  whole.SetCursor(TakeSnapshot("watch", 4, false, &whole));
  broken.CatchUp();
  writing = false;
  for (std::thread& writer : writers) writer.join();
  broken.CatchUp();
  whole.CatchUp();
  const auto expected = Organisations(near_id_);
  EXPECT_GT(expected.size(), 4500u);
  EXPECT_EQ(broken.Revisions(), expected);
  EXPECT_EQ(whole.Revisions(), expected);
}

TEST_F(Watch, ManyWatchersOfOneFeedAllEndAtTheTables) {
  constexpr int kWatchers = 20;
  Grant("watch-far", {far_id_});
  std::vector<std::unique_ptr<rpc::ClientStream>> streams;
  std::vector<std::unique_ptr<FeedCopy>> copies;
  std::vector<std::thread> readers;
  for (int i = 0; i < kWatchers; ++i) {
    const std::string token = i % 4 == 3 ? "watch-far" : "watch";
    streams.push_back(OpenWatch(token));
    copies.push_back(std::make_unique<FeedCopy>(&service_, token, std::vector<std::string>{"organisation"}));
  }
  for (int i = 0; i < kWatchers; ++i) {
    readers.emplace_back([&, i] {
      for (auto batch = Next(streams[i].get()); batch.has_value(); batch = Next(streams[i].get())) {
        for (const Change& change : batch->changes()) copies[i]->Apply(change);
        copies[i]->SetCursor(batch->cursor());
      }
    });
  }
  std::vector<std::string> ids;
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    if (ids.empty() || i % 4 == 0) {
      ids.push_back(School(absl::StrCat("学校", i), i % 8 == 0 ? near_id_ : far_id_).id());
    } else {
      ASSERT_TRUE(Rename(ids[random() % ids.size()], absl::StrCat("简", i), "").ok());
    }
  }
  absl::SleepFor(absl::Seconds(1));
  for (auto& stream : streams) stream->Cancel();
  for (std::thread& reader : readers) reader.join();
  for (int i = 0; i < kWatchers; ++i) {
    copies[i]->CatchUp();  // The rest, from its cursor.
    EXPECT_EQ(copies[i]->Revisions(), Organisations(i % 4 == 3 ? far_id_ : near_id_)) << i;
  }
}

}  // namespace
}  // namespace lianqiao::conformance
