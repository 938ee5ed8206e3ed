// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "absl/time/clock.h"

namespace lianqiao::e2e {
namespace {

// Below what Linux gives to outgoing connections by default (32768 to 60999), and not where tools/up listens.
constexpr int kPortMin = 15000;
constexpr int kPortMax = 31000;

bool IsFree(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  ::close(socket);
  return bound;
}

// Between a look at a port and the moment at which a program listens there, another test may look, too. So a
// name that only one process has at a time stands for the port; the kernel takes it back with the process.
// Its descriptor, or -1 if the port is not free.
int Reserve(int port) {
  const int name = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string text = "lianqiao-test-port-" + std::to_string(port);
  text.copy(address.sun_path + 1, sizeof(address.sun_path) - 1);  // A first zero byte: no file.
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  if (::bind(name, reinterpret_cast<const sockaddr*>(&address), size) == 0 && IsFree(port)) return name;
  ::close(name);
  return -1;
}

// In the child between fork and exec: system calls only.
[[noreturn]] void Become(char* const* arguments, int log, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // The test ended before the line above.
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

}  // namespace

std::string ProgramFolder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

int FreePort(const std::vector<int>& offsets) {
  static std::mt19937 random{std::random_device{}()};
  while (true) {
    const int base = std::uniform_int_distribution<int>(kPortMin, kPortMax)(random);
    std::vector<int> reserved;
    for (const int offset : offsets) {
      const int reservation = Reserve(base + offset);
      if (reservation < 0) break;
      reserved.push_back(reservation);
    }
    if (reserved.size() == offsets.size()) return base;  // Reserved until this test ends.
    for (const int reservation : reserved) ::close(reservation);
  }
}

Process::Process(std::string name, std::vector<std::string> command, std::string log)
    : name_(std::move(name)), command_(std::move(command)), log_(std::move(log)) {}

Process::~Process() {
  Kill();
}

void Process::Start() {
  std::vector<char*> arguments;
  for (const std::string& word : command_) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int log = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) Become(arguments.data(), log, parent);
  ::close(log);
  if (pid_ < 0) {
    std::fprintf(stderr, "cannot start %s\n", name_.c_str());
    std::exit(1);
  }
}

void Process::Reap(int status) {
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  pid_ = -1;
}

void Process::Signal(int signal) {
  if (pid_ >= 0) ::kill(pid_, signal);
}

void Process::Kill() {
  if (pid_ < 0) return;
  Signal(SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  Reap(status);
}

int Process::Terminate(absl::Duration limit) {
  const absl::Time end = absl::Now() + limit;
  Signal(SIGTERM);
  while (Runs() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(10));
  if (pid_ >= 0) {
    Kill();
    return -1;
  }
  return exit_code_;
}

bool Process::Runs() {
  int status = 0;
  if (pid_ >= 0 && ::waitpid(pid_, &status, WNOHANG) == pid_) Reap(status);
  return pid_ >= 0;
}

CommandResult RunShell(const std::string& command) {
  CommandResult result;
  FILE* pipe = ::popen(("{ " + command + "\n} 2>&1").c_str(), "r");
  if (pipe == nullptr) return result;
  char bytes[4096];
  for (size_t size = 0; (size = std::fread(bytes, 1, sizeof(bytes), pipe)) > 0;)
    result.output.append(bytes, size);
  const int status = ::pclose(pipe);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

}  // namespace lianqiao::e2e
