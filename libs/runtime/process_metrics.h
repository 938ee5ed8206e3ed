// SPDX-License-Identifier: Apache-2.0
// What every Prometheus client says of its own process, under the customary names: processor time, memory,
// open files, threads, start. Read from /proc on every scrape. Used by ServiceMetrics.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace lianqiao::runtime {

class ProcessMetrics final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace lianqiao::runtime
