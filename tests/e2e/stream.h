// SPDX-License-Identifier: Apache-2.0
// An answer that goes on: NDJSON or server-sent events, line by line as they come, on libcurl. Nothing is
// read while nobody asks, as with a slow client.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/e2e/http.h"

namespace lianqiao::e2e {

class HttpStream {
 public:
  // Begins a GET; nothing is sent before the first read.
  HttpStream(const std::string& server, const std::string& token, const std::string& target,
             const HttpClient::Headers& headers = {});
  ~HttpStream();  // Cuts the connection if the stream has not ended.
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;

  // The next whole line without its end; nullopt when the stream has ended or `limit` has passed.
  std::optional<std::string> Line(absl::Duration limit);
  bool ended() const;
  int status() const;  // 0 before the header has come.
  // What has come and is no whole line: of an error answer all of it.
  const std::string& rest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A server-sent event; comments and `retry` are left out.
struct ServerEvent {
  std::string type;
  std::string id;  // Empty: it has none.
  std::string data;

  Json json() const { return Json(data); }
};
// nullopt as with Line; an event that is cut in the middle is none.
std::optional<ServerEvent> NextEvent(HttpStream& stream, absl::Duration limit);

}  // namespace lianqiao::e2e
