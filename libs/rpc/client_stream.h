// SPDX-License-Identifier: Apache-2.0
// The client's end of streaming calls. For this folder only.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "libs/rpc/client.h"
#include "libs/rpc/stream.h"

namespace lianqiao::rpc {

// How a call ended for its caller: our Failure if the server sent one. `cancelled`: by its caller.
absl::Status CallStatus(const grpc::Status& status, bool cancelled);

std::unique_ptr<ClientStream> OpenStream(grpc::GenericStub* stub, grpc::CompletionQueue* queue,
                                         const std::string& path, const Client::Metadata& metadata,
                                         absl::Time deadline);

}  // namespace lianqiao::rpc
