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

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "libs/rpc/buffer.h"
#include "libs/rpc/client_stream.h"
#include "libs/rpc/completions.h"

namespace lianqiao::rpc {
namespace {

// One call's state: lives until the completion ran.
struct Pending final : Completion {
  void Complete(bool ok) override;

  grpc::ClientContext context;
  grpc::ByteBuffer response;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
  std::function<void(Answer)> done;
  std::shared_ptr<Pending> self;  // While the call is under way.
  std::atomic<bool> cancelled{false};
};

Answer Finish(const Pending& pending) {
  Answer answer;
  answer.error_details = pending.status.error_details();
  answer.status = CallStatus(pending.status, pending.cancelled);
  if (pending.status.ok()) answer.bytes = Bytes(pending.response);
  for (const auto& [name, value] : pending.context.GetServerInitialMetadata())
    answer.metadata.emplace_back(std::string(name.data(), name.size()),
                                 std::string(value.data(), value.size()));
  return answer;
}

void Pending::Complete(bool) {
  const std::shared_ptr<Pending> pending = std::move(self);
  const std::function<void(Answer)> then = std::move(done);
  then(Finish(*pending));
}

}  // namespace

namespace {

// Separate connections to one address, used in turn.
class Channels {
 public:
  enum class Use { kCalls, kStreams };
  Channels(const Client::Options& options, Use use) {
    for (int i = 0; i < options.channels; ++i) {
      grpc::ChannelArguments arguments;
      // Without these, all channels of a process to one address share a single connection.
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      arguments.SetInt(use == Use::kCalls ? "lianqiao.channel" : "lianqiao.stream_channel", i);
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
      // Left to itself, gRPC lets a fast server send each slow reader tens of megabytes.
      if (use == Use::kStreams) arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
      arguments.SetMaxReceiveMessageSize(static_cast<int>(options.message_bytes_max));
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
  bool Connected() { return channels_.front()->GetState(true) == GRPC_CHANNEL_READY; }

 private:
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
};

}  // namespace

class Client::Core {
 public:
  explicit Core(const Options& options) : options_(options), calls_(options, Channels::Use::kCalls) {}
  // Made with the first stream: few clients have any.
  Channels& Streams() {
    std::call_once(streams_once_,
                   [this] { streams_ = std::make_unique<Channels>(options_, Channels::Use::kStreams); });
    return *streams_;
  }

  const Options options_;
  Channels calls_;
  std::atomic<unsigned> next_{0};

 private:
  std::once_flag streams_once_;
  std::unique_ptr<Channels> streams_;
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
  pending->reader = core_->calls_.Stub(turn).PrepareUnaryCall(&pending->context, path, buffer,
                                                              Completions::Shared().Queue(turn));
  pending->reader->StartCall();
  pending->reader->Finish(&pending->response, &pending->status, static_cast<Completion*>(pending.get()));
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

std::unique_ptr<ClientStream> Client::Open(const std::string& path, const Metadata& metadata,
                                           absl::Time deadline) {
  const unsigned turn = core_->next_.fetch_add(1, std::memory_order_relaxed);
  return OpenStream(&core_->Streams().Stub(turn), Completions::Shared().Queue(turn), path, metadata,
                    deadline);
}

bool Client::Connected() const {
  return core_->calls_.Connected();
}

}  // namespace lianqiao::rpc
