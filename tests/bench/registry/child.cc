// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/registry/child.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace lianqiao::bench {
namespace {

pid_t Start(const std::vector<std::string>& command, int output) {
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

absl::StatusOr<Finished> RunToEnd(const std::vector<std::string>& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::UnavailableError("no pipe");
  const pid_t pid = Start(command, ends[1]);
  close(ends[1]);
  Finished finished;
  char buffer[4096];
  for (ssize_t size = 0; (size = read(ends[0], buffer, sizeof(buffer))) > 0;)
    finished.output.append(buffer, static_cast<size_t>(size));
  close(ends[0]);
  int status = 0;
  rusage usage = {};
  wait4(pid, &status, 0, &usage);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return absl::UnavailableError(command[0] + " failed:\n" + finished.output);
  finished.processor_seconds = SecondsOf(usage.ru_utime) + SecondsOf(usage.ru_stime);
  finished.peak_mebibytes = static_cast<double>(usage.ru_maxrss) / 1024;
  return finished;
}

Running::Running(const std::vector<std::string>& command, const std::string& log) {
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  pid_ = Start(command, file);
  close(file);
}

Running::~Running() {
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

bool Running::Ended() const {
  siginfo_t info = {};
  return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == pid_;
}

bool IsReady(int metrics_port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(metrics_port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer(64, '\0');
  if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    static constexpr char kRequest[] = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    if (send(connection, kRequest, sizeof(kRequest) - 1, MSG_NOSIGNAL) > 0)
      answer.resize(
          static_cast<size_t>(std::max<ssize_t>(0, recv(connection, answer.data(), answer.size(), 0))));
  }
  close(connection);
  return answer.rfind("HTTP/1.1 200", 0) == 0;
}

}  // namespace lianqiao::bench
