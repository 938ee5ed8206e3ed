// SPDX-License-Identifier: Apache-2.0
// The one file that touches gRPC's internals: raw callback handlers registered by name, as generated code
// does.
#include "libs/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/codegen/method_handler.h>
#include <grpcpp/impl/rpc_service_method.h>

#include <atomic>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/limits.h"
#include "libs/base/log.h"
#include "libs/rpc/buffer.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/server_core.h"

namespace lianqiao::rpc {
namespace {

std::string TraceId(const std::string& traceparent) {
  // 00-<32 hex>-<16 hex>-<2 hex>
  if (traceparent.size() >= 55 && traceparent[2] == '-' && traceparent[35] == '-')
    return traceparent.substr(3, 32);
  return base::Hex(base::RandomBytes(16));
}

}  // namespace

std::shared_ptr<CallContext> ServerCore::Context(const grpc::ServerContextBase& server,
                                                 const std::string& method, bool streaming) const {
  auto context = std::make_shared<CallContext>();
  context->method = method;
  context->peer = server.peer();
  // The last of several counts: what our own proxy adds comes after what a client sent.
  for (const auto& [name, value] : server.client_metadata())
    context->metadata[std::string(name.data(), name.size())] = std::string(value.data(), value.size());
  if (options_.behind_gateway) context->caller_address = context->Metadata(kCallerAddress);
  if (!context->caller_address.empty()) context->peer = context->caller_address;
  const absl::Time now = absl::Now();
  const absl::Time asked = absl::FromChrono(server.deadline());
  const bool none = server.deadline() == std::chrono::system_clock::time_point::max();
  if (streaming) {
    context->deadline = none ? absl::InfiniteFuture() : asked;
  } else {
    context->deadline = none ? now + options_.default_deadline : std::min(asked, now + options_.deadline_max);
  }
  context->language = LanguageOf(context->Metadata(kAcceptLanguage));
  context->request_id = context->Metadata(kRequestId);
  if (context->request_id.empty() || context->request_id.size() > base::kRequestIdCharactersMax)
    context->request_id = base::RandomId();
  context->trace_id = TraceId(context->Metadata(kTraceParent));
  return context;
}

grpc::Status ServerCore::Status(const CallContext& context, const absl::Status& status) const {
  const google::rpc::Status rich = ToRpcStatus(status, context.language, context.request_id);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), rich.message(), rich.SerializeAsString());
}

absl::Status Overloaded() {
  return base::WithRetryAfter(base::Fail(absl::StatusCode::kResourceExhausted, base::ErrorReason::OVERLOADED),
                              500);
}

namespace {

// Runs a handler and finishes the call with its answer.
class UnaryReactor final : public grpc::ServerUnaryReactor {
 public:
  UnaryReactor(grpc::ByteBuffer* response, std::shared_ptr<CancelSlot> cancel)
      : response_(response), cancel_(std::move(cancel)) {}
  void Answer(const grpc::Status& status) { Finish(status); }
  grpc::ByteBuffer* response() { return response_; }
  void OnCancel() override {
    if (cancel_ != nullptr) cancel_->Cancel();
  }
  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer* response_;
  const std::shared_ptr<CancelSlot> cancel_;
};

}  // namespace

