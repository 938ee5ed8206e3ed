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

struct Call {
  std::shared_ptr<const rpc::CallContext> context;
  rpc::Done done;
  Admission admission;
  int64_t start = SteadyNow();
};

}  // namespace

void GrpcFront::Handle(const std::shared_ptr<const rpc::CallContext>& context, std::string request,
                       const rpc::Done& done) const {
  const ServedMethod* method = parts_.catalogue->Find(context->method);
  auto call = std::make_shared<Call>();
  call->context = context;
  call->done = done;
  const auto finish = [this, call](absl::StatusOr<rpc::Reply> reply) {
    call->admission.decision.slot.Release();
    const int64_t took = SteadyNow() - call->start;
    parts_.metrics->OnGrpc(reply.status().code(), took);
    if (parts_.access_log) {
      base::Log(base::Severity::kInfo, "grpc_request",
                {{"method", parts_.catalogue->Find(call->context->method) ? call->context->method : "-"},
                 {"code", CodeName(reply.status().code())},
                 {"milliseconds", absl::StrCat(static_cast<double>(took / 1000) / 1000)},
                 {"client", call->admission.client_id},
                 {"request_id", call->context->request_id},
                 {"trace_id", call->context->trace_id}});
    }
    call->done(std::move(reply));
  };
  const std::string address = AddressOf(*context);
  call->admission = parts_.guard->Admit(
      context->Metadata(rpc::kAuthorization),
      {method != nullptr ? method->path : std::string(), address, context->request_id, context->trace_id},
      method != nullptr && method->needs_token, call->start);
  if (!call->admission.status.ok()) return finish(call->admission.status);
  if (method == nullptr || method->client_streams || method->server_streams) {
    return finish(base::Fail(absl::StatusCode::kUnimplemented, base::ErrorReason::METHOD_UNIMPLEMENTED));
  }
  rpc::Client::Metadata metadata = {{rpc::kRequestId, context->request_id}, {rpc::kCallerAddress, address}};
  for (const char* name : {rpc::kAuthorization, rpc::kTraceParent, "tracestate", rpc::kAcceptLanguage,
                           rpc::kActingPerson, rpc::kActingRole, rpc::kAfter}) {
    std::string value = context->Metadata(name);
    const bool after = name == rpc::kAfter && value.empty() && !call->admission.client_id.empty();
    if (after) value = parts_.positions->After(call->admission.client_id, method->upstream, call->start);
    if (!value.empty()) metadata.emplace_back(name, std::move(value));
  }
  auto cancel = parts_.upstreams[method->upstream]->Call(
      method->path, std::move(request), metadata, context->deadline,
      [this, call, finish, method](rpc::Answer answer) {
        rpc::Reply reply;
        for (auto& [name, value] : answer.metadata) {
          if (name == rpc::kPosition && !call->admission.client_id.empty()) {
            parts_.positions->Remember(call->admission.client_id, method->upstream, value, SteadyNow());
          }
          if (name == rpc::kPosition || name == rpc::kReplayed) reply.metadata.emplace_back(name, value);
        }
        if (!answer.status.ok()) {
          return finish(rpc::Verbatim(PublicStatus(answer, method->descriptor->file()->package(),
                                                   call->context->language, call->context->request_id)));
        }
        reply.bytes = std::move(answer.bytes);
        finish(std::move(reply));
      });
  if (context->cancel != nullptr) context->cancel->Set(std::move(cancel));
}

}  // namespace lianqiao::gateway
