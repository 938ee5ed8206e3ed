// SPDX-License-Identifier: Apache-2.0
// A gRPC server whose methods are bound by name to functions over bytes: no generated service code. A handler
// must never block the calling thread (it is gRPC's): it hands the work to a postgres::Database and answers
// through `done`, exactly once, from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/call.h"
#include "libs/rpc/stream.h"

namespace lianqiao::rpc {

using Done = std::function<void(absl::StatusOr<Reply>)>;
using Unary = std::function<void(std::shared_ptr<const CallContext>, std::string request, Done)>;
// Called once per finished call: (context, status code, seconds).
using Observe = std::function<void(const CallContext&, absl::StatusCode, double)>;

class ServerCore;

class Server {
 public:
  struct Options {
    std::vector<std::string> listen;  // "unix:/path" or "127.0.0.1:0"; loopback or unix only (design §8).
    int concurrent_calls_max = 2000;  // Beyond it RESOURCE_EXHAUSTED with retry advice.
    int streams_max = 1000;           // The same for streams, by themselves.
    // How long the client of a stream may take to receive its end before it is cut off.
    absl::Duration stream_end_limit = absl::Seconds(30);
    size_t message_bytes_max = 4u << 20;                  // Of what is received.
    absl::Duration default_deadline = absl::Seconds(30);  // For calls without one.
    absl::Duration deadline_max = absl::Seconds(60);
    bool reflection = true;
    // Callers' addresses are what the gateway says they are (kCallerAddress). Only for addresses that nobody
    // but the gateway and our own processes reach.
    bool behind_gateway = false;
    // Bound methods get CallContext::cancel, too: for servers that pass calls on.
    bool cancel_slots = false;
    Observe observe;
  };
  explicit Server(Options options);
  ~Server();

  // Before Start. `path` is "/package.Service/Method".
  void Bind(const std::string& path, Unary handler);
  // A streaming method. A stream lives until its client's deadline, without one until its end; streams count
  // by themselves (`streams_max`).
  void BindStream(const std::string& path, Stream handler);
  // For anything not bound: passes bytes through (the gateway's gRPC port). Unary only.
  void BindOther(Unary handler);
  // The same for those paths of streaming methods that `streams` knows; with BindOther.
  void BindOtherStream(std::function<bool(const std::string& path)> streams, Stream handler);

  std::vector<std::string> methods() const;  // The paths that are bound.
  int running() const;                       // Calls under way, without streams.
  int streams() const;                       // Streams under way.
  absl::Status Start();                      // UNAVAILABLE if an address cannot be bound.
  int port(size_t index) const;              // The port chosen for ":0".
  void SetServing(bool serving);             // grpc.health.v1, all services.
  // Stops accepting, lets running calls finish until the limit, then cancels them. Streams would not finish
  // by themselves: they end UNAVAILABLE at once, and are cut off a second later.
  void Drain(absl::Duration limit);

 private:
  std::unique_ptr<ServerCore> core_;
};

}  // namespace lianqiao::rpc
