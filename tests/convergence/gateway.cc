// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/gateway.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/rpc/server.h"
#include "services/gateway/grpc_front.h"
#include "services/gateway/http_front.h"
#include "services/gateway/http_server.h"
#include "services/gateway/sync/sync_host.h"
#include "tests/convergence/report.h"

namespace lianqiao::convergence {
namespace {

using gateway::Catalogue;
using gateway::Guard;
using gateway::HttpFront;
using gateway::HttpServer;

// Nobody is kept out here: what a token may do is the service's to say.
absl::StatusOr<gateway::KnownClient> Admitted(const std::string& token, const gateway::CallOrigin&) {
  constexpr int kUnlimited = 1 << 20;
  return gateway::KnownClient{token, {kUnlimited, kUnlimited, kUnlimited, kUnlimited}};
}

}  // namespace

// In the order of making; taken down in reverse.
struct Gateway::Parts {
  std::unique_ptr<gateway::sync::SyncHost> sync;
  std::unique_ptr<Catalogue> catalogue;
  std::unique_ptr<gateway::RouteTable> routes;
  std::unique_ptr<rpc::Client> upstream;
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::unique_ptr<gateway::Metrics> metrics;
  std::unique_ptr<Guard> guard;
  gateway::Positions positions;
  gateway::Endpoints endpoints;
  std::unique_ptr<HttpFront> front;
  std::unique_ptr<HttpServer> http;
  std::unique_ptr<gateway::GrpcFront> grpc_front;
  std::unique_ptr<rpc::Server> grpc;
  std::shared_ptr<rpc::Client> client;

  void StartSync(const std::string& package, const std::string& service, const std::string& listen,
                 access::Authenticator* authenticator) {
    gateway::sync::SyncHost::Options options;
    auto services = gateway::sync::ServicesBehind({{package, service}});
    Require(services.status(), "the gateway's services");
    options.listen = listen;
    options.services = *std::move(services);
    options.authenticator = authenticator;
    options.timing.heartbeat = std::chrono::milliseconds(200);  // Readers look up so often.
    options.timing.backoff_max = std::chrono::milliseconds(200);
    auto started = gateway::sync::SyncHost::Start(std::move(options));
    Require(started.status(), "the gateway's feed");
    sync = *std::move(started);
  }

  void StartHttp() {
    HttpFront::Options options;
    options.access_log = false;
    front = std::make_unique<HttpFront>(
        options,
        HttpFront::Parts{routes.get(), {upstream.get()}, &endpoints, guard.get(), &positions, metrics.get()});
    HttpServer::Options server;
    server.listen = "127.0.0.1:0";
    http = std::make_unique<HttpServer>(server, front.get());
    Require(http->Start(), "the gateway's HTTP");
  }

  void StartGrpc() {
    grpc_front = std::make_unique<gateway::GrpcFront>(gateway::GrpcFront::Parts{
        catalogue.get(), {upstream.get()}, guard.get(), &positions, metrics.get(), false});
    rpc::Server::Options options;
    options.listen = {"127.0.0.1:0"};
    options.reflection = false;
    grpc = std::make_unique<rpc::Server>(options);
    gateway::GrpcFront* const target = grpc_front.get();
    grpc->BindOther([target](const std::shared_ptr<const rpc::CallContext>& context, std::string request,
                             const rpc::Done& done) { target->Handle(context, std::move(request), done); });
    grpc->BindOtherStream([target](const std::string& path) { return target->Streams(path); },
                          [target](const std::shared_ptr<const rpc::CallContext>& context,
                                   const std::shared_ptr<rpc::ServerStream>& stream) {
                            target->HandleStream(context, stream);
                          });
    Require(grpc->Start(), "the gateway's gRPC");
  }
};

Gateway::Gateway(const std::string& package, const std::string& service, const std::string& folder,
                 access::Authenticator* authenticator)
    : parts_(std::make_unique<Parts>()) {
  const std::string listen = absl::StrCat("unix:", folder, "/sync");
  parts_->StartSync(package, service, listen, authenticator);
  Catalogue::Options served;
  served.upstreams = {{"lianqiao.sync.v1", listen}};
  auto catalogue = Catalogue::Load(served);
  Require(catalogue.status(), "the gateway's catalogue");
  parts_->catalogue = *std::move(catalogue);
  auto routes = gateway::RouteTable::Build(*parts_->catalogue);
  Require(routes.status(), "the gateway's routes");
  parts_->routes = *std::move(routes);
  parts_->upstream = std::make_unique<rpc::Client>(rpc::Client::Options{listen, 2});
  parts_->metrics =
      std::make_unique<gateway::Metrics>(parts_->registry, HttpFront::RouteNames(*parts_->routes));
  Guard::Options limits;
  limits.streams_max = 1 << 20;
  parts_->guard = std::make_unique<Guard>(limits, Admitted, parts_->metrics.get());
  parts_->StartHttp();
  parts_->StartGrpc();
  parts_->client = std::make_shared<rpc::Client>(
      rpc::Client::Options{absl::StrCat("127.0.0.1:", parts_->grpc->port(0)), 2});
}

Gateway::~Gateway() {
  parts_->http->Drain(absl::ZeroDuration());
  parts_->grpc->Drain(absl::ZeroDuration());
  parts_->front->WaitIdle(absl::Seconds(10));  // Calls that were cancelled with their connections answer.
  parts_->sync->Drain(absl::ZeroDuration());
}

int Gateway::http_port() const {
  return parts_->http->port();
}
std::shared_ptr<rpc::Client> Gateway::client() const {
  return parts_->client;
}

}  // namespace lianqiao::convergence
