// SPDX-License-Identifier: Apache-2.0
// Metrics that every process of ours has: calls per method, pools, statements per query name, the heads of
// the feed, the process itself. Children are made at the start where their labels are known, and only counted
// then.
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

#include "libs/bulk/tally.h"
#include "libs/feed/retention.h"
#include "libs/postgres/database.h"
#include "libs/rpc/server.h"
#include "libs/sync/consumers.h"

namespace lianqiao::runtime {

class ServiceMetrics {
 public:
  explicit ServiceMetrics(const std::string& service);

  // Everything, for MetricsServer.
  std::vector<prometheus::MetricFamily> Collect() const;

  // "/package.Service/Method": the series of each stand at zero before its first call.
  void AddMethods(const std::vector<std::string>& paths);
  rpc::Observe ObserveCalls();
  // Lets a pool tell its waiting, refusals and statements; before it is opened under its options' name.
  void ObservePool(postgres::Database::Options* options);
  // (bucket, position) of a feed's head.
  std::function<void(int, int64_t)> ObserveFeed();

  // What a step of the retention job has let go of.
  std::function<void(const feed::Purged&)> ObservePurged();

  // Read on every scrape; what is read outlives the last Collect. A counter's name ends in _total.
  void WatchPool(const std::string& pool, const postgres::Database* database);
  void WatchConsumers(sync::Consumers* consumers);
  void WatchImports(const bulk::ImportTally* tally);
  void WatchExports(const bulk::ExportTally* tally);
  void WatchGauge(const std::string& name, const std::string& help, std::function<double()> read,
                  const prometheus::Labels& labels = {});
  void WatchCounter(const std::string& name, const std::string& help, std::function<double()> read,
                    const prometheus::Labels& labels = {});

 private:
  struct Method {
    prometheus::Labels labels;
    std::unordered_map<int, prometheus::Counter*> handled;  // By status code.
    prometheus::Histogram* seconds = nullptr;  // Null for streams: how long they last says nothing.
  };
  struct Statement {
    prometheus::Histogram* seconds = nullptr;
    prometheus::Counter* failed = nullptr;
  };
  class Watched;

  Method& MethodOf(const std::string& path);
  prometheus::Counter* Handled(Method* method, absl::StatusCode code);
  void ObserveQuery(const std::string& name, double seconds, bool failed);
  void Watch(std::shared_ptr<const prometheus::Collectable> collectable);

  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& handled_;
  prometheus::Family<prometheus::Histogram>& handling_;
  prometheus::Family<prometheus::Histogram>& query_seconds_;
  prometheus::Family<prometheus::Counter>& query_failed_;
  prometheus::Family<prometheus::Histogram>& pool_wait_;
  prometheus::Family<prometheus::Counter>& pool_refused_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Method> methods_;
  std::unordered_map<std::string, Statement> statements_;
  std::vector<std::shared_ptr<const prometheus::Collectable>> watched_;
};

}  // namespace lianqiao::runtime
