// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/client_stream.h"

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "google/rpc/status.pb.h"
#include "libs/rpc/buffer.h"
#include "libs/rpc/completions.h"
#include "libs/rpc/errors.h"

namespace lianqiao::rpc {
namespace {

// One call. Lives while an operation is under way or its owner holds it. What gRPC is asked for completes on
// the threads of Completions, never within the asking, so that the lock may be held; no callback runs under
// it.
class OutgoingStream : public std::enable_shared_from_this<OutgoingStream> {
 public:
  OutgoingStream(grpc::GenericStub* stub, grpc::CompletionQueue* queue, const std::string& path,
                 const Client::Metadata& metadata, absl::Time deadline) {
    if (deadline != absl::InfiniteFuture()) context_.set_deadline(absl::ToChronoTime(deadline));
    for (const auto& [name, value] : metadata) context_.AddMetadata(name, value);
    stream_ = stub->PrepareCall(&context_, path, queue);
  }

  void Start();
  void Read(std::function<void(std::optional<std::string>)> then);
  void Write(std::string bytes, std::function<void(bool)> then);
  void WritesDone();
  void Cancel();
  // Cancels, and sees to it that gRPC is asked for the end although nobody reads any more.
  void Abandon();

  absl::Status status() const;
  std::string error_details() const;
  std::vector<std::pair<std::string, std::string>> metadata() const;

 private:
  // An operation under way keeps the call alive.
  class Operation final : public Completion {
   public:
    using Method = void (OutgoingStream::*)(bool);
    explicit Operation(Method method) : method_(method) {}
    void* Begin(OutgoingStream* stream) {
      stream_ = stream->shared_from_this();
      return static_cast<Completion*>(this);
    }
    void Complete(bool ok) override {
      const auto stream = std::move(stream_);
      ((*stream).*method_)(ok);
    }

   private:
    const Method method_;
    std::shared_ptr<OutgoingStream> stream_;
  };

  void OnSent(bool ok);
  void OnRead(bool ok);
  void OnFinished(bool ok);
  // With the lock held: sends what waits, unless something is being sent.
  void SendNext();
  void Finish();
  void KeepMetadata();

  grpc::ClientContext context_;  // Before the stream, which lies in its arena.
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  Operation send_{&OutgoingStream::OnSent};  // The call's start, a message, or the end of them.
  Operation read_{&OutgoingStream::OnRead};
  Operation finish_{&OutgoingStream::OnFinished};

