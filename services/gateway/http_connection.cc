// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http_connection.h"

#include <algorithm>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <ctime>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/http_status.h"

namespace lianqiao::gateway {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using net::ip::tcp;

constexpr size_t kReadBytes = 16u << 10;
constexpr absl::Duration kLingerLimit = absl::Seconds(2);

struct KnownHeader {
  std::string_view name;
  bool may_repeat;
};
// In the order of enum Header. Those that lists are made of may come again; of others a second one is an
// attack or a mistake.
constexpr KnownHeader kKnown[kHeaderCount] = {{"authorization", false},
                                              {"content-type", false},
                                              {"content-encoding", false},
                                              {"accept-encoding", true},
                                              {"accept-language", true},
                                              {"if-match", false},
                                              {"if-none-match", true},
                                              {"idempotency-key", false},
                                              {"x-request-id", false},
                                              {"traceparent", false},
                                              {"tracestate", true},
                                              {"grpc-timeout", false},
                                              {"x-server-timeout", false},
                                              {"lianqiao-after", false},
                                              {"lianqiao-acting-person", false},
                                              {"lianqiao-acting-role", false},
                                              {"x-forwarded-for", true},
                                              {"host", false},
                                              {"expect", false}};

bool SameName(std::string_view lower, std::string_view name) {
  if (lower.size() != name.size()) return false;
  for (size_t i = 0; i < lower.size(); ++i) {
    const char c = name[i];
    if (lower[i] != (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c)) return false;
  }
  return true;
}

// "Date" changes once a second.
const std::string& DateLine() {
  thread_local std::string line;
  thread_local time_t made = 0;
  const time_t now = std::time(nullptr);
  if (now != made) {
    made = now;
    tm parts;
    gmtime_r(&now, &parts);
    char text[64];
    const size_t size = std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    line.assign(text, size);
  }
  return line;
}

class PlainConnection : public Connection {
 public:
  PlainConnection(tcp::socket socket, Worker* worker, const HttpServer::Options& options,
                  HttpHandler* handler)
      : Connection(&stream_, worker, options, handler), stream_(std::move(socket)) {}

 protected:
  void Handshake() override { OnHandshake(true); }
  void Read(net::mutable_buffer buffer) override {
    stream_.async_read_some(buffer,
                            [this, self = shared_from_this()](boost::system::error_code error, size_t bytes) {
                              OnRead(!error, bytes);
                            });
  }
  void Write(const Buffers& buffers) override {
    net::async_write(
        stream_, buffers,
        [this, self = shared_from_this()](boost::system::error_code error, size_t) { OnWrite(!error); });
  }

 private:
  tcp::socket stream_;
};

class TlsConnection : public Connection {
 public:
  TlsConnection(tcp::socket socket, Worker* worker, const HttpServer::Options& options, HttpHandler* handler,
                std::shared_ptr<net::ssl::context> tls)
      : Connection(&stream_.next_layer(), worker, options, handler),
        tls_(std::move(tls)),
        stream_(std::move(socket), *tls_) {}

 protected:
  void Handshake() override {
    stream_.async_handshake(
        net::ssl::stream_base::server,
        [this, self = shared_from_this()](boost::system::error_code error) { OnHandshake(!error); });
  }
  void Read(net::mutable_buffer buffer) override {
    stream_.async_read_some(buffer,
                            [this, self = shared_from_this()](boost::system::error_code error, size_t bytes) {
                              OnRead(!error, bytes);
                            });
  }
  void Write(const Buffers& buffers) override {
    net::async_write(
        stream_, buffers,
        [this, self = shared_from_this()](boost::system::error_code error, size_t) { OnWrite(!error); });
  }

 private:
  std::shared_ptr<net::ssl::context> tls_;  // Outlives a reload while this connection lasts.
  net::ssl::stream<tcp::socket> stream_;
};

}  // namespace

void Worker::Post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (!ended_) return net::post(context, std::move(work));
  }
  work();
}

void Worker::Finish() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  context.restart();
  context.poll();
}

// Lives as long as the handler or the connection needs it; Finish goes back to the connection's thread.
class ConnectionCall : public HttpCall {
 public:
  explicit ConnectionCall(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  void Finish() override {
    net::dispatch(connection_->worker_->context,
                  [this, connection = connection_] { connection->Finished(this); });
  }
  void Resume(std::function<void()> work) override { connection_->worker_->Post(std::move(work)); }

 private:
  std::shared_ptr<Connection> connection_;
};

std::shared_ptr<Connection> Connection::Plain(tcp::socket socket, Worker* worker,
                                              const HttpServer::Options& options, HttpHandler* handler) {
  return std::make_shared<PlainConnection>(std::move(socket), worker, options, handler);
}

std::shared_ptr<Connection> Connection::Tls(tcp::socket socket, Worker* worker,
                                            const HttpServer::Options& options, HttpHandler* handler,
                                            std::shared_ptr<net::ssl::context> tls) {
  return std::make_shared<TlsConnection>(std::move(socket), worker, options, handler, std::move(tls));
}

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
  parser_->body_limit(options_.body_bytes_max);
  if (buffer_.size() > 0) return Parse();
  if (worker_->draining) return Close();
  StartRead();
}

