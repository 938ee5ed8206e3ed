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

bool Signals::WaitFor(absl::Duration duration) const {
  const timespec limit = absl::ToTimespec(duration);
  return sigtimedwait(&set_, nullptr, &limit) > 0;
}

absl::StatusOr<access::Credentials> WaitForCredentials(const std::string& file, const Signals& signals) {
  const absl::Time limit = absl::Now() + absl::Minutes(1);
  while (true) {
    auto credentials = access::ReadCredentials(file);
    if (credentials.ok() || !absl::IsUnavailable(credentials.status()) || absl::Now() > limit)
      return credentials;
    if (signals.WaitFor(absl::Milliseconds(50)))
      return absl::CancelledError("stopped before identity gave credentials");
  }
}

}  // namespace lianqiao::runtime
