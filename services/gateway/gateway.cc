// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/gateway.h"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/str_join.h"
#include "libs/base/log.h"
#include "libs/runtime/metrics_server.h"
#include "libs/runtime/service_metrics.h"
#include "services/gateway/api_descriptors.h"
#include "services/gateway/grpc_front.h"
#include "services/gateway/identity_endpoints.h"
#include "services/gateway/openapi.h"
#include "services/gateway/platform_endpoints.h"
#include "services/gateway/sync/sync_host.h"
#include "services/gateway/vocabulary.h"

namespace lianqiao::gateway {

class Gateway::Parts {
 public:
  explicit Parts(Options options) : options_(std::move(options)), service_metrics_("gateway") {}
  ~Parts() { Drain(absl::ZeroDuration()); }

  absl::Status Start() {
    if (options_.with_identity) RETURN_IF_ERROR(StartIdentity());
    if (options_.with_identity) RETURN_IF_ERROR(StartSync());
    ASSIGN_OR_RETURN(catalogue_, Catalogue::Load(options_.catalogue));
    if (!options_.with_identity) RETURN_IF_ERROR(RefuseWhatNeedsTokens());
    ASSIGN_OR_RETURN(routes_, RouteTable::Build(*catalogue_));
    for (const std::string& target : catalogue_->targets()) {
      clients_.push_back(std::make_unique<rpc::Client>(rpc::Client::Options{target, 2}));
    }
    registry_ = std::make_shared<prometheus::Registry>();
    metrics_ = std::make_unique<Metrics>(registry_, HttpFront::RouteNames(*routes_));
    guard_ = std::make_unique<Guard>(options_.guard, Verifier(), metrics_.get());
    FillEndpoints();
    RETURN_IF_ERROR(StartHttp());
    RETURN_IF_ERROR(StartGrpc());
    return StartMetrics();
  }

  int http_port() const { return http_->port(); }

  void Drain(absl::Duration limit) {
    if (http_ != nullptr) http_->Drain(limit);
    if (grpc_ != nullptr) grpc_->Drain(limit);
    // Calls that were cancelled when their connections closed still answer.
    if (front_ != nullptr && !front_->WaitIdle(absl::Seconds(5))) {
      base::Log(base::Severity::kWarning, "drain_incomplete");
    }
    if (sync_ != nullptr) sync_->Drain(limit);
    if (identity_ != nullptr) identity_->Drain(limit);
  }

 private:
  absl::Status StartIdentity() {
    options_.identity.observe = service_metrics_.ObserveCalls();
    options_.identity.observe_pool = [this](postgres::Database::Options* pool) {
      service_metrics_.ObservePool(pool);
    };
    RETURN_IF_ERROR(FindRegistry());
    ASSIGN_OR_RETURN(identity_, identity::IdentityHost::Start(options_.identity));
    service_metrics_.AddMethods(identity_->methods());
    for (const auto& [name, pool] : identity_->pools()) service_metrics_.WatchPool(name, pool);
    service_metrics_.WatchGauge("grpc_server_calls_running", "Calls under way",
                                [this] { return static_cast<double>(identity_->running()); });
    service_metrics_.WatchCounter("lianqiao_access_log_dropped_total",
                                  "Entries of the access log that could not be kept",
                                  [this] { return static_cast<double>(identity_->access_log().dropped()); });
    if (identity_->following() != nullptr) identity_->following()->Watch(&service_metrics_);
    options_.catalogue.upstreams.emplace_back("lianqiao.identity.v1", options_.identity.listen.front());
    return absl::OkStatus();
  }

  // Grants name records of the registry: identity follows it if it stands behind this gateway.
  absl::Status FindRegistry() {
    ASSIGN_OR_RETURN(const auto services, sync::ServicesBehind(options_.catalogue.upstreams));
    for (const sync::ServiceAddress& service : services)
      if (service.name == "registry") options_.identity.registry = service.target;
    return absl::OkStatus();
  }

  // "unix:/run/gateway-internal.sock" -> "unix:/run/gateway-internal-sync.sock".
  absl::StatusOr<std::string> SyncAddress() const {
    if (!options_.sync_listen.empty()) return options_.sync_listen;
    const std::string& beside = options_.identity.listen.front();
    if (beside.rfind("unix:", 0) != 0)
      return absl::InvalidArgumentError(
          "--sync_listen is required where --internal_listen is no unix socket");
    const size_t name = beside.rfind('/') == std::string::npos ? 5 : beside.rfind('/') + 1;
    const size_t dot = beside.rfind('.');
    const size_t end = dot == std::string::npos || dot <= name ? beside.size() : dot;
    return beside.substr(0, end) + "-sync" + beside.substr(end);
  }

