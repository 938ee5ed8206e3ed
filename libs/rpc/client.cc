// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/client.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <random>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "google/rpc/status.pb.h"
#include "libs/base/limits.h"
#include "libs/rpc/errors.h"

namespace lianqiao::rpc {
namespace {

std::string Bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// One call's state: lives until the completion ran.
struct Pending {
  grpc::ClientContext context;
  grpc::ByteBuffer response;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
  std::function<void(Answer)> done;
  std::shared_ptr<Pending> self;  // While the call is under way.
  std::atomic<bool> cancelled{false};
};

Answer Finish(const Pending& pending) {
  const grpc::Status& status = pending.status;
  Answer answer;
  answer.error_details = status.error_details();
  google::rpc::Status rich;
  if (!status.ok() && !answer.error_details.empty() && rich.ParseFromString(answer.error_details)) {
    answer.status = FromRpcStatus(rich);
  } else if (status.error_code() == grpc::StatusCode::CANCELLED && !pending.cancelled) {
    // Nobody here gave it up: it came to a server that is shutting down, which gRPC answers like this.
    answer.status = absl::UnavailableError("the server is shutting down");
  } else if (!status.ok()) {
    answer.status = absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  } else {
    answer.bytes = Bytes(pending.response);
  }
  for (const auto& [name, value] : pending.context.GetServerInitialMetadata())
    answer.metadata.emplace_back(std::string(name.data(), name.size()),
                                 std::string(value.data(), value.size()));
  return answer;
}

// Where the calls of all clients of the process complete: queues with a thread each. gRPC's own threads for
// callbacks contend for one poller, which costs a call a tenth more. Never destroyed, since calls may still
// be under way when their client goes.
class Completions {
 public:
  static Completions& Shared() {
    static auto* const shared = new Completions;
    return *shared;
  }
  grpc::CompletionQueue* Queue(unsigned turn) { return queues_[turn % queues_.size()].get(); }

 private:
  Completions() {
    const unsigned count = std::clamp(std::thread::hardware_concurrency() / 4, 1u, 8u);
    for (unsigned i = 0; i < count; ++i) {
      queues_.push_back(std::make_unique<grpc::CompletionQueue>());
      std::thread([queue = queues_.back().get()] { Run(queue); }).detach();
    }
  }
  static void Run(grpc::CompletionQueue* queue) {
    void* tag = nullptr;
    bool ok = false;
    while (queue->Next(&tag, &ok)) {
      const std::shared_ptr<Pending> pending = std::move(static_cast<Pending*>(tag)->self);
      const std::function<void(Answer)> done = std::move(pending->done);
      done(Finish(*pending));
    }
  }

  std::vector<std::unique_ptr<grpc::CompletionQueue>> queues_;
};

}  // namespace

class Client::Core {
 public:
  explicit Core(const Options& options) {
    for (int i = 0; i < options.channels; ++i) {
      grpc::ChannelArguments arguments;
      // Without these, all channels of a process to one address share a single connection.
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      arguments.SetInt("lianqiao.channel", i);
      // What every call would pay for and none of ours needs; retries alone are a sixth of it. A server that
      // drains takes what was sent before its client knew, so nothing is lost that a retry would have saved.
      arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
      arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
      arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, 0);
      arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
      arguments.SetInt(GRPC_ARG_CLIENT_IDLE_TIMEOUT_MS, std::numeric_limits<int>::max());
      // Targets are on this machine; a proxy named in the environment is not meant for them.
      arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
      // How long one attempt to connect may take, whatever its name: with 50 ms a busy machine failed calls.
      // A refused attempt is repeated after the initial backoff.
      arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2000);
      arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
      arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
      arguments.SetMaxReceiveMessageSize(static_cast<int>(32u << 20));
      auto channel = grpc::CreateCustomChannel(options.target, grpc::InsecureChannelCredentials(), arguments);
      channels_.push_back(channel);
      stubs_.push_back(std::make_unique<grpc::GenericStub>(channel));
    }
  }

  // In turn, but past channels that wait for their next attempt to connect: they would fail the call at once
  // although another one is connected already, for a second after a restart of the server.
  grpc::GenericStub& Stub(unsigned turn) {
    const size_t count = channels_.size();
    for (size_t i = 0; i < count; ++i) {
      const grpc_connectivity_state state = channels_[(turn + i) % count]->GetState(false);
      if (state == GRPC_CHANNEL_READY || state == GRPC_CHANNEL_IDLE) return *stubs_[(turn + i) % count];
    }
    return *stubs_[turn % count];
  }

  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  std::atomic<unsigned> next_{0};
};

