// SPDX-License-Identifier: Apache-2.0
// A second alliance-registry over the same database, as a replica behind one gateway would be.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tests/bench/registry/child.h"
#include "tests/bench/registry/platform.h"

namespace lianqiao::bench {

class SecondRegistry {
 public:
  // What its connections are called in pg_stat_activity.
  static constexpr char kApplication[] = "bench_second";

  // Waits until it is ready.
  static absl::StatusOr<std::unique_ptr<SecondRegistry>> Start(const Platform& platform);
  std::string target() const { return target_; }
  pid_t pid() const { return process_.pid(); }

 private:
  SecondRegistry(const std::vector<std::string>& command, const Platform& platform);

  const std::string target_;
  Running process_;
};

}  // namespace lianqiao::bench
