// SPDX-License-Identifier: Apache-2.0
// Calls by method name over bytes or messages. Thread-safe; channels reconnect by themselves.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/rpc/call.h"
#include "libs/rpc/stream.h"

namespace lianqiao::rpc {

// What came back: the status carries our Failure when the server sent google.rpc details.
struct Answer {
  absl::Status status;
  std::string bytes;
  std::vector<std::pair<std::string, std::string>> metadata;  // Initial metadata, lower case.
  std::string error_details;                                  // grpc-status-details-bin as received.
};

class Client {
 public:
  struct Options {
    std::string target;  // "unix:/path" or "127.0.0.1:8081"
    int channels = 2;    // Separate connections, used in turn; streams have as many of their own.
    size_t message_bytes_max = 32u << 20;  // Of what is received: a page of changes with a long transaction.
  };
  explicit Client(const Options& options);
  ~Client();

  using Metadata = std::vector<std::pair<std::string, std::string>>;
  // Never blocks. `done` runs once, on a thread of gRPC: it must not block either. The returned function
  // cancels the call (safe at any time, also after it ended).
  std::function<void()> Call(const std::string& path, std::string request, const Metadata& metadata,
                             absl::Time deadline, std::function<void(Answer)> done);
  // Blocking, for jobs, tools and tests; retries UNAVAILABLE with jitter until the deadline if `retry`.
  Answer CallAndWait(const std::string& path, const std::string& request, const Metadata& metadata,
                     absl::Time deadline, bool retry = false);
  absl::Status CallAndWait(const std::string& path, const google::protobuf::Message& request,
                           google::protobuf::Message* response, const Metadata& metadata,
                           absl::Time deadline);
  // Opens a streaming call; never blocks. InfiniteFuture: no deadline.
  std::unique_ptr<ClientStream> Open(const std::string& path, const Metadata& metadata, absl::Time deadline);
  bool Connected() const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace lianqiao::rpc
