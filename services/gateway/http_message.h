// SPDX-License-Identifier: Apache-2.0
// One HTTP request and its answer as the gateway sees them: no Boost here, so that only the server's own
// files pay for it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace lianqiao::gateway {

// Headers that the gateway reads; all others are dropped at the door.
enum class Header : size_t {
  kAuthorization,
  kContentType,
  kContentEncoding,
  kAcceptEncoding,
  kAcceptLanguage,
  kIfMatch,
  kIfNoneMatch,
  kIdempotencyKey,
  kRequestId,
  kTraceParent,
  kTraceState,
  kGrpcTimeout,
  kServerTimeout,
  kAfter,
  kActingPerson,
  kActingRole,
  kForwardedFor,
  kHost,
  kExpect,
};
inline constexpr size_t kHeaderCount = static_cast<size_t>(Header::kExpect) + 1;

struct HttpRequest {
  // Views live until the answer is written.
  std::string_view method;
  std::string_view target;
  std::array<std::string_view, kHeaderCount> headers;
  std::string body;
  std::string peer;        // Address without port; of the client, also behind our own proxy.
  bool from_here = false;  // A loopback peer that forwards for nobody.
  int64_t received = 0;    // Steady clock, ns: when the request was complete.

  std::string_view operator[](Header header) const { return headers[static_cast<size_t>(header)]; }
  std::string_view path() const { return target.substr(0, target.find('?')); }
  std::string_view query() const {
    const size_t mark = target.find('?');
    return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  }
};

struct HttpResponse {
  int status = 200;
  std::string headers;  // Complete lines "Name: value\r\n", without Content-Length, Date and Connection.
  std::string body;
  bool close = false;
};

// Appends one header line; a value with a line break is left out.
void AddHeader(std::string_view name, std::string_view value, std::string* headers);

// One request under way.
class HttpCall {
 public:
  virtual ~HttpCall() = default;
  HttpRequest request;
  HttpResponse response;
  // Set by the handler before it returns, if there is something to stop: runs when the client goes away
  // first.
  std::function<void()> cancel;
  // Sends the response. Once, from any thread; harmless after the client has gone.
  virtual void Finish() = 0;
  // Runs `work` on the thread of the call's connection, also after the client has gone; from any thread. For
  // what would keep others waiting where it comes up.
  virtual void Resume(std::function<void()> work) = 0;
};

enum class ReadFailure { kMalformed, kHeaderTooLarge, kBodyTooLarge, kTimeout, kTooManyConnections };

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  // On a server thread, which it must not block.
  virtual void Handle(std::shared_ptr<HttpCall> call) = 0;
  // No request could be read: fills the response, after which the connection closes.
  virtual void Refuse(ReadFailure failure, const HttpRequest& request, HttpResponse* response) = 0;
};

// Nanoseconds of the steady clock.
int64_t SteadyNow();

}  // namespace lianqiao::gateway
