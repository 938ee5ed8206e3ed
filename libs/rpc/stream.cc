// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/stream.h"

#include "libs/rpc/client.h"
#include "libs/rpc/server.h"

namespace lianqiao::rpc {

void Server::BindStream(const std::string&, Stream) {}

std::unique_ptr<ClientStream> Client::Open(const std::string&, const Metadata&, absl::Time) {
  return nullptr;
}

}  // namespace lianqiao::rpc
