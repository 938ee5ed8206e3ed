// SPDX-License-Identifier: Apache-2.0
// tools/up and tools/down themselves, on the programs of this build and in a folder of their own.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <future>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/e2e/installation.h"
#include "tests/e2e/sample_figures.h"

namespace lianqiao::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The promise of 5 s is that of a Release build on a machine that does nothing else.
constexpr absl::Duration kSecondStartLimit = absl::Seconds(30);
constexpr absl::Duration kAlreadyRunningLimit = absl::Seconds(5);

class UpAndDown : public ::testing::Test {
 protected:
  // Records of each collection, read page by page, and the last id of each.
  std::map<std::string, std::pair<size_t, std::string>> Records(HttpClient& client) {
    std::map<std::string, std::pair<size_t, std::string>> records;
    for (const std::string collection : {"jurisdictions", "organisations", "alliances", "memberships"}) {
      std::string token;
      do {
        const Json page =
            client.Get(absl::StrCat("/v1/", collection, "?pageSize=1000&pageToken=", Escaped(token))).json();
        const size_t size = page.Size("/" + collection);
        records[collection].first += size;
        if (size > 0)
          records[collection].second = page.Text(absl::StrCat("/", collection, "/", size - 1, "/id"));
        token = page.Text("/nextPageToken");
      } while (!token.empty());
    }
    return records;
  }

  static void ExpectPublishedFigures(HttpClient& client) {
    const Json city = client.Get("/v1/jurisdictions:lookup?externalId=gb-t-2260:610300").json();
    const HttpAnswer answer =
        client.Get(absl::StrCat("/v1/registry-statistics?date=2023-12-31&jurisdictionId=", city.Text("/id")));
    ASSERT_EQ(answer.status, 200) << answer.body;
    const Json json = answer.json();
    std::map<std::string, std::string> types;
    for (size_t i = 0; i < json.Size("/allianceTypes"); ++i) {
      const std::string at = absl::StrCat("/allianceTypes/", i);
      types[json.Text(at + "/type")] =
          absl::StrCat(json.Integer(at + "/allianceCount"), " ", json.Integer(at + "/membershipCount"), " ",
                       json.Integer(at + "/distinctSchoolCount"));
    }
    EXPECT_EQ(types["ALLIANCE_TYPE_CROSS_COUNTY"], "76 152 146") << answer.body;
    EXPECT_EQ(types["ALLIANCE_TYPE_IN_COUNTY"], "248 930 921") << answer.body;
    EXPECT_THAT(types["ALLIANCE_TYPE_COUNTY"], ::testing::StartsWith("6 ")) << answer.body;
    EXPECT_EQ(json.Integer("/schoolAlliances/distinctSchoolCount"), 979);
    EXPECT_EQ(json.Integer("/schoolAlliances/allianceCount"), 76 + 248);
    EXPECT_EQ(json.Integer("/educationGroups/groupCount"), 21);
    EXPECT_EQ(json.Integer("/educationGroups/distinctMemberSchoolCount"), 57);
    EXPECT_EQ(json.Integer("/educationGroups/distinctLeadSchoolCount"), 21);
    EXPECT_EQ(json.Integer("/coverage/distinctSchoolCount"), 979);
    EXPECT_FALSE(json.Has("/coverage/ratio")) << "nobody knows how many schools there are";
  }

  // Chengdu's year, by the bureaus' own steps, which no import takes: only accepted facts are denominators.
  static void AcceptFacts(HttpClient& client) {
    const std::string year =
        client.Get("/v1/school-years:lookup?externalId=calendar:2014-2015").json().Text("/id");
    const Json drafts = client
                            .Get("/v1/fact-submissions?pageSize=1000&filter=" +
                                 Escaped(absl::StrCat("schoolYearId = \"", year, "\"")))
                            .json();
    EXPECT_GT(drafts.Size("/factSubmissions"), 0u);
    for (size_t i = 0; i < drafts.Size("/factSubmissions"); ++i) {
      const std::string id = drafts.Text(absl::StrCat("/factSubmissions/", i, "/id"));
      for (const char* step : {"submit", "check", "accept"}) {
        const HttpAnswer answer = client.Post(absl::StrCat("/v1/fact-submissions/", id, ":", step), "{}");
        EXPECT_EQ(answer.status, 200) << step << ": " << answer.body;
      }
    }
  }

  Installation installation_;
};

