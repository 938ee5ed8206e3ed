// SPDX-License-Identifier: Apache-2.0
// One stream on its way through: what the client sends goes to the service and the other way round, one
// message at a time each way, so that a slow side holds up the other and nothing is kept here.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "libs/rpc/stream.h"

namespace lianqiao::gateway {

class StreamRelay : public std::enable_shared_from_this<StreamRelay> {
 public:
  // Called once, as the stream ends: with the service's side when the service has ended it, and what it gives
  // back is what the client is told; with null when the client has gone.
  using Ended = std::function<absl::Status(const rpc::ClientStream* service)>;

  StreamRelay(std::shared_ptr<rpc::ServerStream> client, std::unique_ptr<rpc::ClientStream> service,
              Ended ended);
  ~StreamRelay();
  StreamRelay(const StreamRelay&) = delete;
  StreamRelay& operator=(const StreamRelay&) = delete;

  // It keeps itself alive until both sides are done.
  void Start();

 private:
  void PassToService();
  void PassToClient();
  void PassMetadata();
  void OnServiceEnded();
  void OnClientGone();

  const std::shared_ptr<rpc::ServerStream> client_;
  const std::unique_ptr<rpc::ClientStream> service_;
  const Ended ended_;
  bool metadata_passed_ = false;  // Of the reads from the service, one at a time.
  std::atomic<bool> over_{false};
};

}  // namespace lianqiao::gateway
