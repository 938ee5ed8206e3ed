// SPDX-License-Identifier: Apache-2.0
// One HTTP request and its answer as the gateway sees them: no Boost here, so that only the server's own
// files pay for it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
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
  kAccept,
  kRange,
  kIfRange,
  kContentRange,
  kLastEventId,
};
inline constexpr size_t kHeaderCount = static_cast<size_t>(Header::kLastEventId) + 1;

struct HttpRequest {
  // Views live until the answer is written.
  std::string_view method;
  std::string_view target;
  std::array<std::string_view, kHeaderCount> headers;
  std::string body;
  std::string peer;            // Address without port; of the client, also behind our own proxy.
  size_t body_bytes_max = 0;   // What the handler lets this caller send.
  bool body_refused = false;   // It would send more, or did: there is no body, and the connection closes.
  bool streamed_body = false;  // `body` is empty; what comes is read with HttpCall::ReadBody.
  bool from_here = false;      // A loopback peer that forwards for nobody.
  int64_t received = 0;        // Steady clock, ns: when the request was complete, but for a streamed body.

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
  int64_t length_bytes = -1;  // Of all pieces of a stream together, if that is known.
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
  // Set like `cancel`, for streams: `drain` runs when the server wants to stop, `tick` a few times a second
  // with the steady clock. Both on the connection's thread, until the answer is complete.
  std::function<void()> drain;
  std::function<void(int64_t now)> tick;
  bool too_slow = false;  // Why `cancel` runs: the client did not take a piece in time.

  // Sends the response. Once, from any thread; harmless after the client has gone.
  virtual void Finish() = 0;

  // Instead of Finish, after all of the request's body: sends the response piece by piece; its status and
  // headers go out with the first, and its `body` is not looked at. `written` runs on the connection's thread
  // when the transport has taken the piece, so that one piece at most is ever held; with false when the
  // client has gone or was cut off. One at a time, from any thread.
  using Written = std::function<void(bool ok)>;
  virtual void Write(std::string piece, Written written) = 0;
  // A further piece of the same message, which adds only the time that its size needs: a client that takes a
  // piece now and then could hold the message for as long as it likes.
  virtual void WriteOn(std::string piece, Written written) = 0;
  // Ends such a response, behind its last `written`. Not `complete`: in a way that the client notices.
  virtual void End(bool complete) = 0;

  // The next piece of the request's body, at most as much as has come with one read: nullopt when it has all
  // been read. One at a time; runs on the connection's thread, and never after `cancel` has. A client that
  // waits for "100 Continue" gets it with the first call.
  using Piece = std::function<void(std::optional<std::string> piece)>;
  virtual void ReadBody(Piece then) = 0;

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
  bool streamed = false;  // Handed over while it comes, whatever its size: HttpRequest::streamed_body.
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
