// SPDX-License-Identifier: Apache-2.0
// What stands between consumers and the service: the gateway's two fronts and its merged feed, over the same
// grants as the service has. Without identity, which is tested elsewhere.
#pragma once

#include <memory>
#include <string>

#include "libs/access/authenticator.h"
#include "libs/rpc/client.h"

namespace lianqiao::convergence {

class Gateway {
 public:
  // `service`: where the service of this package is or will be, "unix:/path"; `folder`: for a socket of its
  // own.
  Gateway(const std::string& package, const std::string& service, const std::string& folder,
          access::Authenticator* authenticator);
  // As when its process dies: nobody waits for calls under way.
  ~Gateway();

  int http_port() const;
  std::shared_ptr<rpc::Client> client() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace lianqiao::convergence
