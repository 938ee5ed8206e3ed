// SPDX-License-Identifier: Apache-2.0
// tools/convergence: plays histories until one shows a broken promise, or as many as were asked for.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <new>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/convergence/history.h"
#include "tests/convergence/mutants.h"

namespace lianqiao::convergence {
namespace {

constexpr char kUsage[] =
    R"(convergence [--service NAME] [--histories N] [--seed S] [--first N] [--repeat R] [--minutes M]
            [--jobs J] [--mutant NAME|list] [--verbose]

Plays N random histories (default 100) of seed S against the real code and proves that every consumer ends
with what its scope says. --service NAME: "registry" (the default), or one that follows a registry beside it:
"exchange", "research" or "resources". --first N begins with that number of the seed: how a failure is
played again; --repeat R plays each history R times, for threads come together differently every time.
--minutes M stops after so long. --jobs J plays J at a time, each in a process with a PostgreSQL of its own.
--mutant NAME plants a bug and ends with 1 when it is caught, with 3 when
not; --mutant list prints their names. Ends with 0 when all is well, with 1 when a promise was broken.
)";

struct Options {
  const Subject* subject = &RegistrySubject();
  int histories = 100;
  int seed = 1;
  int first = 1;
  int repeat = 1;
  double minutes = 0;
  int jobs = 1;
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
    if (name == "--service") {
      options->subject = FindSubject(value);
      ok = options->subject != nullptr;
    } else if (name == "--histories") {
      ok = absl::SimpleAtoi(value, &options->histories);
    } else if (name == "--seed") {
      ok = absl::SimpleAtoi(value, &options->seed);
    } else if (name == "--first") {
      ok = absl::SimpleAtoi(value, &options->first);
    } else if (name == "--repeat") {
      ok = absl::SimpleAtoi(value, &options->repeat) && options->repeat >= 1 && options->repeat <= 1000000;
    } else if (name == "--minutes") {
      ok = absl::SimpleAtod(value, &options->minutes);
    } else if (name == "--jobs") {
      ok = absl::SimpleAtoi(value, &options->jobs) && options->jobs >= 1 && options->jobs <= 64;
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
  std::printf("  again: tools/convergence --service %s --seed %d --first %d --histories 1 --repeat 20\n",
              options.subject->name.c_str(), options.seed, number);
}

// What the jobs know of each other: memory that they share.
struct Shared {
  std::atomic<int> played{0};
  std::atomic<bool> broken{false};
};

// Every `jobs`-th history, until one is broken anywhere.
void PlayShare(const Options& options, int job, absl::Time start, Shared* shared) {
  std::map<std::string, int> figures;
  for (int64_t i = job; i < int64_t{options.histories} * options.repeat && !shared->broken;
       i += options.jobs) {
    if (options.minutes > 0 && absl::Now() - start > absl::Minutes(options.minutes)) break;
    const int number = options.first + static_cast<int>(i / options.repeat);
    const Verdict verdict = Play(*options.subject, static_cast<uint32_t>(options.seed), number);
    const int played = ++shared->played;
    for (const auto& [name, value] : verdict.figures) figures[name] += value;
    if (options.verbose)
      std::printf("history %d: %s, %.2f s\n", number, verdict.clean() ? "clean" : "broken",
                  absl::ToDoubleSeconds(verdict.took));
    if (!verdict.clean() && !shared->broken.exchange(true)) {
      Print(options, number, verdict);
      if (!options.mutant.empty())
        std::printf("caught %s after %d histories: %s\n", options.mutant.c_str(), played,
                    verdict.violations.front().name.c_str());
    }
    std::fflush(stdout);
  }
  std::printf("job %d:", job + 1);
  for (const auto& [name, value] : figures) std::printf(" %d %s", value, name.c_str());
  std::printf("\n");
  std::fflush(stdout);
}

// The first job is this process, if it is the only one: a debugger then sees all.
bool PlayAll(const Options& options, absl::Time start, Shared* shared) {
  if (options.jobs == 1) {
    PlayShare(options, 0, start, shared);
    return true;
  }
  for (int job = 0; job < options.jobs; ++job) {
    const pid_t child = ::fork();
    if (child < 0) return false;
    if (child > 0) continue;
    PlayShare(options, job, start, shared);
    std::exit(0);
  }
  bool well = true;
  int status = 0;
  while (::wait(&status) > 0) well = well && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return well;
}

int Run(const Options& options) {
  const absl::Time start = absl::Now();
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 2;
  auto* shared = new (memory) Shared();
  if (!PlayAll(options, start, shared)) {
    std::printf("a job died: see what it wrote last\n");
    return 1;
  }
  if (shared->broken) return 1;
  const double minutes = absl::ToDoubleMinutes(absl::Now() - start);
  std::printf("%d histories of %s, seed %d, in %.1f minutes (%.1f a minute), all clean\n",
              shared->played.load(), options.subject->name.c_str(), options.seed, minutes,
              shared->played / minutes);
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
