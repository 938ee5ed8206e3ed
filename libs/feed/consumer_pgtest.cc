// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/consumer.h"

#include <atomic>
#include <thread>

#include "libs/base/status.h"
#include "libs/feed/consumer_fixture.h"

namespace lianqiao::feed {
namespace {

using ::testing::HasSubstr;

class ConsumerPgTest : public ConsumerFixture {};

TEST_F(ConsumerPgTest, ReadsEverythingThenFollows) {
  const auto ids = CreateSome(60);
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Held(), model_.Visible());
  EXPECT_EQ(model_.calls("StartSnapshot"), 1);
  model_.Rename(ids[0], "改名");
  model_.Rename(ids[0], "再改名");
  model_.Delete(ids[1]);
  model_.Show(ids[2], false);
  const std::string hidden = model_.Create("看不见", false);
  model_.Show(hidden, true);
  model_.Delete(ids[3]);
  model_.Undelete(ids[3]);
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Held(), model_.Visible());
  EXPECT_EQ(model_.calls("StartSnapshot"), 1) << "a copy with a cursor needs no second snapshot";
  EXPECT_EQ(Count("SELECT count(*) FROM consumer_partition"), 0);
}

TEST_F(ConsumerPgTest, KeepsEveryFieldAsTheContractHasIt) {
  registry::v1::Jurisdiction state;
  CreateSome(1);
  ASSERT_TRUE(CatchUp().ok());
  v1::Change change = model_.ChangeOf(model_.Visible().begin()->first, v1::Change::EVENT_UPSERT);
  ASSERT_TRUE(change.record().UnpackTo(&state));
  state.set_revision(2);
  state.set_name("他说\"{a,b}\"\\ 与 NULL");
  state.set_valid_from("2021-03-01");
  state.set_kind(registry::v1::JurisdictionKind(1));
  state.mutable_create_time()->set_seconds(1700000000);
  auto* external = state.add_external_ids();
  external->set_system("gb");
  external->set_id("61\"03");
  Page page;
  change.set_revision(2);
  change.mutable_record()->PackFrom(state);
  ASSERT_TRUE(page.Add(change).ok());
  ASSERT_TRUE(database_
                  ->Run(absl::Now() + absl::Seconds(10),
                        [&](postgres::Session& session) {
                          return tables_->PutChanges(session, page, {9, 1, 8});
                        })
                  .ok());
  const auto row =
      Sql("SELECT name, valid_from, kind, extract(epoch FROM create_time)::bigint, external_ids->0->>'id',"
          " parent_id IS NULL, valid_to IS NULL, sync_step, sync_bucket FROM jurisdiction");
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->Text(0, 0), state.name());
  EXPECT_EQ(row->Text(0, 1), "2021-03-01");
  EXPECT_EQ(row->Text(0, 2), registry::v1::JurisdictionKind_Name(state.kind()));
  EXPECT_EQ(row->Integer(0, 3), 1700000000);
  EXPECT_EQ(row->Text(0, 4), "61\"03");
  EXPECT_TRUE(row->Boolean(0, 5));
  EXPECT_TRUE(row->Boolean(0, 6));
  EXPECT_EQ(row->Integer(0, 7), 9);
  EXPECT_EQ(row->Integer(0, 8), change.bucket());
}

TEST_F(ConsumerPgTest, AKilledFirstReadGoesOnWhereItWas) {
  CreateSome(100);
  std::atomic<int> messages{0};
  model_.OnMessage([&](const std::string& what) {
    return what == "ReadSnapshot" && ++messages > 8 ? absl::InternalError("killed") : absl::OkStatus();
  });
  EXPECT_EQ(CatchUp().code(), absl::StatusCode::kInternal);
  const int64_t before = Count("SELECT count(*) FROM jurisdiction");
  EXPECT_GT(before, 0);
  EXPECT_LT(before, 100);
  EXPECT_EQ(Count("SELECT coalesce(sum(record_count), 0) FROM consumer_partition"), before)
      << "rows and tokens commit together";
  int again = 0;
  model_.OnMessage([&](const std::string& what) {
    again += what == "ReadSnapshot" ? 1 : 0;
    return absl::OkStatus();
  });
  Consumer::Options options = Options();
  options.partitions = 1;
  Consumer consumer(options);
  ASSERT_TRUE(consumer.CatchUp(absl::Seconds(20)).ok());
  EXPECT_EQ(Held(), model_.Visible());
  EXPECT_EQ(model_.calls("StartSnapshot"), 1);
  EXPECT_LT(again, 17) << "what was stored is not read again";
}

