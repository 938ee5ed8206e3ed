// SPDX-License-Identifier: Apache-2.0
// SIGTERM and SIGINT as a blocking wait. Used by main functions.
#pragma once

#include <signal.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/access/credentials.h"

namespace lianqiao::runtime {

class Signals {
 public:
  Signals();         // Blocks both in this thread and the ones it starts; ignores SIGPIPE.
  int Wait() const;  // Until one arrives.
  bool WaitFor(absl::Duration duration) const;  // True if one arrived.

 private:
  sigset_t set_;
};

// The service's own credentials; identity writes them on its first start, so they may come later than we do:
// waits up to a minute. CANCELLED if a signal comes first.
absl::StatusOr<access::Credentials> WaitForCredentials(const std::string& file, const Signals& signals);

}  // namespace lianqiao::runtime
