// SPDX-License-Identifier: Apache-2.0
// How a streaming method answers a role: by the first message that it gives, or by its end; and what the
// gateway makes of that where the stream is the bytes of a file. Only for this gate.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <utility>

#include "libs/contract/contract.h"
#include "libs/testing/service.h"

namespace lianqiao::gates {

bool IsStream(const contract::Method& method);

class Streams {
 public:
  // The service outlives it. `package`: its own, beside which it serves lianqiao.sync.v1.
  Streams(testing::TestService* service, const std::string& package);
  ~Streams();

  // Code and text over gRPC. `request`: all that the client sends. An empty token is not sent.
  std::pair<std::string, std::string> Ask(const contract::Method& method,
                                          const google::protobuf::Message& request, const std::string& token);
  // Whether its bytes have a path of their own over HTTP.
  bool HasBytePath(const contract::Method& method) const;
  // The code there, of the same request.
  std::string AskForBytes(const contract::Method& method, const google::protobuf::Message& request,
                          const std::string& token);

 private:
  class Front;
  testing::TestService* const service_;
  const std::unique_ptr<Front> front_;
};

}  // namespace lianqiao::gates
