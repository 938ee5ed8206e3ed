// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/completions.h"

#include <grpcpp/alarm.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/time/clock.h"

namespace lianqiao::rpc {

Completions& Completions::Shared() {
  static auto* const shared = new Completions;
  return *shared;
}

Completions::Completions() {
  const unsigned count = std::clamp(std::thread::hardware_concurrency() / 4, 1u, 8u);
  for (unsigned i = 0; i < count; ++i) {
    queues_.push_back(std::make_unique<grpc::CompletionQueue>());
    std::thread([queue = queues_.back().get()] { Run(queue); }).detach();
  }
}

void Completions::Run(grpc::CompletionQueue* queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<Completion*>(tag)->Complete(ok);
}

void RunAfter(absl::Duration delay, std::function<void()> then) {
  auto* const alarm = new grpc::Alarm;
  alarm->Set(absl::ToChronoTime(absl::Now() + delay), [alarm, then = std::move(then)](bool) {
    then();
    delete alarm;
  });
}

}  // namespace lianqiao::rpc
