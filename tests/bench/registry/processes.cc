// SPDX-License-Identifier: Apache-2.0
// How long a process takes from its start until /readyz says 200, and what it holds in memory when nobody
// calls.
#include <chrono>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "tests/bench/registry/child.h"
#include "tests/bench/registry/cpu.h"
#include "tests/bench/registry/platform.h"
#include "tests/bench/registry/report.h"

namespace lianqiao::bench {
namespace {

constexpr absl::Duration kIdle = absl::Seconds(3);

struct Start {
  double seconds = 0;
  double processor_seconds = 0;
  double resident_mebibytes = 0;
  double anonymous_mebibytes = 0;
};

// The command as tools/bench starts it, with its own addresses.
absl::StatusOr<Start> Measure(const Platform& platform, const std::vector<std::string>& command, int port) {
  const auto start = std::chrono::steady_clock::now();
  const Running process(command, absl::StrCat(platform.folder, "/processes.log"));
  Start result;
  while (!IsReady(port)) {
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (process.Ended() || result.seconds > 30)
      return absl::UnavailableError(
          absl::StrCat(command[0], " is not ready, see ", platform.folder, "/processes.log"));
    absl::SleepFor(absl::Milliseconds(1));
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.processor_seconds = ProcessorSeconds(process.pid());
  absl::SleepFor(kIdle);
  result.resident_mebibytes = static_cast<double>(MemoryKibibytes(process.pid(), "VmRSS")) / 1024;
  result.anonymous_mebibytes = static_cast<double>(MemoryKibibytes(process.pid(), "RssAnon")) / 1024;
  return result;
}

absl::Status Report(const Platform& platform, const std::string& name, const char* variable, int port,
                    bool reach) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return absl::UnavailableError(absl::StrCat(variable, " is not set"));
  const std::vector<std::string> command = absl::StrSplit(text, '\n', absl::SkipEmpty());
  std::vector<double> seconds;
  std::vector<double> processor;
  std::vector<double> resident;
  std::vector<double> anonymous;
  for (int round = 0; round < platform.rounds; ++round) {
    ASSIGN_OR_RETURN(const Start start, Measure(platform, command, port));
    seconds.push_back(start.seconds);
    processor.push_back(start.processor_seconds);
    resident.push_back(start.resident_mebibytes);
    anonymous.push_back(start.anonymous_mebibytes);
  }
  Print({name + "_memory", Median(resident), "MiB", reach ? '<' : ' ', 40,
         absl::StrFormat(
             "resident %ld s after the start without a call; %.1f MiB of it its own, the rest pages of "
             "programs and libraries",
             absl::ToInt64Seconds(kIdle), Median(anonymous))});
  Print({name + "_start", Median(seconds), "s", reach ? '<' : ' ', 0.3,
         absl::StrFormat(
             "from exec to /readyz, migrations already applied, files in the page cache; %.3f s of processor "
             "time",
             Median(processor))});
  return absl::OkStatus();
}

absl::Status Run() {
  ASSIGN_OR_RETURN(const Platform platform, Platform::FromEnvironment());
  // The ports stand in the commands, too.
  RETURN_IF_ERROR(Report(platform, "service", "BENCH_REGISTRY_COMMAND", platform.port_base, true));
  return Report(platform, "gateway", "BENCH_GATEWAY_COMMAND", platform.port_base + 2, false);
}

}  // namespace
}  // namespace lianqiao::bench

int main() {
  const absl::Status status = lianqiao::bench::Run();
  if (!status.ok()) lianqiao::bench::Say(status.ToString());
  return status.ok() ? 0 : 1;
}
