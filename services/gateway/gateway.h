// SPDX-License-Identifier: Apache-2.0
// The whole gateway in one object: identity, catalogue, routes, both fronts, metrics. Used by main.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/gateway/catalogue.h"
#include "services/gateway/guard.h"
#include "services/gateway/http_front.h"
#include "services/gateway/http_server.h"
#include "services/gateway/identity/identity_host.h"

namespace lianqiao::gateway {

class Gateway {
 public:
  struct Options {
    HttpServer::Options http;
    HttpFront::Options front;
    Guard::Options guard;
    Catalogue::Options catalogue;
    std::string grpc_listen;     // Empty: no gRPC front.
    std::string metrics_listen;  // Empty: metrics on the HTTP port only.
    std::string docs_folder;     // swagger-ui-dist; empty: a plain page.
    std::string version;
    // Without it no token is good, so only open and public methods can be called.
    bool with_identity = true;
    identity::IdentityHost::Options identity;
    // Where lianqiao.sync.v1 is served for all services, "unix:/path" or loopback. Empty: beside identity's
    // unix socket.
    std::string sync_listen;
  };
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(Options options);
  ~Gateway();
  int http_port() const;
  // Stops accepting, finishes what runs within the limit; identity goes last, since services need it.
  void Drain(absl::Duration limit);

 private:
  class Parts;
  explicit Gateway(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace lianqiao::gateway
