// SPDX-License-Identifier: Apache-2.0
// The server's end of streaming calls. For this folder only.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_callback.h>

#include <mutex>
#include <string>
#include <unordered_set>

#include "absl/time/time.h"
#include "libs/rpc/stream.h"

namespace lianqiao::rpc {

class ServerCore;
class StreamCall;
using StreamReactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

// The streams of one server that gRPC has not done with. Thread-safe.
class OpenStreams {
 public:
  OpenStreams(int streams_max, absl::Duration end_limit) : end_limit(end_limit), streams_max_(streams_max) {}
  // OVERLOADED beyond the limit, UNAVAILABLE once the server drains. Either way it counts until Remove.
  absl::Status Add(StreamCall* call);
  void Remove(StreamCall* call);
  // Ends all and every one to come; cuts those off whose clients have not taken the end after `grace`.
  void Drain(absl::Duration grace);
  int count() const;

  const absl::Duration end_limit;  // How long a client may take to receive the end of its stream.

 private:
  const int streams_max_;
  mutable std::mutex mutex_;
  bool draining_ = false;                  // Guarded by mutex_.
  std::unordered_set<StreamCall*> calls_;  // Guarded by mutex_.
};

// Runs the handler for a call that has just come; the reactor is gRPC's.
StreamReactor* StartStream(grpc::CallbackServerContext* server, const std::string& method,
                           const ServerCore* core, const Stream& handler);

}  // namespace lianqiao::rpc
