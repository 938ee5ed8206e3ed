// SPDX-License-Identifier: Apache-2.0
// Transactions: what is retried, what is rolled back, and when nobody can know.
#include <atomic>
#include <future>
#include <thread>

#include "libs/base/status.h"
#include "libs/postgres/pgtest.h"

namespace lianqiao::postgres {
namespace {

// Two threads that wait for each other, at most once.
class Meeting {
 public:
  void Arrive() {
    ++arrived_;
    for (int i = 0; i < 2000 && arrived_ < 2; ++i) absl::SleepFor(absl::Milliseconds(1));
  }

 private:
  std::atomic<int> arrived_{0};
};

class TransactTest : public PostgresTest {
 protected:
  absl::Status AsSuperuser(const std::string& sql) {
    Database::Options options = Options();
    options.connection = database_.superuser_connection();
    options.workers = 1;
    Database superuser(options);
    return Sql(superuser, sql);
  }

  // A trigger on `campus` that runs `action` when the transaction commits.
  void AtCommit(const std::string& action) {
    const absl::Status status = AsSuperuser(
        "DO $outer$ BEGIN CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
        "$$ BEGIN " +
        action +
        " RETURN NULL; END $$;"
        "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON campus DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION at_commit(); END $outer$");
    ASSERT_TRUE(status.ok()) << status;
  }

  std::string Campuses() { return Value(database, "SELECT count(*) FROM campus"); }

