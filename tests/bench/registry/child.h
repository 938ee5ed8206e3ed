// SPDX-License-Identifier: Apache-2.0
// Programs that a scenario runs: to their end with their output and processor time, or until told to stop.
// All of them end with this process, however it ends.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace lianqiao::bench {

struct Finished {
  std::string output;
  double processor_seconds = 0;
  double peak_mebibytes = 0;  // Resident, of the largest of its processes.
};
// UNAVAILABLE with the output if it does not end well.
absl::StatusOr<Finished> RunToEnd(const std::vector<std::string>& command);

// A running program; its output goes to `log`. SIGTERM when it goes out of scope.
class Running {
 public:
  Running(const std::vector<std::string>& command, const std::string& log);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  pid_t pid() const { return pid_; }
  bool Ended() const;

 private:
  pid_t pid_ = -1;
};

// Whether /readyz on this port of 127.0.0.1 says 200.
bool IsReady(int metrics_port);

}  // namespace lianqiao::bench
