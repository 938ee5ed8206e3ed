// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/server_stream.h"

#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpcpp/alarm.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "libs/rpc/buffer.h"
#include "libs/rpc/completions.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/server_core.h"

namespace lianqiao::rpc {

// One call. Lives for gRPC until OnDone and for the handler until it lets go; once the end is given to gRPC,
// nothing here touches gRPC any more. No callback runs, and none is destroyed, under the lock: it may hold
// the handler's last reference.
class StreamCall final : public StreamReactor, public std::enable_shared_from_this<StreamCall> {
 public:
  StreamCall(grpc::CallbackServerContext* server, const ServerCore* core, const std::string& method)
      : server_(server), core_(core), context_(core->Context(*server, method, true)), start_(absl::Now()) {
    server->AddInitialMetadata(kRequestId, context_->request_id);
  }

  void Run(const Stream& handler);
  void Ask(std::function<void(std::optional<std::string>)> then);
  void Add(const std::string& name, const std::string& value);
  void Send(std::string bytes, std::function<void(bool)> then);
  void End(const absl::Status& status);
  void WhenCancelled(std::function<void()> then);
  void Drain(absl::Duration grace);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  struct CoreRead : grpc_completion_queue_functor {
    StreamCall* call = nullptr;
    grpc_byte_buffer* message = nullptr;
  };

  // The client or the server goes: tells the handler and ends the call.
  void Go(const absl::Status& status);
  // A read by gRPC's core, which tells what its C++ layer does not: whether there was nothing more or the
  // read failed. Takes no time. False if there is no need for it.
  bool Probe();
  void OnProbed(bool ok);
  void AnswerRead();  // There are no more messages.
  // With the lock held. True once, when nothing is left before the end: the caller calls Close without it.
  bool TakeEnd();
  void Close();
  void CutOff();

  grpc::CallbackServerContext* const server_;  // Until done_.
  const ServerCore* const core_;               // The same.
  const std::shared_ptr<const CallContext> context_;
  const absl::Time start_;

  std::mutex mutex_;  // Guards what follows.
  std::shared_ptr<StreamCall> self_;
  CoreRead probe_{};
  grpc::ByteBuffer in_;
  grpc::ByteBuffer out_;
  std::function<void(std::optional<std::string>)> read_;  // Set while a read is under way.
  std::function<void(bool)> write_;
  std::function<void()> cancel_;
  std::optional<absl::Status> end_;  // Asked for; behind the write that is under way.
  bool begun_ = false;               // The initial metadata are on their way.
  bool probing_ = false;
  bool gone_ = false;
  bool telling_ = false;  // The handler is being told that the client has gone.
  bool answer_read_ = false;
  bool closed_ = false;  // The end is given to gRPC.
  bool done_ = false;
  grpc::Alarm alarm_;  // Cuts off a client that does not take the end.
};

namespace {

// What the handler holds.
class Handle final : public ServerStream {
 public:
  explicit Handle(std::shared_ptr<StreamCall> call) : call_(std::move(call)) {}
  ~Handle() override { call_->End(absl::InternalError("the handler dropped its stream")); }
  void Read(std::function<void(std::optional<std::string>)> then) override { call_->Ask(std::move(then)); }
  void AddMetadata(const std::string& name, const std::string& value) override { call_->Add(name, value); }
  void Write(std::string bytes, std::function<void(bool)> then) override {
    call_->Send(std::move(bytes), std::move(then));
  }
  void Finish(const absl::Status& status) override { call_->End(status); }
  void OnCancel(std::function<void()> then) override { call_->WhenCancelled(std::move(then)); }

 private:
  const std::shared_ptr<StreamCall> call_;
};

absl::Status ShuttingDown() {
  return absl::UnavailableError("the server is shutting down");
}

}  // namespace

void StreamCall::Run(const Stream& handler) {
  self_ = shared_from_this();
  const absl::Status admitted = core_->open_.Add(this);
  if (!admitted.ok()) return End(admitted);
  handler(context_, std::make_shared<Handle>(self_));
}

void StreamCall::Ask(std::function<void(std::optional<std::string>)> then) {
  {
    const std::lock_guard lock(mutex_);
    if (!end_.has_value() && !read_) {
      read_ = std::move(then);
      StartRead(&in_);
      return;
    }
  }
  RunAfter(absl::ZeroDuration(), [then = std::move(then)] { then(std::nullopt); });
}

void StreamCall::Add(const std::string& name, const std::string& value) {
  const std::lock_guard lock(mutex_);
  if (!end_.has_value() && !begun_) server_->AddInitialMetadata(name, value);
}

void StreamCall::Send(std::string bytes, std::function<void(bool)> then) {
  {
    const std::lock_guard lock(mutex_);
    if (!end_.has_value() && !write_) {
      write_ = std::move(then);
      begun_ = true;
      out_ = Buffer(std::move(bytes));
      StartWrite(&out_);
      return;
    }
  }
  RunAfter(absl::ZeroDuration(), [then = std::move(then)] { then(false); });
}

void StreamCall::End(const absl::Status& status) {
  std::function<void()> dropped;
  {
    const std::lock_guard lock(mutex_);
    if (end_.has_value()) return;
    end_ = status;
    dropped.swap(cancel_);
    alarm_.Set(absl::ToChronoTime(absl::Now() + core_->open_.end_limit),
               [weak = weak_from_this()](bool expired) {
                 const auto call = weak.lock();
                 if (expired && call != nullptr) call->CutOff();
               });
    if (!TakeEnd()) return;
  }
  Close();
}

void StreamCall::WhenCancelled(std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    if (!gone_) {
      if (!end_.has_value()) cancel_.swap(then);
      return;
    }
  }
  RunAfter(absl::ZeroDuration(), std::move(then));
}

