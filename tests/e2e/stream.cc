// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/stream.h"

#include <curl/curl.h>

#include <algorithm>

#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace lianqiao::e2e {

struct HttpStream::State {
  CURLM* multi = curl_multi_init();
  CURL* curl = curl_easy_init();
  curl_slist* lines = nullptr;
  std::string buffer;  // Come and not yet taken.
  bool ended = false;

  ~State() {
    curl_multi_remove_handle(multi, curl);
    curl_easy_cleanup(curl);
    curl_multi_cleanup(multi);
    curl_slist_free_all(lines);
  }
  static size_t Append(char* bytes, size_t size, size_t count, void* state) {
    static_cast<State*>(state)->buffer.append(bytes, size * count);
    return size * count;
  }
};

HttpStream::HttpStream(const std::string& server, const std::string& token, const std::string& target,
                       const HttpClient::Headers& headers)
    : state_(std::make_unique<State>()) {
  CURL* curl = state_->curl;
  for (const std::string& header : headers) state_->lines = curl_slist_append(state_->lines, header.c_str());
  state_->lines = curl_slist_append(state_->lines, "Accept-Language: en");
  state_->lines = curl_slist_append(state_->lines, ("Authorization: Bearer " + token).c_str());
  curl_easy_setopt(curl, CURLOPT_URL, (server + target).c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, state_->lines);
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, State::Append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, state_.get());
  curl_multi_add_handle(state_->multi, curl);
}

HttpStream::~HttpStream() = default;

std::optional<std::string> HttpStream::Line(absl::Duration limit) {
  const absl::Time end = absl::Now() + limit;
  while (true) {
    if (const size_t size = state_->buffer.find('\n'); size != std::string::npos) {
      std::string line = state_->buffer.substr(0, size);
      state_->buffer.erase(0, size + 1);
      if (!line.empty() && line.back() == '\r') line.pop_back();
      return line;
    }
    const absl::Duration left = end - absl::Now();
    if (state_->ended || left <= absl::ZeroDuration()) return std::nullopt;
    int running = 0;
    curl_multi_perform(state_->multi, &running);
    state_->ended = running == 0;
    if (state_->ended || state_->buffer.find('\n') != std::string::npos) continue;
    const int64_t wait = std::clamp<int64_t>(absl::ToInt64Milliseconds(left), 1, 1000);
    curl_multi_poll(state_->multi, nullptr, 0, static_cast<int>(wait), nullptr);
  }
}

bool HttpStream::ended() const {
  return state_->ended;
}

int HttpStream::status() const {
  long status = 0;
  curl_easy_getinfo(state_->curl, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

const std::string& HttpStream::rest() const {
  return state_->buffer;
}

std::optional<ServerEvent> NextEvent(HttpStream& stream, absl::Duration limit) {
  const absl::Time end = absl::Now() + limit;
  ServerEvent event;
  while (const auto line = stream.Line(end - absl::Now())) {
    absl::string_view text = *line;
    if (text.empty()) {
      if (!event.data.empty()) return event;
      event = ServerEvent();
    } else if (absl::ConsumePrefix(&text, "event: ")) {
      event.type = std::string(text);
    } else if (absl::ConsumePrefix(&text, "id: ")) {
      event.id = std::string(text);
    } else if (absl::ConsumePrefix(&text, "data: ")) {
      event.data.append(text.data(), text.size());
    }
  }
  return std::nullopt;
}

}  // namespace lianqiao::e2e
