// SPDX-License-Identifier: Apache-2.0
// The planted bugs that few histories find, each in a process of its own. The others: tools/convergence
// --mutant.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <string>

namespace lianqiao::convergence {
namespace {

class Mutants : public ::testing::TestWithParam<const char*> {};

TEST_P(Mutants, IsCaught) {
  const std::string command =
      std::string(CONVERGENCE_PROGRAM) + " --histories 60 --seed 7 --minutes 2 --mutant " + GetParam();
  const int status = std::system(command.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

INSTANTIATE_TEST_SUITE_P(Quick, Mutants,
                         ::testing::Values("sequence-order", "page-cut-in-transaction", "missing-leave",
                                           "counter-outside-transaction", "authorisation-on-request"),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace lianqiao::convergence
