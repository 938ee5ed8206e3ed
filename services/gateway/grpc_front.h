// SPDX-License-Identifier: Apache-2.0
// The gRPC front: passes the bytes of any served method through, calls and streams, after the same checks of
// token and limits as the HTTP front. Everything it is given must outlive it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "services/gateway/catalogue.h"
#include "services/gateway/guard.h"
#include "services/gateway/metrics.h"
#include "services/gateway/positions.h"
#include "services/gateway/stream_relay.h"

namespace lianqiao::gateway {

class GrpcFront {
 public:
  struct Parts {
    const Catalogue* catalogue = nullptr;
    std::vector<rpc::Client*> upstreams;
    Guard* guard = nullptr;
    Positions* positions = nullptr;
    Metrics* metrics = nullptr;
    bool access_log = true;
    // A client that has not taken a message of its stream by then is cut off.
    absl::Duration slow_reader = absl::Seconds(30);
  };
  explicit GrpcFront(Parts parts) : parts_(std::move(parts)) {}
  // After the server: waits for what its streams still have to tell.
  ~GrpcFront();

  // For rpc::Server::BindOther.
  void Handle(const std::shared_ptr<const rpc::CallContext>& context, std::string request,
              const rpc::Done& done) const;
  // For rpc::Server::BindOtherStream.
  bool Streams(const std::string& path) const;
  void HandleStream(const std::shared_ptr<const rpc::CallContext>& context,
                    const std::shared_ptr<rpc::ServerStream>& stream);

 private:
  struct Call;
  // Checks who comes: the call's admission says how that went.
  std::shared_ptr<Call> Admit(const std::shared_ptr<const rpc::CallContext>& context, bool stream) const;
  rpc::Client::Metadata Forwarded(const Call& call) const;
  absl::Status Public(const Call& call, const rpc::Answer& answer) const;
  absl::Status StatusOf(const Call& call, StreamRelay::End end, const rpc::ClientStream& service) const;
  void Log(const Call& call, absl::StatusCode code, int64_t took) const;
  void OnStreamEnded(Call* call, absl::StatusCode code);

  const Parts parts_;
  std::mutex mutex_;
  std::condition_variable idle_;
  int streams_ = 0;  // Guarded by mutex_.
};

}  // namespace lianqiao::gateway
