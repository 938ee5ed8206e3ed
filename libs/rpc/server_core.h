// SPDX-License-Identifier: Apache-2.0
// What the calls of one server share. For this folder only.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "libs/rpc/server.h"
#include "libs/rpc/server_stream.h"

namespace lianqiao::rpc {

class ServerCore {
 public:
  explicit ServerCore(Server::Options options)
      : options_(std::move(options)), open_(options_.streams_max, options_.stream_end_limit) {}

  // `streaming`: a deadline holds as it is asked for, and without one there is none.
  std::shared_ptr<CallContext> Context(const grpc::ServerContextBase& server, const std::string& method,
                                       bool streaming = false) const;
  grpc::Status Status(const CallContext& context, const absl::Status& status) const;

  void AddServices();
  void Report(const CallContext& context, absl::Time start, absl::StatusCode code) const {
    if (options_.observe) options_.observe(context, code, absl::ToDoubleSeconds(absl::Now() - start));
  }
  void Observe(const CallContext& context, absl::Time start, absl::StatusCode code) const {
    running_.fetch_sub(1, std::memory_order_relaxed);
    Report(context, start, code);
  }
  // False: too many calls are running.
  bool Enter() const {
    return running_.fetch_add(1, std::memory_order_relaxed) < options_.concurrent_calls_max;
  }

  Server::Options options_;
  std::map<std::string, Unary> handlers_;
  std::map<std::string, Stream> stream_handlers_;
  Unary other_;
  std::function<bool(const std::string&)> other_streams_;
  Stream other_stream_;
  mutable std::atomic<int> running_{0};
  mutable OpenStreams open_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::CallbackGenericService> generic_;
  std::vector<std::string> names_;  // Method names must outlive the server.
  std::vector<int> ports_;
  std::unique_ptr<grpc::Server> server_;
};

absl::Status Overloaded();

}  // namespace lianqiao::rpc
