// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/http.h"

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <mutex>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace lianqiao::e2e {
namespace {

constexpr long kRequestSeconds = 40;  // Longer than the platform lets a call last.

size_t AppendBody(char* bytes, size_t size, size_t count, void* answer) {
  static_cast<HttpAnswer*>(answer)->body.append(bytes, size * count);
  return size * count;
}

size_t ReadHeader(char* bytes, size_t size, size_t count, void* answer) {
  const std::string line(bytes, size * count);
  const size_t colon = line.find(':');
  if (colon != std::string::npos) {
    static_cast<HttpAnswer*>(answer)->headers[absl::AsciiStrToLower(line.substr(0, colon))] =
        std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
  }
  return size * count;
}

}  // namespace

struct HttpClient::Handle {
  CURL* curl = curl_easy_init();  // Kept, and with it the connection.
  ~Handle() { curl_easy_cleanup(curl); }
};

HttpClient::HttpClient(std::string server, std::string token)
    : server_(std::move(server)), token_(std::move(token)) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  handle_ = std::make_unique<Handle>();
}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::Send(const std::string& method, const std::string& target, const std::string& body,
                            const Headers& headers) {
  CURL* curl = handle_->curl;
  curl_easy_reset(curl);  // Connections stay.
  curl_slist* lines = curl_slist_append(nullptr, "Expect:");
  lines = curl_slist_append(lines, "Accept-Language: en");
  if (!token_.empty()) lines = curl_slist_append(lines, ("Authorization: Bearer " + token_).c_str());
  bool has_type = body.empty();
  for (const std::string& header : headers) {
    lines = curl_slist_append(lines, header.c_str());
    has_type = has_type || header.rfind("Content-Type:", 0) == 0;
  }
  if (!has_type) lines = curl_slist_append(lines, "Content-Type: application/json");
  HttpAnswer answer;
  const std::string url = server_ + target;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines);
  if (!body.empty() || method == "POST") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  }
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, AppendBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, ReadHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, kRequestSeconds);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  const CURLcode code = curl_easy_perform(curl);
  curl_slist_free_all(lines);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (code != CURLE_OK) {
    answer.failure = curl_easy_strerror(code);
  } else {
    answer.status = static_cast<int>(status);
  }
  return answer;
}

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      escaped += c;
    } else {
      absl::StrAppendFormat(&escaped, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return escaped;
}

std::string WhyNotError(const HttpAnswer& answer, int http_status, const std::string& status) {
  const Json json = answer.json();
  bool has_reason = false;
  bool has_request = false;
  for (size_t i = 0; i < json.Size("/error/details"); ++i) {
    const std::string detail = absl::StrCat("/error/details/", i);
    const std::string type = json.Text(detail + "/@type");
    has_reason = has_reason || (type == "type.googleapis.com/google.rpc.ErrorInfo" &&
                                !json.Text(detail + "/reason").empty() && json.Has(detail + "/domain"));
    has_request = has_request || (type == "type.googleapis.com/google.rpc.RequestInfo" &&
                                  !json.Text(detail + "/requestId").empty());
  }
  if (answer.status == http_status && json.Integer("/error/code") == http_status &&
      json.Text("/error/status") == status && !json.Text("/error/message").empty() && has_reason &&
      has_request)
    return "";
  return absl::StrCat("expected ", http_status, " ", status, " in the shape of AIP-193, but got ",
                      answer.status, " ", answer.failure, " ", answer.body);
}

void ExpectError(const HttpAnswer& answer, int http_status, const std::string& status) {
  EXPECT_EQ(WhyNotError(answer, http_status, status), "");
}

}  // namespace lianqiao::e2e
