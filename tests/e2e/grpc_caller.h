// SPDX-License-Identifier: Apache-2.0
// Calls by method name on gRPC's own generic stub, as an integrator's generated client would make them.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace lianqiao::e2e {

class GrpcCaller {
 public:
  // "127.0.0.1:8081" or "unix:/path".
  GrpcCaller(const std::string& address, std::string token);
  ~GrpcCaller();

  // Blocking. `method` like "lianqiao.registry.v1.OrganisationService/GetOrganisation".
  absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response, absl::Duration limit = absl::Seconds(20));
  // Reason of the ErrorInfo that came with the last failure; empty if there was none.
  const std::string& reason() const { return reason_; }

 private:
  struct Stub;
  const std::string token_;
  std::string reason_;
  std::unique_ptr<Stub> stub_;
};

}  // namespace lianqiao::e2e
