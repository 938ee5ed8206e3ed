// SPDX-License-Identifier: Apache-2.0
// The queue, batches, and a server that goes away and comes back.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "libs/base/status.h"
#include "libs/postgres/pgtest.h"

namespace lianqiao::postgres {
namespace {

// Outcomes of tasks, from whatever thread.
class Outcomes {
 public:
  void Add(const absl::Status& status) {
    const std::lock_guard lock(mutex_);
    codes_.push_back(status.code());
  }
  size_t size() const {
    const std::lock_guard lock(mutex_);
    return codes_.size();
  }
  int64_t Count(absl::StatusCode code) const {
    const std::lock_guard lock(mutex_);
    return std::count(codes_.begin(), codes_.end(), code);
  }

 private:
  mutable std::mutex mutex_;
  std::vector<absl::StatusCode> codes_;
};

// Keeps the only worker busy until it is let go.
class Blocker {
 public:
  explicit Blocker(Database& database) {
    std::promise<void> begun;
    database.Submit(
        absl::InfiniteFuture(),
        [this, &begun](Session&) {
          begun.set_value();
          release_.get_future().wait();
        },
        [&begun](const absl::Status&) { begun.set_value(); });
    begun.get_future().wait();
  }
  void Release() { release_.set_value(); }

 private:
  std::promise<void> release_;
};

class PoolTest : public PostgresTest {
 protected:
  Database::Options OneWorker() const {
    Database::Options options = Options();
    options.workers = 1;
    return options;
  }

