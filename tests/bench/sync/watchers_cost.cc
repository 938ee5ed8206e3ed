// SPDX-License-Identifier: Apache-2.0
// What one event costs the database with 200 watchers against 1: the processor time of the connections of a
// process that only serves watchers, while another one writes.
#include <fstream>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "tests/bench/registry/cpu.h"
#include "tests/bench/registry/report.h"
#include "tests/bench/sync/copy.h"
#include "tests/bench/sync/paced_writes.h"
#include "tests/bench/sync/second_registry.h"
#include "tests/bench/sync/watchers.h"

namespace lianqiao::bench {
namespace {

constexpr char kKind[] = "funding";
constexpr int kMany = 200;
// With 200 watchers that is 50,000 changes a second to send and to receive.
constexpr double kRate = 250;

struct Cost {
  double database_microseconds = 0;  // Per event.
  double registry_microseconds = 0;
  double rate = 0;
  double events_a_batch = 0;
};

// Nanoseconds that a process has run (/proc/<pid>/schedstat); ticks of 10 ms are too coarse for one.
int64_t RunNanoseconds(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/schedstat"));
  int64_t nanoseconds = 0;
  file >> nanoseconds;
  return nanoseconds;
}

// By process, of the connections of the second alliance-registry; a session runs in a process of one thread.
absl::StatusOr<std::map<pid_t, int64_t>> Sessions(const Platform& platform) {
  ASSIGN_OR_RETURN(const std::string pids,
                   Sql(platform, absl::StrCat("SELECT string_agg(pid::text, ',') FROM pg_stat_activity WHERE "
                                              "application_name = '",
                                              SecondRegistry::kApplication, "'")));
  std::map<pid_t, int64_t> sessions;
  for (const auto word : absl::StrSplit(pids, ',', absl::SkipEmpty())) {
    int pid = 0;
    if (absl::SimpleAtoi(word, &pid)) sessions[pid] = RunNanoseconds(pid);
  }
  if (sessions.empty()) return absl::InternalError("the second alliance-registry has no sessions");
  return sessions;
}

absl::StatusOr<Cost> Measure(const Platform& platform, const SecondRegistry& second, Api* writer, Api* reader,
                             int watchers, double seconds) {
  ASSIGN_OR_RETURN(const auto all, Watchers::Start(reader, kKind, watchers, Watchers::Keep::kCounts));
  ASSIGN_OR_RETURN(const auto before, Sessions(platform));
  const double registry = ProcessorSeconds(second.pid());
  const std::string run = absl::StrCat("cost-", absl::ToUnixMillis(absl::Now()));
  ASSIGN_OR_RETURN(const PacedWrites written, WriteAtRate(writer, run, kRate, seconds));
  const auto events = static_cast<double>(written.writes.size());
  RETURN_IF_ERROR(all->WaitFor(static_cast<int64_t>(events)));
  Cost cost;
  cost.registry_microseconds = (ProcessorSeconds(second.pid()) - registry) / events * 1e6;
  ASSIGN_OR_RETURN(const auto after, Sessions(platform));
  for (const auto& [pid, nanoseconds] : after) {
    const auto earlier = before.find(pid);
    cost.database_microseconds +=
        static_cast<double>(nanoseconds - (earlier == before.end() ? 0 : earlier->second)) / 1000 / events;
  }
  cost.rate = written.Rate();
  cost.events_a_batch = events / all->batches();
  return cost;
}

absl::Status Run() {
  ASSIGN_OR_RETURN(const Platform platform, Platform::FromEnvironment());
  ASSIGN_OR_RETURN(const auto second, SecondRegistry::Start(platform));
  ASSIGN_OR_RETURN(const auto writer, Api::Connect(platform, platform.registry_target(), 2));
  ASSIGN_OR_RETURN(const auto reader, Api::Connect(platform, second->target(), 8));
  std::vector<double> ratios;
  std::vector<double> of_one;
  std::vector<double> of_many;
  Cost one;
  Cost many;
  for (int round = 0; round <= platform.rounds; ++round) {
    const double seconds = round == 0 ? 1 : 2 * platform.seconds;
    ASSIGN_OR_RETURN(one, Measure(platform, *second, writer.get(), reader.get(), 1, seconds));
    ASSIGN_OR_RETURN(many, Measure(platform, *second, writer.get(), reader.get(), kMany, seconds));
    if (round == 0) continue;  // Warm-up.
    Say(absl::StrFormat("round %d of %d: 1 watcher %.0f, %d watchers %.0f us of the database an event", round,
                        platform.rounds, one.database_microseconds, kMany, many.database_microseconds));
    of_one.push_back(one.database_microseconds);
    of_many.push_back(many.database_microseconds);
    ratios.push_back(many.database_microseconds / one.database_microseconds);
  }
  Print({"watchers_200", Median(ratios), "ratio", '<', 1.2,
         absl::StrFormat(
             "processor time of the database for the connections of an alliance-registry that only "
             "serves watchers: %.0f us an event for %d, %.0f for 1, at %.0f writes/s, %.1f and %.1f "
             "events a batch; alliance-registry itself %.0f and %.0f us an event",
             Median(of_many), kMany, Median(of_one), many.rate, many.events_a_batch, one.events_a_batch,
             many.registry_microseconds, one.registry_microseconds)});
  return absl::OkStatus();
}

}  // namespace
}  // namespace lianqiao::bench

int main() {
  const absl::Status status = lianqiao::bench::Run();
  if (!status.ok()) lianqiao::bench::Say(status.ToString());
  return status.ok() ? 0 : 1;
}
