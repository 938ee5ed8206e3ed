// SPDX-License-Identifier: Apache-2.0
// One program of ours as a child process that never outlives the test, however the test ends.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace lianqiao::e2e {

// The folder of the programs that belong to this test: the one that it lies in itself.
std::string ProgramFolder();

// A TCP port of 127.0.0.1 that nothing listens on, and that the kernel never gives to an outgoing connection:
// a client that tries again and again while a program is away would otherwise take the port, or reach itself.
// With offsets: a port from which on all of these are so. No other test is given them while this one runs.
int FreePort(const std::vector<int>& offsets = {0});

class Process {
 public:
  // `command` begins with the path of the program; output is appended to `log`.
  Process(std::string name, std::vector<std::string> command, std::string log);
  ~Process();  // Kills.
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // On the main thread only: the kernel ends the child with the thread that started it.
  void Start();
  void Signal(int signal);
  void Kill();  // SIGKILL, and waits for the end.
  // SIGTERM; the exit code, or -1 after a kill because `limit` passed or a signal ended it.
  int Terminate(absl::Duration limit);
  bool Runs();
  int exit_code() const { return exit_code_; }  // Of the last end; -1 if a signal was its cause.
  pid_t pid() const { return pid_; }
  const std::string& name() const { return name_; }
  const std::string& log() const { return log_; }

 private:
  void Reap(int status);

  const std::string name_;
  const std::vector<std::string> command_;
  const std::string log_;
  pid_t pid_ = -1;
  int exit_code_ = -1;
};

// Runs a shell command to its end; the exit code and what it printed on both outputs.
struct CommandResult {
  int exit_code = -1;
  std::string output;
};
CommandResult RunShell(const std::string& command);

}  // namespace lianqiao::e2e
