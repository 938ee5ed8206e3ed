// SPDX-License-Identifier: Apache-2.0
// What the gateway counts. Label values come from routes, codes and fixed words only, never from a request.
// Thread-safe. Children are made at the start; only those of a route's rarer statuses wait for the first one.
#pragma once

#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace prometheus {
class Counter;
class Histogram;
}  // namespace prometheus

namespace lianqiao::gateway {

// Times of one request in nanoseconds; 0: the stage was not reached.
struct Stages {
  int64_t auth = 0;
  int64_t decode = 0;
  int64_t upstream = 0;
  int64_t encode = 0;
};

enum class RefusalReason { kRate, kConcurrency, kOverload, kAuthentication, kStreams };

// Which way messages of a stream go: to the client or to the service.
enum class StreamWay { kDown, kUp };

// The route of requests that match none.
inline constexpr char kNoRoute[] = "none";

class Metrics {
 public:
  struct RouteName {
    std::string http_method;
    std::string path;
  };
  // The position of a name is the `route` of OnHttp.
  Metrics(std::shared_ptr<prometheus::Registry> registry, const std::vector<RouteName>& routes);

  void OnHttp(size_t route, int status, int64_t nanoseconds, const Stages& stages);
  // gRPC calls passed through, by their code.
  void OnGrpc(absl::StatusCode code, int64_t nanoseconds);
  // As they go.
  void OnStreamed(StreamWay way, int64_t messages, int64_t bytes);
  // Streams that ended, by their code; how long they lasted says nothing.
  void OnGrpcStream(absl::StatusCode code);
  void OnRefused(RefusalReason reason);

 private:
  static constexpr size_t kStatuses = 28;
  static constexpr size_t kReasons = 5;
  prometheus::Counter* Requests(const RouteName& name, int status);

  struct Route {
    RouteName name;
    prometheus::Histogram* seconds = nullptr;
    std::array<std::atomic<prometheus::Counter*>, kStatuses> by_status{};
  };

  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  std::vector<std::unique_ptr<Route>> routes_;
  std::array<prometheus::Histogram*, 4> stages_{};
  std::array<prometheus::Counter*, kReasons> refused_{};
  std::array<prometheus::Histogram*, 17> grpc_{};
  std::array<prometheus::Counter*, 2> stream_messages_{};
  std::array<prometheus::Counter*, 2> stream_bytes_{};
  std::array<prometheus::Counter*, 17> grpc_streams_{};
};

}  // namespace lianqiao::gateway