void StreamCall::Drain(absl::Duration grace) {
  Go(ShuttingDown());
  RunAfter(grace, [weak = weak_from_this()] {
    if (const auto call = weak.lock()) call->CutOff();
  });
}

void StreamCall::OnReadDone(bool ok) {
  if (!ok) {
    // Whoever acts on "that was all" must not do so for a client that broke off: it is told of that first.
    if (server_->IsCancelled()) {
      OnCancel();
    } else if (Probe()) {
      return;
    }
    return AnswerRead();
  }
  grpc::ByteBuffer bytes;
  std::function<void(std::optional<std::string>)> then;
  {
    const std::lock_guard lock(mutex_);
    bytes.Swap(&in_);
    then.swap(read_);
  }
  then(Bytes(bytes));
}

bool StreamCall::Probe() {
  const std::lock_guard lock(mutex_);
  if (end_.has_value()) return false;
  probe_.functor_run = [](grpc_completion_queue_functor* probe, int ok) {
    static_cast<CoreRead*>(probe)->call->OnProbed(ok != 0);
  };
  probe_.call = this;
  grpc_op read{};
  read.op = GRPC_OP_RECV_MESSAGE;
  read.data.recv_message.recv_message = &probe_.message;
  probing_ = grpc_call_start_batch(server_->c_call(), &read, 1, &probe_, nullptr) == GRPC_CALL_OK;
  return probing_;
}

void StreamCall::OnProbed(bool ok) {
  // gRPC's C++ layer knows nothing of this read: once it is over, another thread may end the call for good.
  const auto keep = shared_from_this();
  if (probe_.message != nullptr) grpc_byte_buffer_destroy(probe_.message);
  const bool all =
      ok && probe_.message == nullptr && grpc_call_failed_before_recv_message(server_->c_call()) == 0;
  if (!all) OnCancel();
  bool close;
  {
    const std::lock_guard lock(mutex_);
    probing_ = false;
    close = TakeEnd();
  }
  AnswerRead();
  if (close) Close();
}

void StreamCall::AnswerRead() {
  std::function<void(std::optional<std::string>)> then;
  {
    const std::lock_guard lock(mutex_);
    if (telling_) {
      answer_read_ = true;  // Whoever tells the handler of the cancel does it after that.
      return;
    }
    then.swap(read_);
  }
  then(std::nullopt);
}

void StreamCall::OnWriteDone(bool ok) {
  std::function<void(bool)> then;
  bool close;
  {
    const std::lock_guard lock(mutex_);
    out_.Clear();
    then.swap(write_);
    close = TakeEnd();
  }
  then(ok);
  if (close) Close();
}

void StreamCall::OnCancel() {
  Go(StatusOfGone(*context_));
}

void StreamCall::Go(const absl::Status& status) {
  std::function<void()> then;
  std::function<void(std::optional<std::string>)> read;
  bool close;
  {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    then.swap(cancel_);
    if (then) telling_ = true;
    if (!end_.has_value()) end_ = status;
    close = TakeEnd();
  }
  if (then) {
    then();
    const std::lock_guard lock(mutex_);
    telling_ = false;
    if (answer_read_) read.swap(read_);
  }
  if (read) read(std::nullopt);
  if (close) Close();
}

bool StreamCall::TakeEnd() {
  if (!end_.has_value() || write_ || probing_ || closed_) return false;
  closed_ = true;
  return true;
}

void StreamCall::Close() {
  const auto keep = shared_from_this();
  core_->Report(*context_, start_, end_->code());
  Finish(end_->ok() ? grpc::Status::OK : core_->Status(*context_, *end_));
}

void StreamCall::CutOff() {
  const std::lock_guard lock(mutex_);
  if (!done_) server_->TryCancel();
}

void StreamCall::OnDone() {
  std::shared_ptr<StreamCall> keep;
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
    alarm_.Cancel();
    keep.swap(self_);
  }
  core_->open_.Remove(this);
}

absl::Status OpenStreams::Add(StreamCall* call) {
  const std::lock_guard lock(mutex_);
  calls_.insert(call);
  if (draining_) return ShuttingDown();
  return static_cast<int>(calls_.size()) > streams_max_ ? Overloaded() : absl::OkStatus();
}

void OpenStreams::Remove(StreamCall* call) {
  const std::lock_guard lock(mutex_);
  calls_.erase(call);
}

void OpenStreams::Drain(absl::Duration grace) {
  std::vector<std::shared_ptr<StreamCall>> calls;
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    for (StreamCall* call : calls_) calls.push_back(call->shared_from_this());
  }
  for (const auto& call : calls) call->Drain(grace);
}

int OpenStreams::count() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(calls_.size());
}

StreamReactor* StartStream(grpc::CallbackServerContext* server, const std::string& method,
                           const ServerCore* core, const Stream& handler) {
  const auto call = std::make_shared<StreamCall>(server, core, method);
  call->Run(handler);
  return call.get();
}

}  // namespace lianqiao::rpc