// All methods of one proto service. Methods must be marked by a grpc::Service, hence the class.
class BoundService final : public grpc::Service {
 public:
  void Add(const std::string* path, Unary handler, const ServerCore* core) {
    auto* method =
        new grpc::internal::RpcServiceMethod(path->c_str(), grpc::internal::RpcMethod::NORMAL_RPC, nullptr);
    AddMethod(method);
    auto run = [path, handler = std::move(handler), core](
                   grpc::CallbackServerContext* server, const grpc::ByteBuffer* request,
                   grpc::ByteBuffer* response) -> grpc::ServerUnaryReactor* {
      const auto context = core->Context(*server, *path);
      if (core->options_.cancel_slots) context->cancel = std::make_shared<CancelSlot>();
      auto* reactor = new UnaryReactor(response, context->cancel);
      const absl::Time start = absl::Now();
      const auto done = [reactor, server, context, core, start](absl::StatusOr<Reply> reply) {
        if (context->cancel != nullptr) context->cancel->Set(nullptr);
        core->Observe(*context, start, reply.status().code());
        server->AddInitialMetadata(kRequestId, context->request_id);
        if (!reply.ok()) return reactor->Answer(core->Status(*context, reply.status()));
        for (const auto& [name, value] : reply->metadata) server->AddInitialMetadata(name, value);
        *reactor->response() = Buffer(reply->bytes);
        reactor->Answer(grpc::Status::OK);
      };
      if (!core->Enter()) {
        done(Overloaded());
      } else {
        handler(context, Bytes(*request), done);
      }
      return reactor;
    };
    MarkMethodRawCallback(
        count_++,
        new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(std::move(run)));
  }

  // Whichever side streams: on the wire all four kinds of method are alike.
  void AddStream(const std::string* path, Stream handler, const ServerCore* core) {
    AddMethod(new grpc::internal::RpcServiceMethod(path->c_str(), grpc::internal::RpcMethod::BIDI_STREAMING,
                                                   nullptr));
    auto run = [path, handler = std::move(handler), core](grpc::CallbackServerContext* server) {
      return StartStream(server, *path, core, handler);
    };
    MarkMethodRawCallback(
        count_++,
        new grpc::internal::CallbackBidiHandler<grpc::ByteBuffer, grpc::ByteBuffer>(std::move(run)));
  }

 private:
  int count_ = 0;
};

namespace {

// Forwards any unary method: reads one message, answers with one.
class GenericReactor final : public grpc::ServerGenericBidiReactor {
 public:
  GenericReactor(grpc::GenericCallbackServerContext* server, const ServerCore* core, const Unary& handler)
      : server_(server), core_(core), handler_(handler), start_(absl::Now()) {
    const auto context = core->Context(*server, server->method());
    context->cancel = std::make_shared<CancelSlot>();
    context_ = context;
    StartRead(&request_);
  }
  void OnReadDone(bool ok) override {
    if (!ok) request_.Clear();
    if (!core_->Enter()) return Answer(Overloaded());
    handler_(context_, Bytes(request_), [this](absl::StatusOr<Reply> reply) { Answer(std::move(reply)); });
  }
  void OnCancel() override { context_->cancel->Cancel(); }
  void OnDone() override { delete this; }

 private:
  void Answer(absl::StatusOr<Reply> reply) {
    context_->cancel->Set(nullptr);
    core_->Observe(*context_, start_, reply.status().code());
    server_->AddInitialMetadata(kRequestId, context_->request_id);
    if (!reply.ok()) return Finish(core_->Status(*context_, reply.status()));
    for (const auto& [name, value] : reply->metadata) server_->AddInitialMetadata(name, value);
    response_ = Buffer(reply->bytes);
    StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
  }

  grpc::GenericCallbackServerContext* server_;
  const ServerCore* core_;
  const Unary& handler_;
  absl::Time start_;
  std::shared_ptr<const CallContext> context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

class ForwardingService final : public grpc::CallbackGenericService {
 public:
  explicit ForwardingService(const ServerCore* core) : core_(core) {}
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    if (core_->other_streams_ && core_->other_streams_(context->method()))
      return StartStream(context, context->method(), core_, core_->other_stream_);
    return new GenericReactor(context, core_, core_->other_);
  }

 private:
  const ServerCore* core_;
};

}  // namespace

