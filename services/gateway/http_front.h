// SPDX-License-Identifier: Apache-2.0
// The HTTP/JSON front: identifiers, the gateway's own endpoints, route, caller and limits, JSON to protobuf,
// the upstream call, and back. Everything it is given must outlive it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/rpc/client.h"
#include "services/gateway/endpoints.h"
#include "services/gateway/guard.h"
#include "services/gateway/http_message.h"
#include "services/gateway/metrics.h"
#include "services/gateway/positions.h"
#include "services/gateway/route_table.h"

namespace lianqiao::gateway {

class HttpFront : public HttpHandler {
 public:
  struct Options {
    absl::Duration deadline = absl::Seconds(30);  // For callers that ask for none.
    absl::Duration deadline_max = absl::Seconds(60);
    size_t body_bytes_max = 4u << 20;  // Of a gzip body, unpacked.
    bool access_log = true;
    absl::Duration heartbeat = absl::Seconds(15);  // Of event streams on which nothing happens.
  };
  struct Parts {
    const RouteTable* routes = nullptr;
    std::vector<rpc::Client*> upstreams;  // By ServedMethod::upstream.
    const Endpoints* endpoints = nullptr;
    Guard* guard = nullptr;
    Positions* positions = nullptr;
    Metrics* metrics = nullptr;
  };
  HttpFront(Options options, Parts parts) : options_(options), parts_(std::move(parts)) {}

  void Handle(std::shared_ptr<HttpCall> call) override;
  BodyLimit LimitBody(const HttpRequest& request) override;
  void Refuse(ReadFailure failure, const HttpRequest& request, HttpResponse* response) override;

  // Waits until no request needs this object or the server any more; false if the limit passed first.
  bool WaitIdle(absl::Duration limit);

  // What `routes` Metrics must be made with: those of the table, then two for everything else.
  static std::vector<Metrics::RouteName> RouteNames(const RouteTable& routes);

 private:
  friend class HttpExchange;
  // An exchange's first member, so that it is the last to go.
  class Presence {
   public:
    explicit Presence(HttpFront* front);
    ~Presence();
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;

   private:
    HttpFront* const front_;
  };

  const Options options_;
  const Parts parts_;
  std::mutex mutex_;
  std::condition_variable idle_;
  int live_ = 0;  // Guarded by mutex_.
};

}  // namespace lianqiao::gateway