  Database database{Options()};
};

TEST_F(TransactTest, CommitsWhatTheBodyWrote) {
  EXPECT_TRUE(Transact(database, [](Statements& statements) {
                EXPECT_TRUE(Sql(statements, "INSERT INTO campus VALUES (1, 1)").ok());
                return Sql(statements, "INSERT INTO campus VALUES (2, 1)").status();
              }).ok());
  EXPECT_EQ(Campuses(), "2");
}

TEST_F(TransactTest, RollsBackWhenTheBodyFails) {
  int runs = 0;
  const absl::Status status = Transact(database, [&](Statements& statements) {
    ++runs;
    EXPECT_TRUE(Sql(statements, "INSERT INTO campus VALUES (1, 1)").ok());
    return base::Fail(absl::StatusCode::kFailedPrecondition, base::ErrorReason::WRONG_STATE);
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(Campuses(), "0");
}

TEST_F(TransactTest, DoesNotCallARolledBackTransactionCommitted) {
  const absl::Status status = Transact(database, [](Statements& statements) {
    EXPECT_TRUE(Sql(statements, "INSERT INTO campus VALUES (1, 1)").ok());
    EXPECT_FALSE(Sql(statements, "INSERT INTO campus VALUES (1, 1)").ok());
    return absl::OkStatus();  // As if nothing had happened.
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Campuses(), "0");
}

TEST_F(TransactTest, LeavesTheSessionUsableAfterAFailure) {
  EXPECT_TRUE(
      Run(database, [](Session& session) {
        EXPECT_FALSE(
            session.Transact([](Statements& statements) { return Sql(statements, "SELECT 1 / 0").status(); })
                .ok());
        EXPECT_TRUE(Sql(session, "SELECT 1").ok());
        return session.Transact([](Statements& statements) { return Sql(statements, "SELECT 1").status(); });
      }).ok());
}

TEST_F(TransactTest, RunsAgainAfterASerializationFailure) {
  Meeting meeting;
  std::atomic<int> runs{0};
  const auto body = [&](Statements& statements) -> absl::Status {
    RETURN_IF_ERROR(Sql(statements, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").status());
    ASSIGN_OR_RETURN(const Result count, Sql(statements, "SELECT count(*) FROM campus"));
    if (++runs <= 2) meeting.Arrive();
    return Sql(statements, "INSERT INTO campus VALUES ($1, 1)", Parameters().Integer(count.Integer(0, 0) + 1))
        .status();
  };
  auto other = std::async(std::launch::async, [&] { return Transact(database, body); });
  EXPECT_TRUE(Transact(database, body).ok());
  EXPECT_TRUE(other.get().ok());
  EXPECT_GE(runs, 3);
  EXPECT_EQ(Campuses(), "2");
}

TEST_F(TransactTest, RunsAgainAfterADeadlock) {
  Meeting meeting;
  std::atomic<int> runs{0};
  const auto body = [&](int first, int second) {
    return Transact(database, [&, first, second](Statements& statements) -> absl::Status {
      const std::string update = "UPDATE school SET name = name || '!' WHERE id = $1";
      RETURN_IF_ERROR(Sql(statements, update, Parameters().Integer(first)).status());
      if (++runs <= 2) meeting.Arrive();
      return Sql(statements, update, Parameters().Integer(second)).status();
    });
  };
  auto other = std::async(std::launch::async, [&] { return body(2, 1); });
  EXPECT_TRUE(body(1, 2).ok());
  EXPECT_TRUE(other.get().ok());
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(Value(database, "SELECT string_agg(name, ',' ORDER BY id) FROM school"), "first!!,second!!");
}

TEST_F(TransactTest, ARepeatableErrorCountsEvenIfTheBodyHidesIt) {
  int runs = 0;
  EXPECT_TRUE(Transact(database, [&](Statements& statements) -> absl::Status {
                if (++runs == 1) {
                  (void)Sql(statements, "DO $$ BEGIN RAISE 'busy' USING ERRCODE = '40001'; END $$");
                  return absl::InternalError("hidden");
                }
                return Sql(statements, "INSERT INTO campus VALUES (1, 1)").status();
              }).ok());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Campuses(), "1");
}

TEST_F(TransactTest, GivesUpAfterThreeTries) {
  int runs = 0;
  const absl::Status status = Transact(database, [&](Statements& statements) {
    ++runs;
    return Sql(statements, "DO $$ BEGIN RAISE 'busy' USING ERRCODE = '55P03'; END $$").status();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(runs, 3);
}

TEST_F(TransactTest, RunsAgainOnAFreshConnectionWhenItsBackendDies) {
  int runs = 0;
  EXPECT_TRUE(Transact(database, [&](Statements& statements) -> absl::Status {
                RETURN_IF_ERROR(Sql(statements, "INSERT INTO campus VALUES (1, 1)").status());
                if (++runs == 1)
                  return Sql(statements, "SELECT pg_terminate_backend(pg_backend_pid())").status();
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Campuses(), "1");
}

TEST_F(TransactTest, IsUnknownAndNotRunAgainWhenTheBackendDiesDuringCommit) {
  AtCommit("PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1);");
  int runs = 0;
  const absl::Status status = Transact(database, [&](Statements& statements) {
    ++runs;
    return Sql(statements, "INSERT INTO campus VALUES (1, 1)").status();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnknown) << status;
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(Campuses(), "0");
}

TEST_F(TransactTest, IsUnknownWhenCommitWarns) {
  AtCommit("RAISE WARNING 'the transaction has already committed locally';");
  const absl::Status status = Transact(database, [](Statements& statements) {
    return Sql(statements, "INSERT INTO campus VALUES (1, 1)").status();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnknown) << status;
  EXPECT_EQ(Campuses(), "1");
}

TEST_F(TransactTest, AWarningBeforeCommitIsNoDoubt) {
  EXPECT_TRUE(Transact(database, [](Statements& statements) {
                return Sql(statements, "DO $$ BEGIN RAISE WARNING 'by the way'; END $$").status();
              }).ok());
}

TEST_F(TransactTest, ARefusalAtCommitIsCertain) {
  AtCommit("RAISE 'no' USING ERRCODE = '23514';");
  const absl::Status status = Transact(database, [](Statements& statements) {
    return Sql(statements, "INSERT INTO campus VALUES (1, 1)").status();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(Campuses(), "0");
}

TEST_F(TransactTest, StatementsEndWithTheCallsDeadline) {
  const absl::Time start = absl::Now();
  const absl::Status status = database.Run(In(absl::Milliseconds(200)), [](Session& session) {
    return session.Transact(
        [](Statements& statements) { return Sql(statements, "SELECT pg_sleep(10)").status(); });
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
  EXPECT_EQ(Value(database, "SHOW statement_timeout"), "30s") << "the deadline must not stay in the session";
}

TEST_F(TransactTest, AReadOfTheClientsOwnMakingEndsWithItsCallToo) {
  const absl::Time start = absl::Now();
  const absl::Status status = database.Run(In(absl::Milliseconds(200)), [](Session& session) {
    return session.Execute({"sleep", "SELECT pg_sleep(10)", false}, {}).status();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
  EXPECT_EQ(Value(database, "SHOW statement_timeout"), "30s") << "the deadline must not stay in the session";
}

TEST_F(TransactTest, NothingIsCommittedAfterTheDeadline) {
  const absl::Status status = database.Run(In(absl::Milliseconds(300)), [](Session& session) {
    return session.Transact([](Statements& statements) -> absl::Status {
      RETURN_IF_ERROR(Sql(statements, "INSERT INTO campus VALUES (1, 1)").status());
      absl::SleepFor(absl::Milliseconds(400));  // Not in the database, so no timeout of its own ends it.
      return absl::OkStatus();
    });
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Campuses(), "0");
}

TEST_F(TransactTest, NoTryBeginsAfterTheDeadline) {
  int runs = 0;
  const absl::Status status = database.Run(In(absl::Milliseconds(100)), [&](Session& session) {
    return session.Transact([&](Statements& statements) {
      ++runs;
      absl::SleepFor(absl::Milliseconds(120));
      return Sql(statements, "DO $$ BEGIN RAISE 'busy' USING ERRCODE = '40001'; END $$").status();
    });
  });
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(runs, 1);
}

TEST_F(TransactTest, AWaitForALockEndsInTime) {
  std::promise<void> locked, release;
  auto holder = std::async(std::launch::async, [&] {
    return Transact(database, [&](Statements& statements) {
      const absl::Status status = Sql(statements, "SELECT 1 FROM school WHERE id = 1 FOR UPDATE").status();
      locked.set_value();
      release.get_future().wait();
      return status;
    });
  });
  locked.get_future().wait();
  const absl::Status status = database.Run(In(absl::Milliseconds(500)), [](Session& session) {
    return session.Transact([](Statements& statements) {
      return Sql(statements, "UPDATE school SET name = 'mine' WHERE id = 1").status();
    });
  });
  release.set_value();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  EXPECT_TRUE(holder.get().ok());
}

TEST_F(TransactTest, MadeUpAbortsChangeNothingButTheNumberOfRuns) {
  Database::Options options = Options();
  options.abort_share = 0.5;
  Database flaky(options);
  int runs = 0;
  for (int id = 1; id <= 40; ++id) {
    ASSERT_TRUE(
        Transact(flaky, [&](Statements& statements) {
          ++runs;
          return Sql(statements, "INSERT INTO campus VALUES ($1, 1)", Parameters().Integer(id)).status();
        }).ok());
  }
  EXPECT_EQ(Campuses(), "40");
  EXPECT_GT(runs, 45);
  EXPECT_LT(runs, 75);
}

const Query kAddCampus = {"add_campus", "INSERT INTO campus VALUES ($1, $2)"};

TEST_F(TransactTest, ASingleWriteIsCommittedByItself) {
  EXPECT_TRUE(Run(database, [](Session& session) {
                return session.ExecuteWrite(kAddCampus, Parameters().Integer(1).Integer(1)).status();
              }).ok());
  EXPECT_EQ(Campuses(), "1");
  const absl::Status again = Run(database, [](Session& session) {
    return session.ExecuteWrite(kAddCampus, Parameters().Integer(1).Integer(1)).status();
  });
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(TransactTest, ASingleWriteIsUnknownWhenItsBackendDiesOrWarns) {
  AtCommit(
      "IF NEW.id = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1);"
      " ELSE RAISE WARNING 'late'; END IF;");
  for (int id = 1; id <= 2; ++id) {
    const absl::Status status = Run(database, [id](Session& session) {
      return session.ExecuteWrite(kAddCampus, Parameters().Integer(id).Integer(1)).status();
    });
    EXPECT_EQ(status.code(), absl::StatusCode::kUnknown) << status;
  }
  EXPECT_EQ(Campuses(), "1");
}

TEST_F(TransactTest, ASingleWriteIsRunAgainAfterALockTimeout) {
  std::promise<void> locked, release;
  auto holder = std::async(std::launch::async, [&] {
    return Transact(database, [&](Statements& statements) {
      const absl::Status status = Sql(statements, "SELECT 1 FROM school WHERE id = 1 FOR UPDATE").status();
      locked.set_value();
      release.get_future().wait();
      return status;
    });
  });
  locked.get_future().wait();
  auto writer = std::async(std::launch::async, [&] {
    return Run(database, [](Session& session) {
      RETURN_IF_ERROR(Sql(session, "SET lock_timeout = 100").status());
      return session.ExecuteWrite(kAddCampus, Parameters().Integer(1).Integer(1)).status();
    });
  });
  absl::SleepFor(absl::Milliseconds(150));
  release.set_value();
  EXPECT_TRUE(writer.get().ok());
  EXPECT_TRUE(holder.get().ok());
  EXPECT_EQ(Campuses(), "1");
}

}  // namespace
}  // namespace lianqiao::postgres
