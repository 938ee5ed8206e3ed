// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/installation.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace lianqiao::e2e {
namespace {

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

}  // namespace

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Installation::Installation() {
  // The account that runs everything must be able to pass through.
  EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
  EXPECT_EQ(::chmod(folder_.c_str(), 0711), 0);
  variables_ = absl::StrCat("LIANQIAO_VAR=", folder_, "/var LIANQIAO_BUILD=",
                            std::filesystem::path(ProgramFolder()).parent_path().string(), " ");
  ports_ = FreePort({0, 1, 2, 10, 11});  // What tools/lib/services.sh makes of --port-base.
  Guard();
}

Installation::~Installation() {
  if (::testing::Test::HasFailure())
    std::fputs(RunShell("tail -n 20 " + folder_ + "/var/log/*.log").output.c_str(), stderr);
  ::close(guard_pipe_);
  ::waitpid(guard_, nullptr, 0);
}

CommandResult Installation::Up(const std::string& options) {
  return Tool(absl::StrCat("up --detach --port-base ", ports_, " ", options));
}

CommandResult Installation::Down() {
  return Tool("down");
}

CommandResult Installation::Tool(const std::string& command) {
  return RunShell(absl::StrCat(variables_, "tools/", command));
}

std::vector<int> Installation::Running() const {
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

std::string Installation::url() const {
  return absl::StrCat("http://127.0.0.1:", ports_);
}

HttpClient Installation::Operator() const {
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

void Installation::Guard() {
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

}  // namespace lianqiao::e2e
