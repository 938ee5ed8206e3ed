// SPDX-License-Identifier: Apache-2.0
// In front of a service in the test's process: one gRPC address that gives tokens and serves the feed and
// everything else, as a gateway does for one service. Tests only.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "lianqiao/identity/v1/token.pb.h"
#include "libs/access/client_token.h"
#include "libs/base/status.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"

namespace lianqiao::cli {

class TestFront {
 public:
  // Client "operator" with secret "secret" gets the token "operator".
  explicit TestFront(const std::string& service_address) : client_({service_address, 2, 32u << 20}) {
    rpc::Server::Options options;
    options.listen = {"127.0.0.1:0"};
    options.reflection = false;
    server_ = std::make_unique<rpc::Server>(options);
    server_->Bind(access::kIssueToken, [this](const auto&, const std::string& request,
                                              const rpc::Done& done) { done(IssueToken(request)); });
    server_->BindOther(
        [this](std::shared_ptr<const rpc::CallContext> context, std::string request, rpc::Done done) {
          client_.Call(context->method, std::move(request), Forwarded(*context), context->deadline,
                       [done = std::move(done)](rpc::Answer answer) {
                         if (!answer.status.ok()) return done(answer.status);
                         done(rpc::Reply{std::move(answer.bytes), {}});
                       });
        });
    for (const char* method : {"WatchChanges", "ReadSnapshot"})
      server_->BindStream(std::string("/lianqiao.sync.v1.FeedService/") + method,
                          [this](auto context, auto stream) { Pump(context, stream); });
    if (!server_->Start().ok()) std::abort();
  }
  ~TestFront() { server_->Drain(absl::Milliseconds(200)); }

  std::string address() const { return "127.0.0.1:" + std::to_string(server_->port(0)); }
  std::atomic<int> tokens{0};  // Given so far.

 private:
  absl::StatusOr<rpc::Reply> IssueToken(const std::string& bytes) {
    identity::v1::IssueTokenRequest request;
    if (!request.ParseFromString(bytes) || request.client_secret() != "secret")
      return base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED);
    ++tokens;
    identity::v1::IssueTokenResponse response;
    response.set_access_token(request.client_id());
    response.set_token_type("Bearer");
    response.set_expires_in(600);
    return rpc::Reply{response.SerializeAsString(), {}};
  }

  static rpc::Client::Metadata Forwarded(const rpc::CallContext& context) {
    rpc::Client::Metadata metadata;
    for (const char* name : {rpc::kAuthorization, rpc::kAcceptLanguage})
      if (const std::string value = context.Metadata(name); !value.empty())
        metadata.emplace_back(name, value);
    return metadata;
  }

  // The service's messages one after the other, as fast as the client takes them.
  struct Pumping {
    std::shared_ptr<rpc::ServerStream> out;
    std::unique_ptr<rpc::ClientStream> in;
  };
  void Pump(const std::shared_ptr<const rpc::CallContext>& context,
            const std::shared_ptr<rpc::ServerStream>& stream) {
    auto pumping = std::make_shared<Pumping>();
    pumping->out = stream;
    pumping->in = client_.Open(context->method, Forwarded(*context), absl::InfiniteFuture());
    stream->OnCancel([weak = std::weak_ptr<Pumping>(pumping)] {
      if (const auto held = weak.lock()) held->in->Cancel();
    });
    stream->Read([pumping](std::optional<std::string> request) {
      if (!request.has_value()) return pumping->out->Finish(absl::CancelledError("gone"));
      pumping->in->Write(std::move(*request), [pumping](bool) {
        pumping->in->WritesDone();
        Next(pumping);
      });
    });
  }
  static void Next(const std::shared_ptr<Pumping>& pumping) {
    pumping->in->Read([pumping](std::optional<std::string> bytes) {
      if (!bytes.has_value()) return pumping->out->Finish(pumping->in->status());
      pumping->out->Write(std::move(*bytes), [pumping](bool taken) {
        if (taken) return Next(pumping);
        pumping->in->Cancel();
        pumping->out->Finish(absl::CancelledError("gone"));
      });
    });
  }

  rpc::Client client_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace lianqiao::cli
