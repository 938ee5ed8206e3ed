// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 with keep-alive, pipelining, limits and TLS by choice: one io_context per thread, a connection
// stays on its thread. Knows nothing of gRPC or JSON.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/gateway/http_message.h"

namespace lianqiao::gateway {

class HttpServer {
 public:
  struct Options {
    std::string listen = "127.0.0.1:8080";
    int threads = 2;
    int connections_max = 10'000;
    int connections_per_address = 0;         // 0: no limit, as behind a proxy, whose address they all have.
    int64_t buffered_bytes_max = 256 << 20;  // Of the bodies of all requests that are not answered yet.
    size_t header_bytes_max = 48u << 10;  // A BatchGet of 1,000 ids, or the longest filter with a page token.
    size_t body_bytes_max = 4u << 20;
    // A header, and then a body, must have arrived so long after its first byte; of a streamed body the next
    // piece after it was asked for.
    absl::Duration header_limit = absl::Seconds(10);
    absl::Duration body_limit = absl::Seconds(30);
    absl::Duration idle_limit = absl::Seconds(75);
    absl::Duration write_limit = absl::Seconds(60);
    absl::Duration stream_write_limit = absl::Seconds(30);  // For each message of a stream.
    // And what lies beyond its first piece may take as long as this rate needs.
    int64_t stream_bytes_per_second_min = int64_t{64} << 10;
    // PEM files; both or none. Read again when they change.
    std::string tls_certificate;
    std::string tls_key;
  };
  struct Counts {
    int64_t open = 0;
    int64_t accepted = 0;
    int64_t refused = 0;
    int64_t buffered_bytes = 0;  // Of bodies.
  };

  HttpServer(Options options, HttpHandler* handler);
  ~HttpServer();
  absl::Status Start();  // UNAVAILABLE if the address cannot be bound, INVALID_ARGUMENT for bad TLS files.
  int port() const;
  Counts counts() const;
  // Stops accepting, closes idle connections, tells streams to end, lets running requests finish until the
  // limit.
  void Drain(absl::Duration limit);

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace lianqiao::gateway