// At most one read is ever pending. It goes on while a request is being answered, which is how we learn that
// the client has gone; bytes that come in then are the next request and wait in the buffer.
void Connection::StartRead() {
  if (read_pending_) return;
  read_pending_ = true;
  Read(buffer_.prepare(kReadBytes));
}

void Connection::OnRead(bool ok, size_t bytes) {
  read_pending_ = false;
  if (state_ == State::kClosed) return;
  if (!ok) return Close();
  if (state_ == State::kLingering) return StartRead();
  buffer_.commit(bytes);
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
  call_ = std::make_shared<ConnectionCall>(shared_from_this());
  HttpRequest& request = call_->request;
  if (!TakeRequest(&request)) {
    Refuse(ReadFailure::kMalformed);
    return false;
  }
  if (parser_->is_done()) return true;
  const BodyLimit limit = handler_->LimitBody(request);
  stranger_ = limit.stranger;
  request.body_bytes_max = std::min(limit.bytes_max, options_.body_bytes_max);
  if (parser_->content_length().value_or(0) > request.body_bytes_max) {
    DispatchWithoutBody();
    return false;
  }
  parser_->body_limit(request.body_bytes_max);
  if (!absl::EqualsIgnoreCase(std::string(parser_->get()[http::field::expect]), "100-continue")) return true;
  interim_ = true;
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  Write({net::buffer(kContinue.data(), kContinue.size()), net::const_buffer()});
  return false;
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

bool Connection::TakeHeaders(HttpRequest* request) {
  for (const auto& field : parser_->get()) {
    const std::string_view name(field.name_string().data(), field.name_string().size());
    const std::string_view value(field.value().data(), field.value().size());
    for (size_t i = 0; i < kHeaderCount; ++i) {
      if (!SameName(kKnown[i].name, name)) continue;
      const bool keep_first = !request->headers[i].empty() && i != static_cast<size_t>(Header::kForwardedFor);
      if (keep_first && !kKnown[i].may_repeat) return false;
      if (!keep_first) request->headers[i] = value;
      break;
    }
  }
  return true;
}

// The parser takes any other transfer coding as "no body", and what follows as the next request.
bool Connection::HasKnownFraming() const {
  const auto& message = parser_->get();
  const auto codings = message.equal_range(http::field::transfer_encoding);
  if (codings.first == codings.second) return true;
  const auto value = codings.first->value();
  return message.version() >= 11 && std::next(codings.first) == codings.second &&
         absl::EqualsIgnoreCase(absl::string_view(value.data(), value.size()), "chunked");
}

// What the header says; trailers, which come after a chunked body, say nothing.
bool Connection::TakeRequest(HttpRequest* request) {
  const auto& message = parser_->get();
  request->method = {message.method_string().data(), message.method_string().size()};
  request->target = {message.target().data(), message.target().size()};
  const bool host_missing = message.version() >= 11 && message.find(http::field::host) == message.end();
  if (!TakeHeaders(request) || host_missing || message.version() / 10 != 1 || !HasKnownFraming())
    return false;
  const std::string_view chain = (*request)[Header::kForwardedFor];
  request->from_here = peer_is_loopback_ && chain.empty();
  request->peer = peer_is_loopback_ ? ForwardedAddress(chain, peer_) : peer_;
  close_after_write_ = !parser_->keep_alive();
  return true;
}

void Connection::Dispatch() {
  state_ = State::kBusy;
  HttpRequest& request = call_->request;
  request.received = SteadyNow();
  if (!request.body_refused) {
    request.body = std::move(parser_->get().body());
    if (buffer_.size() == 0) StartRead();
  }
  handler_->Handle(call_);
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
  call_.reset();
  parser_.reset();
  ReleaseBody();
  WriteResponse(&response, false);
}

void Connection::Finished(HttpCall* call) {
  if (state_ != State::kBusy || call_.get() != call) return;  // The client has gone.
  WriteResponse(&call->response, call->request.method == "HEAD");
}

void Connection::WriteResponse(HttpResponse* response, bool head_only) {
  state_ = State::kWriting;
  SetDeadline(options_.write_limit);
  if (response->close || worker_->draining) close_after_write_ = true;
  head_.clear();
  absl::StrAppend(&head_, "HTTP/1.1 ", response->status, " ", HttpReason(response->status), "\r\n",
                  DateLine());
  head_.append(response->headers);
  if (close_after_write_) head_.append("Connection: close\r\n");
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
    return buffer_.size() > 0 ? Parse() : StartRead();
  }
  if (call_ != nullptr) call_->cancel = nullptr;  // It holds the call itself.
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
  if (now < deadline_) return;
  switch (state_) {
    case State::kBusy:
    case State::kClosed:
      return;
    case State::kHeader:
    case State::kBody:
      return interim_ ? Close() : Refuse(ReadFailure::kTimeout);
    default:
      Close();
  }
}

void Connection::Drain() {
  if (state_ == State::kIdle || state_ == State::kHandshake || state_ == State::kLingering) Close();
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
  if (call_ != nullptr) {
    const std::shared_ptr<HttpCall> call = std::move(call_);
    if (call->cancel) call->cancel();
    call->cancel = nullptr;
  }
  worker_->connections.erase(self);
  if (worker_->on_close) worker_->on_close();
}

}  // namespace lianqiao::gateway
