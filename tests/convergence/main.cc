// SPDX-License-Identifier: Apache-2.0
// tools/convergence: plays histories until one shows a broken promise, or as many as were asked for.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/convergence/history.h"
#include "tests/convergence/mutants.h"

namespace lianqiao::convergence {
namespace {

constexpr char kUsage[] =
    R"(convergence [--histories N] [--seed S] [--first N] [--minutes M] [--mutant NAME|list] [--verbose]

Plays N random histories (default 100) of seed S against the real code and proves that every consumer ends
with what its scope says. --first N begins with that number of the seed: how a failure is played again.
--minutes M stops after so long. --mutant NAME plants a bug and ends with 1 when it is caught, with 3 when
not; --mutant list prints their names. Ends with 0 when all is well, with 1 when a promise was broken.
)";

struct Options {
  int histories = 100;
  int seed = 1;
  int first = 1;
  double minutes = 0;
  std::string mutant;
  bool verbose = false;
};

bool Parse(int count, char** arguments, Options* options) {
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    if (name == "--verbose") {
      options->verbose = true;
      continue;
    }
    if (i + 1 == count) return false;
    const std::string value = arguments[++i];
    bool ok = true;
    if (name == "--histories") {
      ok = absl::SimpleAtoi(value, &options->histories);
    } else if (name == "--seed") {
      ok = absl::SimpleAtoi(value, &options->seed);
    } else if (name == "--first") {
      ok = absl::SimpleAtoi(value, &options->first);
    } else if (name == "--minutes") {
      ok = absl::SimpleAtod(value, &options->minutes);
    } else if (name == "--mutant") {
      options->mutant = value;
    } else {
      ok = false;
    }
    if (!ok) return false;
  }
  return true;
}

void Print(const Options& options, int number, const Verdict& verdict) {
  std::printf("broken: seed %d, history %d%s%s, %d violations\n", options.seed, number,
              options.mutant.empty() ? "" : ", mutant ", options.mutant.c_str(), verdict.count);
  for (const Violation& violation : verdict.violations)
    std::printf("  %s: %s%s%s%s%s\n", violation.name.c_str(), violation.text.c_str(),
                violation.id.empty() ? "" : " [", violation.kind.c_str(), violation.id.empty() ? "" : " ",
                violation.id.empty() ? "" : (violation.id + "]").c_str());
  for (const std::string& line : verdict.tale) std::printf("    %s\n", line.c_str());
  std::printf("  again: tools/convergence --seed %d --first %d --histories 1\n", options.seed, number);
}

int Run(const Options& options) {
  const absl::Time start = absl::Now();
  int played = 0;
  std::map<std::string, int> figures;
  for (int i = 0; i < options.histories; ++i) {
    if (options.minutes > 0 && absl::Now() - start > absl::Minutes(options.minutes)) break;
    const int number = options.first + i;
    const Verdict verdict = Play(static_cast<uint32_t>(options.seed), number);
    ++played;
    for (const auto& [name, value] : verdict.figures) figures[name] += value;
    if (options.verbose)
      std::printf("history %d: %s, %.2f s\n", number, verdict.clean() ? "clean" : "broken",
                  absl::ToDoubleSeconds(verdict.took));
    std::fflush(stdout);
    if (verdict.clean()) continue;
    Print(options, number, verdict);
    if (!options.mutant.empty())
      std::printf("caught %s after %d histories: %s\n", options.mutant.c_str(), played,
                  verdict.violations.front().name.c_str());
    return 1;
  }
  const double minutes = absl::ToDoubleMinutes(absl::Now() - start);
  std::printf("%d histories of seed %d in %.1f minutes (%.1f a minute), all clean", played, options.seed,
              minutes, played / minutes);
  for (const auto& [name, value] : figures) std::printf("; %d %s", value, name.c_str());
  std::printf("\n");
  if (options.mutant.empty()) return 0;
  std::printf("not caught: %s\n", options.mutant.c_str());
  return 3;
}

}  // namespace
}  // namespace lianqiao::convergence

int main(int count, char** arguments) {
  lianqiao::convergence::Options options;
  if (!lianqiao::convergence::Parse(count, arguments, &options)) {
    std::fputs(lianqiao::convergence::kUsage, stderr);
    return 2;
  }
  if (options.mutant == "list") {
    for (const auto& mutant : lianqiao::convergence::Mutants())
      std::printf("%-28s %s\n", mutant.name, mutant.what);
    return 0;
  }
  if (!options.mutant.empty()) {
    if (!lianqiao::convergence::IsMutant(options.mutant)) {
      std::fprintf(stderr, "there is no mutant %s\n", options.mutant.c_str());
      return 2;
    }
    ::setenv("LIANQIAO_MUTANT", options.mutant.c_str(), 1);  // Before anything asks for it.
  }
  return lianqiao::convergence::Run(options);
}
