// SPDX-License-Identifier: Apache-2.0
// A program or the database goes away under load: what works goes on, what cannot says UNAVAILABLE,
// everything recovers by itself, and nothing that was acknowledged is lost or written twice.
#include <gmock/gmock.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "tests/e2e/grpc_caller.h"
#include "tests/e2e/ledger.h"

namespace lianqiao::e2e {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;

constexpr char kGet[] = "lianqiao.registry.v1.OrganisationService/GetOrganisation";

class Faults : public ::testing::Test {
 protected:
  void ExpectNoSurprise(const Ledger& ledger) {
    EXPECT_THAT(ledger.surprises(), IsEmpty())
        << absl::StrJoin(ledger.failures(), ", ", absl::PairFormatter(": "));
  }
  // The longest pause after which everybody may expect to be served again.
  void ExpectServedWithin(absl::Duration limit) {
    const absl::Time begin = absl::Now();
    HttpAnswer answer;
    while ((answer = operator_.Get("/v1/organisations?pageSize=1")).status != 200 &&
           absl::Now() - begin < limit)
      absl::SleepFor(absl::Milliseconds(20));
    EXPECT_EQ(answer.status, 200) << "after " << absl::Now() - begin << ": " << answer.failure << answer.body;
  }

  Platform platform_;
  HttpClient operator_ = platform_.Operator();
  Places places_ = MakePlaces(operator_);
};

TEST_F(Faults, KilledAtRandomMomentsTheServiceAnswersARepeatedKeyAsTheFirstTime) {
  constexpr int kKills = 20;
  std::mt19937 random(20261125);
  Ledger ledger(platform_, places_.near_id);
  for (int kill = 0; kill < kKills; ++kill) {
    ASSERT_TRUE(ledger.WaitForProgress(8)) << "after kill " << kill;
    absl::SleepFor(absl::Microseconds(random() % 60000));
    platform_.registry().Kill();
    platform_.registry().Start();
  }
  ASSERT_TRUE(ledger.WaitForProgress(8));
  ledger.Stop();
  ExpectNoSurprise(ledger);
  EXPECT_THAT(ledger.failures(), Not(Contains(Key("no answer")))) << "the gateway was not touched";
  EXPECT_GT(ledger.failures()["503 UNAVAILABLE"], kKills / 2) << "the kills hit nothing";
  ledger.ExpectEachOnce();
  ExpectSoundFeed(platform_);
}

TEST_F(Faults, WhileTheServiceIsAwayIdentityGoesOnAndCallsSayUnavailable) {
  Ledger ledger(platform_, places_.near_id);
  ASSERT_TRUE(ledger.WaitForProgress(20));
  platform_.registry().Kill();
  for (int i = 0; i < 10; ++i) {
    ExpectError(operator_.Get("/v1/organisations"), 503, "UNAVAILABLE");
    EXPECT_EQ(operator_.Get("/v1/identity:whoami").status, 200);
    EXPECT_EQ(operator_.Get("/v1/identity/clients").status, 200);
    absl::SleepFor(absl::Milliseconds(50));
  }
  EXPECT_EQ(operator_.Get("/healthz").status, 200);
  EXPECT_EQ(operator_.Get("/readyz").status, 503);
  registry::v1::Organisation school;
  GrpcCaller caller(platform_.grpc_address(), platform_.operator_token());
  EXPECT_EQ(caller.Call(kGet, type::v1::GetRequest(), &school).code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(caller.reason().empty());
  platform_.registry().Start();
  ExpectServedWithin(absl::Seconds(20));
  ASSERT_TRUE(ledger.WaitForProgress(20));
  ledger.Stop();
  ExpectNoSurprise(ledger);
  ledger.ExpectEachOnce();
}

TEST_F(Faults, WhileTheGatewayIsAwayTheServiceGoesOnForCallersThatReachIt) {
  const std::string id = MakeSchool(operator_, "渭滨区第一小学", places_.near_id);
  Ledger ledger(platform_, places_.far_id);
  ASSERT_TRUE(ledger.WaitForProgress(20));
  GrpcCaller direct(platform_.registry_address(), platform_.operator_token());
  type::v1::GetRequest request;
  request.set_id(id);
  registry::v1::Organisation school;
  ASSERT_TRUE(direct.Call(kGet, request, &school).ok());
  platform_.gateway().Kill();
  for (const absl::Time end = absl::Now() + absl::Seconds(3); absl::Now() < end;) {
    const absl::Status status = direct.Call(kGet, request, &school);
    ASSERT_TRUE(status.ok()) << status;
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_EQ(operator_.Get("/healthz").status, 0);
  platform_.gateway().Start();
  ExpectServedWithin(absl::Seconds(20));  // With the token of before.
  EXPECT_EQ(operator_.Get("/v1/organisations/" + id).status, 200);
  ASSERT_TRUE(ledger.WaitForProgress(20));
  ledger.Stop();
  ExpectNoSurprise(ledger);
  ledger.ExpectEachOnce();
  ExpectSoundFeed(platform_);
}

TEST_F(Faults, PostgresStoppedAtOnceUnderLoadIsUnavailableAndComesBackWithoutHelp) {
  Ledger ledger(platform_, places_.near_id);
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(ledger.WaitForProgress(30)) << "round " << round;
    platform_.StopPostgres();
    absl::SleepFor(absl::Milliseconds(300));
    ExpectError(operator_.Get("/v1/organisations"), 503, "UNAVAILABLE");
    ExpectError(operator_.Get("/v1/identity/clients"), 503, "UNAVAILABLE");
    ExpectError(operator_.Post("/v1/organisations", SchoolBody("无", places_.far_id)), 503, "UNAVAILABLE");
    EXPECT_EQ(operator_.Get("/v1/identity:whoami").status, 200) << "needs no database";
    EXPECT_EQ(operator_.Get("/healthz").status, 200);
    platform_.StartPostgres();
    ExpectServedWithin(absl::Seconds(10));
  }
  ASSERT_TRUE(ledger.WaitForProgress(30));
  ledger.Stop();
  EXPECT_TRUE(platform_.registry().Runs());
  EXPECT_TRUE(platform_.gateway().Runs());
  ExpectNoSurprise(ledger);
  EXPECT_THAT(ledger.failures(), Not(Contains(Key("no answer"))));
  ledger.ExpectEachOnce();
  ExpectSoundFeed(platform_);
}

TEST_F(Faults, SigtermUnderLoadLosesNoAcknowledgedWriteAndEndsWithZero) {
  constexpr absl::Duration kDrainLimit = absl::Seconds(25);  // --drain_seconds and the leak check.
  Ledger ledger(platform_, places_.near_id);
  for (Process* process : {&platform_.registry(), &platform_.gateway()}) {
    ASSERT_TRUE(ledger.WaitForProgress(30));
    const absl::Time begin = absl::Now();
    EXPECT_EQ(process->Terminate(kDrainLimit), 0) << process->name();
    RecordProperty(process->name() + "_milliseconds",
                   static_cast<int>(absl::ToInt64Milliseconds(absl::Now() - begin)));
    process->Start();
    ExpectServedWithin(absl::Seconds(20));
  }
  ASSERT_TRUE(ledger.WaitForProgress(30));
  ledger.Stop();
  ExpectNoSurprise(ledger);
  ledger.ExpectEachOnce();
  ExpectSoundFeed(platform_);
}

}  // namespace
}  // namespace lianqiao::e2e