  // An --upstream that serves lianqiao.sync.v1 itself takes its place.
  absl::Status StartSync() {
    auto& upstreams = options_.catalogue.upstreams;
    ASSIGN_OR_RETURN(auto services, sync::ServicesBehind(upstreams));
    const bool taken = std::any_of(upstreams.begin(), upstreams.end(), [](const auto& upstream) {
      return upstream.first.rfind("lianqiao.sync.v1", 0) == 0;
    });
    if (services.empty() || taken) return absl::OkStatus();
    sync::SyncHost::Options options;
    ASSIGN_OR_RETURN(options.listen, SyncAddress());
    options.services = std::move(services);
    options.authenticator = identity_->server().authenticator();
    options.observe = service_metrics_.ObserveCalls();
    options.connection = options_.identity.connection;
    options.schema = options_.identity.schema;
    options.observe_pool = [this](postgres::Database::Options* pool) { service_metrics_.ObservePool(pool); };
    upstreams.emplace_back("lianqiao.sync.v1", options.listen);
    ASSIGN_OR_RETURN(sync_, sync::SyncHost::Start(std::move(options)));
    service_metrics_.AddMethods(sync_->methods());
    service_metrics_.WatchPool("sync_jobs", sync_->pool());
    service_metrics_.WatchGauge("gateway_feed_watchers", "Open streams of changes of all services",
                                [this] { return static_cast<double>(sync_->watchers()); });
    for (size_t i = 0; i < sync_->services().size(); ++i) {
      service_metrics_.WatchCounter("gateway_feed_batches_total",
                                    "Batches of changes sent to watchers, by the service they came from",
                                    [this, i] { return static_cast<double>(sync_->batches(i)); },
                                    {{"service", sync_->services()[i].name}});
    }
    return absl::OkStatus();
  }

