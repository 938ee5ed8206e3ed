// SPDX-License-Identifier: Apache-2.0
// Streams of messages, either way, over bytes: what a handler of a streaming method holds, and what a caller
// of one holds. At most one message each way is under way at a time: a stream never queues.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/rpc/call.h"

namespace lianqiao::rpc {

// What the server of a file says of it in its stream's initial metadata: the ETag over HTTP, without quotes,
// the size of the whole in bytes, and the name to keep it under, as percent-encoded UTF-8.
inline constexpr char kFileEtag[] = "lianqiao-etag";
inline constexpr char kFileSize[] = "lianqiao-size";
inline constexpr char kFileName[] = "lianqiao-name";

// The server's end of one streaming call. Thread-safe. Callbacks run on threads of gRPC and must not block.
// The handler keeps a reference for as long as it uses the stream; dropping the last one without Finish ends
// the call with INTERNAL.
class ServerStream {
 public:
  virtual ~ServerStream() = default;
  // Asks for the client's next message: nullopt when it has sent all, or is gone; what OnCancel was given has
  // run before a nullopt that is due to the latter. One at a time.
  virtual void Read(std::function<void(std::optional<std::string>)> then) = 0;
  // To the stream's initial metadata; before the first Write, later ones are left out.
  virtual void AddMetadata(const std::string& name, const std::string& value) = 0;
  // Sends a message; `then` runs when the transport has taken it: false when the client is gone. One at a
  // time; the stream's initial metadata go out with the first.
  virtual void Write(std::string bytes, std::function<void(bool)> then) = 0;
  // Ends the call, behind the last write. Once. After it, as after a cancel, the stream gives nothing and
  // takes nothing: Read answers nullopt and Write false.
  virtual void Finish(const absl::Status& status) = 0;
  // Runs `then` once when the client goes or the deadline passes, at once if it has.
  virtual void OnCancel(std::function<void()> then) = 0;
};

// How a call has ended whose client went: DEADLINE_EXCEEDED or CANCELLED.
absl::Status StatusOfGone(const CallContext& context);

// Handles one call of a streaming method, whichever side streams.
using Stream = std::function<void(std::shared_ptr<const CallContext>, std::shared_ptr<ServerStream>)>;

// The client's end. Thread-safe. Destroying it cancels the call; what it was asked for is still answered.
class ClientStream {
 public:
  virtual ~ClientStream() = default;
  // The server's next message; nullopt when there are no more: then status() is final. One at a time.
  virtual void Read(std::function<void(std::optional<std::string>)> then) = 0;
  // False when the call has ended. One at a time.
  virtual void Write(std::string bytes, std::function<void(bool)> then) = 0;
  // Says that no more messages come. Behind the last write.
  virtual void WritesDone() = 0;
  virtual void Cancel() = 0;
  // How the call ended, as in Answer: the status carries our Failure if the server sent one. After Read gave
  // nullopt; until then UNKNOWN.
  virtual absl::Status status() const = 0;
  virtual std::string error_details() const = 0;
  // Initial metadata, lower case; complete when the first Read has answered.
  virtual std::vector<std::pair<std::string, std::string>> metadata() const = 0;

  // Blocking, for jobs, tools and tests.
  std::optional<std::string> ReadAndWait();
  bool WriteAndWait(std::string bytes);
};

}  // namespace lianqiao::rpc
