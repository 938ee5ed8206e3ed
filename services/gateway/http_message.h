// SPDX-License-Identifier: Apache-2.0
// One HTTP request and its answer as the gateway sees them: no Boost here, so that only the server's own
// files pay for it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
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
  std::string peer;           // Address without port; of the client, also behind our own proxy.
  size_t body_bytes_max = 0;  // What the handler lets this caller send.
  bool body_refused = false;  // It would send more, or did: there is no body, and the connection closes.
  bool from_here = false;     // A loopback peer that forwards for nobody.
  int64_t received = 0;       // Steady clock, ns: when the request was complete.

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

// What our own proxy saw, which it appends to X-Forwarded-For: all before it is the client's own claim.
// `peer` if there is no address at the end of `chain`.
std::string ForwardedAddress(std::string_view chain, std::string_view peer);

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

enum class ReadFailure {
  kMalformed,
  kHeaderTooLarge,
  kBodyTooLarge,
  kTimeout,
  kTooManyConnections,
  kTooManyBytes,  // The bodies of all requests together.
};

// How much of a body is worth reading, as far as the header tells.
struct BodyLimit {
  size_t bytes_max = 0;
  bool stranger = false;  // No valid token: not all of the memory for bodies.
};

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  // On a server thread, which it must not block.
  virtual void Handle(std::shared_ptr<HttpCall> call) = 0;
  // Before a body is read; one that is larger is handed over as `body_refused`. On a server thread.
  virtual BodyLimit LimitBody(const HttpRequest&) { return {std::numeric_limits<size_t>::max(), false}; }
  // No request could be read: fills the response, after which the connection closes.
  virtual void Refuse(ReadFailure failure, const HttpRequest& request, HttpResponse* response) = 0;
};

// Nanoseconds of the steady clock.
int64_t SteadyNow();

}  // namespace lianqiao::gateway
