// SPDX-License-Identifier: Apache-2.0
// A whole gateway in the test's process: real loopback sockets, a backend over gRPC whose methods are
// functions of the test. For the gateway's tests only.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/rpc/server.h"
#include "services/gateway/grpc_front.h"
#include "services/gateway/http_front.h"
#include "services/gateway/http_server.h"

namespace lianqiao::gateway {

// A raw client: what is written is what is sent.
class Socket {
 public:
  explicit Socket(int port);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool Send(const std::string& bytes);
  struct Answer {
    int status = 0;                              // 0: the connection was closed without an answer.
    std::map<std::string, std::string> headers;  // Lower-case names.
    std::string body;
    bool whole = true;  // Of a chunked body: its end came.
  };
  Answer Read(bool head = false);
  // Of an answer that is a stream: its header, then chunk by chunk; empty at the end, or if it was cut off.
  Answer ReadHead();
  std::string ReadChunk();
  // Until the server closes; what comes without a length.
  std::string ReadRest();
  bool ClosedByServer();  // Waits up to 5 s for the end.
  void Close();

 private:
  bool Fill();
  int descriptor_ = -1;
  bool ended_ = false;  // The last chunk was the one that says so.
  std::string buffer_;
};

// A token "good-x" is client x's.
class GatewayFixture : public ::testing::Test {
 protected:
  void SetUp() override { Start(); }
  void TearDown() override;
  // Stops what runs and starts with the present options.
  void Start();
  void Stop();

  // "GET /path HTTP/1.1" with Host and more header lines; a body gets its Content-Length.
  static std::string Text(const std::string& method, const std::string& target,
                          const std::string& headers = "", const std::string& body = "");
  // One request on its own connection, as client "a".
  Socket::Answer Ask(const std::string& method, const std::string& target,
                     const std::string& headers = kToken, const std::string& body = "");
  // What the backend received last.
  std::string Received(const std::string& metadata);

  static constexpr char kToken[] = "Authorization: Bearer good-a\r\n";
  HttpServer::Options http_options;
  HttpFront::Options front_options;
  Guard::Options guard_options;
  absl::Duration slow_reader = absl::Seconds(30);  // Of the gRPC front.
  rpc::Unary backend;                              // Default: answers with the bytes of the request.
  rpc::Stream backend_stream;                      // Default: drops its stream.
  absl::Status verify_failure;

  std::shared_ptr<prometheus::Registry> registry;
  std::unique_ptr<rpc::Server> backend_server;
  std::unique_ptr<rpc::Client> client;
  std::unique_ptr<Catalogue> catalogue;
  std::unique_ptr<RouteTable> routes;
  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<Guard> guard;
  std::unique_ptr<Positions> positions;
  Endpoints endpoints;
  std::unique_ptr<HttpFront> front;
  std::unique_ptr<HttpServer> server;
  std::unique_ptr<GrpcFront> grpc_front;
  std::unique_ptr<rpc::Server> grpc_server;

 private:
  std::mutex mutex_;
  rpc::CallContext last_;
};

}  // namespace lianqiao::gateway
