// SPDX-License-Identifier: Apache-2.0
// The gRPC front: passes the bytes of any served unary method through, after the same checks of token and
// limits as the HTTP front. Everything it is given must outlive it.
#pragma once

#include <memory>
#include <vector>

#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "services/gateway/catalogue.h"
#include "services/gateway/guard.h"
#include "services/gateway/metrics.h"
#include "services/gateway/positions.h"

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
  };
  explicit GrpcFront(Parts parts) : parts_(std::move(parts)) {}

  // For rpc::Server::BindOther.
  void Handle(const std::shared_ptr<const rpc::CallContext>& context, std::string request,
              const rpc::Done& done) const;

 private:
  const Parts parts_;
};

}  // namespace lianqiao::gateway
