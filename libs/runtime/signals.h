// SPDX-License-Identifier: Apache-2.0
// SIGTERM and SIGINT as a blocking wait. Used by main functions.
#pragma once

#include <signal.h>

#include <string>

#include "absl/status/statusor.h"
#include "libs/access/credentials.h"

namespace lianqiao::runtime {

class Signals {
 public:
  Signals();            // Blocks both in this thread and the ones it starts; ignores SIGPIPE.
  int Wait() const;     // Until one arrives.

 private:
  sigset_t set_;
};

// The service's own credentials; identity writes them on its first start, so they may come later than we do:
// waits up to a minute.
absl::StatusOr<access::Credentials> WaitForCredentials(const std::string& file);

}  // namespace lianqiao::runtime
