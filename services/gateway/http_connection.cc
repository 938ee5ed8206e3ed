// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http_connection.h"

#include <algorithm>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace lianqiao::gateway {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using net::ip::tcp;

constexpr size_t kReadBytes = 16u << 10;
constexpr size_t kUploadReadBytes = 64u << 10;
constexpr absl::Duration kLingerLimit = absl::Seconds(2);

// What was set for the call holds the call itself.
void Detach(HttpCall* call) {
  call->cancel = nullptr;
  call->drain = nullptr;
  call->tick = nullptr;
}

}  // namespace

Connection::Connection(tcp::socket* socket, Worker* worker, const HttpServer::Options& options,
                       HttpHandler* handler)
    : socket_(socket), worker_(worker), options_(options), handler_(handler) {}

void Connection::SetDeadline(absl::Duration limit) {
  deadline_ = SteadyNow() + absl::ToInt64Nanoseconds(limit);
}

void Connection::Start() {
  boost::system::error_code error;
  socket_->set_option(tcp::no_delay(true), error);
  const auto endpoint = socket_->remote_endpoint(error);
  if (error) return Close();
  peer_ = endpoint.address().to_string(error);
  peer_is_loopback_ = endpoint.address().is_loopback();
  SetDeadline(options_.header_limit);
  Handshake();
}

void Connection::OnHandshake(bool ok) {
  if (state_ == State::kClosed) return;
  if (!ok) return Close();
  if (close_after_write_) return Refuse(ReadFailure::kTooManyConnections);
  NextRequest();
}

void Connection::RefuseConnection() {
  close_after_write_ = true;
  Start();
}

void Connection::NextRequest() {
  state_ = State::kIdle;
  SetDeadline(options_.idle_limit);
  ReleaseBody();
  parser_.emplace();
  parser_->eager(false);  // Stops after the header, which decides about the body.
  parser_->header_limit(static_cast<std::uint32_t>(options_.header_bytes_max));
  // AfterHeader says how much it may be.
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  if (buffer_.size() > 0) return Parse();
  if (worker_->draining) return Close();
  StartRead();
}

// At most one read is ever pending. It goes on while a request is being answered, which is how we learn that
// the client has gone; bytes that come in then are the next request and wait in the buffer.
void Connection::StartRead() {
  if (read_pending_) return;
  read_pending_ = true;
  Read(buffer_.prepare(state_ == State::kUpload ? kUploadReadBytes : kReadBytes));
}

void Connection::OnRead(bool ok, size_t bytes) {
  read_pending_ = false;
  if (state_ == State::kClosed) return;
  if (!ok) return Close();
  if (state_ == State::kLingering) return StartRead();
  buffer_.commit(bytes);
  if (state_ == State::kUpload) return PumpBody();
  if (state_ == State::kIdle || state_ == State::kHeader || state_ == State::kBody) Parse();
}

void Connection::Parse() {
  if (state_ == State::kIdle) {
    state_ = State::kHeader;
    SetDeadline(options_.header_limit);
  }
  if (!Put()) return;
  if (state_ == State::kHeader && parser_->is_header_done()) {
    if (!AfterHeader()) return;
    if (!parser_->is_done() && !Put()) return;
  }
  if (!HoldBody()) return;
  if (parser_->is_done()) return Dispatch();
  // Of a body the parser leaves only what it cannot take yet: the line before a chunk, or the trailer.
  if (buffer_.size() >= options_.header_bytes_max) return Refuse(ReadFailure::kHeaderTooLarge);
  StartRead();
}

// Gives the parser what has come; false if that ended the request.
bool Connection::Put() {
  boost::system::error_code error;
  buffer_.consume(parser_->put(buffer_.data(), error));
  if (!error || error == http::error::need_more) return true;
  if (error == http::error::body_limit && call_ != nullptr &&
      call_->request.body_bytes_max < options_.body_bytes_max) {
    DispatchWithoutBody();
  } else if (error == http::error::body_limit) {
    Refuse(ReadFailure::kBodyTooLarge);
  } else {
    Refuse(error == http::error::header_limit ? ReadFailure::kHeaderTooLarge : ReadFailure::kMalformed);
  }
  return false;
}

// False if it took over: an answer, perhaps an interim one, is on its way.
bool Connection::AfterHeader() {
  state_ = State::kBody;
  SetDeadline(options_.body_limit);
  parser_->eager(true);
  call_ = MakeCall();
  HttpRequest& request = call_->request;
  if (!TakeRequest(&request)) {
    Refuse(ReadFailure::kMalformed);
    return false;
  }
  if (parser_->is_done()) return true;
  continue_wanted_ = absl::EqualsIgnoreCase(std::string(parser_->get()[http::field::expect]), "100-continue");
  const BodyLimit limit = handler_->LimitBody(request);
  if (limit.streamed) {
    DispatchUpload();
    return false;
  }
  stranger_ = limit.stranger;
  request.body_bytes_max = std::min(limit.bytes_max, options_.body_bytes_max);
  if (parser_->content_length().value_or(0) > request.body_bytes_max) {
    request.body_bytes_max < options_.body_bytes_max ? DispatchWithoutBody()
                                                     : Refuse(ReadFailure::kBodyTooLarge);
    return false;
  }
  parser_->body_limit(request.body_bytes_max);
  if (!continue_wanted_) return true;
  WriteContinue();
  return false;
}

void Connection::WriteContinue() {
  interim_ = true;
  continue_wanted_ = false;
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  Write({net::buffer(kContinue.data(), kContinue.size()), net::const_buffer()});
}