// As a service does whose reader's grants have changed meanwhile.
TEST_F(ConsumerPgTest, ASnapshotWhosePartsAreRefusedIsBegunAnew) {
  CreateSome(100);
  std::atomic<int> messages{0};
  model_.OnMessage([&](const std::string& what) {
    return what == "ReadSnapshot" && ++messages == 8
               ? base::FailIfAny({base::Refuse("token", base::ErrorReason::PAGE_TOKEN_INVALID)})
               : absl::OkStatus();
  });
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Held(), model_.Visible());
  EXPECT_EQ(model_.calls("StartSnapshot"), 2);
}

TEST_F(ConsumerPgTest, WritesDuringTheSnapshotAreNeitherLostNorUndone) {
  const auto ids = CreateSome(60);
  int message = 0;
  std::mutex mutex;
  model_.OnMessage([&](const std::string& what) {
    if (what != "ReadSnapshot") return absl::OkStatus();
    const std::lock_guard lock(mutex);
    const size_t at = static_cast<size_t>(message++);
    if (at * 4 + 3 >= ids.size()) return absl::OkStatus();
    model_.Rename(ids[at * 4], "新名");
    model_.Delete(ids[at * 4 + 1]);
    model_.Show(ids[at * 4 + 2], false);
    model_.Create("新县");
    return absl::OkStatus();
  });
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Held(), model_.Visible());
}

TEST_F(ConsumerPgTest, AnExpiredCursorReplacesEverythingAndTheCopyStaysReadable) {
  const auto ids = CreateSome(50);
  ASSERT_TRUE(CatchUp().ok());
  for (int i = 0; i < 20; ++i) model_.Delete(ids[static_cast<size_t>(i)]);
  model_.Rename(ids[30], "改名");
  model_.Purge();
  int64_t least = 1000;
  std::mutex mutex;
  model_.OnMessage([&](const std::string& what) {
    const std::lock_guard lock(mutex);
    if (what == "ReadSnapshot") least = std::min(least, Count("SELECT count(*) FROM jurisdiction"));
    return absl::OkStatus();
  });
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(model_.calls("StartSnapshot"), 2);
  EXPECT_EQ(Held(), model_.Visible());
  EXPECT_EQ(least, 50);
}

TEST_F(ConsumerPgTest, ADivergedCursorReplacesOnlyItsBuckets) {
  const auto ids = CreateSome(80);
  const auto backup = model_.Backup();
  // After the backup only one bucket was written to.
  const int bucket = model_.bucket_of(ids[0]);
  for (const std::string& id : ids)
    if (model_.bucket_of(id) == bucket) model_.Rename(id, "将要失去"), model_.Rename(id, "将要失去的名字");
  ASSERT_TRUE(CatchUp().ok());
  ASSERT_EQ(Held(), model_.Visible());
  model_.Restore(*backup);
  model_.Rename(ids[0], "恢复之后");
  for (const std::string& id : ids)
    if (model_.bucket_of(id) != bucket) model_.Rename(id, "别处的修改");
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Held(), model_.Visible()) << "revisions of the diverged bucket went back";
  EXPECT_EQ(model_.calls("StartDivergedSnapshot"), 1);
  EXPECT_EQ(model_.calls("StartSnapshot"), 1) << "the others were read on from where they were";
  EXPECT_EQ(Count(absl::StrCat("SELECT count(*) FROM jurisdiction WHERE sync_bucket <> ", bucket,
                               " AND sync_step = (SELECT snapshot_step FROM consumer_cursor)")),
            0);
}

