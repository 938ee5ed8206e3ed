// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sync/second_registry.h"

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace lianqiao::bench {

namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(30);

std::string LogOf(const Platform& platform) {
  return platform.folder + "/second-registry.log";
}

}  // namespace

SecondRegistry::SecondRegistry(const std::vector<std::string>& command, const Platform& platform)
    : target_(absl::StrCat("unix:", platform.sockets, "/second-alliance-registry.sock")),
      process_(command, LogOf(platform)) {}

absl::StatusOr<std::unique_ptr<SecondRegistry>> SecondRegistry::Start(const Platform& platform) {
  const char* text = std::getenv("BENCH_REGISTRY_COMMAND");
  if (text == nullptr) return absl::UnavailableError("BENCH_REGISTRY_COMMAND is not set");
  std::vector<std::string> command = absl::StrSplit(text, '\n', absl::SkipEmpty());
  for (std::string& word : command) {
    if (absl::StartsWith(word, "--database=")) absl::StrAppend(&word, " application_name=", kApplication);
  }
  std::unique_ptr<SecondRegistry> second(new SecondRegistry(command, platform));
  for (const absl::Time end = absl::Now() + kStartLimit; !IsReady(platform.port_base);) {
    if (second->process_.Ended() || absl::Now() > end)
      return absl::UnavailableError("the second alliance-registry is not ready, see " + LogOf(platform));
    absl::SleepFor(absl::Milliseconds(20));
  }
  return second;
}

}  // namespace lianqiao::bench