Client::Client(const Options& options) {
  // Debian's Abseil is built with its search for deadlocks, which takes one global lock and walks a graph at
  // every lock that gRPC takes. What it finds there is not ours to mend, and our own code locks std::mutex.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  core_ = std::make_unique<Core>(options);
}
Client::~Client() = default;

std::function<void()> Client::Call(const std::string& path, std::string request, const Metadata& metadata,
                                   absl::Time deadline, std::function<void(Answer)> done) {
  auto pending = std::make_shared<Pending>();
  const grpc::Slice slice(request.data(), request.size());
  const grpc::ByteBuffer buffer(&slice, 1);
  pending->done = std::move(done);
  pending->self = pending;
  if (deadline != absl::InfiniteFuture()) pending->context.set_deadline(absl::ToChronoTime(deadline));
  for (const auto& [name, value] : metadata) pending->context.AddMetadata(name, value);
  const unsigned turn = core_->next_.fetch_add(1, std::memory_order_relaxed);
  pending->reader =
      core_->Stub(turn).PrepareUnaryCall(&pending->context, path, buffer, Completions::Shared().Queue(turn));
  pending->reader->StartCall();
  pending->reader->Finish(&pending->response, &pending->status, pending.get());
  return [weak = std::weak_ptr<Pending>(pending)] {
    const auto held = weak.lock();
    if (held == nullptr) return;
    held->cancelled = true;
    held->context.TryCancel();
  };
}

Answer Client::CallAndWait(const std::string& path, const std::string& request, const Metadata& metadata,
                           absl::Time deadline, bool retry) {
  static thread_local std::mt19937 random{std::random_device{}()};
  for (int attempt = 0;; ++attempt) {
    struct Wait {
      std::mutex mutex;
      std::condition_variable ready;
      bool set = false;
      Answer answer;
    };
    auto wait = std::make_shared<Wait>();
    Call(path, request, metadata, deadline, [wait](Answer answer) {
      const std::lock_guard<std::mutex> lock(wait->mutex);
      wait->answer = std::move(answer);
      wait->set = true;
      wait->ready.notify_one();
    });
    std::unique_lock<std::mutex> lock(wait->mutex);
    wait->ready.wait(lock, [&] { return wait->set; });
    if (!retry || wait->answer.status.code() != absl::StatusCode::kUnavailable)
      return std::move(wait->answer);
    const int pause = std::uniform_int_distribution<int>(20, 50 << std::min(attempt, 5))(random);
    if (absl::Now() + absl::Milliseconds(pause) >= deadline) return std::move(wait->answer);
    lock.unlock();
    absl::SleepFor(absl::Milliseconds(pause));
  }
}

absl::Status Client::CallAndWait(const std::string& path, const google::protobuf::Message& request,
                                 google::protobuf::Message* response, const Metadata& metadata,
                                 absl::Time deadline) {
  Answer answer = CallAndWait(path, request.SerializeAsString(), metadata, deadline);
  if (answer.status.ok() && !response->ParseFromString(answer.bytes))
    return absl::DataLossError("bad answer of " + path);
  return answer.status;
}

bool Client::Connected() const {
  return core_->channels_.front()->GetState(true) == GRPC_CHANNEL_READY;
}

}  // namespace lianqiao::rpc
