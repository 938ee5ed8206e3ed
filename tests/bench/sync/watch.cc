// SPDX-License-Identifier: Apache-2.0
// From the commit of a write to 20 watchers who see it, at 1,000 writes a second: watchers at the process
// that wrote, and watchers at another one over the same database.
#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "tests/bench/registry/cpu.h"
#include "tests/bench/registry/report.h"
#include "tests/bench/sync/paced_writes.h"
#include "tests/bench/sync/second_registry.h"
#include "tests/bench/sync/watchers.h"

namespace lianqiao::bench {
namespace {

constexpr char kKind[] = "funding";
constexpr int kWatchers = 20;
constexpr double kRate = 1000;
constexpr double kRateMin = 100;

// Milliseconds of all watchers and writes of one run.
struct Latencies {
  double p50 = 0;
  double p99 = 0;
  double from_call_p50 = 0;
  double answer = 0;
  double rate = 0;
  double batches = 0;
  bool held = false;
};

double Quantile(std::vector<double>* values, double q) {
  if (values->empty()) return 0;
  const auto at = values->begin() + static_cast<int64_t>(q * static_cast<double>(values->size() - 1));
  std::nth_element(values->begin(), at, values->end());
  return *at;
}

class Bench {
 public:
  Bench(Platform platform, std::unique_ptr<SecondRegistry> second, std::unique_ptr<Api> own,
        std::unique_ptr<Api> other)
      : platform_(std::move(platform)),
        second_(std::move(second)),
        own_(std::move(own)),
        other_(std::move(other)) {}

  absl::StatusOr<Latencies> Measure(bool own, double rate, double seconds) {
    ASSIGN_OR_RETURN(const auto watchers,
                     Watchers::Start((own ? own_ : other_).get(), kKind, kWatchers, Watchers::Keep::kTimes));
    const std::string run = absl::StrCat("watch-", absl::ToUnixMillis(absl::Now()), "-", ++runs_);
    ASSIGN_OR_RETURN(const PacedWrites written, WriteAtRate(own_.get(), run, rate, seconds));
    RETURN_IF_ERROR(watchers->WaitFor(static_cast<int64_t>(written.writes.size())));
    return Compare(written, watchers->Take(), watchers->batches());
  }

  absl::Status Run();

 private:
  static absl::StatusOr<Latencies> Compare(const PacedWrites& written,
                                           const std::vector<Watchers::Seen>& seen, double batches) {
    std::vector<double> after_answer;
    std::vector<double> after_call;
    for (const Watchers::Seen& one : seen) {
      const auto number = written.by_id.find(one.id);
      if (number == written.by_id.end()) return absl::InternalError("a change of nobody's: " + one.id);
      const Written& write = written.writes[number->second];
      using Milliseconds = std::chrono::duration<double, std::milli>;
      after_answer.push_back(Milliseconds(one.time - write.answered).count());
      after_call.push_back(Milliseconds(one.time - write.sent).count());
    }
    if (seen.size() != written.writes.size() * kWatchers)
      return absl::InternalError(absl::StrCat(seen.size(), " changes were seen"));
    Latencies latencies;
    latencies.p50 = Quantile(&after_answer, 0.5);
    latencies.p99 = Quantile(&after_answer, 0.99);
    latencies.from_call_p50 = Quantile(&after_call, 0.5);
    latencies.answer = written.AnswerMilliseconds();
    latencies.rate = written.Rate();
    latencies.batches = batches;
    latencies.held = written.held;
    return latencies;
  }

  // The highest rate at which the writes leave in time with watchers on either side.
  absl::StatusOr<double> RateThatHolds() {
    for (double rate = kRate;; rate *= 0.75) {
      ASSIGN_OR_RETURN(const Latencies own, Measure(true, rate, 2));
      ASSIGN_OR_RETURN(const Latencies other, Measure(false, rate, 2));
      if ((own.held && other.held) || rate < kRateMin) return rate;
      Say(absl::StrFormat("%.0f writes a second are not held", rate));
    }
  }

  const Platform platform_;
  const std::unique_ptr<SecondRegistry> second_;
  const std::unique_ptr<Api> own_;
  const std::unique_ptr<Api> other_;
  int runs_ = 0;
};

// Medians over the rounds.
struct Summary {
  std::vector<Latencies> rounds;
  double Of(double Latencies::*value) const {
    std::vector<double> values;
    for (const Latencies& round : rounds) values.push_back(round.*value);
    return Median(std::move(values));
  }
  std::string Text() const {
    return absl::StrFormat(
        "p50 %.1f, p99 %.1f ms behind the answer of the write, p50 %.1f behind its call (which "
        "takes %.1f); %.0f writes/s, %.0f batches a watcher",
        Of(&Latencies::p50), Of(&Latencies::p99), Of(&Latencies::from_call_p50), Of(&Latencies::answer),
        Of(&Latencies::rate), Of(&Latencies::batches));
  }
};

absl::Status Bench::Run() {
  ASSIGN_OR_RETURN(const double rate, RateThatHolds());
  const double seconds = 2 * platform_.seconds;
  Summary own;
  Summary other;
  double busy = 0;
  for (int round = 1; round <= platform_.rounds; ++round) {
    ASSIGN_OR_RETURN(const Latencies of_own, Measure(true, rate, seconds));
    ASSIGN_OR_RETURN(const Latencies of_other, Measure(false, rate, seconds));
    Say(absl::StrFormat("round %d of %d: own p50 %.1f p99 %.1f, other p50 %.1f p99 %.1f ms", round,
                        platform_.rounds, of_own.p50, of_own.p99, of_other.p50, of_other.p99));
    busy = std::max({busy, of_own.p99, of_other.p99});
    own.rounds.push_back(of_own);
    other.rounds.push_back(of_other);
  }
  const std::string at =
      rate < kRate ? absl::StrFormat(" (this machine holds %.0f writes/s, not %.0f)", rate, kRate) : "";
  Print({"watch_own_p50", own.Of(&Latencies::p50), "ms", '<', 5,
         absl::StrFormat("%d watchers at the process that writes%s: %s", kWatchers, at, own.Text())});
  Print({"watch_other_p50", other.Of(&Latencies::p50), "ms", '<', 35,
         absl::StrFormat("%d watchers at another alliance-registry%s: %s", kWatchers, at, other.Text())});
  Print({"watch_p99", std::max(own.Of(&Latencies::p99), other.Of(&Latencies::p99)), "ms", '<', 60,
         absl::StrFormat("own %.1f, other %.1f ms behind the answer of the write; worst round %.1f",
                         own.Of(&Latencies::p99), other.Of(&Latencies::p99), busy)});
  return absl::OkStatus();
}

absl::Status Run() {
  ASSIGN_OR_RETURN(Platform platform, Platform::FromEnvironment());
  ASSIGN_OR_RETURN(auto second, SecondRegistry::Start(platform));
  ASSIGN_OR_RETURN(auto own, Api::Connect(platform, platform.registry_target(), 4));
  ASSIGN_OR_RETURN(auto other, Api::Connect(platform, second->target(), 4));
  return Bench(std::move(platform), std::move(second), std::move(own), std::move(other)).Run();
}

}  // namespace
}  // namespace lianqiao::bench

int main() {
  const absl::Status status = lianqiao::bench::Run();
  if (!status.ok()) lianqiao::bench::Say(status.ToString());
  return status.ok() ? 0 : 1;
}
