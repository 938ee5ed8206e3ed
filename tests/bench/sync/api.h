// SPDX-License-Identifier: Apache-2.0
// Calls of one process as the bench's client that also reads changes; its token is renewed by itself.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/access/client_token.h"
#include "libs/feed/rpc_source.h"
#include "libs/rpc/client.h"
#include "tests/bench/registry/platform.h"

namespace lianqiao::bench {

class Api {
 public:
  // `target` as in rpc::Client; so many connections.
  static absl::StatusOr<std::unique_ptr<Api>> Connect(const Platform& platform, const std::string& target,
                                                      int connections);

  absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response);
  // A stream that never ends by a deadline; its first message is `request`.
  absl::StatusOr<std::unique_ptr<rpc::ClientStream>> Open(const std::string& method,
                                                          const google::protobuf::Message& request);
  // "Bearer …"
  absl::StatusOr<std::string> Authorization();
  rpc::Client& client() { return client_; }
  feed::Source& source() { return *source_; }

 private:
  Api(const Platform& platform, const access::Credentials& credentials, const std::string& target,
      int connections);

  rpc::Client identity_;
  access::ClientToken token_;
  rpc::Client client_;
  std::unique_ptr<feed::RpcSource> source_;
};

// How many times a field of this number stands in a serialised message, without reading what is in it.
int64_t CountField(const std::string& bytes, int number);

}  // namespace lianqiao::bench
