// SPDX-License-Identifier: Apache-2.0
// The `lianqiao` command on a whole platform: what it prints for programs, files in and out, a watch that
// lasts, exit codes.
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/e2e/command_line.h"
#include "tests/e2e/installation.h"
#include "tests/e2e/sync_fixture.h"

namespace lianqiao::e2e {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

enum ExitCode {
  kDone = 0,
  kError = 1,
  kWrongUsage = 2,
  kNotFound = 3,
  kDenied = 4,
  kConflict = 5,
  kAway = 6
};

class Commands : public SyncFixture {
 protected:
  std::string File(const std::string& name, const std::string& text) {
    const std::string path = absl::StrCat(command_.folder(), "/", name);
    std::ofstream(path, std::ios::binary) << text;
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path;
  }
  static std::vector<std::string> Lines(const std::string& text) {
    return absl::StrSplit(text, '\n', absl::SkipEmpty());
  }

  CommandLine command_{platform_.grpc_address(), platform_.folder() + "/operator.json"};
};

TEST_F(Commands, LoginThenShowRecordsAndSayByTheirExitCodeWhatWentWrong) {
  const std::vector<std::string> schools = MakeSchools(3, places_.near_id);
  EXPECT_EQ(command_.RunAlone("list organisation").exit_code, kWrongUsage) << "nobody has logged in";
  const std::string login = absl::StrCat("login --gateway ", platform_.grpc_address());
  const CommandLine::Result logged_in =
      command_.RunAlone(absl::StrCat(login, " --credentials ", platform_.folder(), "/operator.json"));
  ASSERT_EQ(logged_in.exit_code, kDone) << logged_in.error;
  const CommandLine::Result list = command_.RunAlone(
      absl::StrCat("list organisation -o json --filter 'jurisdiction_id = \"", places_.near_id, "\"'"));
  ASSERT_EQ(list.exit_code, kDone) << list.error;
  ASSERT_EQ(Lines(list.out).size(), 3u) << list.out;
  for (const std::string& line : Lines(list.out))
    EXPECT_THAT(schools, ::testing::Contains(Json(line).Text("/id"))) << line;
  const CommandLine::Result got = command_.RunAlone("get organisation " + schools[1] + " -o json");
  ASSERT_EQ(got.exit_code, kDone) << got.error;
  EXPECT_EQ(Json(got.out).Text("/id"), schools[1]);
  const CommandLine::Result clients = command_.RunAlone("list client -o json");
  EXPECT_EQ(clients.exit_code, kDone) << "identity's kinds are the platform's, too: " << clients.error;
  EXPECT_THAT(clients.out, HasSubstr("alliance-registry"));

  EXPECT_EQ(command_.RunAlone("get organisation " + places_.near_id).exit_code, kNotFound);
  EXPECT_EQ(command_.RunAlone("get organisation").exit_code, kWrongUsage);
  const std::string change = File("change.json", R"({"shortName":"小"})");
  EXPECT_EQ(
      command_.RunAlone(absl::StrCat("update organisation ", schools[0], " --etag '\"99\"' --file ", change))
          .exit_code,
      kConflict);
  const Guest guest = MakeGuest(platform_, operator_, "registry.organisation.read", places_.far_id);
  const std::string own =
      File("guest.json", absl::StrCat(R"({"client_id":")", guest.client_id, R"(","client_secret":)",
                                      Quoted(guest.client_secret), R"(,"token_url":""})"));
  const CommandLine::Result denied = command_.RunAlone("digest --credentials " + own);
  EXPECT_EQ(denied.exit_code, kDenied) << denied.out << denied.error;
  const std::string wrong = File("wrong.json", absl::StrCat(R"({"client_id":")", guest.client_id,
                                                            R"(","client_secret":"x","token_url":""})"));
  const CommandLine::Result wrong_secret = command_.RunAlone(absl::StrCat(login, " --credentials ", wrong));
  EXPECT_EQ(wrong_secret.exit_code, kDenied);
  EXPECT_THAT(wrong_secret.error, AnyOf(HasSubstr("secret"), HasSubstr("密钥")));
  const CommandLine::Result http =
      command_.RunAlone(absl::StrCat("login --lang zh --gateway ", platform_.url().substr(7),
                                     " --credentials ", platform_.folder(), "/operator.json"));
  EXPECT_EQ(http.exit_code, kAway) << http.error;
  EXPECT_THAT(http.error, HasSubstr("HTTP")) << "the other port";
  EXPECT_EQ(command_.RunAlone("list organisation").exit_code, kDone) << "the refused login stored nothing";