// The lines that the person in front is told to paste, run by a shell as they stand there.
std::string Pasted(const std::string& welcome) {
  std::string script;
  bool continues = false;
  for (const absl::string_view line : absl::StrSplit(welcome, '\n')) {
    if (continues || absl::StartsWith(line, "TOKEN=") || absl::StartsWith(line, "curl "))
      absl::StrAppend(&script, line, "\n");
    continues = !line.empty() && (line.back() == '|' || line.back() == '\\');
  }
  return script;
}

TEST_F(UpAndDown, TheReadmesShowWhatIsPrintedAndASecondStartLeavesTheFirstOneAlone) {
  auto starting = std::async(std::launch::async, [&] { return installation_.Up("--no-sample"); });
  const auto has_begun = [&] {
    std::error_code error;
    return std::filesystem::exists(installation_.folder() + "/var/run/alliance-registry.pid", error);
  };
  while (!has_begun() && starting.wait_for(std::chrono::milliseconds(2)) != std::future_status::ready) {
  }
  for (const char* options : {"--no-sample", "--fresh"}) {
    const CommandResult second = installation_.Up(options);
    EXPECT_NE(second.exit_code, 0) << second.output;
    EXPECT_THAT(second.output, HasSubstr("another tools/up is starting")) << options;
  }
  const CommandResult first = starting.get();
  ASSERT_EQ(first.exit_code, 0) << first.output;
  EXPECT_EQ(HttpClient(installation_.url()).Get("/readyz").status, 200);
  const std::string lines = absl::StrReplaceAll(
      Pasted(first.output), {{installation_.folder() + "/var", "var"},
                             {absl::StrCat("127.0.0.1:", installation_.ports()), "127.0.0.1:8080"}});
  EXPECT_THAT(lines, HasSubstr("TOKEN="));
  for (const char* readme : {"README.md", "README.zh-CN.md"})
    EXPECT_THAT(Contents(readme), HasSubstr(lines)) << readme << " shows other lines than tools/up prints";
}

TEST_F(UpAndDown, APlatformWithTheSampleComesUpSurvivesKill9AndGoesDownWithoutATrace) {
  const CommandResult first = installation_.Up();
  ASSERT_EQ(first.exit_code, 0) << first.output;
  EXPECT_EQ(HttpClient(installation_.url()).Get("/readyz").status, 200);
  const std::string script = Pasted(first.output);
  const CommandResult pasted = RunShell("bash -c \"$(cat <<'END'\n" + script + "END\n)\"");
  EXPECT_EQ(pasted.exit_code, 0) << script << pasted.output;
  EXPECT_THAT(pasted.output, AllOf(HasSubstr("\"jurisdictions\":["), HasSubstr("\"organisations\":["),
                                   HasSubstr("\"allianceTypes\":[")))
      << script;
  struct stat info = {};
  ASSERT_EQ(::stat((installation_.folder() + "/var/operator.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  HttpClient client = installation_.Operator();
  ExpectPublishedFigures(client);
  AcceptFacts(client);
  EXPECT_GT(ExpectSampleFigures(client), 150) << "the tables of figures are read";
  const auto records = Records(client);
  EXPECT_GT(records.at("organisations").first, 1000u);

  const absl::Time second = absl::Now();
  EXPECT_THAT(installation_.Up().output, HasSubstr("already running"));
  EXPECT_LT(absl::Now() - second, kAlreadyRunningLimit);

  const std::vector<int> running = installation_.Running();
  EXPECT_GE(running.size(), 7u) << "gateway, four services, Prometheus, PostgreSQL";
  for (const int pid : running) ::kill(pid, SIGKILL);
  for (int tries = 0; !installation_.Running().empty() && tries < 200; ++tries)
    absl::SleepFor(absl::Milliseconds(20));
  EXPECT_EQ(HttpClient(installation_.url()).Get("/healthz").status, 0);
  const absl::Time third = absl::Now();
  const CommandResult again = installation_.Up();
  ASSERT_EQ(again.exit_code, 0) << again.output;
  EXPECT_LT(absl::Now() - third, kSecondStartLimit) << again.output;
  EXPECT_THAT(again.output, ::testing::Not(HasSubstr("loading"))) << "the sample is there already";
  HttpClient later = installation_.Operator();
  EXPECT_EQ(Records(later), records);
  ExpectPublishedFigures(later);

  const CommandResult down = installation_.Down();
  EXPECT_EQ(down.exit_code, 0) << down.output;
  EXPECT_THAT(installation_.Running(), IsEmpty());
  EXPECT_EQ(HttpClient(installation_.url()).Get("/healthz").status, 0);
  EXPECT_THAT(installation_.Down().output, HasSubstr("nothing is running"));
}

}  // namespace
}  // namespace lianqiao::e2e
