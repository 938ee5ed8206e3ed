// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/testdata/gateway_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/testdata/books.pb.h"

namespace lianqiao::gateway {

Socket::Socket(int port) {
  descriptor_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{10, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  EXPECT_EQ(connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

Socket::~Socket() {
  Close();
}

void Socket::Close() {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
}

bool Socket::Send(const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = send(descriptor_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<size_t>(count);
  }
  return true;
}

bool Socket::Fill() {
  char bytes[65536];
  const ssize_t count = recv(descriptor_, bytes, sizeof bytes, 0);
  if (count > 0) buffer_.append(bytes, static_cast<size_t>(count));
  return count > 0;
}

Socket::Answer Socket::ReadHead() {
  Answer answer;
  size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return answer;
  }
  const std::string top = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  answer.status = std::stoi(top.substr(9, 3));
  for (size_t start = top.find("\r\n") + 2; start < top.size();) {
    const size_t line_end = top.find("\r\n", start);
    const size_t colon = top.find(": ", start);
    answer.headers[absl::AsciiStrToLower(top.substr(start, colon - start))] =
        top.substr(colon + 2, line_end - colon - 2);
    start = line_end + 2;
  }
  return answer;
}

std::string Socket::ReadChunk() {
  size_t line = 0;
  while ((line = buffer_.find("\r\n")) == std::string::npos) {
    if (!Fill()) return "";
  }
  const size_t size = std::stoul(buffer_.substr(0, line), nullptr, 16);
  while (buffer_.size() < line + 2 + size + 2) {
    if (!Fill()) return "";
  }
  std::string chunk = buffer_.substr(line + 2, size);
  buffer_.erase(0, line + 2 + size + 2);
  ended_ = size == 0;
  return chunk;
}

std::string Socket::ReadRest() {
  while (Fill()) {
  }
  return std::move(buffer_);
}

Socket::Answer Socket::Read(bool head) {
  Answer answer = ReadHead();
  if (!head && answer.headers.count("transfer-encoding") > 0) {
    ended_ = false;
    for (std::string chunk; !(chunk = ReadChunk()).empty();) answer.body += chunk;
    answer.whole = ended_;
    return answer;
  }
  const auto length = answer.headers.find("content-length");
  const size_t size = head || length == answer.headers.end() ? 0 : std::stoul(length->second);
  while (buffer_.size() < size) {
    if (!Fill()) break;
  }
  answer.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return answer;
}

bool Socket::ClosedByServer() {
  char byte;
  return recv(descriptor_, &byte, 1, 0) == 0;
}

void GatewayFixture::Start() {
  Stop();
  gatewaytest::v1::Book::default_instance();
  rpc::Server::Options options;
  options.listen = {"127.0.0.1:0"};
  backend_server = std::make_unique<rpc::Server>(options);
  backend_server->BindOther(
      [this](std::shared_ptr<const rpc::CallContext> context, std::string request, rpc::Done done) {
        {
          const std::lock_guard lock(mutex_);
          last_ = *context;
        }
        if (backend) return backend(context, std::move(request), done);
        rpc::Reply reply;
        reply.bytes = std::move(request);
        done(std::move(reply));
      });
  backend_server->BindOtherStream(
      [this](const std::string& path) {
        const ServedMethod* method = catalogue->Find(path);
        return method != nullptr && (method->client_streams || method->server_streams);
      },
      [this](const std::shared_ptr<const rpc::CallContext>& context,
             const std::shared_ptr<rpc::ServerStream>& stream) {
        {
          const std::lock_guard lock(mutex_);
          last_ = *context;
        }
        if (backend_stream) backend_stream(context, stream);
      });
  ASSERT_TRUE(backend_server->Start().ok());
  const std::string target = absl::StrCat("127.0.0.1:", backend_server->port(0));
  client = std::make_unique<rpc::Client>(rpc::Client::Options{target, 1});
  Catalogue::Options served;
  served.upstreams = {{"lianqiao.gatewaytest.v1", target}};
  catalogue = Catalogue::Load(served).value();
  routes = RouteTable::Build(*catalogue).value();
  registry = std::make_shared<prometheus::Registry>();
  metrics = std::make_unique<Metrics>(registry, HttpFront::RouteNames(*routes));
  guard = std::make_unique<Guard>(
      guard_options,
      [this](const std::string& token, const CallOrigin&) -> absl::StatusOr<KnownClient> {
        if (!verify_failure.ok()) return verify_failure;
        if (token.rfind("good-", 0) == 0) return KnownClient{token.substr(5), {}};
        return base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED);
      },
      metrics.get());
  positions = std::make_unique<Positions>();
  front_options.access_log = false;
  front = std::make_unique<HttpFront>(
      front_options,
      HttpFront::Parts{
          routes.get(), {client.get()}, &endpoints, guard.get(), positions.get(), metrics.get()});
  http_options.listen = "127.0.0.1:0";
  server = std::make_unique<HttpServer>(http_options, front.get());
  ASSERT_TRUE(server->Start().ok());
  grpc_front = std::make_unique<GrpcFront>(GrpcFront::Parts{
      catalogue.get(), {client.get()}, guard.get(), positions.get(), metrics.get(), false, slow_reader});
  grpc_server = std::make_unique<rpc::Server>(options);
  grpc_server->BindOther([this](std::shared_ptr<const rpc::CallContext> context, std::string request,
                                rpc::Done done) { grpc_front->Handle(context, std::move(request), done); });
  grpc_server->BindOtherStream([this](const std::string& path) { return grpc_front->Streams(path); },
                               [this](const std::shared_ptr<const rpc::CallContext>& context,
                                      const std::shared_ptr<rpc::ServerStream>& stream) {
                                 grpc_front->HandleStream(context, stream);
                               });
  ASSERT_TRUE(grpc_server->Start().ok());
}

void GatewayFixture::Stop() {
  if (grpc_server != nullptr) grpc_server->Drain(absl::Seconds(2));
  grpc_server.reset();
  if (server != nullptr) server->Drain(absl::Seconds(2));
  EXPECT_TRUE(front == nullptr || front->WaitIdle(absl::Seconds(5)));
  server.reset();
  if (backend_server != nullptr) backend_server->Drain(absl::Seconds(2));
  backend_server.reset();
  client.reset();
}

void GatewayFixture::TearDown() {
  Stop();
}

std::string GatewayFixture::Text(const std::string& method, const std::string& target,
                                 const std::string& headers, const std::string& body) {
  std::string text = absl::StrCat(method, " ", target, " HTTP/1.1\r\nHost: test\r\n", headers);
  if (!body.empty()) absl::StrAppend(&text, "Content-Length: ", body.size(), "\r\n");
  return absl::StrCat(text, "\r\n", body);
}

Socket::Answer GatewayFixture::Ask(const std::string& method, const std::string& target,
                                   const std::string& headers, const std::string& body) {
  Socket socket(server->port());
  std::string all = headers;
  if (!body.empty() && headers.find("Content-Type") == std::string::npos)
    all += "Content-Type: application/json\r\n";
  EXPECT_TRUE(socket.Send(Text(method, target, all, body)));
  return socket.Read(method == "HEAD");
}

std::string GatewayFixture::Received(const std::string& metadata) {
  const std::lock_guard lock(mutex_);
  return last_.Metadata(metadata);
}

}  // namespace lianqiao::gateway
