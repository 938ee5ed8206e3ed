// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/upload_target.h"

#include <algorithm>

#include "services/gateway/sync/upload.h"

namespace lianqiao::gateway::sync {

void UploadTarget::Open() {
  stream_ =
      call_->services().OpenStream(service_, kImportRecords, call_->Metadata(), call_->context->deadline);
  if (stream_ == nullptr) {
    ended_ = rpc::Answer{absl::UnavailableError("no stream"), "", {}, ""};
    return;
  }
  Read();
}

void UploadTarget::Send(std::string message) {
  if (stream_ == nullptr || over()) return;
  queue_.push_back(std::move(message));
  Pump();
}

void UploadTarget::SendBytes(const std::string& bytes) {
  for (size_t at = 0; at < bytes.size(); at += kUploadPieceBytes) {
    v1::ImportRecordsRequest request;
    request.mutable_chunk()->set_offset(sent_bytes_);
    request.mutable_chunk()->set_content(bytes.substr(at, kUploadPieceBytes));
    sent_bytes_ += static_cast<int64_t>(request.chunk().content().size());
    Send(request.SerializeAsString());
  }
}

void UploadTarget::Complete() {
  complete_ = true;
  Pump();
}

void UploadTarget::Pump() {
  if (writing_ || over() || stream_ == nullptr) return;
  if (queue_.empty()) {
    if (complete_ && !said_complete_) stream_->WritesDone();
    said_complete_ = complete_;
    return;
  }
  writing_ = true;
  wrote_ = std::chrono::steady_clock::now();
  std::string message = std::move(queue_.front());
  queue_.pop_front();
  stream_->Write(std::move(message), [self = shared_from_this()](bool taken) {
    self->call_->hub->loop->Post([self, taken] {
      self->writing_ = false;
      // A service that has answered takes no more; what it said comes by Read.
      if (!taken) self->queue_.clear();
      self->Pump();
      self->changed_();
    });
  });
}

void UploadTarget::Read() {
  stream_->Read([self = shared_from_this()](std::optional<std::string> bytes) {
    self->call_->hub->loop->Post([self, bytes = std::move(bytes)] { self->Heard(bytes); });
  });
}

void UploadTarget::Heard(const std::optional<std::string>& bytes) {
  if (stream_ == nullptr || over()) return;
  if (bytes.has_value() && import_.ParseFromString(*bytes)) {
    has_import_ = true;
    return Read();
  }
  rpc::Answer answer;
  answer.status = bytes.has_value() ? absl::InternalError("unreadable") : stream_->status();
  answer.error_details = bytes.has_value() ? "" : stream_->error_details();
  ended_ = std::move(answer);
  queue_.clear();
  changed_();
}

}  // namespace lianqiao::gateway::sync