TEST_F(ConsumerPgTest, ADivergedCursorRemovesWhatTheOtherHistoryMade) {
  CreateSome(20);
  const auto backup = model_.Backup();
  const auto lost = CreateSome(20);
  ASSERT_TRUE(CatchUp().ok());
  model_.Restore(*backup);
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Held(), model_.Visible());
  EXPECT_EQ(Held().size(), 20u);
}

// Records come as they are when they are read: a copy that was catching up holds some of what a restore lost,
// although its cursor lies before the loss.
TEST_F(ConsumerPgTest, ARestoreBehindTheCursorIsNoticedWhileCatchingUp) {
  const auto ids = CreateSome(30);
  ASSERT_TRUE(CatchUp().ok());
  for (const std::string& id : ids) model_.Rename(id, "保留的名字");
  const auto backup = model_.Backup();
  for (const std::string& id : ids) model_.Rename(id, "将要失去");
  int pages = 0;
  model_.OnMessage([&](const std::string& what) {
    return what == "List" && ++pages > 2 ? absl::InternalError("killed") : absl::OkStatus();
  });
  EXPECT_EQ(CatchUp().code(), absl::StatusCode::kInternal);
  model_.OnMessage(nullptr);
  ASSERT_NE(Held(), model_.Visible());
  model_.Restore(*backup);
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Held(), model_.Visible());
}

TEST_F(ConsumerPgTest, AKilledReplacementGoesOn) {
  const auto ids = CreateSome(90);
  const auto backup = model_.Backup();
  for (const std::string& id : ids) model_.Rename(id, "将要失去");
  ASSERT_TRUE(CatchUp().ok());
  model_.Restore(*backup);
  std::atomic<int> messages{0};
  model_.OnMessage([&](const std::string& what) {
    return what == "ReadSnapshot" && ++messages > 5 ? absl::InternalError("killed") : absl::OkStatus();
  });
  EXPECT_EQ(CatchUp().code(), absl::StatusCode::kInternal);
  model_.OnMessage(nullptr);
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(model_.calls("StartDivergedSnapshot"), 1);
  EXPECT_EQ(Held(), model_.Visible());
}

TEST_F(ConsumerPgTest, GrantsComeAndGoWithoutANewRevision) {
  const auto ids = CreateSome(10);
  ASSERT_TRUE(CatchUp().ok());
  model_.Grant(ids[0], false);
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Held(), model_.Visible());
  EXPECT_EQ(Held().size(), 9u);
  model_.Grant(ids[0], true);
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Held(), model_.Visible());
  EXPECT_EQ(Held().size(), 10u);
  model_.Grant(ids[0], false);
  model_.Grant(ids[0], true);
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Held(), model_.Visible());
}

TEST_F(ConsumerPgTest, TombstonesAreForgottenWhenNothingOlderCanCome) {
  const auto ids = CreateSome(10);
  ASSERT_TRUE(CatchUp().ok());
  model_.Delete(ids[0]);
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Count("SELECT count(*) FROM consumer_tombstone"), 1);
  model_.Rename(ids[1], "改名");
  ASSERT_TRUE(CatchUp().ok());
  model_.Rename(ids[1], "再改名");
  ASSERT_TRUE(CatchUp().ok());
  EXPECT_EQ(Count("SELECT count(*) FROM consumer_tombstone"), 0);
}

