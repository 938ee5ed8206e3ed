// SPDX-License-Identifier: Apache-2.0
// One HTTP connection: reads a request, hands it on, writes the answer, again; body and answer may be streams
// (http_stream.cc). Everything runs on the thread of its io_context. For http_server.cc only.
#pragma once

#include <utility>  // Boost 1.74 needs std::exchange before its own headers.

#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>

#include "services/gateway/http_body.h"
#include "services/gateway/http_message.h"
#include "services/gateway/http_server.h"

namespace lianqiao::gateway {

class Connection;

// One thread of the server with its connections.
struct Worker {
  boost::asio::io_context context{1};
  std::unordered_set<std::shared_ptr<Connection>> connections;
  bool draining = false;
  std::function<void()> on_close;            // After a connection left the set.
  std::atomic<int64_t>* buffered = nullptr;  // Bytes of bodies that all connections of the server hold.

  // Runs `work` on the thread, or at once when that has ended: whoever waits for the work must not wait for
  // ever.
  void Post(std::function<void()> work);
  // After the thread has ended: runs what it has left.
  void Finish();

 private:
  std::mutex mutex_;
  bool ended_ = false;  // Guarded by mutex_.
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Buffers = std::array<boost::asio::const_buffer, 2>;

  static std::shared_ptr<Connection> Plain(boost::asio::ip::tcp::socket socket, Worker* worker,
                                           const HttpServer::Options& options, HttpHandler* handler);
  static std::shared_ptr<Connection> Tls(boost::asio::ip::tcp::socket socket, Worker* worker,
                                         const HttpServer::Options& options, HttpHandler* handler,
                                         std::shared_ptr<boost::asio::ssl::context> tls);
  virtual ~Connection() = default;

  // Held until the connection is closed: its share of what its address may have.
  void SetPlace(std::shared_ptr<void> place) { place_ = std::move(place); }
  void Start();
  // Called a few times a second: ends what has lasted too long.
  void CheckTime(int64_t now);
  // Closes at once if idle, else after the running request.
  void Drain();
  // Answers that there are too many connections.
  void RefuseConnection();
  void Close();

 protected:
  Connection(boost::asio::ip::tcp::socket* socket, Worker* worker, const HttpServer::Options& options,
             HttpHandler* handler);
  // Each ends in the function of the same name below, on the worker's thread.
  virtual void Handshake() = 0;
  virtual void Read(boost::asio::mutable_buffer buffer) = 0;
  virtual void Write(const Buffers& buffers) = 0;
  void OnHandshake(bool ok);
  void OnRead(bool ok, size_t bytes);
  void OnWrite(bool ok);

 private:
  friend class ConnectionCall;
  enum class State {
    kHandshake,
    kIdle,
    kHeader,
    kBody,
    kUpload,  // The handler has the call while its body comes.
    kBusy,    // The handler has the call and all of its body.
    kStreaming,
    kWriting,
    kLingering,
    kClosed
  };
  // How the client sees where a streamed answer ends.
  enum class Framing { kNone, kChunked, kLength, kClose };
  using Parser = boost::beast::http::request_parser<TextBody>;

  void NextRequest();
  void StartRead();
  void Parse();
  bool Put();
  bool AfterHeader();
  bool HoldBody();
  void WriteContinue();
  void ReleaseBody();
  void Dispatch();
  void DispatchWithoutBody();
  bool TakeRequest(HttpRequest* request);
  bool TakeHeaders(HttpRequest* request);
  bool HasKnownFraming() const;
  void Refuse(ReadFailure failure);
  void Finished(HttpCall* call);
  void WriteHead(const HttpResponse& response);
  void WriteResponse(HttpResponse* response, bool head_only);
  void AnswerDone();
  void Cancel();

  void DispatchUpload();
  void ReadBody(HttpCall* call, HttpCall::Piece then);
  void PumpBody();
  bool ParsePiece();
  void WritePiece(HttpCall* call, std::string piece, bool goes_on, HttpCall::Written written);
  void BeginStream();
  void Frame(std::string piece);
  void OnPieceWritten();
  void EndStream(HttpCall* call, bool complete);
  std::shared_ptr<HttpCall> MakeCall();

  void Linger();
  void SetDeadline(absl::Duration limit);

  boost::asio::ip::tcp::socket* socket_;
  Worker* worker_;
  const HttpServer::Options& options_;
  HttpHandler* handler_;
  State state_ = State::kHandshake;
  int64_t deadline_ = 0;
  bool read_pending_ = false;
  bool interim_ = false;          // What is being written is "100 Continue".
  bool continue_wanted_ = false;  // By the client, for the body of an upload.
  bool finish_waiting_ = false;   // The answer is ready, behind that.
  bool close_after_write_ = false;
  bool linger_after_write_ = false;
  std::string peer_;
  bool peer_is_loopback_ = false;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  bool stranger_ = false;       // As LimitBody says.
  int64_t buffered_bytes_ = 0;  // What of Worker::buffered is ours.
  std::shared_ptr<void> place_;
  std::shared_ptr<HttpCall> call_;
  HttpCall::Piece body_then_;  // The handler waits for a piece of the body.
  Framing framing_ = Framing::kNone;
  HttpCall::Written written_;  // A piece of the answer is being written.
  bool ending_ = false;        // What is being written ends the stream.
  int64_t length_left_ = 0;    // With Framing::kLength.
  std::string head_;
  std::string body_;
};

}  // namespace lianqiao::gateway