  mutable std::mutex mutex_;  // Guards what follows.
  bool sending_ = false;
  std::optional<grpc::ByteBuffer> out_;  // Waits for the start.
  std::function<void(bool)> write_then_;
  bool last_asked_ = false;
  bool last_sent_ = false;
  bool failed_ = false;  // Nothing can be sent any more.
  grpc::ByteBuffer in_;
  std::function<void(std::optional<std::string>)> read_then_;
  bool cancelled_ = false;
  bool abandoned_ = false;
  bool finishing_ = false;  // No reads any more.
  grpc::Status raw_status_;
  absl::Status status_ = absl::UnknownError("the call has not ended");
  std::string error_details_;
  bool metadata_known_ = false;
  std::vector<std::pair<std::string, std::string>> metadata_;
};

void OutgoingStream::Start() {
  const std::lock_guard lock(mutex_);
  sending_ = true;
  stream_->StartCall(send_.Begin(this));
}

void OutgoingStream::Read(std::function<void(std::optional<std::string>)> then) {
  {
    const std::lock_guard lock(mutex_);
    if (!finishing_ && !read_then_) {
      read_then_ = std::move(then);
      stream_->Read(&in_, read_.Begin(this));
      return;
    }
  }
  RunAfter(absl::ZeroDuration(), [then = std::move(then)] { then(std::nullopt); });
}

void OutgoingStream::Write(std::string bytes, std::function<void(bool)> then) {
  {
    const std::lock_guard lock(mutex_);
    if (!finishing_ && !failed_ && !last_asked_ && !write_then_) {
      write_then_ = std::move(then);
      out_ = Buffer(std::move(bytes));
      SendNext();
      return;
    }
  }
  RunAfter(absl::ZeroDuration(), [then = std::move(then)] { then(false); });
}

void OutgoingStream::WritesDone() {
  const std::lock_guard lock(mutex_);
  last_asked_ = true;
  SendNext();
}

void OutgoingStream::SendNext() {
  if (sending_ || failed_) return;
  if (out_.has_value()) {
    sending_ = true;
    stream_->Write(*out_, send_.Begin(this));
    out_.reset();
  } else if (last_asked_ && !last_sent_) {
    sending_ = last_sent_ = true;
    stream_->WritesDone(send_.Begin(this));
  }
}

void OutgoingStream::OnSent(bool ok) {
  std::function<void(bool)> then;
  {
    const std::lock_guard lock(mutex_);
    sending_ = false;
    if (!ok) failed_ = true;
    // The start has completed, and the message still waits for it.
    if (!out_.has_value() || failed_) then.swap(write_then_);
    if (failed_) out_.reset();
    SendNext();
  }
  if (then) then(ok);
}

void OutgoingStream::OnRead(bool ok) {
  grpc::ByteBuffer bytes;
  std::function<void(std::optional<std::string>)> then;
  {
    const std::lock_guard lock(mutex_);
    KeepMetadata();
    if (!ok || abandoned_) return Finish();  // Who asked is told after that.
    bytes.Swap(&in_);
    then.swap(read_then_);
  }
  then(Bytes(bytes));
}

void OutgoingStream::Finish() {
  if (finishing_) return;
  finishing_ = true;
  stream_->Finish(&raw_status_, finish_.Begin(this));
}

void OutgoingStream::OnFinished(bool) {
  std::function<void(std::optional<std::string>)> then;
  {
    const std::lock_guard lock(mutex_);
    KeepMetadata();
    failed_ = true;
    status_ = CallStatus(raw_status_, cancelled_);
    error_details_ = raw_status_.error_details();
    then.swap(read_then_);
  }
  if (then) then(std::nullopt);
}

void OutgoingStream::KeepMetadata() {
  if (metadata_known_) return;
  metadata_known_ = true;
  for (const auto& [name, value] : context_.GetServerInitialMetadata())
    metadata_.emplace_back(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
}

void OutgoingStream::Cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  context_.TryCancel();
}

void OutgoingStream::Abandon() {
  const std::lock_guard lock(mutex_);
  cancelled_ = abandoned_ = true;
  context_.TryCancel();
  if (!read_then_) Finish();
}

absl::Status OutgoingStream::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

std::string OutgoingStream::error_details() const {
  const std::lock_guard lock(mutex_);
  return error_details_;
}

std::vector<std::pair<std::string, std::string>> OutgoingStream::metadata() const {
  const std::lock_guard lock(mutex_);
  return metadata_;
}

// What the caller owns.
class OwnedStream final : public ClientStream {
 public:
  explicit OwnedStream(std::shared_ptr<OutgoingStream> stream) : stream_(std::move(stream)) {}
  ~OwnedStream() override { stream_->Abandon(); }
  void Read(std::function<void(std::optional<std::string>)> then) override { stream_->Read(std::move(then)); }
  void Write(std::string bytes, std::function<void(bool)> then) override {
    stream_->Write(std::move(bytes), std::move(then));
  }
  void WritesDone() override { stream_->WritesDone(); }
  void Cancel() override { stream_->Cancel(); }
  absl::Status status() const override { return stream_->status(); }
  std::string error_details() const override { return stream_->error_details(); }
  std::vector<std::pair<std::string, std::string>> metadata() const override { return stream_->metadata(); }

 private:
  const std::shared_ptr<OutgoingStream> stream_;
};

}  // namespace

absl::Status CallStatus(const grpc::Status& status, bool cancelled) {
  google::rpc::Status rich;
  if (status.ok()) return absl::OkStatus();
  if (!status.error_details().empty() && rich.ParseFromString(status.error_details()))
    return FromRpcStatus(rich);
  // Nobody here gave it up: it came to a server that is shutting down, which gRPC answers like this.
  if (status.error_code() == grpc::StatusCode::CANCELLED && !cancelled)
    return absl::UnavailableError("the server is shutting down");
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

std::unique_ptr<ClientStream> OpenStream(grpc::GenericStub* stub, grpc::CompletionQueue* queue,
                                         const std::string& path, const Client::Metadata& metadata,
                                         absl::Time deadline) {
  auto stream = std::make_shared<OutgoingStream>(stub, queue, path, metadata, deadline);
  stream->Start();
  return std::make_unique<OwnedStream>(std::move(stream));
}

}  // namespace lianqiao::rpc
