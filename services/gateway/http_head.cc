// SPDX-License-Identifier: Apache-2.0
// What the header of a request says, and the header of an answer.
#include <ctime>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/http_connection.h"
#include "services/gateway/http_status.h"

namespace lianqiao::gateway {
namespace {

namespace http = boost::beast::http;

struct KnownHeader {
  std::string_view name;
  bool may_repeat;
};
// In the order of enum Header. Those that lists are made of may come again; of others a second one is an
// attack or a mistake.
constexpr KnownHeader kKnown[kHeaderCount] = {{"authorization", false},
                                              {"content-type", false},
                                              {"content-encoding", false},
                                              {"accept-encoding", true},
                                              {"accept-language", true},
                                              {"if-match", false},
                                              {"if-none-match", true},
                                              {"idempotency-key", false},
                                              {"x-request-id", false},
                                              {"traceparent", false},
                                              {"tracestate", true},
                                              {"grpc-timeout", false},
                                              {"x-server-timeout", false},
                                              {"lianqiao-after", false},
                                              {"lianqiao-acting-person", false},
                                              {"lianqiao-acting-role", false},
                                              {"x-forwarded-for", true},
                                              {"host", false},
                                              {"expect", false},
                                              {"accept", true},
                                              {"range", false},
                                              {"if-range", false},
                                              {"content-range", false},
                                              {"last-event-id", false}};

bool SameName(std::string_view lower, std::string_view name) {
  if (lower.size() != name.size()) return false;
  for (size_t i = 0; i < lower.size(); ++i) {
    const char c = name[i];
    if (lower[i] != (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c)) return false;
  }
  return true;
}

// "Date" changes once a second.
const std::string& DateLine() {
  thread_local std::string line;
  thread_local time_t made = 0;
  const time_t now = std::time(nullptr);
  if (now != made) {
    made = now;
    tm parts;
    gmtime_r(&now, &parts);
    char text[64];
    const size_t size = std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    line.assign(text, size);
  }
  return line;
}

}  // namespace

bool Connection::TakeHeaders(HttpRequest* request) {
  for (const auto& field : parser_->get()) {
    const std::string_view name(field.name_string().data(), field.name_string().size());
    const std::string_view value(field.value().data(), field.value().size());
    for (size_t i = 0; i < kHeaderCount; ++i) {
      if (!SameName(kKnown[i].name, name)) continue;
      const bool keep_first = !request->headers[i].empty() && i != static_cast<size_t>(Header::kForwardedFor);
      if (keep_first && !kKnown[i].may_repeat) return false;
      if (!keep_first) request->headers[i] = value;
      break;
    }
  }
  return true;
}

// The parser takes any other transfer coding as "no body", and what follows as the next request.
bool Connection::HasKnownFraming() const {
  const auto& message = parser_->get();
  const auto codings = message.equal_range(http::field::transfer_encoding);
  if (codings.first == codings.second) return true;
  const auto value = codings.first->value();
  return message.version() >= 11 && std::next(codings.first) == codings.second &&
         absl::EqualsIgnoreCase(absl::string_view(value.data(), value.size()), "chunked");
}

// What the header says; trailers, which come after a chunked body, say nothing.
bool Connection::TakeRequest(HttpRequest* request) {
  const auto& message = parser_->get();
  request->method = {message.method_string().data(), message.method_string().size()};
  request->target = {message.target().data(), message.target().size()};
  const bool host_missing = message.version() >= 11 && message.find(http::field::host) == message.end();
  if (!TakeHeaders(request) || host_missing || message.version() / 10 != 1 || !HasKnownFraming())
    return false;
  const std::string_view chain = (*request)[Header::kForwardedFor];
  request->from_here = peer_is_loopback_ && chain.empty();
  request->peer = peer_is_loopback_ ? ForwardedAddress(chain, peer_) : peer_;
  close_after_write_ = !parser_->keep_alive();
  return true;
}

void Connection::WriteHead(const HttpResponse& response) {
  if (response.close || worker_->draining) close_after_write_ = true;
  head_.clear();
  absl::StrAppend(&head_, "HTTP/1.1 ", response.status, " ", HttpReason(response.status), "\r\n", DateLine());
  head_.append(response.headers);
  if (close_after_write_) head_.append("Connection: close\r\n");
}

}  // namespace lianqiao::gateway
