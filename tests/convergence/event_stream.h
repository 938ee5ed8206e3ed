// SPDX-License-Identifier: Apache-2.0
// Server-sent events over HTTP/1.1, as a browser reads them.
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace lianqiao::convergence {

struct ServerEvent {
  std::string name;  // "message" if the event names none.
  std::string id;
  std::string data;
};

class EventStream {
 public:
  // GET of `target` on loopback. `last_id` as Last-Event-ID; may be empty.
  EventStream(int port, const std::string& target, const std::string& token, const std::string& last_id);
  ~EventStream();

  int status() const;                 // Of the answer; 0: there was none.
  std::string ReadBody();             // Of an answer that is no stream.
  std::optional<ServerEvent> Next();  // Waits; nullopt: the connection ended.

 private:
  struct Parts;
  bool Fill();
  std::unique_ptr<Parts> parts_;
};

}  // namespace lianqiao::convergence
