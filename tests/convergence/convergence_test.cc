// SPDX-License-Identifier: Apache-2.0
// A few histories of a fixed seed, and the planted bugs that few histories are enough for. More:
// tools/convergence.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "tests/convergence/mutants.h"

namespace lianqiao::convergence {
namespace {

// The exit status of the program beside this test.
int Convergence(const std::string& options) {
  const int status = std::system((std::string(CONVERGENCE_PROGRAM) + " " + options).c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Convergence, EveryConsumerEndsWithWhatItsScopeSays) {
  EXPECT_EQ(Convergence("--histories 12 --seed 20261126 --minutes 0.7"), 0);
}

TEST(Convergence, AFollowersConsumersDoToo) {
  EXPECT_EQ(Convergence("--service exchange --histories 6 --seed 20261127 --minutes 0.5"), 0);
}

TEST(Convergence, WhatAnAllianceDoesReachesItsSchools) {
  EXPECT_EQ(Convergence("--service research --histories 4 --seed 20261127 --minutes 0.4"), 0);
}

TEST(Convergence, WhatIsOpenToAPlaceReachesItsSchools) {
  EXPECT_EQ(Convergence("--service resources --histories 4 --seed 20261127 --minutes 0.4"), 0);
}

TEST(Convergence, AnUnknownServiceIsAnError) {
  EXPECT_EQ(Convergence("--service none-of-them"), 2);
}

TEST(Convergence, AnUnknownMutantIsAnError) {
  EXPECT_EQ(Convergence("--mutant none-of-them"), 2);
  EXPECT_EQ(Convergence("--mutant list > /dev/null"), 0);
}

}  // namespace
}  // namespace lianqiao::convergence
