// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"

namespace lianqiao::gateway {
namespace {

// Upstream and database connections, gRPC's connections from outside, files.
constexpr rlim_t kReserve = 512;
constexpr rlim_t kConnectionsMin = 64;

}  // namespace

absl::StatusOr<int> ConnectionsThatFit(int wanted) {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0 && getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  if (limit.rlim_cur < kReserve + kConnectionsMin) {
    return absl::FailedPreconditionError(absl::StrCat("at most ", limit.rlim_cur, " open files are allowed; ",
                                                      kReserve + kConnectionsMin,
                                                      " are the least: raise LimitNOFILE or ulimit -n"));
  }
  const int fit = static_cast<int>(std::min<rlim_t>(limit.rlim_cur - kReserve, std::max(wanted, 0)));
  if (fit < wanted) {
    base::Log(base::Severity::kWarning, "fewer_connections",
              {{"wanted", std::to_string(wanted)},
               {"connections_max", std::to_string(fit)},
               {"open_files_max", std::to_string(limit.rlim_cur)}});
  }
  return fit;
}

}  // namespace lianqiao::gateway
