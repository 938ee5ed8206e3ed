// SPDX-License-Identifier: Apache-2.0
// /metrics, /healthz and /readyz of a process, on loopback. Used by main functions.
#pragma once

#include <prometheus/metric_family.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace lianqiao::runtime {

class MetricsServer {
 public:
  // What readiness depends on: a name and whether it is there now. Asked on every /readyz; must not block.
  using Check = std::pair<std::string, std::function<bool()>>;

  using Collect = std::function<std::vector<prometheus::MetricFamily>()>;

  // UNAVAILABLE if the address ("127.0.0.1:9090") cannot be bound. `collect` is asked on every scrape.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const std::string& address, Collect collect,
                                                              std::vector<Check> checks);
  ~MetricsServer();

 private:
  class Core;
  explicit MetricsServer(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace lianqiao::runtime