void ServerCore::AddServices() {
  names_.reserve(handlers_.size() + stream_handlers_.size());
  std::map<std::string, BoundService*> services;
  const auto service_of = [&](const std::string& path) {
    names_.push_back(path);
    BoundService*& service = services[path.substr(0, path.rfind('/'))];
    if (service == nullptr) {
      auto bound = std::make_unique<BoundService>();
      service = bound.get();
      services_.push_back(std::move(bound));
    }
    return service;
  };
  for (const auto& [path, handler] : handlers_) service_of(path)->Add(&names_.back(), handler, this);
  for (const auto& [path, handler] : stream_handlers_)
    service_of(path)->AddStream(&names_.back(), handler, this);
}

Server::Server(Options options) : core_(std::make_unique<ServerCore>(std::move(options))) {}

Server::~Server() {
  Drain(absl::ZeroDuration());
}

void Server::Bind(const std::string& path, Unary handler) {
  core_->handlers_[path] = std::move(handler);
}
void Server::BindStream(const std::string& path, Stream handler) {
  core_->stream_handlers_[path] = std::move(handler);
}
void Server::BindOther(Unary handler) {
  core_->other_ = std::move(handler);
}
void Server::BindOtherStream(std::function<bool(const std::string& path)> streams, Stream handler) {
  core_->other_streams_ = std::move(streams);
  core_->other_stream_ = std::move(handler);
}

absl::Status Server::Start() {
  ServerCore& core = *core_;
  for (const std::string& address : core.options_.listen) {
    // A hostile peer drives Debian's gRPC out of memory (design §8): the public edge is HAProxy, see deploy/.
    const bool local = absl::StartsWith(address, "unix:") || absl::StartsWith(address, "127.0.0.1:") ||
                       absl::StartsWith(address, "[::1]:");
    if (!local)
      return absl::InvalidArgumentError("gRPC listens on unix: or loopback only, not on " + address);
  }
  grpc::EnableDefaultHealthCheckService(true);
  if (core.options_.reflection) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  // Debian's default shares a port with a forgotten older process, which then takes half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Left to itself, gRPC takes tens of megabytes of a stream whose handler does not read.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.SetMaxReceiveMessageSize(static_cast<int>(core.options_.message_bytes_max));
  core.ports_.resize(core.options_.listen.size());
  for (size_t i = 0; i < core.options_.listen.size(); ++i)
    builder.AddListeningPort(core.options_.listen[i], grpc::InsecureServerCredentials(), &core.ports_[i]);
  core.AddServices();
  for (auto& service : core.services_) builder.RegisterService(service.get());
  if (core.other_) {
    core.generic_ = std::make_unique<ForwardingService>(&core);
    builder.RegisterCallbackGenericService(core.generic_.get());
  }
  core.server_ = builder.BuildAndStart();
  for (size_t i = 0; i < core.ports_.size(); ++i) {
    const bool unix_socket = core.options_.listen[i].rfind("unix:", 0) == 0;
    if (core.server_ == nullptr || (core.ports_[i] == 0 && !unix_socket))
      return absl::UnavailableError("cannot listen on " + core.options_.listen[i] + ": is it in use?");
  }
  return absl::OkStatus();
}

std::vector<std::string> Server::methods() const {
  std::vector<std::string> paths;
  for (const auto& [path, handler] : core_->handlers_) paths.push_back(path);
  for (const auto& [path, handler] : core_->stream_handlers_) paths.push_back(path);
  return paths;
}

int Server::running() const {
  return core_->running_.load(std::memory_order_relaxed);
}
int Server::streams() const {
  return core_->open_.count();
}
int Server::port(size_t index) const {
  return core_->ports_[index];
}

void Server::SetServing(bool serving) {
  if (core_->server_ != nullptr) core_->server_->GetHealthCheckService()->SetServingStatus(serving);
}

void Server::Drain(absl::Duration limit) {
  if (core_->server_ == nullptr) return;
  core_->open_.Drain(std::min(limit / 2, absl::Seconds(1)));
  core_->server_->Shutdown(absl::ToChronoTime(absl::Now() + limit));
}

}  // namespace lianqiao::rpc
