// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/service_metrics.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>

#include "absl/status/status.h"
#include "libs/runtime/process_metrics.h"

namespace lianqiao::runtime {
namespace {

using prometheus::ClientMetric;
using prometheus::Histogram;
using prometheus::MetricType;

const Histogram::BucketBoundaries& Seconds() {
  static const Histogram::BucketBoundaries bounds{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                                  0.1,    0.2,   0.5,   1,     2,    5,    10};
  return bounds;
}

prometheus::Family<prometheus::Counter>& Counters(const char* name, const char* help,
                                                  prometheus::Registry& registry) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<Histogram>& Histograms(const char* name, const char* help,
                                          prometheus::Registry& registry) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

const char* RefusalName(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kResourceExhausted:
      return "queue_full";
    case absl::StatusCode::kDeadlineExceeded:
      return "deadline";
    default:
      return "unavailable";
  }
}

// As gRPC's customary metrics have it.
const char* TypeOf(const std::string& path) {
  std::string name = path.substr(1);
  std::replace(name.begin(), name.end(), '/', '.');
  const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
  if (method == nullptr || (!method->client_streaming() && !method->server_streaming())) return "unary";
  if (method->client_streaming() && method->server_streaming()) return "bidi_stream";
  return method->client_streaming() ? "client_stream" : "server_stream";
}

}  // namespace

// A value that is read when it is scraped, per pool or alone.
class ServiceMetrics::Watched final : public prometheus::Collectable {
 public:
  Watched(std::string name, std::string help, MetricType type, const prometheus::Labels& labels,
          std::function<double()> read)
      : name_(std::move(name)), help_(std::move(help)), type_(type), read_(std::move(read)) {
    for (const auto& [label, value] : labels) labels_.push_back({label, value});
  }
  std::vector<prometheus::MetricFamily> Collect() const override {
    ClientMetric metric;
    metric.label = labels_;
    metric.gauge.value = metric.counter.value = read_();
    return {prometheus::MetricFamily{name_, help_, type_, {metric}}};
  }

 private:
  const std::string name_;
  const std::string help_;
  const MetricType type_;
  std::vector<ClientMetric::Label> labels_;
  const std::function<double()> read_;
};

ServiceMetrics::ServiceMetrics(const std::string& service)
    : registry_(std::make_shared<prometheus::Registry>()),
      handled_(Counters("grpc_server_handled_total", "Calls answered, by method and code", *registry_)),
      handling_(Histograms("grpc_server_handling_seconds", "Time from request to answer", *registry_)),
      query_seconds_(Histograms("lianqiao_query_seconds", "Time of a statement, by its name", *registry_)),
      query_failed_(
          Counters("lianqiao_query_failed_total", "Statements that failed, by their name", *registry_)),
      pool_wait_(
          Histograms("lianqiao_pool_wait_seconds", "Time in a pool's queue of what was started", *registry_)),
      pool_refused_(
          Counters("lianqiao_pool_refused_total", "What a pool never started, by the reason", *registry_)) {
  prometheus::BuildGauge()
      .Name("lianqiao_build_info")
      .Help("1, with the version as a label")
      .Register(*registry_)
      .Add({{"service", service}, {"version", LIANQIAO_VERSION}})
      .Set(1);
  Watch(std::make_shared<ProcessMetrics>());
}

std::vector<prometheus::MetricFamily> ServiceMetrics::Collect() const {
  std::vector<prometheus::MetricFamily> families = registry_->Collect();
  const std::lock_guard<std::mutex> lock(mutex_);
  std::unordered_map<std::string, size_t> places;
  for (const auto& watched : watched_) {
    for (prometheus::MetricFamily& family : watched->Collect()) {
      const auto [place, added] = places.emplace(family.name, families.size());
      // One family per name, or Prometheus refuses the page.
      if (added) {
        families.push_back(std::move(family));
      } else {
        auto& metrics = families[place->second].metric;
        metrics.insert(metrics.end(), family.metric.begin(), family.metric.end());
      }
    }
  }
  return families;
}

// Under the lock.
ServiceMetrics::Method& ServiceMetrics::MethodOf(const std::string& path) {
  Method& method = methods_[path];
  if (!method.labels.empty()) return method;
  const size_t slash = path.rfind('/');
  const std::string type = TypeOf(path);
  method.labels = {{"grpc_type", type},
                   {"grpc_service", path.substr(1, slash - 1)},
                   {"grpc_method", path.substr(slash + 1)}};
  if (type == "unary") method.seconds = &handling_.Add(method.labels, Seconds());
  Handled(&method, absl::StatusCode::kOk);
  return method;
}

