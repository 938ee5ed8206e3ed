// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/upload_exchange.h"

#include <algorithm>
#include <utility>

#include "services/gateway/wire.h"

namespace lianqiao::gateway {
namespace {

constexpr size_t kChunkBytesMax = 256u << 10;

}  // namespace

UploadExchange::UploadExchange(std::shared_ptr<HttpExchange> exchange, const StreamShape& shape,
                               std::unique_ptr<rpc::ClientStream> upstream, int64_t offset)
    : exchange_(std::move(exchange)),
      call_(exchange_->call()),
      shape_(shape),
      upstream_(std::move(upstream)),
      offset_(offset) {}

void UploadExchange::Run(std::string options) {
  call_->cancel = [self = shared_from_this()] {
    self->stopped_ = true;
    self->upstream_->Cancel();  // The answer to that ends the exchange.
  };
  ReadAnswer();
  Send(std::move(options));
}

// Also tells when the upstream ends early.
void UploadExchange::ReadAnswer() {
  upstream_->Read([self = shared_from_this()](std::optional<std::string> message) {
    self->call_->Resume(
        [self, message = std::move(message)]() mutable { self->OnAnswer(std::move(message)); });
  });
}

void UploadExchange::OnAnswer(std::optional<std::string> message) {
  stopped_ = true;
  if (message.has_value()) {
    answered_ = true;
    answer_.bytes = *std::move(message);
    return ReadAnswer();
  }
  pending_ = std::string();
  answer_.status = upstream_->status();
  answer_.error_details = upstream_->error_details();
  answer_.metadata = upstream_->metadata();
  if (answer_.status.ok() && !answered_) answer_.status = absl::InternalError("no answer");
  exchange_->OnAnswer(answer_);
}

void UploadExchange::Send(std::string message) {
  sending_ = true;
  upstream_->Write(std::move(message), [self = shared_from_this()](bool ok) {
    self->call_->Resume([self, ok] { self->OnSent(ok); });
  });
}

void UploadExchange::OnSent(bool ok) {
  sending_ = false;
  if (!ok) stopped_ = true;  // OnAnswer learns why.
  Pump();
}

void UploadExchange::OnPiece(std::optional<std::string> piece) {
  reading_ = false;
  if (piece.has_value()) {
    pending_.append(*piece);
  } else {
    all_read_ = true;
  }
  Pump();
}

// Sends what is there as soon as nothing is being sent, and reads on meanwhile: the slower the service, the
// larger the chunks.
void UploadExchange::Pump() {
  if (stopped_) return;
  if (!sending_ && !pending_.empty()) {
    Send(Chunk());
  } else if (!sending_ && all_read_ && !all_sent_) {
    all_sent_ = true;
    upstream_->WritesDone();
  }
  if (reading_ || all_read_ || pending_.size() >= kChunkBytesMax) return;
  reading_ = true;
  call_->ReadBody(
      [self = shared_from_this()](std::optional<std::string> piece) { self->OnPiece(std::move(piece)); });
}

std::string UploadExchange::Chunk() {
  const size_t size = std::min(pending_.size(), kChunkBytesMax);
  std::string chunk;
  chunk.reserve(size + 32);
  if (shape_.offset != nullptr) {
    AppendVarint(static_cast<uint64_t>(shape_.offset->number()) << 3, &chunk);
    AppendVarint(static_cast<uint64_t>(offset_), &chunk);
  }
  AppendPart(shape_.content->number(), std::string_view(pending_).substr(0, size), &chunk);
  offset_ += static_cast<int64_t>(size);
  pending_.erase(0, size);
  std::string message;
  message.reserve(chunk.size() + 16);
  AppendPart(shape_.chunk->number(), chunk, &message);
  exchange_->metrics().OnStreamed(StreamWay::kUp, 1, static_cast<int64_t>(size));
  return message;
}

}  // namespace lianqiao::gateway