// Counts what this connection has received of a body (room for the rest is no memory yet); false if all
// connections together would hold too much, of which strangers get a quarter.
bool Connection::HoldBody() {
  constexpr int64_t kNotCountedBytesMax = 4096;
  const auto held = static_cast<int64_t>(parser_->get().body().size());
  if (held <= kNotCountedBytesMax || held == buffered_bytes_) return true;
  const int64_t all = worker_->buffered->fetch_add(held - buffered_bytes_) + held - buffered_bytes_;
  buffered_bytes_ = held;
  const int64_t all_max = options_.buffered_bytes_max;
  if (all <= (stranger_ ? all_max / 4 : all_max)) return true;
  Refuse(ReadFailure::kTooManyBytes);
  return false;
}

void Connection::ReleaseBody() {
  if (buffered_bytes_ > 0) worker_->buffered->fetch_sub(buffered_bytes_);
  buffered_bytes_ = 0;
}

void Connection::Dispatch() {
  state_ = State::kBusy;
  HttpRequest& request = call_->request;
  request.received = SteadyNow();
  if (!request.body_refused) {
    request.body = std::move(parser_->get().body());
    if (buffer_.size() == 0) StartRead();
  }
  const std::shared_ptr<HttpCall> call = call_;
  handler_->Handle(call);
  if (worker_->draining && call_ == call && call->drain) call->drain();
}

void Connection::DispatchWithoutBody() {
  call_->request.body_refused = true;
  close_after_write_ = true;
  linger_after_write_ = true;
  Dispatch();
}

void Connection::Refuse(ReadFailure failure) {
  HttpRequest request;
  request.peer = peer_;
  HttpResponse response;
  handler_->Refuse(failure, request, &response);
  response.close = true;
  linger_after_write_ = true;
  if (state_ == State::kUpload) {
    Cancel();  // Whoever handles it may still look at the header, so the parser stays.
  } else {
    call_.reset();
    parser_.reset();
  }
  ReleaseBody();
  WriteResponse(&response, false);
}

void Connection::Finished(HttpCall* call) {
  if ((state_ != State::kBusy && state_ != State::kUpload) || call_.get() != call) return;  // It has gone.
  body_then_ = nullptr;  // It would keep the call, which keeps this.
  finish_waiting_ = interim_;
  if (interim_) return;
  if (state_ == State::kUpload) close_after_write_ = linger_after_write_ = true;  // Of a body the rest comes.
  WriteResponse(&call->response, call->request.method == "HEAD");
}

void Connection::WriteResponse(HttpResponse* response, bool head_only) {
  state_ = State::kWriting;
  SetDeadline(options_.write_limit);
  WriteHead(*response);
  const bool has_body = response->status >= 200 && response->status != 204 && response->status != 304;
  if (has_body) absl::StrAppend(&head_, "Content-Length: ", response->body.size(), "\r\n");
  head_.append("\r\n");
  body_ = has_body && !head_only ? std::move(response->body) : std::string();
  Write({net::buffer(head_), net::buffer(body_)});
}

void Connection::OnWrite(bool ok) {
  if (state_ == State::kClosed) return;
  if (!ok) return Close();
  if (interim_) {
    interim_ = false;
    if (finish_waiting_) return Finished(call_.get());
    if (state_ == State::kUpload) return PumpBody();
    return buffer_.size() > 0 ? Parse() : StartRead();
  }
  if (state_ == State::kStreaming && !ending_) return OnPieceWritten();
  AnswerDone();
}

void Connection::AnswerDone() {
  if (call_ != nullptr) Detach(call_.get());
  call_.reset();
  if (linger_after_write_) return Linger();
  if (close_after_write_) return Close();
  NextRequest();
}

// Closing with unread bytes would reset the connection and could take the answer with it.
void Connection::Linger() {
  state_ = State::kLingering;
  SetDeadline(kLingerLimit);
  boost::system::error_code ignored;
  socket_->shutdown(tcp::socket::shutdown_send, ignored);
  buffer_.consume(buffer_.size());
  StartRead();
}

void Connection::CheckTime(int64_t now) {
  if (call_ != nullptr && call_->tick) {
    const std::shared_ptr<HttpCall> call = call_;
    call->tick(now);
  }
  if (now < deadline_) return;
  switch (state_) {
    case State::kBusy:
    case State::kClosed:
      return;
    case State::kStreaming:
      if (written_ == nullptr && !ending_) return;
      call_->too_slow = true;
      return Close();
    case State::kUpload:
      if (interim_) return Close();
      return body_then_ != nullptr ? Refuse(ReadFailure::kTimeout) : void();
    case State::kHeader:
    case State::kBody:
      return interim_ ? Close() : Refuse(ReadFailure::kTimeout);
    default:
      Close();
  }
}

void Connection::Drain() {
  if (state_ == State::kIdle || state_ == State::kHandshake || state_ == State::kLingering) return Close();
  if (call_ == nullptr || !call_->drain) return;
  const std::shared_ptr<HttpCall> call = call_;
  call->drain();
}

// The client has gone, or is sent away: whoever handles its call learns it, and the call ends for us.
void Connection::Cancel() {
  if (call_ == nullptr) return;
  const std::shared_ptr<HttpCall> call = std::move(call_);
  const HttpCall::Written written = std::exchange(written_, nullptr);
  body_then_ = nullptr;
  if (call->cancel) call->cancel();
  Detach(call.get());
  if (written != nullptr) written(false);
}

void Connection::Close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  const std::shared_ptr<Connection> self = shared_from_this();
  boost::system::error_code ignored;
  socket_->shutdown(tcp::socket::shutdown_send, ignored);
  socket_->close(ignored);
  ReleaseBody();
  place_.reset();
  Cancel();
  worker_->connections.erase(self);
  if (worker_->on_close) worker_->on_close();
}

}  // namespace lianqiao::gateway
