// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/signals.h"

#include "absl/time/clock.h"
#include "libs/base/log.h"

namespace lianqiao::runtime {

Signals::Signals() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int Signals::Wait() const {
  int received = 0;
  sigwait(&set_, &received);
  return received;
}

absl::StatusOr<access::Credentials> WaitForCredentials(const std::string& file) {
  const absl::Time limit = absl::Now() + absl::Minutes(1);
  while (true) {
    auto credentials = access::ReadCredentials(file);
    if (credentials.ok() || !absl::IsUnavailable(credentials.status()) || absl::Now() > limit) return credentials;
    absl::SleepFor(absl::Milliseconds(50));
  }
}

}  // namespace lianqiao::runtime
