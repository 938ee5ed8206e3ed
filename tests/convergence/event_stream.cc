// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/event_stream.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace lianqiao::convergence {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

struct EventStream::Parts {
  asio::io_context context;
  asio::ip::tcp::socket socket{context};
  boost::beast::flat_buffer buffer;
  http::response_parser<http::buffer_body> parser;
  int status = 0;
  std::string text;  // Not yet taken apart.
};

EventStream::EventStream(int port, const std::string& target, const std::string& token,
                         const std::string& last_id)
    : parts_(std::make_unique<Parts>()) {
  error_code error;
  parts_->socket.connect({asio::ip::address_v4::loopback(), static_cast<uint16_t>(port)}, error);
  if (error) return;
  http::request<http::empty_body> request(http::verb::get, target, 11);
  request.set(http::field::host, "127.0.0.1");
  request.set(http::field::authorization, "Bearer " + token);
  request.set(http::field::accept, "text/event-stream");
  if (!last_id.empty()) request.set("Last-Event-ID", last_id);
  http::write(parts_->socket, request, error);
  if (error) return;
  parts_->parser.body_limit(boost::none);
  http::read_header(parts_->socket, parts_->buffer, parts_->parser, error);
  if (!error) parts_->status = static_cast<int>(parts_->parser.get().result_int());
}

EventStream::~EventStream() = default;

int EventStream::status() const {
  return parts_->status;
}

bool EventStream::Fill() {
  if (parts_->status == 0 || parts_->parser.is_done()) return false;
  char bytes[16384];
  auto& body = parts_->parser.get().body();
  body.data = bytes;
  body.size = sizeof(bytes);
  error_code error;
  http::read_some(parts_->socket, parts_->buffer, parts_->parser, error);
  parts_->text.append(bytes, sizeof(bytes) - body.size);
  return !error || error == http::error::need_buffer;
}

std::string EventStream::ReadBody() {
  while (Fill()) {
  }
  return parts_->text;
}

std::optional<ServerEvent> EventStream::Next() {
  while (true) {
    size_t end = 0;
    while ((end = parts_->text.find("\n\n")) == std::string::npos) {
      if (!Fill()) return std::nullopt;
    }
    const std::string block = parts_->text.substr(0, end);
    parts_->text.erase(0, end + 2);
    ServerEvent event;
    bool named = false;
    for (absl::string_view line : absl::StrSplit(block, '\n')) {
      if (absl::StartsWith(line, "event: ")) event.name = std::string(line.substr(7)), named = true;
      if (absl::StartsWith(line, "id: ")) event.id = std::string(line.substr(4));
      if (absl::StartsWith(line, "data: ")) event.data = std::string(line.substr(6)), named = true;
    }
    if (named) return event;  // Otherwise a comment, or how long to wait before coming back.
  }
}

}  // namespace lianqiao::convergence