TEST_F(ConsumerPgTest, WhatIsOlderThanHeldOrThanATombstoneIsNotApplied) {
  const auto ids = CreateSome(3);
  const v1::Change old = model_.ChangeOf(ids[0], v1::Change::EVENT_UPSERT);
  const v1::Change old_other = model_.ChangeOf(ids[1], v1::Change::EVENT_UPSERT);
  model_.Rename(ids[0], "新名");
  ASSERT_TRUE(CatchUp().ok()) << "the snapshot holds revision 2";
  model_.Delete(ids[1]);
  ASSERT_TRUE(CatchUp().ok());
  // What was cached before the snapshot was read comes late.
  Page page;
  ASSERT_TRUE(page.Add(old).ok());
  ASSERT_TRUE(page.Add(old_other).ok());
  const absl::Status status =
      database_->Run(absl::Now() + absl::Seconds(10), [&](postgres::Session& session) {
        return tables_->PutChanges(session, page, {9, 1, 8});
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Held(), model_.Visible());
}

TEST_F(ConsumerPgTest, ARevisionThatDecreasesStopsIt) {
  const auto ids = CreateSome(3);
  ASSERT_TRUE(CatchUp().ok());
  v1::Change old = model_.ChangeOf(ids[0], v1::Change::EVENT_UPSERT);
  model_.Rename(ids[0], "新名");
  v1::WatchChangesResponse right, wrong;
  *right.add_changes() = model_.ChangeOf(ids[0], v1::Change::EVENT_UPSERT);
  right.set_cursor("999:1");
  old.set_position(1000);
  *wrong.add_changes() = old;
  wrong.set_cursor("1000:1");
  model_.SendNext(right);
  model_.SendNext(wrong);
  Consumer consumer(Options());
  const absl::Status status = consumer.Follow();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("decrease"));
  EXPECT_EQ(Held(), model_.Visible()) << "nothing of the batch was applied";
  EXPECT_EQ(Count("SELECT count(*) FROM consumer_cursor WHERE cursor = '999:1'"), 1);
}

// Another stream may begin with what its server read before our last one did: not applied, and no harm.
TEST_F(ConsumerPgTest, ALowerRevisionOfAnotherStreamIsDropped) {
  const auto ids = CreateSome(3);
  ASSERT_TRUE(CatchUp().ok());
  v1::WatchChangesResponse cached;
  *cached.add_changes() = model_.ChangeOf(ids[0], v1::Change::EVENT_UPSERT);
  model_.Rename(ids[0], "新名");
  ASSERT_TRUE(CatchUp().ok());
  {
    Consumer consumer(Options());
    cached.set_cursor(consumer.LoadState()->cursor);
  }
  model_.SendNext(cached);
  Consumer consumer(Options());
  std::thread thread([&] { EXPECT_TRUE(consumer.Follow().ok()); });
  EXPECT_TRUE(Eventually([&] { return consumer.batches() >= 2; }));
  EXPECT_EQ(Held(), model_.Visible());
  consumer.Stop();
  thread.join();
}

TEST_F(ConsumerPgTest, APositionThatGoesBackStopsIt) {
  const auto ids = CreateSome(3);
  ASSERT_TRUE(CatchUp().ok());
  v1::WatchChangesResponse batch;
  for (const int position : {1001, 1000}) {
    v1::Change change = model_.ChangeOf(ids[0], v1::Change::EVENT_UPSERT);
    change.set_position(position);
    *batch.add_changes() = change;
  }
  batch.set_cursor("1000:1");
  model_.SendNext(batch);
  Consumer consumer(Options());
  const absl::Status status = consumer.Follow();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("go back"));
}

TEST_F(ConsumerPgTest, FieldsThatThisProgramDoesNotKnowStopIt) {
  const auto ids = CreateSome(1);
  ASSERT_TRUE(CatchUp().ok());
  v1::Change change = model_.ChangeOf(ids[0], v1::Change::EVENT_UPSERT);
  change.mutable_record()->mutable_value()->append("\xa2\x1f\x01x");  // Field 500.
  v1::WatchChangesResponse batch;
  *batch.add_changes() = change;
  batch.set_cursor("1:1");
  model_.SendNext(batch);
  Consumer consumer(Options());
  const absl::Status status = consumer.Follow();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("newer"));
}

TEST_F(ConsumerPgTest, RefusesTablesOfAnotherContract) {
  CreateSome(1);
  Execute("ALTER TABLE jurisdiction ALTER COLUMN name TYPE varchar(10), DROP COLUMN level");
  const absl::Status status = CatchUp();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("jurisdiction.level: ∅ ≠ text"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("jurisdiction.name: character varying ≠ text"));
}

