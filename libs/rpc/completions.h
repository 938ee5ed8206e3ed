// SPDX-License-Identifier: Apache-2.0
// Where the operations of all clients of the process complete. For this folder only.
#pragma once

#include <grpcpp/completion_queue.h>

#include <memory>
#include <vector>

#include "libs/rpc/run_after.h"

namespace lianqiao::rpc {

// One operation under way. What it belongs to stays alive until Complete has run.
class Completion {
 public:
  virtual ~Completion() = default;
  virtual void Complete(bool ok) = 0;
};

// Queues with a thread each. gRPC's own threads for callbacks contend for one poller, which costs a call a
// tenth more. Never destroyed, since calls may still be under way when their client goes.
class Completions {
 public:
  static Completions& Shared();
  grpc::CompletionQueue* Queue(unsigned turn) { return queues_[turn % queues_.size()].get(); }

 private:
  Completions();
  static void Run(grpc::CompletionQueue* queue);

  std::vector<std::unique_ptr<grpc::CompletionQueue>> queues_;
};

}  // namespace lianqiao::rpc