  absl::Status RefuseWhatNeedsTokens() const {
    std::vector<std::string> paths;
    for (const ServedMethod& method : catalogue_->methods()) {
      if (method.needs_token) paths.push_back(method.path);
    }
    if (paths.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError("--no_identity, but these need a token: " + absl::StrJoin(paths, ", "));
  }

  static void RecordDenial(const CallOrigin& origin, const access::TokenClaims& claims,
                           access::Denials* denials) {
    rpc::CallContext context;
    context.method = origin.method;
    context.peer = origin.address;
    context.request_id = origin.request_id;
    context.trace_id = origin.trace_id;
    denials->Record(context, claims);
  }

  VerifyToken Verifier() {
    if (identity_ == nullptr) return nullptr;
    return [server = &identity_->server()](const std::string& token,
                                           const CallOrigin& origin) -> absl::StatusOr<KnownClient> {
      access::TokenClaims denied;
      const auto verified = server->VerifyToken(token, &denied);
      if (!denied.client_id.empty() && !origin.method.empty())
        RecordDenial(origin, denied, server->denials());
      ASSIGN_OR_RETURN(const auto client, verified);
      return KnownClient{client->client_id,
                         {client->limits.requests_per_second, client->limits.request_burst,
                          client->limits.concurrent_requests}};
    };
  }

  std::vector<NamedUpstream> Upstreams() const {
    std::vector<NamedUpstream> upstreams;
    for (const auto& [key, target] : options_.catalogue.upstreams) {
      for (size_t i = 0; i < catalogue_->targets().size(); ++i) {
        if (catalogue_->targets()[i] == target) upstreams.push_back({key, clients_[i].get()});
      }
    }
    return upstreams;
  }

  std::vector<prometheus::MetricFamily> Collect() const {
    std::vector<prometheus::MetricFamily> families = service_metrics_.Collect();
    for (prometheus::MetricFamily& family : registry_->Collect()) families.push_back(std::move(family));
    return families;
  }

  void FillEndpoints() {
    Comments comments;
    comments.Add(ApiDescriptors());
    for (const std::string& file : options_.catalogue.descriptor_sets) {
      std::stringstream text;
      text << std::ifstream(file, std::ios::binary).rdbuf();
      comments.Add(text.str());
    }
    constexpr char kJson[] = "application/json; charset=utf-8";
    endpoints_.AddDocument("/openapi.json", kJson,
                           OpenApiJson(*routes_, comments, {options_.version, options_.with_identity}));
    endpoints_.AddDocument("/v1/vocabulary", kJson, VocabularyJson(*catalogue_));
    AddDocs(options_.docs_folder, &endpoints_);
    AddHealth(Upstreams(), &endpoints_);
    AddMetrics([this] { return prometheus::TextSerializer().Serialize(Collect()); }, &endpoints_);
    if (identity_ != nullptr) AddIdentity(&identity_->server(), &endpoints_);
  }

  std::vector<rpc::Client*> Clients() const {
    std::vector<rpc::Client*> clients;
    for (const auto& client : clients_) clients.push_back(client.get());
    return clients;
  }

  absl::Status StartHttp() {
    front_ = std::make_unique<HttpFront>(
        options_.front,
        HttpFront::Parts{routes_.get(), Clients(), &endpoints_, guard_.get(), &positions_, metrics_.get()});
    http_ = std::make_unique<HttpServer>(options_.http, front_.get());
    WatchFront();
    return http_->Start();
  }

  void WatchFront() {
    service_metrics_.WatchGauge("gateway_http_connections", "Open HTTP connections",
                                [this] { return static_cast<double>(http_->counts().open); });
    service_metrics_.WatchCounter("gateway_http_connections_accepted_total", "HTTP connections accepted",
                                  [this] { return static_cast<double>(http_->counts().accepted); });
    service_metrics_.WatchCounter("gateway_http_connections_refused_total",
                                  "HTTP connections refused because there were too many",
                                  [this] { return static_cast<double>(http_->counts().refused); });
    service_metrics_.WatchGauge("gateway_http_buffered_bytes", "Bytes of request bodies that are held",
                                [this] { return static_cast<double>(http_->counts().buffered_bytes); });
    service_metrics_.WatchGauge("gateway_calls_running", "Calls of both fronts under way",
                                [this] { return static_cast<double>(guard_->running()); });
    service_metrics_.WatchGauge("gateway_streams_open", "Streams of both fronts under way",
                                [this] { return static_cast<double>(guard_->streams()); });
    for (const NamedUpstream& upstream : Upstreams()) {
      service_metrics_.WatchGauge("gateway_upstream_connected", "1 while there is a connection to a service",
                                  [client = upstream.client] { return client->Connected() ? 1.0 : 0.0; },
                                  {{"upstream", upstream.name}});
    }
  }

  absl::Status StartGrpc() {
    if (options_.grpc_listen.empty()) return absl::OkStatus();
    grpc_front_ = std::make_unique<GrpcFront>(GrpcFront::Parts{
        catalogue_.get(), Clients(), guard_.get(), &positions_, metrics_.get(), options_.front.access_log});
    rpc::Server::Options options;
    options.listen = {options_.grpc_listen};
    options.reflection = false;  // It would show the gateway's own process, not the services behind it.
    grpc_ = std::make_unique<rpc::Server>(options);
    grpc_->BindOther([front = grpc_front_.get()](const std::shared_ptr<const rpc::CallContext>& context,
                                                 std::string request, const rpc::Done& done) {
      front->Handle(context, std::move(request), done);
    });
    grpc_->BindOtherStream(
        [front = grpc_front_.get()](const std::string& path) { return front->Streams(path); },
        [front = grpc_front_.get()](const std::shared_ptr<const rpc::CallContext>& context,
                                    const std::shared_ptr<rpc::ServerStream>& stream) {
          front->HandleStream(context, stream);
        });
    service_metrics_.WatchGauge("gateway_grpc_streams", "Open streams of the gRPC front",
                                [server = grpc_.get()] { return static_cast<double>(server->streams()); });
    RETURN_IF_ERROR(grpc_->Start());
    grpc_->SetServing(true);
    return absl::OkStatus();
  }

  absl::Status StartMetrics() {
    if (options_.metrics_listen.empty()) return absl::OkStatus();
    std::vector<runtime::MetricsServer::Check> checks;
    for (const NamedUpstream& upstream : Upstreams()) {
      checks.emplace_back(upstream.name, [client = upstream.client] { return client->Connected(); });
    }
    if (identity_ != nullptr && identity_->following() != nullptr) {
      const runtime::Following* following = identity_->following();
      checks.emplace_back(following->projection().name(), [following] { return following->IsReady(); });
    }
    ASSIGN_OR_RETURN(metrics_server_,
                     runtime::MetricsServer::Start(
                         options_.metrics_listen, [this] { return Collect(); }, std::move(checks)));
    return absl::OkStatus();
  }

  Options options_;
  runtime::ServiceMetrics service_metrics_;
  std::unique_ptr<identity::IdentityHost> identity_;
  std::unique_ptr<sync::SyncHost> sync_;
  std::unique_ptr<Catalogue> catalogue_;
  std::unique_ptr<RouteTable> routes_;
  std::vector<std::unique_ptr<rpc::Client>> clients_;
  std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Guard> guard_;
  Positions positions_;
  Endpoints endpoints_;
  std::unique_ptr<HttpFront> front_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<GrpcFront> grpc_front_;
  std::unique_ptr<rpc::Server> grpc_;
  std::unique_ptr<runtime::MetricsServer> metrics_server_;
};

Gateway::Gateway(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Gateway::~Gateway() = default;

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(Options options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  RETURN_IF_ERROR(parts->Start());
  return std::unique_ptr<Gateway>(new Gateway(std::move(parts)));
}

int Gateway::http_port() const {
  return parts_->http_port();
}
void Gateway::Drain(absl::Duration limit) {
  parts_->Drain(limit);
}

}  // namespace lianqiao::gateway
