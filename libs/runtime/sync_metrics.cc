// SPDX-License-Identifier: Apache-2.0
// What ServiceMetrics tells of the feed's consumers, of imports and of exports.
#include <string>
#include <utility>

#include "libs/base/clock.h"
#include "libs/runtime/service_metrics.h"

namespace lianqiao::runtime {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// A series per client that reads the feed.
class ConsumerMetrics final : public prometheus::Collectable {
 public:
  explicit ConsumerMetrics(sync::Consumers* consumers) : consumers_(consumers) {}

  std::vector<MetricFamily> Collect() const override {
    MetricFamily lag = {"lianqiao_feed_consumer_lag_changes",
                        "Changes behind the cursor with which a client was last answered",
                        MetricType::Gauge,
                        {}};
    MetricFamily silent = {
        "lianqiao_feed_consumer_silent_seconds", "Since a client was last answered", MetricType::Gauge, {}};
    for (const sync::Consumers::Lag& of_client : consumers_->Lags(base::Clock::System().Now())) {
      ClientMetric metric;
      metric.label = {{"client", of_client.client_id}};
      metric.gauge.value = static_cast<double>(of_client.changes);
      lag.metric.push_back(metric);
      metric.gauge.value = of_client.silent_seconds;
      silent.metric.push_back(metric);
    }
    if (lag.metric.empty()) return {};
    return {std::move(lag), std::move(silent)};
  }

 private:
  sync::Consumers* const consumers_;
};

std::function<double()> Reader(const std::atomic<int64_t>* value) {
  return [value] { return static_cast<double>(value->load()); };
}

}  // namespace

void ServiceMetrics::WatchConsumers(sync::Consumers* consumers) {
  Watch(std::make_shared<ConsumerMetrics>(consumers));
}

void ServiceMetrics::WatchImports(const bulk::ImportTally* tally) {
  const auto records = [&](const char* outcome, const std::atomic<int64_t>& value) {
    WatchCounter("lianqiao_import_records_total", "Records of imports, by what became of them",
                 Reader(&value), {{"outcome", outcome}});
  };
  records("created", tally->created);
  records("updated", tally->updated);
  records("unchanged", tally->unchanged);
  records("deleted", tally->deleted);
  records("refused", tally->refused);
  const auto ended = [&](const char* state, sync::v1::Import::State index) {
    WatchCounter("lianqiao_imports_ended_total", "Imports that have ended, by how",
                 Reader(&tally->ended[static_cast<size_t>(index)]), {{"state", state}});
  };
  ended("succeeded", sync::v1::Import::STATE_SUCCEEDED);
  ended("finished_with_errors", sync::v1::Import::STATE_FINISHED_WITH_ERRORS);
  ended("failed", sync::v1::Import::STATE_FAILED);
  ended("cancelled", sync::v1::Import::STATE_CANCELLED);
}

void ServiceMetrics::WatchExports(const bulk::ExportTally* tally) {
  WatchCounter("lianqiao_export_records_total", "Records written to the files of exports",
               Reader(&tally->records));
  const auto ended = [&](const char* state, const std::atomic<int64_t>& value) {
    WatchCounter("lianqiao_exports_ended_total", "Exports that have ended, by how", Reader(&value),
                 {{"state", state}});
  };
  ended("succeeded", tally->succeeded);
  ended("failed", tally->failed);
}

}  // namespace lianqiao::runtime
