// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/stream_exchange.h"

#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "services/gateway/http_status.h"

namespace lianqiao::gateway {
namespace {

// Small enough for a slow client to take within the limit, large enough to cost little.
constexpr size_t kPieceBytes = 64u << 10;

}  // namespace

StreamExchange::StreamExchange(std::shared_ptr<HttpExchange> exchange, std::unique_ptr<StreamWriter> writer,
                               std::unique_ptr<rpc::ClientStream> upstream)
    : exchange_(std::move(exchange)),
      call_(exchange_->call()),
      writer_(std::move(writer)),
      upstream_(std::move(upstream)),
      last_write_(SteadyNow()) {}

void StreamExchange::Run(std::string request) {
  const auto self = shared_from_this();
  call_->cancel = [self] { self->OnGone(); };
  call_->drain = [self] { self->OnDrain(); };
  call_->tick = [self](int64_t now) { self->OnTick(now); };
  upstream_->Write(std::move(request), [self](bool) {});
  upstream_->WritesDone();
  ReadNext();
}

void StreamExchange::ReadNext() {
  upstream_->Read([self = shared_from_this()](std::optional<std::string> message) {
    self->call_->Resume(
        [self, message = std::move(message)]() mutable { self->OnMessage(std::move(message)); });
  });
}

void StreamExchange::OnMessage(std::optional<std::string> message) {
  if (over_) return;
  if (message.has_value()) {
    next_ = std::move(message);
  } else {
    exhausted_ = true;
    if (!upstream_->status().ok()) DropRest();
  }
  Pump();
}

// After an error of the service nothing more is sent than that: the client may have lost its rights. A batch
// of which a part is missing counts as not received, and pieces end with a record, so that the text stays
// whole.
void StreamExchange::DropRest() {
  next_.reset();
  taken_ = false;
}

// Writes the next piece of what is there, if none is being written.
void StreamExchange::Pump() {
  if (writing_ || over_) return;
  if (draining_) {
    return Break(
        base::WithRetryAfter(base::Fail(absl::StatusCode::kUnavailable, base::ErrorReason::OVERLOADED), 1000),
        "");
  }
  const bool goes_on = taken_;
  std::string piece;
  if (const absl::Status status = Fill(&piece); !status.ok()) {
    base::Log(base::Severity::kError, "bad_upstream_message", {{"status", status.ToString()}});
    return Break(base::Fail(absl::StatusCode::kInternal, base::ErrorReason::INTERNAL), std::move(piece));
  }
  if (over_) return;
  if (exhausted_ && !taken_ && !next_.has_value()) return Ended(std::move(piece));
  if (!piece.empty()) Write(std::move(piece), After::kMore, goes_on);
}

// Joins small messages that have come meanwhile, but none to the rest of a large one, whose time is not
// theirs; the one behind is read while these are written.
absl::Status StreamExchange::Fill(std::string* piece) {
  const bool goes_on = taken_;
  while (taken_ || next_.has_value()) {
    if (!taken_) {
      RETURN_IF_ERROR(writer_->Take(*std::exchange(next_, std::nullopt)));
      taken_ = true;
      ++streamed_.messages;
      exchange_->metrics().OnStreamed(StreamWay::kDown, 1, 0);
      ReadNext();
      if (!begun_ && !Begin()) return absl::OkStatus();
    }
    const size_t before = piece->size();
    const absl::Status status = writer_->Next(kPieceBytes, piece, &taken_);
    if (!status.ok()) {
      piece->resize(before);  // The records before it are whole.
      return status;
    }
    if (taken_ || goes_on || piece->size() >= kPieceBytes) break;
  }
  return absl::OkStatus();
}

// The head; false if it is all that the client gets.
bool StreamExchange::Begin() {
  begun_ = true;
  HttpResponse& response = call_->response;
  const auto metadata = upstream_->metadata();
  const bool body = writer_->Head(metadata, &response);
  if (!body) {
    Over("");
    exchange_->Send();
    return false;
  }
  exchange_->BeginStream(metadata);
  if (call_->request.method != "HEAD") return true;
  call_->End(true);
  Over("OK");
  return false;
}

// The upstream has ended it.
void StreamExchange::Ended(std::string piece) {
  rpc::Answer answer;
  answer.status = upstream_->status();
  answer.error_details = upstream_->error_details();
  answer.metadata = upstream_->metadata();
  if (!begun_ && !answer.status.ok()) {
    Over("");
    return exchange_->OnAnswer(answer);
  }
  if (!begun_ && !Begin()) return;
  outcome_ = CodeName(answer.status.code());
  const std::string last =
      answer.status.ok() ? writer_->End() : writer_->Error(exchange_->ErrorJsonOf(answer));
  Write(piece + last, answer.status.ok() || !last.empty() ? After::kWhole : After::kCut);
}

// The gateway ends it.
void StreamExchange::Break(const absl::Status& status, std::string piece) {
  upstream_->Cancel();
  if (!begun_) {
    Over("");
    return exchange_->Fail(status);
  }
  outcome_ = CodeName(status.code());
  const std::string last = writer_->Error(exchange_->ErrorJsonOf(status));
  Write(piece + last, last.empty() ? After::kCut : After::kWhole);
}

void StreamExchange::Write(std::string piece, After after, bool goes_on) {
  writing_ = true;
  last_write_ = SteadyNow();
  streamed_.bytes += static_cast<int64_t>(piece.size());
  exchange_->metrics().OnStreamed(StreamWay::kDown, 0, static_cast<int64_t>(piece.size()));
  const auto written = [self = shared_from_this(), after](bool ok) {
    if (ok) self->OnWritten(after);
  };
  goes_on ? call_->WriteOn(std::move(piece), written) : call_->Write(std::move(piece), written);
}

void StreamExchange::OnWritten(After after) {
  writing_ = false;
  if (over_) return;
  if (after == After::kMore) return Pump();
  call_->End(after == After::kWhole);
  Over(outcome_);
}

void StreamExchange::OnGone() {
  if (over_) return;
  if (!begun_) {
    call_->response.status = 499;
    exchange_->BeginStream({});
  }
  Over(call_->too_slow ? "RESOURCE_EXHAUSTED" : "CANCELLED");
}

void StreamExchange::OnDrain() {
  if (over_ || !writer_->interruptible()) return;
  draining_ = true;
  Pump();
}

void StreamExchange::OnTick(int64_t now) {
  if (writing_ || over_ || now - last_write_ < absl::ToInt64Nanoseconds(exchange_->options().heartbeat))
    return;
  std::string text = writer_->Heartbeat();
  if (text.empty() || (!begun_ && !Begin())) return;
  Write(std::move(text), After::kMore);
}

// Nothing happens any more. Without an outcome, exchange_ answers in its own way.
void StreamExchange::Over(const std::string& outcome) {
  over_ = true;
  upstream_->Cancel();
  next_.reset();
  if (outcome.empty()) return;
  streamed_.outcome = outcome;
  exchange_->EndStream(streamed_);
}

}  // namespace lianqiao::gateway
