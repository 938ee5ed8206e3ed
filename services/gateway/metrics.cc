// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>

#include <algorithm>

#include "services/gateway/http_status.h"

namespace lianqiao::gateway {
namespace {

// 0.1 ms to 10 s.
const prometheus::Histogram::BucketBoundaries kBuckets = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
// The stages of the gateway itself take microseconds.
const prometheus::Histogram::BucketBoundaries kStageBuckets = {0.000005, 0.00001, 0.000025, 0.00005, 0.0001,
                                                               0.00025,  0.0005,  0.001,    0.0025,  0.005,
                                                               0.01,     0.05,    0.25,     1,       5};
constexpr int kKnownStatuses[] = {200, 204, 206, 302, 304, 400, 401, 403, 404, 405, 408, 409,
                                  410, 413, 415, 416, 429, 431, 499, 500, 501, 503, 504};
// In the order of RefusalReason.
constexpr const char* kReasonNames[] = {"rate", "concurrency", "overload", "authentication", "streams"};
// In the order of StreamWay.
constexpr const char* kWayNames[] = {"down", "up"};
constexpr const char* kStages[] = {"auth", "decode", "upstream", "encode"};

double Seconds(int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) * 1e-9;
}

size_t StatusIndex(int status) {
  return std::find(std::begin(kKnownStatuses), std::end(kKnownStatuses), status) - std::begin(kKnownStatuses);
}

}  // namespace

Metrics::Metrics(std::shared_ptr<prometheus::Registry> registry, const std::vector<RouteName>& routes)
    : registry_(std::move(registry)),
      requests_(prometheus::BuildCounter()
                    .Name("gateway_http_requests_total")
                    .Help("HTTP requests by route template and status")
                    .Register(*registry_)) {
  auto& seconds = prometheus::BuildHistogram()
                      .Name("gateway_http_request_seconds")
                      .Help("From the last byte of a request to the answer being ready")
                      .Register(*registry_);
  for (const RouteName& name : routes) {
    routes_.push_back(std::make_unique<Route>());
    routes_.back()->name = name;
    routes_.back()->seconds = &seconds.Add({{"route", name.path}, {"method", name.http_method}}, kBuckets);
    if (name.path == kNoRoute) continue;
    routes_.back()->by_status[StatusIndex(200)] = Requests(name, 200);
  }
  auto& refused = prometheus::BuildCounter()
                      .Name("gateway_refused_total")
                      .Help("Requests refused before they reached a service")
                      .Register(*registry_);
  for (size_t i = 0; i < refused_.size(); ++i) refused_[i] = &refused.Add({{"reason", kReasonNames[i]}});
  auto& stages =
      prometheus::BuildHistogram()
          .Name("gateway_stage_seconds")
          .Help("Parts of a request: checking the caller, JSON to protobuf, the service, protobuf to JSON")
          .Register(*registry_);
  for (size_t i = 0; i < stages_.size(); ++i)
    stages_[i] = &stages.Add({{"stage", kStages[i]}}, kStageBuckets);
  auto& grpc = prometheus::BuildHistogram()
                   .Name("gateway_grpc_seconds")
                   .Help("gRPC calls passed through, by code")
                   .Register(*registry_);
  auto& streams = prometheus::BuildCounter()
                      .Name("gateway_grpc_streams_total")
                      .Help("gRPC streams passed through that have ended, by code")
                      .Register(*registry_);
  for (size_t i = 0; i < grpc_.size(); ++i) {
    const std::string code = CodeName(static_cast<absl::StatusCode>(i));
    grpc_[i] = &grpc.Add({{"grpc_code", code}}, kBuckets);
    grpc_streams_[i] = &streams.Add({{"grpc_code", code}});
  }
  auto& messages = prometheus::BuildCounter()
                       .Name("gateway_stream_messages_total")
                       .Help("Messages of streams over HTTP: down to clients, up to services")
                       .Register(*registry_);
  auto& bytes = prometheus::BuildCounter()
                    .Name("gateway_stream_bytes_total")
                    .Help("Bytes of the bodies of streams over HTTP")
                    .Register(*registry_);
  for (size_t i = 0; i < stream_messages_.size(); ++i) {
    stream_messages_[i] = &messages.Add({{"way", kWayNames[i]}});
    stream_bytes_[i] = &bytes.Add({{"way", kWayNames[i]}});
  }
}

prometheus::Counter* Metrics::Requests(const RouteName& name, int status) {
  // Twice for the same labels gives the same child.
  return &requests_.Add(
      {{"route", name.path}, {"method", name.http_method}, {"status", std::to_string(status)}});
}

void Metrics::OnHttp(size_t index, int status, int64_t nanoseconds, const Stages& stages) {
  Route& route = *routes_[index];
  std::atomic<prometheus::Counter*>& slot = route.by_status[std::min(StatusIndex(status), kStatuses - 1)];
  prometheus::Counter* counter = slot.load(std::memory_order_acquire);
  if (counter == nullptr) {
    counter = Requests(route.name, status);
    slot.store(counter, std::memory_order_release);
  }
  counter->Increment();
  route.seconds->Observe(Seconds(nanoseconds));
  const int64_t times[] = {stages.auth, stages.decode, stages.upstream, stages.encode};
  for (size_t i = 0; i < stages_.size(); ++i) {
    if (times[i] > 0) stages_[i]->Observe(Seconds(times[i]));
  }
}

void Metrics::OnGrpc(absl::StatusCode code, int64_t nanoseconds) {
  const size_t index = static_cast<size_t>(code);
  grpc_[index < grpc_.size() ? index : 2]->Observe(Seconds(nanoseconds));
}

void Metrics::OnStreamed(StreamWay way, int64_t messages, int64_t bytes) {
  stream_messages_[static_cast<size_t>(way)]->Increment(static_cast<double>(messages));
  stream_bytes_[static_cast<size_t>(way)]->Increment(static_cast<double>(bytes));
}

void Metrics::OnGrpcStream(absl::StatusCode code) {
  const size_t index = static_cast<size_t>(code);
  grpc_streams_[index < grpc_streams_.size() ? index : 2]->Increment();
}

void Metrics::OnRefused(RefusalReason reason) {
  refused_[static_cast<size_t>(reason)]->Increment();
}

}  // namespace lianqiao::gateway
