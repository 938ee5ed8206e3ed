// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/registry/load.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "tests/bench/registry/cpu.h"

namespace lianqiao::bench {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

double SecondsSince(SteadyTime start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct PendingCall {
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  grpc::Status status;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  SteadyTime start;
};

}  // namespace

struct LoadClient::Core {
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  int outstanding = 0;
  uint64_t next = 0;

  void Start(grpc::CompletionQueue* queue, const std::string& method, const std::string& authorization,
             const std::string& bytes) {
    auto* call = new PendingCall;
    call->context.AddMetadata("authorization", authorization);
    const grpc::Slice slice(bytes.data(), bytes.size());
    call->request = grpc::ByteBuffer(&slice, 1);
    call->start = std::chrono::steady_clock::now();
    call->reader =
        stubs[next++ % stubs.size()]->PrepareUnaryCall(&call->context, method, call->request, queue);
    call->reader->StartCall();
    call->reader->Finish(&call->response, &call->status, call);
  }
};

LoadClient::LoadClient(const std::string& target, int connections, int outstanding)
    : core_(std::make_unique<Core>()) {
  core_->outstanding = outstanding;
  for (int i = 0; i < connections; ++i) {
    grpc::ChannelArguments arguments;
    // Without these, all channels of a process to one address share a single connection.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt("lianqiao.bench.channel", i);
    arguments.SetMaxReceiveMessageSize(32 << 20);
    core_->stubs.push_back(std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments)));
  }
}

LoadClient::~LoadClient() = default;

double LoadClient::Result::Quantile(double q) const {
  if (latencies_sorted.empty()) return 0;
  return latencies_sorted[static_cast<size_t>(q * static_cast<double>(latencies_sorted.size() - 1))];
}

absl::StatusOr<LoadClient::Result> LoadClient::Run(const std::string& method, const std::string& token,
                                                   double seconds,
                                                   const std::function<std::string(uint64_t n)>& request) {
  grpc::CompletionQueue queue;
  const std::string authorization = "Bearer " + token;
  Result result;
  absl::Status failure;
  uint64_t number = 0;
  const double processor_start = OwnProcessorSeconds();
  const auto start = std::chrono::steady_clock::now();
  int running = 0;
  for (; running < core_->outstanding; ++running)
    core_->Start(&queue, method, authorization, request(number++));
  while (running > 0) {
    void* tag = nullptr;
    bool ok = false;
    if (queue.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + std::chrono::seconds(60)) !=
        grpc::CompletionQueue::GOT_EVENT)
      return absl::DeadlineExceededError("no call of " + method + " ended for 60 s");
    const std::unique_ptr<PendingCall> call(static_cast<PendingCall*>(tag));
    --running;
    if (!call->status.ok() && failure.ok())
      failure = absl::Status(static_cast<absl::StatusCode>(call->status.error_code()),
                             absl::StrCat(method, ": ", call->status.error_message()));
    result.latencies_sorted.push_back(SecondsSince(call->start) * 1000);
    if (!failure.ok() || SecondsSince(start) >= seconds) continue;
    core_->Start(&queue, method, authorization, request(number++));
    ++running;
  }
  result.seconds = SecondsSince(start);
  result.processor_seconds = OwnProcessorSeconds() - processor_start;
  result.operations = static_cast<int64_t>(result.latencies_sorted.size());
  std::sort(result.latencies_sorted.begin(), result.latencies_sorted.end());
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) continue;
  if (!failure.ok()) return failure;
  return result;
}

}  // namespace lianqiao::bench