  platform_.gateway().Kill();
  const CommandLine::Result away =
      command_.RunAlone(absl::StrCat(login, " --credentials ", platform_.folder(), "/operator.json"));
  EXPECT_EQ(away.exit_code, kAway) << away.error;
  platform_.gateway().Start();
  platform_.WaitReady();
}

TEST_F(Commands, AFileGoesInWithEveryRefusedLineNamedAndComesOutChecked) {
  const std::string header = "外部编号,名称,kind,stages,教育辖区\n";
  const std::string table =
      absl::StrCat(header, "1,一小,SCHOOL,小学,", places_.near_id, "\n2,二小,SCHOOL,幻想,", places_.near_id,
                   "\n3,三小,SCHOOL,小学,", places_.near_id, "\n");
  const std::string options = " --kind organisation --source-system register --quiet ";
  const std::string file = File("schools.csv", table);
  const CommandLine::Result dry = command_.Run("import --dry-run" + options + file);
  EXPECT_EQ(dry.exit_code, kError) << dry.out;
  EXPECT_EQ(Lines(command_.Run("list organisation -o json").out).size(), 0u);
  const std::string refused_file = command_.folder() + "/refused.csv";
  const CommandLine::Result first =
      command_.Run(absl::StrCat("import --refused ", refused_file, options, file));
  EXPECT_EQ(first.exit_code, kError) << first.error;
  EXPECT_THAT(first.out, AllOf(HasSubstr("stages"), HasSubstr("receipt ")));
  const std::string refused = Contents(refused_file);
  EXPECT_THAT(refused, AllOf(HasSubstr("二小"), Not(HasSubstr("一小"))));
  const std::string mended = File("mended.csv", absl::StrReplaceAll(refused, {{"幻想", "小学"}}));
  RunShell("gzip -k " + mended);
  const CommandLine::Result second = command_.Run(absl::StrCat("import -o json", options, mended, ".gz"));
  ASSERT_EQ(second.exit_code, kDone) << second.out << second.error;
  EXPECT_EQ(Json(second.out).Text("/createdCount"), "1") << second.out;
  const CommandLine::Result again = command_.Run(absl::StrCat("import -o json", options, mended, ".gz"));
  EXPECT_EQ(Json(again.out).Text("/id"), Json(second.out).Text("/id")) << "the same is the same import";

  const std::string out = command_.folder() + "/out";
  const CommandLine::Result exported = command_.Run("export --quiet -o json " + out);
  ASSERT_EQ(exported.exit_code, kDone) << exported.error;
  const Json manifest(Contents(out + "/manifest.json"));
  ASSERT_GE(manifest.Size("/files"), 2u) << exported.out;
  for (size_t i = 0; i < manifest.Size("/files"); ++i) {
    const std::string entry = absl::StrCat("/files/", i);
    EXPECT_EQ(Sha256Hex(Contents(absl::StrCat(out, "/", manifest.Text(entry + "/name")))),
              manifest.Text(entry + "/sha256"));
  }
  const CommandLine::Result csv =
      command_.Run("export --quiet --format csv --kinds organisation " + out + ".csv");
  ASSERT_EQ(csv.exit_code, kDone) << csv.error;
  EXPECT_THAT(RunShell("zcat " + out + ".csv/*.gz").output,
              AllOf(HasSubstr("一小"), HasSubstr("二小"), HasSubstr("三小")));

  // What is finished can go, and what is listed is what there is.
  const CommandLine::Result jobs = command_.Run("jobs -o json");
  ASSERT_EQ(jobs.exit_code, kDone) << jobs.error;
  EXPECT_THAT(jobs.out, AllOf(HasSubstr(Json(second.out).Text("/id")), HasSubstr(manifest.Text("/id"))));
  for (const std::string& line : Lines(jobs.out))
    EXPECT_THAT(Json(line).Text("/job"), AnyOf("import", "export")) << line;
  ASSERT_EQ(command_.Run("cancel export " + manifest.Text("/id")).exit_code, kDone);
  EXPECT_EQ(command_.Run(absl::StrCat("export --quiet --id ", manifest.Text("/id"), " ", out)).exit_code,
            kError)
      << "its files are gone";
  ASSERT_EQ(command_.Run("export --quiet --discard --kinds jurisdiction " + out + ".gone").exit_code, kDone);
  for (const std::string& line : Lines(command_.Run("jobs exports -o json").out)) {
    if (Json(line).Text("/request/kinds/0") != "jurisdiction") continue;
    EXPECT_EQ(Json(line).Text("/state"), "STATE_CANCELLED") << "discarded: " << line;
  }

  const std::string behind = "changes -o json --cursor " + manifest.Text("/cursor");
  EXPECT_EQ(Json(command_.Run(behind).out).Size("/changes"), 0u);
  const std::string later = MakeSchools(1, places_.near_id)[0];
  const Json page(command_.Run(behind).out);
  ASSERT_EQ(page.Size("/changes"), 1u);
  EXPECT_EQ(page.Text("/changes/0/id"), later);
  const Json digest(command_.Run("digest -o json --kinds organisation").out);
  EXPECT_EQ(digest.Text("/parts/0/recordCount"), "4");
}

