// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace lianqiao::gateway {
namespace {

// In a process of its own: a hard limit that was lowered stays low.
int InChild(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int Limit(rlim_t soft, rlim_t hard) {
  const rlimit limit = {soft, hard};
  return setrlimit(RLIMIT_NOFILE, &limit);
}

TEST(Descriptors, RaisesTheSoftLimitToTheHardOne) {
  EXPECT_EQ(InChild([] {
              if (Limit(1024, 4096) != 0 || ConnectionsThatFit(3000).value_or(0) != 3000) return 1;
              rlimit after = {};
              getrlimit(RLIMIT_NOFILE, &after);
              return after.rlim_cur == 4096 ? 0 : 2;
            }),
            0);
}

TEST(Descriptors, TakesFewerConnectionsWhereNotAllFitAndNoneWhereHardlyAnyDo) {
  EXPECT_EQ(InChild([] {
              if (Limit(1024, 2048) != 0 || ConnectionsThatFit(10'000).value_or(0) != 1536) return 1;
              if (Limit(512, 512) != 0) return 2;
              return absl::IsFailedPrecondition(ConnectionsThatFit(10'000).status()) ? 0 : 3;
            }),
            0);
}

}  // namespace
}  // namespace lianqiao::gateway
