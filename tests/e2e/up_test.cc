// SPDX-License-Identifier: Apache-2.0
// tools/up and tools/down themselves, on the programs of this build and in a folder of their own.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/e2e/http.h"
#include "tests/e2e/process.h"

namespace lianqiao::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The promise of 5 s is that of a Release build on a machine that does nothing else.
constexpr absl::Duration kSecondStartLimit = absl::Seconds(30);
constexpr absl::Duration kAlreadyRunningLimit = absl::Seconds(5);

// Stops and removes what the test left, however the test ended: its end of the pipe closes even after kill
// -9.
constexpr char kGuardScript[] = R"sh(
trap '' INT TERM HUP
read -r ignored
tools/down >/dev/null 2>&1
for file in "$LIANQIAO_VAR"/run/*.pid; do
  pid=$(head -n 1 "$file" 2>/dev/null)
  if [ -n "$pid" ] && grep -qzF "$LIANQIAO_VAR" "/proc/$pid/cmdline" 2>/dev/null; then kill -9 "$pid"; fi
done
rm -rf "$1"
)sh";

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class UpAndDown : public ::testing::Test {
 protected:
  UpAndDown() {
    // The account that runs everything must be able to pass through.
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    EXPECT_EQ(::chmod(folder_.c_str(), 0711), 0);
    variables_ = absl::StrCat("LIANQIAO_VAR=", folder_, "/var LIANQIAO_BUILD=",
                              std::filesystem::path(ProgramFolder()).parent_path().string(), " ");
    ports_ = FreePort();
    Guard();
  }
  ~UpAndDown() override {
    if (HasFailure()) std::fputs(RunShell("tail -n 20 " + folder_ + "/var/log/*.log").output.c_str(), stderr);
    ::close(guard_pipe_);
    ::waitpid(guard_, nullptr, 0);
  }

  CommandResult Up(const std::string& options = "") {
    return RunShell(absl::StrCat(variables_, "tools/up --detach --port-base ", ports_, " ", options));
  }
  CommandResult Down() { return RunShell(variables_ + "tools/down"); }

  // Processes whose command line names the folder, and those that run below them (PostgreSQL's).
  std::vector<int> Running() {
    std::vector<int> found;
    for (const absl::string_view line :
         absl::StrSplit(RunShell("pgrep -f -- " + folder_ + "/var").output, '\n', absl::SkipEmpty())) {
      int pid = 0;
      std::error_code error;
      const auto program = absl::SimpleAtoi(line, &pid)
                               ? std::filesystem::read_symlink(absl::StrCat("/proc/", pid, "/exe"), error)
                               : std::filesystem::path();
      // Not the guard and not the shell that asks.
      if (pid != 0 && !error && program.filename() != "dash" && program.filename() != "bash" && pid != guard_)
        found.push_back(pid);
    }
    return found;
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", ports_); }

  HttpClient Operator() {
    const Json credentials(Contents(folder_ + "/var/operator.json"));
    EXPECT_EQ(credentials.Text("/token_url"), url() + "/oauth2/token");
    const HttpAnswer token = HttpClient(url()).Post(
        "/oauth2/token",
        absl::StrCat("grant_type=client_credentials&client_id=", Escaped(credentials.Text("/client_id")),
                     "&client_secret=", Escaped(credentials.Text("/client_secret"))),
        {"Content-Type: application/x-www-form-urlencoded"});
    EXPECT_EQ(token.status, 200) << token.failure << token.body;
    return HttpClient(url(), token.json().Text("/access_token"));
  }

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

  std::string folder_ = "/tmp/lianqiao-up-XXXXXX";
  std::string variables_;
  int ports_ = 0;

 private:
  void Guard() {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    guard_ = ::fork();
    if (guard_ == 0) {
      ::setsid();
      ::dup2(ends[0], STDIN_FILENO);
      const std::string variable = folder_ + "/var";
      ::setenv("LIANQIAO_VAR", variable.c_str(), 1);
      ::execl("/bin/sh", "/bin/sh", "-c", kGuardScript, "guard", folder_.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[0]);
    guard_pipe_ = ends[1];
  }

  pid_t guard_ = -1;
  int guard_pipe_ = -1;
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
  auto starting = std::async(std::launch::async, [&] { return Up("--no-sample"); });
  const auto has_begun = [&] {
    std::error_code error;
    return std::filesystem::exists(folder_ + "/var/run/alliance-registry.pid", error);
  };
  while (!has_begun() && starting.wait_for(std::chrono::milliseconds(2)) != std::future_status::ready) {
  }
  for (const char* options : {"--no-sample", "--fresh"}) {
    const CommandResult second = Up(options);
    EXPECT_NE(second.exit_code, 0) << second.output;
    EXPECT_THAT(second.output, HasSubstr("another tools/up is starting")) << options;
  }
  const CommandResult first = starting.get();
  ASSERT_EQ(first.exit_code, 0) << first.output;
  EXPECT_EQ(HttpClient(url()).Get("/readyz").status, 200);
  const std::string lines = absl::StrReplaceAll(
      Pasted(first.output),
      {{folder_ + "/var", "var"}, {absl::StrCat("127.0.0.1:", ports_), "127.0.0.1:8080"}});
  EXPECT_THAT(lines, HasSubstr("TOKEN="));
  for (const char* readme : {"README.md", "README.zh-CN.md"})
    EXPECT_THAT(Contents(readme), HasSubstr(lines)) << readme << " shows other lines than tools/up prints";
}

TEST_F(UpAndDown, APlatformWithTheSampleComesUpSurvivesKill9AndGoesDownWithoutATrace) {
  const CommandResult first = Up();
  ASSERT_EQ(first.exit_code, 0) << first.output;
  EXPECT_EQ(HttpClient(url()).Get("/readyz").status, 200);
  const std::string script = Pasted(first.output);
  const CommandResult pasted = RunShell("bash -c \"$(cat <<'END'\n" + script + "END\n)\"");
  EXPECT_EQ(pasted.exit_code, 0) << script << pasted.output;
  EXPECT_THAT(pasted.output, AllOf(HasSubstr("\"jurisdictions\":["), HasSubstr("\"organisations\":["),
                                   HasSubstr("\"allianceTypes\":[")))
      << script;
  struct stat info = {};
  ASSERT_EQ(::stat((folder_ + "/var/operator.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  HttpClient client = Operator();
  ExpectPublishedFigures(client);
  const auto records = Records(client);
  EXPECT_GT(records.at("organisations").first, 1000u);

  const absl::Time second = absl::Now();
  EXPECT_THAT(Up().output, HasSubstr("already running"));
  EXPECT_LT(absl::Now() - second, kAlreadyRunningLimit);

  const std::vector<int> running = Running();
  EXPECT_GE(running.size(), 4u) << "two services, Prometheus, PostgreSQL";
  for (const int pid : running) ::kill(pid, SIGKILL);
  for (int tries = 0; !Running().empty() && tries < 200; ++tries) absl::SleepFor(absl::Milliseconds(20));
  EXPECT_EQ(HttpClient(url()).Get("/healthz").status, 0);
  const absl::Time third = absl::Now();
  const CommandResult again = Up();
  ASSERT_EQ(again.exit_code, 0) << again.output;
  EXPECT_LT(absl::Now() - third, kSecondStartLimit) << again.output;
  EXPECT_THAT(again.output, ::testing::Not(HasSubstr("loading"))) << "the sample is there already";
  HttpClient later = Operator();
  EXPECT_EQ(Records(later), records);
  ExpectPublishedFigures(later);

  const CommandResult down = Down();
  EXPECT_EQ(down.exit_code, 0) << down.output;
  EXPECT_THAT(Running(), IsEmpty());
  EXPECT_EQ(HttpClient(url()).Get("/healthz").status, 0);
  EXPECT_THAT(Down().output, HasSubstr("nothing is running"));
}

}  // namespace
}  // namespace lianqiao::e2e