  static void Submit(Database& database, absl::Time deadline, Outcomes* outcomes) {
    database.Submit(
        deadline, [outcomes](Session& session) { outcomes->Add(Sql(session, "SELECT 1").status()); },
        [outcomes](const absl::Status& status) { outcomes->Add(status); });
  }
};

TEST_F(PoolTest, TasksOfOneWorkerRunInOrder) {
  Database database(OneWorker());
  Blocker blocker(database);
  std::vector<int> order;
  for (int i = 0; i < 20; ++i) {
    database.Submit(
        absl::InfiniteFuture(), [&order, i](Session&) { order.push_back(i); },
        [](const absl::Status&) { FAIL(); });
  }
  EXPECT_TRUE(Eventually([&] { return database.load().oldest_wait_seconds > 0.02; }));
  EXPECT_EQ(database.load().queued, 20);
  EXPECT_EQ(database.load().busy, 1);
  EXPECT_EQ(database.load().connected, 1);
  blocker.Release();
  database.Drain(absl::Seconds(10));
  ASSERT_EQ(order.size(), 20u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(database.load().queued, 0);
  EXPECT_EQ(database.load().oldest_wait_seconds, 0);
}

// What grows with use grows in few of them.
TEST_F(PoolTest, OneTaskAfterAnotherNeedsFewConnections) {
  Database::Options options = Options();
  options.workers = 8;
  Database database(options);
  ASSERT_TRUE(Eventually([&] { return database.load().connected == 8; }));
  std::set<std::string> used;
  for (int i = 0; i < 40; ++i) {
    absl::SleepFor(absl::Milliseconds(5));  // Whoever did the last one is idle again.
    used.insert(Value(database, "SELECT pg_backend_pid()"));
  }
  EXPECT_LE(used.size(), 4u);
}

TEST_F(PoolTest, AFullQueueRefusesAtOnceWithRetryAdvice) {
  Database::Options options = OneWorker();
  options.queue_max = 3;
  Database database(options);
  Blocker blocker(database);
  Outcomes outcomes;
  for (int i = 0; i < 3; ++i) Submit(database, absl::InfiniteFuture(), &outcomes);
  absl::Status refused;
  database.Submit(
      absl::InfiniteFuture(), [](Session&) { FAIL(); },
      [&](const absl::Status& status) { refused = status; });
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_GT(base::FailureOf(refused).retry_after_milliseconds(), 0);
  blocker.Release();
  EXPECT_TRUE(Eventually([&] { return outcomes.Count(absl::StatusCode::kOk) == 3; }));
}

TEST_F(PoolTest, ADeadlinePassesInTheQueueEvenWhileEveryWorkerIsBusy) {
  Database database(OneWorker());
  Blocker blocker(database);
  Outcomes outcomes;
  Submit(database, In(absl::Milliseconds(50)), &outcomes);
  Submit(database, absl::InfiniteFuture(), &outcomes);
  EXPECT_TRUE(Eventually([&] { return outcomes.Count(absl::StatusCode::kDeadlineExceeded) == 1; }));
  EXPECT_EQ(outcomes.size(), 1u);
  blocker.Release();
  EXPECT_TRUE(Eventually([&] { return outcomes.Count(absl::StatusCode::kOk) == 1; }));
}

TEST_F(PoolTest, ATaskAfterItsDeadlineNeverStarts) {
  Database database(OneWorker());
  Outcomes outcomes;
  Submit(database, absl::Now() - absl::Seconds(1), &outcomes);
  EXPECT_EQ(outcomes.Count(absl::StatusCode::kOk), 0);
  EXPECT_TRUE(Eventually([&] { return outcomes.size() == 1; }));
}

TEST_F(PoolTest, TellsHowLongWhatStartedHasWaitedAndWithWhatTheRestWasRefused) {
  std::mutex mutex;
  std::vector<double> waits;
  std::vector<absl::StatusCode> refused;
  Database::Options options = OneWorker();
  options.queue_max = 1;
  options.observe_wait = [&](double seconds) {
    const std::lock_guard lock(mutex);
    waits.push_back(seconds);
  };
  options.observe_refused = [&](absl::StatusCode code) {
    const std::lock_guard lock(mutex);
    refused.push_back(code);
  };
  {
    Outcomes outcomes;
    Database database(options);
    Blocker blocker(database);
    Submit(database, absl::InfiniteFuture(), &outcomes);
    Submit(database, absl::InfiniteFuture(), &outcomes);
    absl::SleepFor(absl::Milliseconds(20));
    blocker.Release();
    database.Drain(absl::Seconds(5));
    Submit(database, absl::InfiniteFuture(), &outcomes);
  }
  ASSERT_EQ(waits.size(), 2u);
  EXPECT_LT(waits[0], 5);
  EXPECT_GE(waits[1], 0.02);
  EXPECT_THAT(refused,
              ::testing::ElementsAre(absl::StatusCode::kResourceExhausted, absl::StatusCode::kUnavailable));
}

TEST_F(PoolTest, DestructionEndsRunningTasksAndFailsQueuedOnes) {
  Outcomes outcomes;
  {
    Database database(OneWorker());
    std::promise<void> begun;
    database.Submit(
        absl::InfiniteFuture(),
        [&](Session& session) {
          begun.set_value();
          absl::SleepFor(absl::Milliseconds(100));
          outcomes.Add(Sql(session, "SELECT 1").status());
        },
        [&](const absl::Status& status) { outcomes.Add(status); });
    begun.get_future().wait();
    for (int i = 0; i < 5; ++i) Submit(database, absl::InfiniteFuture(), &outcomes);
  }
  EXPECT_EQ(outcomes.Count(absl::StatusCode::kOk), 1);
  EXPECT_EQ(outcomes.Count(absl::StatusCode::kUnavailable), 5);
}

TEST_F(PoolTest, DrainFinishesTheQueueAndRefusesNewTasks) {
  Database database(OneWorker());
  Outcomes outcomes;
  for (int i = 0; i < 30; ++i) Submit(database, absl::InfiniteFuture(), &outcomes);
  database.Drain(absl::Seconds(10));
  EXPECT_EQ(outcomes.Count(absl::StatusCode::kOk), 30);
  Submit(database, absl::InfiniteFuture(), &outcomes);
  EXPECT_EQ(outcomes.Count(absl::StatusCode::kUnavailable), 1);
}

struct Number final : BatchItem {
  Number(int given, Outcomes* told) : value(given), outcomes(told) {}
  void Fail(const absl::Status& status) override { outcomes->Add(status); }
  const int value;
  Outcomes* const outcomes;
};

class BatchTest : public PoolTest {
 protected:
  void Add(Database& database, const std::string& key, int value,
           absl::Time deadline = absl::InfiniteFuture()) {
    auto item = std::make_unique<Number>(value, &outcomes);
    item->deadline = deadline;
    database.SubmitBatch(key, std::move(item), &run);
  }

  Outcomes outcomes;
  std::mutex mutex;
  std::vector<std::vector<int>> batches;
  std::function<void(Session&, Batch&)> run = [this](Session& session, Batch& batch) {
    const absl::Status status = Sql(session, "SELECT 1").status();
    const std::lock_guard lock(mutex);
    batches.emplace_back();
    for (const auto& item : batch) {
      batches.back().push_back(static_cast<Number&>(*item).value);
      outcomes.Add(status);
    }
  };
};

TEST_F(BatchTest, ItemsOfOneKeyThatQueueUpRunTogether) {
  Database::Options options = OneWorker();
  options.batch_max = 4;
  Database database(options);
  Blocker blocker(database);
  for (int i = 0; i < 6; ++i) Add(database, "even", 2 * i);
  Add(database, "odd", 1);
  Add(database, "odd", 3);
  EXPECT_EQ(database.load().queued, 8);
  blocker.Release();
  ASSERT_TRUE(Eventually([&] { return outcomes.size() == 8; }));
  const std::vector<std::vector<int>> expected = {{0, 2, 4, 6}, {1, 3}, {8, 10}};
  EXPECT_EQ(batches, expected);
}

TEST_F(BatchTest, OneItemAloneRunsAtOnce) {
  Database database(OneWorker());
  Add(database, "key", 7);
  ASSERT_TRUE(Eventually([&] { return outcomes.size() == 1; }));
  EXPECT_EQ(batches, std::vector<std::vector<int>>{{7}});
}

TEST_F(BatchTest, WhatComesWhileEnoughBatchesRunIsTheNextBatch) {
  Database::Options options = Options();
  options.workers = 4;
  options.batches_at_once_max = 1;
  Database database(options);
  std::promise<void> begun;
  std::promise<void> release;
  const std::function<void(Session&, Batch&)> slow = [&](Session& session, Batch& batch) {
    if (batches.empty()) {
      begun.set_value();
      release.get_future().wait();
    }
    run(session, batch);
  };
  const auto add = [&](int value) {
    database.SubmitBatch("key", std::make_unique<Number>(value, &outcomes), &slow);
  };
  add(0);
  begun.get_future().wait();
  for (int i = 1; i < 6; ++i) add(i);
  absl::SleepFor(absl::Milliseconds(50));  // Three workers are idle and must not take them.
  EXPECT_EQ(database.load().queued, 5);
  release.set_value();
  ASSERT_TRUE(Eventually([&] { return outcomes.size() == 6; }));
  const std::vector<std::vector<int>> expected = {{0}, {1, 2, 3, 4, 5}};
  EXPECT_EQ(batches, expected);
}

TEST_F(BatchTest, ALateItemFailsWithoutItsBatch) {
  Database database(OneWorker());
  Blocker blocker(database);
  Add(database, "key", 1);
  Add(database, "key", 2, In(absl::Milliseconds(20)));
  EXPECT_TRUE(Eventually([&] { return outcomes.Count(absl::StatusCode::kDeadlineExceeded) == 1; }));
  blocker.Release();
  ASSERT_TRUE(Eventually([&] { return outcomes.size() == 2; }));
  EXPECT_EQ(batches, std::vector<std::vector<int>>{{1}});
}

TEST_F(BatchTest, AFullQueueFailsTheItem) {
  Database::Options options = OneWorker();
  options.queue_max = 2;
  Database database(options);
  Blocker blocker(database);
  for (int i = 0; i < 3; ++i) Add(database, "key", i);
  EXPECT_EQ(outcomes.Count(absl::StatusCode::kResourceExhausted), 1);
  blocker.Release();
  EXPECT_TRUE(Eventually([&] { return outcomes.size() == 3; }));
}

TEST_F(BatchTest, EveryItemHasExactlyOneOutcomeUnderLoad) {
  Database database(Options());
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 500; ++i) {
        Add(database, "key " + std::to_string(i % 3), thread * 1000 + i);
        if (i % 10 == 0) Submit(database, absl::InfiniteFuture(), &outcomes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(Eventually([&] { return outcomes.size() == 4 * 550; }, absl::Seconds(20)));
  absl::SleepFor(absl::Milliseconds(50));
  EXPECT_EQ(outcomes.size(), 4u * 550);
}

class RestartTest : public PoolTest {
 protected:
  // Whatever a failed assertion leaves behind, the next test has a server.
  void TearDown() override {
    if (!up) Start();
  }
  void Stop() {
    testing::TestDatabase::StopServer();
    up = false;
  }
  void Start() {
    testing::TestDatabase::StartServer();
    up = true;
  }
  bool up = true;
};

TEST_F(RestartTest, AConnectionThatDiedWhileIdleIsReplacedUnnoticed) {
  Database database(OneWorker());
  Database superuser([this] {
    Database::Options options = OneWorker();
    options.connection = database_.superuser_connection();
    return options;
  }());
  const std::string before = Value(database, "SELECT pg_backend_pid()");
  EXPECT_EQ(Value(superuser, "SELECT pg_terminate_backend($1)", Parameters().Text(before)), "t");
  const std::string living = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1";
  ASSERT_TRUE(Eventually([&] { return Value(superuser, living, Parameters().Text(before)) == "0"; }));
  const std::string after = Value(database, "SELECT pg_backend_pid()");
  EXPECT_NE(before, after);
  EXPECT_EQ(after.find(' '), std::string::npos) << after;
}

TEST_F(RestartTest, ATaskSeesTheBreakAndMayGoOnByItself) {
  Database database(OneWorker());
  EXPECT_TRUE(Run(database, [](Session& session) {
                const absl::Status broken =
                    Sql(session, "SELECT pg_terminate_backend(pg_backend_pid())").status();
                EXPECT_EQ(broken.code(), absl::StatusCode::kUnavailable) << broken;
                return Sql(session, "SELECT 1").status();
              }).ok());
}

TEST_F(RestartTest, UnavailableWhileTheServerIsAwayAndRecoveredSoonAfter) {
  Database database(Options());
  ASSERT_TRUE(Sql(database, "SELECT 1").ok());
  Stop();
  Outcomes outcomes;
  const absl::Time away = absl::Now();
  Submit(database, In(absl::Seconds(30)), &outcomes);
  ASSERT_TRUE(Eventually([&] { return outcomes.size() == 1; }));
  EXPECT_EQ(outcomes.Count(absl::StatusCode::kUnavailable), 1);
  EXPECT_LT(absl::Now() - away, absl::Seconds(4));
  EXPECT_EQ(database.load().connected, 0);
  EXPECT_EQ(Sql(database, "SELECT 1").code(), absl::StatusCode::kUnavailable);
  Start();
  const absl::Time back = absl::Now();
  EXPECT_TRUE(Eventually([&] { return Sql(database, "SELECT 1").ok(); }));
  EXPECT_LT(absl::Now() - back, absl::Seconds(2));
  EXPECT_TRUE(Eventually([&] { return database.load().connected == 4; }));
}

TEST_F(RestartTest, WorkUnderWayDuringARestartNeverFailsButUnavailableOrUnknown) {
  Database database(Options());
  std::atomic<bool> stop{false};
  std::atomic<int> next{0}, acknowledged{0}, unknown{0};
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      while (!stop) {
        const int id = ++next;
        const absl::Status status = Transact(database, [id](Statements& statements) {
          return Sql(statements, "INSERT INTO campus VALUES ($1, 1)", Parameters().Integer(id)).status();
        });
        if (status.ok()) {
          ++acknowledged;
        } else if (status.code() == absl::StatusCode::kUnknown) {
          ++unknown;
        } else {
          EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
          absl::SleepFor(absl::Milliseconds(5));
        }
      }
    });
  }
  EXPECT_TRUE(Eventually([&] { return acknowledged > 50; }));
  Stop();
  absl::SleepFor(absl::Milliseconds(300));
  Start();
  const int at_return = acknowledged;
  EXPECT_TRUE(Eventually([&] { return acknowledged > at_return + 50; }));
  stop = true;
  for (std::thread& writer : writers) writer.join();
  const int stored = std::stoi(Value(database, "SELECT count(*) FROM campus"));
  EXPECT_GE(stored, acknowledged) << "an acknowledged write was lost";
  EXPECT_LE(stored, acknowledged + unknown) << "a refused write was stored";
}

TEST_F(RestartTest, APoolThatStartsBeforeItsServerConnectsLater) {
  Stop();
  Database database(Options());
  EXPECT_EQ(Sql(database, "SELECT 1").code(), absl::StatusCode::kUnavailable);
  Start();
  EXPECT_TRUE(Eventually([&] { return Sql(database, "SELECT 1").ok(); }, absl::Seconds(3)));
}

TEST_F(RestartTest, ATaskOutlastsAShortAbsence) {
  Database database(OneWorker());
  ASSERT_TRUE(Sql(database, "SELECT 1").ok());
  Stop();
  Outcomes outcomes;
  Submit(database, In(absl::Seconds(10)), &outcomes);
  Start();
  EXPECT_TRUE(Eventually([&] { return outcomes.Count(absl::StatusCode::kOk) == 1; }));
}

}  // namespace
}  // namespace lianqiao::postgres
