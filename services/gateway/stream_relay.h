// SPDX-License-Identifier: Apache-2.0
// One stream on its way through: what the client sends goes to the service and the other way round, one
// message at a time each way, so that a slow side holds up the other and nothing is kept here.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "libs/rpc/stream.h"

namespace grpc {
class Alarm;
}

namespace lianqiao::gateway {

class StreamRelay : public std::enable_shared_from_this<StreamRelay> {
 public:
  enum class End { kByService, kClientGone, kClientTooSlow };
  // Called once, as the stream ends; what it gives back is what the client is told, if it is still there. The
  // service's status is final only with kByService.
  using Ended = std::function<absl::Status(End end, const rpc::ClientStream& service)>;

  // A client that has not taken a message by `slow_reader` is cut off.
  StreamRelay(std::shared_ptr<rpc::ServerStream> client, std::unique_ptr<rpc::ClientStream> service,
              absl::Duration slow_reader, Ended ended);
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
  void LimitWrite();
  void OnTooSlow(int64_t write);

  const std::shared_ptr<rpc::ServerStream> client_;
  const std::unique_ptr<rpc::ClientStream> service_;
  const absl::Duration slow_reader_;
  const Ended ended_;
  // Of what passes to the client, one at a time.
  bool metadata_passed_ = false;
  std::unique_ptr<grpc::Alarm> alarm_;  // Of the write that is under way.
  std::atomic<int64_t> writes_{0};      // Begun and done: odd while one is under way.
  std::atomic<bool> over_{false};
};

}  // namespace lianqiao::gateway