TEST_F(ConsumerPgTest, TwoProcessesNeverWriteOneCopy) {
  CreateSome(10);
  ASSERT_TRUE(CatchUp().ok());
  const StateTables state("test", "consumer_");
  Consumer consumer(Options());
  const auto before = consumer.LoadState();
  ASSERT_TRUE(before.ok());
  CreateSome(1);
  ASSERT_TRUE(CatchUp().ok());
  const absl::Status status =
      database_->Run(absl::Now() + absl::Seconds(10), [&](postgres::Session& session) {
        return state.AdvanceTo(session, *before, {"elsewhere", true, true, absl::Now()});
      });
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ConsumerPgTest, GoesOnAfterTroubleFromTheStoredCursor) {
  CreateSome(5);
  ASSERT_TRUE(CatchUp().ok());
  std::atomic<int> turn{0};
  model_.OnMessage([&](const std::string& what) -> absl::Status {
    if (what != "Watch") return absl::OkStatus();
    switch (turn++ % 5) {
      case 0:
        return absl::UnavailableError("away");
      case 2:
        return base::Fail(absl::StatusCode::kResourceExhausted, base::ErrorReason::CONSUMER_TOO_SLOW);
      case 3:
        return base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED);
      default:
        return absl::OkStatus();
    }
  });
  Consumer consumer(Options());
  absl::Status ended = absl::UnknownError("runs");
  std::thread thread([&] { ended = consumer.Follow(); });
  for (int i = 0; i < 30; ++i) {
    model_.Create(absl::StrCat("新县", i));
    absl::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_TRUE(Eventually([&] { return Held() == model_.Visible(); }));
  EXPECT_TRUE(Eventually([&] { return consumer.progress().caught_up; }));
  EXPECT_EQ(consumer.progress().LagSeconds(absl::Now()), 0);
  consumer.Stop();
  thread.join();
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_EQ(model_.calls("StartSnapshot"), 1);
}

TEST_F(ConsumerPgTest, ATokenThatIsRefusedForeverStopsIt) {
  CreateSome(1);
  model_.OnMessage([&](const std::string&) {
    return base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED);
  });
  EXPECT_TRUE(absl::IsUnauthenticated(CatchUp()));
}

TEST_F(ConsumerPgTest, ServicesThatAreAwayAreNotTakenForCaughtUp) {
  CreateSome(5);
  ASSERT_TRUE(CatchUp().ok());
  model_.SetIncomplete({"exchange"});
  Consumer consumer(Options());
  const absl::Status status = consumer.CatchUp(absl::Milliseconds(300));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_FALSE(consumer.progress().caught_up);
}

TEST_F(ConsumerPgTest, FormerRowsTellEveryStep) {
  TableOptions options;
  options.table_prefix = "registry_";
  options.state_prefix = "registry_consumer_";
  options.keep_former = true;
  MakeTables(options, {"name", "parent_id"});
  const auto ids = CreateSome(8);
  std::map<int64_t, std::map<std::string, std::string>> seen;
  const auto note = [&] {
    ASSERT_TRUE(CatchUp().ok());
    seen[Count("SELECT step FROM registry_consumer_cursor")] = model_.Visible();
  };
  note();
  model_.Rename(ids[0], "改名"), note();
  model_.Delete(ids[1]), model_.Rename(ids[0], "再改名"), note();
  const auto backup = model_.Backup();
  model_.Undelete(ids[1]), note();
  model_.Restore(*backup), note();
  model_.Purge(), model_.Rename(ids[2], "三改"), model_.Purge(), note();
  ASSERT_GE(seen.size(), 6u);
  for (const auto& [step, visible] : seen) {
    const auto rows = Sql(absl::StrCat(
        "SELECT id, revision, name FROM registry_jurisdiction WHERE sync_step <= ", step,
        " UNION ALL SELECT id, revision, name FROM registry_jurisdiction_former WHERE from_step <= ", step,
        " AND to_step > ", step));
    ASSERT_TRUE(rows.ok());
    std::map<std::string, std::string> then;
    for (int i = 0; i < rows->rows(); ++i)
      then[rows->Text(i, 0)] = absl::StrCat(rows->Text(i, 1), " ", rows->Text(i, 2));
    EXPECT_EQ(then, visible) << "step " << step;
    EXPECT_EQ(rows->rows(), static_cast<int>(visible.size())) << "step " << step;
  }
}

}  // namespace
}  // namespace lianqiao::feed