TEST_F(Commands, AWatchShowsEachChangeOnceThroughKillsAndEndsWithItsCursor) {
  const std::string before = MakeSchools(1, places_.near_id)[0];
  const auto watch =
      command_.Background("watch", {"watch", "-o", "json", "--kinds", "organisation", "--from-oldest"});
  watch->Start();
  std::vector<std::string> made = {before};
  const auto until_shown = [&](const std::string& id) {
    const absl::Time end = absl::Now() + kPatience;
    while (!absl::StrContains(Contents(watch->log()), id) && absl::Now() < end)
      absl::SleepFor(absl::Milliseconds(20));
    EXPECT_THAT(Contents(watch->log()), HasSubstr(id));
  };
  until_shown(before);
  for (Process* process : {&platform_.registry(), &platform_.gateway()}) {
    process->Kill();
    process->Start();
    platform_.WaitReady();
    made.push_back(MakeSchools(1, places_.near_id)[0]);
    until_shown(made.back());
  }
  watch->Signal(SIGINT);
  for (const absl::Time end = absl::Now() + kPatience; watch->Runs() && absl::Now() < end;)
    absl::SleepFor(absl::Milliseconds(20));
  EXPECT_FALSE(watch->Runs());
  EXPECT_EQ(watch->exit_code(), kDone);
  std::vector<std::string> shown;
  std::string cursor;
  for (const std::string& line : Lines(Contents(watch->log()))) {
    const Json json(line);
    if (json.Has("/event")) shown.push_back(json.Text("/id"));
    if (json.Has("/cursor")) cursor = json.Text("/cursor");
  }
  EXPECT_EQ(shown, made);
  const Json rest(command_.Run(absl::StrCat("changes -o json --kinds organisation --cursor ", cursor)).out);
  EXPECT_TRUE(rest.valid());
  EXPECT_EQ(rest.Size("/changes"), 0u) << "the last cursor is behind all that was shown";
}

}  // namespace
}  // namespace lianqiao::e2e
