// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/client.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

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
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  std::function<void(Answer)> done;
};

Answer Finish(const Pending& pending, const grpc::Status& status) {
  Answer answer;
  answer.error_details = status.error_details();
  google::rpc::Status rich;
  if (!status.ok() && !answer.error_details.empty() && rich.ParseFromString(answer.error_details)) {
    answer.status = FromRpcStatus(rich);
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

}  // namespace

class Client::Core {
 public:
  explicit Core(const Options& options) {
    for (int i = 0; i < options.channels; ++i) {
      grpc::ChannelArguments arguments;
      // Without these, all channels of a process to one address share a single connection.
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      arguments.SetInt("lianqiao.channel", i);
      arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
      arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
      arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
      arguments.SetMaxReceiveMessageSize(static_cast<int>(32u << 20));
      auto channel = grpc::CreateCustomChannel(options.target, grpc::InsecureChannelCredentials(), arguments);
      channels_.push_back(channel);
      stubs_.push_back(std::make_unique<grpc::GenericStub>(channel));
    }
  }

  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  std::atomic<unsigned> next_{0};
};

Client::Client(Options options) : core_(std::make_unique<Core>(options)) {}
Client::~Client() = default;

std::function<void()> Client::Call(const std::string& path, std::string request, const Metadata& metadata,
                                   absl::Time deadline, std::function<void(Answer)> done) {
  auto pending = std::make_shared<Pending>();
  const grpc::Slice slice(request.data(), request.size());
  pending->request = grpc::ByteBuffer(&slice, 1);
  pending->done = std::move(done);
  if (deadline != absl::InfiniteFuture()) pending->context.set_deadline(absl::ToChronoTime(deadline));
  for (const auto& [name, value] : metadata) pending->context.AddMetadata(name, value);
  const unsigned turn = core_->next_.fetch_add(1, std::memory_order_relaxed);
  core_->stubs_[turn % core_->stubs_.size()]->UnaryCall(&pending->context, path, grpc::StubOptions(),
                                                        &pending->request, &pending->response,
                                                        [pending](grpc::Status status) {
                                                          pending->done(Finish(*pending, status));
                                                          pending->done = nullptr;
                                                        });
  return [weak = std::weak_ptr<Pending>(pending)] {
    if (auto held = weak.lock()) held->context.TryCancel();
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
