// SPDX-License-Identifier: Apache-2.0
// Planted bugs, each in a process of its own: those that few histories find, and those that are found by one
// history that is fertile for them, played again and again. The others: tools/convergence --mutant.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <string>

namespace lianqiao::convergence {
namespace {

struct Case {
  const char* mutant;
  const char* histories;
};

constexpr char kAny[] = "--seed 7 --histories 60 --minutes 2";

class Mutants : public ::testing::TestWithParam<Case> {};

TEST_P(Mutants, IsCaught) {
  const std::string command =
      std::string(CONVERGENCE_PROGRAM) + " " + GetParam().histories + " --mutant " + GetParam().mutant;
  const int status = std::system(command.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

INSTANTIATE_TEST_SUITE_P(
    Quick, Mutants,
    ::testing::Values(
        Case{"sequence-order", kAny}, Case{"page-cut-in-transaction", kAny}, Case{"missing-leave", kAny},
        Case{"counter-outside-transaction", kAny}, Case{"authorisation-on-request", kAny},
        Case{"no-version-guard", "--seed 7 --first 7 --histories 1 --repeat 200 --jobs 2 --minutes 4"},
        Case{"tail-from-last-page", "--seed 7 --first 2 --histories 1 --repeat 200 --jobs 2 --minutes 4"},
        Case{"cancel-after-commit", "--seed 8 --first 17 --histories 1 --repeat 200 --jobs 2 --minutes 4"}),
    [](const auto& info) {
      std::string name = info.param.mutant;
      for (char& c : name) c = c == '-' ? '_' : c;
      return name;
    });

}  // namespace
}  // namespace lianqiao::convergence
