// SPDX-License-Identifier: Apache-2.0
// Metrics that every service has: calls per method, statements per query name, pools, access log. Children are
// made once per label set and then only counted.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "libs/postgres/database.h"
#include "libs/rpc/server.h"

namespace lianqiao::runtime {

class ServiceMetrics {
 public:
  explicit ServiceMetrics(const std::string& service);

  // Everything, for MetricsServer.
  std::vector<prometheus::MetricFamily> Collect() const;
  rpc::Observe ObserveCalls();
  std::function<void(const std::string&, double, bool)> ObserveQueries();
  // Read on every scrape; `database` outlives the registry's last Collect.
  void WatchPool(const std::string& pool, const postgres::Database* database);
  void WatchGauge(const std::string& name, const std::string& help, std::function<double()> read);

 private:
  struct Method {
    std::unordered_map<int, prometheus::Counter*> handled;  // By status code.
    prometheus::Histogram* seconds = nullptr;
  };
  struct Statement {
    prometheus::Histogram* seconds = nullptr;
    prometheus::Counter* failed = nullptr;
  };

  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& handled_;
  prometheus::Family<prometheus::Histogram>& handling_;
  prometheus::Family<prometheus::Histogram>& query_seconds_;
  prometheus::Family<prometheus::Counter>& query_failed_;
  std::mutex mutex_;
  std::unordered_map<std::string, Method> methods_;
  std::unordered_map<std::string, Statement> statements_;
  std::vector<std::shared_ptr<prometheus::Collectable>> watched_;
};

}  // namespace lianqiao::runtime
