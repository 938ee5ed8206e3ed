// SPDX-License-Identifier: Apache-2.0
// Planted bugs, each in a process of its own: those that few histories find, and those that are found by one
// history that is fertile for them, played again and again. All that mutants.h names.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <set>
#include <string>

#include "tests/convergence/mutants.h"

namespace lianqiao::convergence {
namespace {

struct Case {
  const char* mutant;
  const char* histories;
};

constexpr char kAny[] = "--seed 7 --histories 60 --minutes 2";
constexpr char kAnyOfExchange[] = "--service exchange --seed 7 --histories 60 --minutes 2";
constexpr char kAnyOfResearch[] = "--service research --seed 7 --first 3 --histories 60 --minutes 2";
constexpr char kAnyOfResources[] = "--service resources --seed 7 --histories 60 --minutes 2";

constexpr Case kCases[] = {
    {"sequence-order", kAny},
    {"page-cut-in-transaction", kAny},
    {"missing-leave", kAny},
    {"counter-outside-transaction", kAny},
    {"authorisation-on-request", kAny},
    {"erasure-without-history", kAnyOfExchange},
    {"moved-without-stamp", kAnyOfExchange},
    {"party-for-ever", kAnyOfResearch},
    {"restamped-one-step-down", kAnyOfResources},
    {"audience-sees-persons", kAnyOfResources},
    {"no-version-guard", "--seed 7 --first 7 --histories 1 --repeat 200 --jobs 2 --minutes 4"},
    {"tail-from-last-page", "--seed 7 --first 2 --histories 1 --repeat 200 --jobs 2 --minutes 4"},
    {"cancel-after-commit", "--seed 8 --first 17 --histories 1 --repeat 200 --jobs 2 --minutes 4"},
    {"reply-before-commit", "--seed 8 --first 6 --histories 1 --repeat 200 --jobs 2 --minutes 4"},
    {"digest-check-off", "--seed 8 --first 4 --histories 1 --repeat 200 --jobs 2 --minutes 4"},
    {"time-order", "--seed 8 --first 2 --histories 1 --repeat 200 --jobs 2 --minutes 4"},
    {"retry-without-key", "--seed 8 --first 20 --histories 1 --repeat 200 --jobs 2 --minutes 4"},
    {"reaper-by-now", "--seed 8 --first 22 --histories 1 --repeat 200 --jobs 2 --minutes 4"}};

class PlantedBugs : public ::testing::TestWithParam<Case> {};

TEST_P(PlantedBugs, IsCaught) {
  const std::string command =
      std::string(CONVERGENCE_PROGRAM) + " " + GetParam().histories + " --mutant " + GetParam().mutant;
  const int status = std::system(command.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

INSTANTIATE_TEST_SUITE_P(Each, PlantedBugs, ::testing::ValuesIn(kCases), [](const auto& info) {
  std::string name = info.param.mutant;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});

TEST(Mutants, EachIsHeldHere) {
  std::set<std::string> held;
  for (const Case& one : kCases) held.insert(one.mutant);
  for (const Mutant& mutant : Mutants()) EXPECT_EQ(held.count(mutant.name), 1u) << mutant.name;
  EXPECT_EQ(held.size(), Mutants().size());
}

}  // namespace
}  // namespace lianqiao::convergence
