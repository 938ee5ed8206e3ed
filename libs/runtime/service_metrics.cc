// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/service_metrics.h"

#include "absl/status/status.h"

namespace lianqiao::runtime {
namespace {

using prometheus::Histogram;

const Histogram::BucketBoundaries& Seconds() {
  static const Histogram::BucketBoundaries bounds{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                                  0.1,    0.2,   0.5,   1,     2,    5,    10};
  return bounds;
}

// A registry of gauges that are read when they are scraped.
class Watch final : public prometheus::Collectable {
 public:
  Watch(std::string name, std::string help, std::function<std::vector<prometheus::ClientMetric>()> read)
      : name_(std::move(name)), help_(std::move(help)), read_(std::move(read)) {}
  std::vector<prometheus::MetricFamily> Collect() const override {
    prometheus::MetricFamily family;
    family.name = name_;
    family.help = help_;
    family.type = prometheus::MetricType::Gauge;
    family.metric = read_();
    return {family};
  }

 private:
  std::string name_;
  std::string help_;
  std::function<std::vector<prometheus::ClientMetric>()> read_;
};

}  // namespace

ServiceMetrics::ServiceMetrics(const std::string& service)
    : registry_(std::make_shared<prometheus::Registry>()),
      handled_(prometheus::BuildCounter().Name("grpc_server_handled_total").Help("Calls ended, by method and code").Register(*registry_)),
      handling_(prometheus::BuildHistogram().Name("grpc_server_handling_seconds").Help("Time from request to answer").Register(*registry_)),
      query_seconds_(prometheus::BuildHistogram().Name("lianqiao_query_seconds").Help("Statement time by query name").Register(*registry_)),
      query_failed_(prometheus::BuildCounter().Name("lianqiao_query_failed_total").Help("Statements that failed").Register(*registry_)) {
  prometheus::BuildGauge()
      .Name("lianqiao_build_info")
      .Help("1, with the version as a label")
      .Register(*registry_)
      .Add({{"service", service}, {"version", LIANQIAO_VERSION}})
      .Set(1);
}

std::vector<prometheus::MetricFamily> ServiceMetrics::Collect() const {
  std::vector<prometheus::MetricFamily> families = registry_->Collect();
  for (const auto& watch : watched_)
    for (prometheus::MetricFamily& family : watch->Collect()) families.push_back(std::move(family));
  return families;
}

rpc::Observe ServiceMetrics::ObserveCalls() {
  return [this](const rpc::CallContext& context, absl::StatusCode code, double seconds) {
    prometheus::Counter* counter = nullptr;
    prometheus::Histogram* histogram = nullptr;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      Method& method = methods_[context.method];
      if (method.seconds == nullptr) method.seconds = &handling_.Add({{"grpc_method", context.method}}, Seconds());
      prometheus::Counter*& handled = method.handled[static_cast<int>(code)];
      if (handled == nullptr)
        handled = &handled_.Add({{"grpc_method", context.method}, {"grpc_code", absl::StatusCodeToString(code)}});
      counter = handled;
      histogram = method.seconds;
    }
    counter->Increment();
    histogram->Observe(seconds);
  };
}

std::function<void(const std::string&, double, bool)> ServiceMetrics::ObserveQueries() {
  return [this](const std::string& name, double seconds, bool failed) {
    Statement statement;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      Statement& known = statements_[name];
      if (known.seconds == nullptr) {
        known.seconds = &query_seconds_.Add({{"query", name}}, Seconds());
        known.failed = &query_failed_.Add({{"query", name}});
      }
      statement = known;
    }
    statement.seconds->Observe(seconds);
    if (failed) statement.failed->Increment();
  };
}

void ServiceMetrics::WatchGauge(const std::string& name, const std::string& help, std::function<double()> read) {
  watched_.push_back(std::make_shared<Watch>(name, help, [read = std::move(read)] {
    prometheus::ClientMetric metric;
    metric.gauge.value = read();
    return std::vector<prometheus::ClientMetric>{metric};
  }));
}

void ServiceMetrics::WatchPool(const std::string& pool, const postgres::Database* database) {
  watched_.push_back(std::make_shared<Watch>("lianqiao_pool", "Workers and queue of a connection pool", [pool, database] {
    const postgres::Database::Load load = database->load();
    const std::pair<const char*, double> values[] = {{"queued", load.queued},
                                                     {"busy", load.busy},
                                                     {"connected", load.connected},
                                                     {"oldest_wait_seconds", load.oldest_wait_seconds}};
    std::vector<prometheus::ClientMetric> metrics;
    for (const auto& [what, value] : values) {
      prometheus::ClientMetric metric;
      metric.label = {{"pool", pool}, {"what", what}};
      metric.gauge.value = value;
      metrics.push_back(metric);
    }
    return metrics;
  }));
}

}  // namespace lianqiao::runtime
