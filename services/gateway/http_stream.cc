// SPDX-License-Identifier: Apache-2.0
// The streams of a connection: bodies that are handed over while they come, answers that are sent piece by
// piece. Neither side ever holds more than one piece here.
#include <algorithm>
#include <boost/asio/dispatch.hpp>
#include <limits>

#include "absl/strings/str_cat.h"
#include "services/gateway/http_connection.h"

namespace lianqiao::gateway {
namespace net = boost::asio;

// Lives as long as the handler or the connection needs it; everything goes back to the connection's thread.
class ConnectionCall : public HttpCall {
 public:
  explicit ConnectionCall(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  void Finish() override {
    net::dispatch(connection_->worker_->context,
                  [this, connection = connection_] { connection->Finished(this); });
  }
  void Write(std::string piece, Written written) override {
    WritePiece(std::move(piece), false, std::move(written));
  }
  void WriteOn(std::string piece, Written written) override {
    WritePiece(std::move(piece), true, std::move(written));
  }
  void End(bool complete) override {
    Resume([this, connection = connection_, complete] { connection->EndStream(this, complete); });
  }
  void ReadBody(Piece then) override {
    Resume([this, connection = connection_, then = std::move(then)]() mutable {
      connection->ReadBody(this, std::move(then));
    });
  }
  void Resume(std::function<void()> work) override { connection_->worker_->Post(std::move(work)); }

 private:
  void WritePiece(std::string piece, bool goes_on, Written written) {
    Resume([this, connection = connection_, piece = std::move(piece), goes_on,
            written = std::move(written)]() mutable {
      connection->WritePiece(this, std::move(piece), goes_on, std::move(written));
    });
  }

  std::shared_ptr<Connection> connection_;
};

std::shared_ptr<HttpCall> Connection::MakeCall() {
  return std::make_shared<ConnectionCall>(shared_from_this());
}

void Connection::DispatchUpload() {
  state_ = State::kUpload;
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  HttpRequest& request = call_->request;
  request.received = SteadyNow();
  request.streamed_body = true;
  handler_->Handle(call_);
}

void Connection::ReadBody(HttpCall* call, HttpCall::Piece then) {
  if (call_.get() != call || (state_ != State::kUpload && state_ != State::kBusy)) return;
  SetDeadline(options_.body_limit);
  body_then_ = std::move(then);
  PumpBody();
}

// Hands the next piece over if the handler waits for one and there is one.
void Connection::PumpBody() {
  if (body_then_ == nullptr || interim_) return;
  if (state_ == State::kUpload && !ParsePiece()) return;
  std::string& body = state_ == State::kUpload ? parser_->get().body() : call_->request.body;
  std::optional<std::string> piece;
  if (!body.empty()) {
    piece = std::move(body);
    body.clear();
  } else {
    state_ = State::kBusy;  // It was the end.
  }
  // Goes on reading, as always while a call is handled: the next piece, or that the client has gone.
  if (buffer_.size() == 0) StartRead();
  std::exchange(body_then_, nullptr)(std::move(piece));
}

// True if there is a piece, or the end of the body. Else it reads on, or has refused the request.
bool Connection::ParsePiece() {
  const auto ready = [this] { return !parser_->get().body().empty() || parser_->is_done(); };
  if (!ready() && buffer_.size() > 0 && !Put()) return false;
  if (ready()) return true;
  if (buffer_.size() >= options_.header_bytes_max) {
    Refuse(ReadFailure::kHeaderTooLarge);
  } else if (continue_wanted_) {
    WriteContinue();
  } else {
    StartRead();
  }
  return false;
}

void Connection::WritePiece(HttpCall* call, std::string piece, bool goes_on, HttpCall::Written written) {
  if (call_.get() != call || (state_ != State::kBusy && state_ != State::kStreaming)) return written(false);
  head_.clear();
  if (state_ != State::kStreaming) {
    BeginStream();
    goes_on = false;  // Nothing came before it.
  }
  Frame(std::move(piece));
  if (head_.empty() && body_.empty()) return written(true);
  written_ = std::move(written);
  if (goes_on) {
    deadline_ += static_cast<int64_t>(1e9 * static_cast<double>(body_.size()) /
                                      static_cast<double>(options_.stream_bytes_per_second_min));
  } else {
    SetDeadline(options_.stream_write_limit);
  }
  Write({net::buffer(head_), net::buffer(body_)});
}

void Connection::BeginStream() {
  const HttpResponse& response = call_->response;
  length_left_ = response.length_bytes;
  if (call_->request.method == "HEAD") {
    framing_ = Framing::kNone;
  } else if (response.length_bytes >= 0) {
    framing_ = Framing::kLength;
  } else if (parser_->get().version() >= 11) {
    framing_ = Framing::kChunked;
  } else {
    framing_ = Framing::kClose;
    close_after_write_ = true;
  }
  state_ = State::kStreaming;
  ending_ = false;
  WriteHead(response);
  if (response.length_bytes >= 0) {
    absl::StrAppend(&head_, "Content-Length: ", response.length_bytes, "\r\n");
  } else if (parser_->get().version() >= 11) {
    head_.append("Transfer-Encoding: chunked\r\n");
  }
  head_.append("\r\n");
}

// Puts the piece into head_ and body_ as the client reads it.
void Connection::Frame(std::string piece) {
  if (framing_ == Framing::kLength) {
    // More than was promised would be read as the next answer.
    piece.resize(std::min<size_t>(piece.size(), static_cast<size_t>(length_left_)));
    length_left_ -= static_cast<int64_t>(piece.size());
  } else if (framing_ == Framing::kChunked && !piece.empty()) {
    absl::StrAppend(&head_, absl::Hex(piece.size()), "\r\n");
    piece.append("\r\n");
  }
  body_ = framing_ == Framing::kNone ? std::string() : std::move(piece);
}

void Connection::OnPieceWritten() {
  body_ = std::string();
  std::exchange(written_, nullptr)(true);
}

void Connection::EndStream(HttpCall* call, bool complete) {
  if (call_.get() != call || (state_ != State::kBusy && state_ != State::kStreaming)) return;
  head_.clear();
  body_.clear();
  if (state_ != State::kStreaming) BeginStream();
  ending_ = true;
  const bool short_of_length = framing_ == Framing::kLength && length_left_ > 0;
  if (!complete || short_of_length) {
    // Without the end that was promised; what is written still arrives.
    linger_after_write_ = close_after_write_ = true;
  } else if (framing_ == Framing::kChunked) {
    head_.append("0\r\n\r\n");
  }
  if (head_.empty()) return AnswerDone();
  SetDeadline(options_.stream_write_limit);
  Write({net::buffer(head_), net::const_buffer()});
}

}  // namespace lianqiao::gateway
