// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/grpc_front.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/rpc/errors.h"
#include "services/gateway/error.h"
#include "services/gateway/http_message.h"
#include "services/gateway/http_status.h"

namespace lianqiao::gateway {
namespace {

// "ipv4:127.0.0.1:4711" -> "127.0.0.1"; behind our own proxy, which is a loopback peer, what it saw.
std::string AddressOf(const rpc::CallContext& context) {
  std::string peer = context.peer.substr(context.peer.find(':') + 1);
  if (context.peer.rfind("unix:", 0) == 0) peer = "unix:";
  peer = peer.substr(0, peer.rfind(':'));
  const bool loopback =
      peer.rfind("127.", 0) == 0 || peer == "unix" || peer == "[::1]" || peer == "%5B::1%5D";
  return loopback ? ForwardedAddress(context.Metadata("x-forwarded-for"), peer) : peer;
}

}  // namespace

struct GrpcFront::Call {
  std::shared_ptr<const rpc::CallContext> context;
  const ServedMethod* method = nullptr;
  std::string address;
  Admission admission;
  int64_t start = SteadyNow();
};

GrpcFront::~GrpcFront() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return streams_ == 0; });
}

std::shared_ptr<GrpcFront::Call> GrpcFront::Admit(const std::shared_ptr<const rpc::CallContext>& context,
                                                  bool stream) const {
  auto call = std::make_shared<Call>();
  call->context = context;
  call->method = parts_.catalogue->Find(context->method);
  call->address = AddressOf(*context);
  const CallOrigin origin = {call->method != nullptr ? call->method->path : std::string(), call->address,
                             context->request_id, context->trace_id};
  const bool needs_token = call->method != nullptr && call->method->needs_token;
  const std::string authorization = context->Metadata(rpc::kAuthorization);
  call->admission = stream ? parts_.guard->AdmitStream(authorization, origin, needs_token, call->start)
                           : parts_.guard->Admit(authorization, origin, needs_token, call->start);
  if (call->admission.status.ok() && (call->method == nullptr || Streams(context->method) != stream)) {
    call->admission.status =
        base::Fail(absl::StatusCode::kUnimplemented, base::ErrorReason::METHOD_UNIMPLEMENTED);
  }
  return call;
}

rpc::Client::Metadata GrpcFront::Forwarded(const Call& call) const {
  rpc::Client::Metadata metadata = {{rpc::kRequestId, call.context->request_id},
                                    {rpc::kCallerAddress, call.address}};
  for (const char* name : {rpc::kAuthorization, rpc::kTraceParent, "tracestate", rpc::kAcceptLanguage,
                           rpc::kActingPerson, rpc::kActingRole, rpc::kAfter}) {
    std::string value = call.context->Metadata(name);
    const bool after = name == rpc::kAfter && value.empty() && !call.admission.client_id.empty();
    if (after) value = parts_.positions->After(call.admission.client_id, call.method->upstream, call.start);
    if (!value.empty()) metadata.emplace_back(name, std::move(value));
  }
  return metadata;
}

absl::Status GrpcFront::Public(const Call& call, const rpc::Answer& answer) const {
  if (answer.status.ok()) return absl::OkStatus();
  return rpc::Verbatim(PublicStatus(answer, call.method->descriptor->file()->package(),
                                    call.context->language, call.context->request_id));
}

absl::Status GrpcFront::StatusOf(const Call& call, StreamRelay::End end,
                                 const rpc::ClientStream& service) const {
  switch (end) {
    case StreamRelay::End::kClientGone:
      return rpc::StatusOfGone(*call.context);
    case StreamRelay::End::kClientTooSlow:
      return base::Fail(absl::StatusCode::kResourceExhausted, base::ErrorReason::CONSUMER_TOO_SLOW);
    case StreamRelay::End::kByService:
      break;
  }
  return Public(call, {service.status(), "", {}, service.error_details()});
}

void GrpcFront::Log(const Call& call, absl::StatusCode code, int64_t took) const {
  if (!parts_.access_log) return;
  base::Log(base::Severity::kInfo, "grpc_request",
            {{"method", call.method != nullptr ? call.context->method : "-"},
             {"code", CodeName(code)},
             {"milliseconds", absl::StrCat(static_cast<double>(took / 1000) / 1000)},
             {"client", call.admission.client_id},
             {"request_id", call.context->request_id},
             {"trace_id", call.context->trace_id}});
}

void GrpcFront::Handle(const std::shared_ptr<const rpc::CallContext>& context, std::string request,
                       const rpc::Done& done) const {
  const std::shared_ptr<Call> call = Admit(context, false);
  const auto finish = [this, call, done](absl::StatusOr<rpc::Reply> reply) {
    call->admission.decision.slot.Release();
    const int64_t took = SteadyNow() - call->start;
    parts_.metrics->OnGrpc(reply.status().code(), took);
    Log(*call, reply.status().code(), took);
    done(std::move(reply));
  };
  if (!call->admission.status.ok()) return finish(call->admission.status);
  auto cancel = parts_.upstreams[call->method->upstream]->Call(
      call->method->path, std::move(request), Forwarded(*call), context->deadline,
      [this, call, finish](rpc::Answer answer) {
        rpc::Reply reply;
        for (auto& [name, value] : answer.metadata) {
          if (name == rpc::kPosition && !call->admission.client_id.empty()) {
            parts_.positions->Remember(call->admission.client_id, call->method->upstream, value, SteadyNow());
          }
          if (name == rpc::kPosition || name == rpc::kReplayed) reply.metadata.emplace_back(name, value);
        }
        if (!answer.status.ok()) return finish(Public(*call, answer));
        reply.bytes = std::move(answer.bytes);
        finish(std::move(reply));
      });
  if (context->cancel != nullptr) context->cancel->Set(std::move(cancel));
}

bool GrpcFront::Streams(const std::string& path) const {
  const ServedMethod* method = parts_.catalogue->Find(path);
  return method != nullptr && (method->client_streams || method->server_streams);
}

void GrpcFront::HandleStream(const std::shared_ptr<const rpc::CallContext>& context,
                             const std::shared_ptr<rpc::ServerStream>& stream) {
  const std::shared_ptr<Call> call = Admit(context, true);
  {
    const std::lock_guard lock(mutex_);
    ++streams_;
  }
  if (!call->admission.status.ok()) {
    OnStreamEnded(call.get(), call->admission.status.code());
    return stream->Finish(call->admission.status);
  }
  auto service =
      parts_.upstreams[call->method->upstream]->Open(call->method->path, Forwarded(*call), context->deadline);
  const auto ended = [this, call](StreamRelay::End end, const rpc::ClientStream& service) -> absl::Status {
    const absl::Status status = StatusOf(*call, end, service);
    OnStreamEnded(call.get(), status.code());
    return status;
  };
  std::make_shared<StreamRelay>(stream, std::move(service), parts_.slow_reader, ended)->Start();
}

void GrpcFront::OnStreamEnded(Call* call, absl::StatusCode code) {
  call->admission.decision.slot.Release();
  parts_.metrics->OnGrpcStream(code);
  Log(*call, code, SteadyNow() - call->start);
  const std::lock_guard lock(mutex_);
  if (--streams_ == 0) idle_.notify_all();
}

}  // namespace lianqiao::gateway
