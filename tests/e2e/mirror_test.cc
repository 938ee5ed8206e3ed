// SPDX-License-Identifier: Apache-2.0
// A consumer's database that `lianqiao mirror` keeps in step, through everything that happens to the mirror,
// to the programs and to the platform's data.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/testing/cluster.h"
#include "tests/e2e/command_line.h"
#include "tests/e2e/installation.h"
#include "tests/e2e/ledger.h"

namespace lianqiao::e2e {
namespace {

using ::lianqiao::testing::Cluster;

// Pauses of a mirror that finds nobody are up to ten seconds.
constexpr absl::Duration kInStepLimit = absl::Seconds(90);
constexpr absl::Duration kStopLimit = absl::Seconds(30);

TEST(Mirror, KilledInTurnWithTheGatewayAndTheServiceUnderWritesItEndsWithWhatThePlatformHolds) {
  constexpr int kRounds = 3;
  std::mt19937 random(20261126);
  Platform platform;
  HttpClient client = platform.Operator();
  const Places places = MakePlaces(client);
  CommandLine command(platform.grpc_address(), platform.folder() + "/operator.json");
  MirrorUnderTest mirror(command, Cluster::Instance().Connection("postgres", "lianqiao"));
  Ledger ledger(platform, places.near_id, 3);
  ASSERT_TRUE(ledger.WaitForProgress(40));
  mirror.process().Start();
  const auto pause = [&random] { absl::SleepFor(absl::Microseconds(random() % 500000)); };
  for (int round = 0; round < kRounds; ++round) {
    pause();  // From the moment of the start on: while it sets up, reads the snapshot, follows.
    EXPECT_TRUE(mirror.process().Runs()) << "it ended by itself";
    mirror.process().Kill();
    mirror.process().Start();
    ASSERT_TRUE(ledger.WaitForProgress(20)) << "round " << round;
    // The very first start asks what there is, and says so if nobody answers; later ones wait.
    ASSERT_TRUE(mirror.WaitForTables(kInStepLimit)) << "round " << round;
    platform.registry().Kill();
    pause();
    platform.registry().Start();
    platform.WaitReady();
    ASSERT_TRUE(ledger.WaitForProgress(20)) << "round " << round;
    platform.gateway().Kill();
    pause();
    platform.gateway().Start();
    platform.WaitReady();
    ASSERT_TRUE(ledger.WaitForProgress(20)) << "round " << round;
  }
  ledger.Stop();
  ledger.ExpectEachOnce();
  EXPECT_EQ(mirror.WhyDifferent(kInStepLimit), "");
  EXPECT_TRUE(mirror.process().Runs()) << "it waits for whoever is away";
  EXPECT_EQ(mirror.process().Terminate(kStopLimit), 0);
  mirror.ExpectVerified();
}

class MirrorOfAnInstallation : public ::testing::Test {
 protected:
  void Start() {
    const CommandResult up = installation_.Up("--no-sample");
    ASSERT_EQ(up.exit_code, 0) << up.output;
  }
  std::string Backup() {
    const std::string place = installation_.folder() + "/backups";
    const CommandResult made = installation_.Tool("backup --to " + place);
    EXPECT_EQ(made.exit_code, 0) << made.output;
    return std::filesystem::directory_iterator(place)->path();
  }
  // By --client-id and standard input, into a file of its own: as an operator does once.
  void Login() {
    const Json credentials(Contents(installation_.folder() + "/var/operator.json"));
    const CommandResult login =
        RunShell(absl::StrCat("printf '%s' '", credentials.Text("/client_secret"), "' | ", ProgramFolder(),
                              "/lianqiao login --gateway ", gateway(), " --client-id ",
                              credentials.Text("/client_id"), " --credentials ", credentials_));
    ASSERT_EQ(login.exit_code, 0) << login.output;
  }
  std::string gateway() const { return absl::StrCat("127.0.0.1:", installation_.ports() + 1); }

  Installation installation_;
  const std::string credentials_ = installation_.folder() + "/consumer.json";
};

TEST_F(MirrorOfAnInstallation, AfterARestoreTheCopyConvergesByItselfWithNothingSkippedOrDoubled) {
  Start();
  Login();
  HttpClient client = installation_.Operator();
  const Places places = MakePlaces(client);
  std::vector<std::string> schools;
  const auto add = [&](HttpClient& by, int count) {
    for (int i = 0; i < count; ++i)
      schools.push_back(MakeSchool(by, absl::StrCat("第", schools.size(), "小学"), places.near_id));
  };
  add(client, 40);
  CommandLine command(gateway(), credentials_);
  MirrorUnderTest mirror(
      command, absl::StrCat("host=", installation_.folder(), "/var/run user=postgres dbname=lianqiao"));
  mirror.process().Start();
  ASSERT_EQ(mirror.WhyDifferent(kInStepLimit), "");

  const std::string backup = Backup();
  // What the restore takes back and the copy has seen: new, changed and deleted records.
  add(client, 10);
  for (int i = 0; i < 10; ++i)
    ASSERT_EQ(client.Patch("/v1/organisations/" + schools[i], R"({"shortName":"后来"})").status, 200);
  ASSERT_EQ(client.Delete("/v1/organisations/" + schools[20]).status, 200);
  ASSERT_EQ(mirror.WhyDifferent(kInStepLimit), "");
  EXPECT_EQ(mirror.Copied("SELECT count(*) FROM lianqiao.organisation WHERE short_name = '后来'"), "10");

  ASSERT_EQ(installation_.Down().exit_code, 0);
  const CommandResult restored = installation_.Tool("restore " + backup);
  ASSERT_EQ(restored.exit_code, 0) << restored.output;
  Start();
  // The same positions and revisions once more, with other content.
  HttpClient after = installation_.Operator();
  schools.resize(40);
  add(after, 3);
  ASSERT_EQ(after.Patch("/v1/organisations/" + schools[0], R"({"shortName":"另一个"})").status, 200);
  EXPECT_EQ(mirror.WhyDifferent(kInStepLimit), "");
  EXPECT_TRUE(mirror.process().Runs()) << "nobody has to start it again";
  EXPECT_EQ(mirror.Copied("SELECT count(*) FROM lianqiao.organisation"), "43");
  EXPECT_EQ(mirror.Copied("SELECT count(*) FROM lianqiao.organisation WHERE short_name = '后来'"), "0");
  EXPECT_EQ(mirror.Copied("SELECT short_name FROM lianqiao.organisation WHERE id = '" + schools[0] + "'"),
            "另一个");
  // And it goes on.
  add(after, 2);
  EXPECT_EQ(mirror.WhyDifferent(kInStepLimit), "");
  EXPECT_EQ(mirror.process().Terminate(kStopLimit), 0);
  mirror.ExpectVerified();
}

}  // namespace
}  // namespace lianqiao::e2e
