// SPDX-License-Identifier: Apache-2.0
// How the messages of a stream become text, part by part: NDJSON, server-sent events, or the bytes of a file.
// One message is held at a time, and never its whole text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "services/gateway/http_message.h"
#include "services/gateway/stream_shape.h"

namespace lianqiao::gateway {

class StreamWriter {
 public:
  using Metadata = std::vector<std::pair<std::string, std::string>>;
  virtual ~StreamWriter() = default;

  // The headers of the answer, before the first part; the first message has been taken if there is one.
  // False: the status alone is the answer.
  virtual bool Head(const Metadata& metadata, HttpResponse* response) = 0;
  // Takes the next message, after the one before has been written.
  virtual absl::Status Take(std::string message) = 0;
  // Appends what comes next until *out has about `bytes_max`; *more says whether something is left.
  virtual absl::Status Next(size_t bytes_max, std::string* out, bool* more) = 0;
  // What says that the stream is whole, or why it is not: `error` is the JSON that a call would be answered
  // with. Empty where the client sees it otherwise.
  virtual std::string End() = 0;
  virtual std::string Error(const std::string& error) = 0;
  // Keeps a connection alive on which nothing happens; empty if there is no such thing.
  virtual std::string Heartbeat() { return ""; }
  // Whether the client can go on elsewhere from what it has, so that the stream need not be finished.
  virtual bool interruptible() const { return true; }
};

enum class Wanted { kJson, kLines, kEvents };
// What an Accept header prefers; JSON if it names neither kind of stream, or not before all others.
Wanted WantedOf(std::string_view accept);

// A line per record, {"batch":…} after those of each message, {"end":…} or {"error":…} at last.
std::unique_ptr<StreamWriter> LinesWriter(const google::protobuf::Descriptor* message,
                                          const StreamShape& shape);
// Server-sent events.
std::unique_ptr<StreamWriter> EventsWriter(const google::protobuf::Descriptor* message,
                                           const StreamShape& shape);

// What of the request a file's answer depends on.
struct FileRequest {
  std::string name;  // For Content-Disposition.
  std::string if_none_match;
  // Of `Range: bytes=offset-` or, with a length, `bytes=offset-last`, which the service was asked for; -1:
  // none.
  int64_t offset = -1;
  int64_t length = 0;  // 0: to the end.
};
std::unique_ptr<StreamWriter> FileWriter(const StreamShape& shape, FileRequest request);

struct ByteRange {
  int64_t offset = -1;
  int64_t length = 0;  // 0: to the end.
};
// Of "bytes=N-" and, if the service can stop there, "bytes=N-M"; an offset of -1 for any other range, which
// may be ignored.
ByteRange RangeOf(std::string_view range, bool can_stop);
// The last segment of a path as a file name without surprises.
std::string FileName(std::string_view path);

}  // namespace lianqiao::gateway
