// SPDX-License-Identifier: Apache-2.0
// The two kinds of connection, plain and TLS, and the thread that they live on.
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "services/gateway/http_connection.h"

namespace lianqiao::gateway {
namespace {

namespace net = boost::asio;
using net::ip::tcp;

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

std::shared_ptr<Connection> Connection::Plain(tcp::socket socket, Worker* worker,
                                              const HttpServer::Options& options, HttpHandler* handler) {
  return std::make_shared<PlainConnection>(std::move(socket), worker, options, handler);
}

std::shared_ptr<Connection> Connection::Tls(tcp::socket socket, Worker* worker,
                                            const HttpServer::Options& options, HttpHandler* handler,
                                            std::shared_ptr<net::ssl::context> tls) {
  return std::make_shared<TlsConnection>(std::move(socket), worker, options, handler, std::move(tls));
}

}  // namespace lianqiao::gateway