// Under the lock. Seventeen codes of every method would make a page of half a megabyte, nearly all of it
// zeros: the codes of failures begin with the first one.
prometheus::Counter* ServiceMetrics::Handled(Method* method, absl::StatusCode code) {
  prometheus::Counter*& handled = method->handled[static_cast<int>(code)];
  if (handled == nullptr) {
    prometheus::Labels labels = method->labels;
    labels["grpc_code"] = absl::StatusCodeToString(code);
    handled = &handled_.Add(labels);
  }
  return handled;
}

void ServiceMetrics::AddMethods(const std::vector<std::string>& paths) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const std::string& path : paths) MethodOf(path);
}

rpc::Observe ServiceMetrics::ObserveCalls() {
  return [this](const rpc::CallContext& context, absl::StatusCode code, double seconds) {
    prometheus::Counter* counter = nullptr;
    prometheus::Histogram* histogram = nullptr;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      Method& method = MethodOf(context.method);
      counter = Handled(&method, code);
      histogram = method.seconds;
    }
    counter->Increment();
    if (histogram != nullptr) histogram->Observe(seconds);
  };
}

void ServiceMetrics::ObserveQuery(const std::string& name, double seconds, bool failed) {
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
}

void ServiceMetrics::ObservePool(postgres::Database::Options* options) {
  Histogram* wait = &pool_wait_.Add({{"pool", options->name}}, Seconds());
  std::unordered_map<std::string, prometheus::Counter*> refused;
  for (const char* reason : {"queue_full", "deadline", "unavailable"})
    refused[reason] = &pool_refused_.Add({{"pool", options->name}, {"reason", reason}});
  options->observe_wait = [wait](double seconds) { wait->Observe(seconds); };
  options->observe_refused = [refused](absl::StatusCode code) { refused.at(RefusalName(code))->Increment(); };
  options->observe_query = [this](const std::string& name, double seconds, bool failed) {
    ObserveQuery(name, seconds, failed);
  };
}

std::function<void(const feed::Purged&)> ServiceMetrics::ObservePurged() {
  auto& rows =
      Counters("lianqiao_purged_rows_total",
               "What was too old to be kept: changes that left service, and deleted rows", *registry_);
  const auto counter = [&rows](const char* what) { return &rows.Add({{"what", what}}); };
  return [withdrawn = counter("withdrawn_changes"), changes = counter("changes"),
          revisions = counter("revisions"), scopes = counter("feed_scopes")](const feed::Purged& purged) {
    withdrawn->Increment(static_cast<double>(purged.withdrawn));
    changes->Increment(static_cast<double>(purged.changes));
    revisions->Increment(static_cast<double>(purged.revisions));
    scopes->Increment(static_cast<double>(purged.scopes));
  };
}

std::function<void(int, int64_t)> ServiceMetrics::ObserveFeed() {
  auto& heads = prometheus::BuildGauge()
                    .Name("lianqiao_feed_head_position")
                    .Help("Position of the last change, by bucket")
                    .Register(*registry_);
  // Adding what is there gives the same child.
  return [&heads](int bucket, int64_t position) {
    heads.Add({{"bucket", std::to_string(bucket)}}).Set(static_cast<double>(position));
  };
}

void ServiceMetrics::Watch(std::shared_ptr<const prometheus::Collectable> collectable) {
  const std::lock_guard<std::mutex> lock(mutex_);
  watched_.push_back(std::move(collectable));
}

void ServiceMetrics::WatchGauge(const std::string& name, const std::string& help,
                                std::function<double()> read, const prometheus::Labels& labels) {
  Watch(std::make_shared<Watched>(name, help, MetricType::Gauge, labels, std::move(read)));
}

void ServiceMetrics::WatchCounter(const std::string& name, const std::string& help,
                                  std::function<double()> read, const prometheus::Labels& labels) {
  Watch(std::make_shared<Watched>(name, help, MetricType::Counter, labels, std::move(read)));
}

void ServiceMetrics::WatchPool(const std::string& pool, const postgres::Database* database) {
  const auto watch = [&](const char* name, const char* help, std::function<double()> read) {
    WatchGauge(name, help, std::move(read), {{"pool", pool}});
  };
  watch("lianqiao_pool_workers", "Workers of a pool, each with a connection of its own",
        [database] { return static_cast<double>(database->workers()); });
  watch("lianqiao_pool_connected", "Workers whose connection is there",
        [database] { return static_cast<double>(database->load().connected); });
  watch("lianqiao_pool_busy", "Workers that run something",
        [database] { return static_cast<double>(database->load().busy); });
  watch("lianqiao_pool_queued", "What waits for a worker",
        [database] { return static_cast<double>(database->load().queued); });
  watch("lianqiao_pool_oldest_wait_seconds", "How long the oldest of it has waited",
        [database] { return database->load().oldest_wait_seconds; });
}

}  // namespace lianqiao::runtime
