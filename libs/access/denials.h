// SPDX-License-Identifier: Apache-2.0
// Calls with a token that we signed but that is over, or whose client is disabled: CALL_DENIED in the access
// log, one entry per client and minute, since a broken client repeats itself. What nobody signed leaves none:
// its names would be a stranger's. For runtime and identity.
#pragma once

#include "libs/access/access_log.h"
#include "libs/access/minute_gate.h"
#include "libs/access/token_cache.h"
#include "libs/base/clock.h"

namespace lianqiao::access {

class Denials {
 public:
  // Both outlive it; `log` may be null.
  explicit Denials(AccessLog* log, const base::Clock& clock = base::Clock::System())
      : log_(log), clock_(clock) {}
  void Record(const rpc::CallContext& context, const TokenClaims& claims);

 private:
  AccessLog* const log_;
  const base::Clock& clock_;
  MinuteGate gate_;
};

}  // namespace lianqiao::access
