// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/api_client.h"

#include <curl/curl.h>
#include <strings.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "simdjson.h"

namespace lianqiao::cli {

using simdjson::dom::element;

namespace {

constexpr int kTries = 10;
constexpr int kLongestWaitSeconds = 30;
constexpr long kConnectSeconds = 5;
// Longer than the platform lets a write last.
constexpr long kRequestSeconds = 90;
constexpr int kRenewSecondsBefore = 60;

size_t AppendBody(char* bytes, size_t size, size_t count, void* target) {
  static_cast<std::string*>(target)->append(bytes, size * count);
  return size * count;
}

size_t ReadHeader(char* bytes, size_t size, size_t count, void* target) {
  const std::string line(bytes, size * count);
  constexpr char kName[] = "retry-after:";
  int seconds = 0;
  if (strncasecmp(line.c_str(), kName, sizeof(kName) - 1) == 0 &&
      absl::SimpleAtoi(line.substr(sizeof(kName) - 1), &seconds))
    *static_cast<int*>(target) = seconds;
  return size * count;
}

bool WorthRepeating(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

struct ApiClient::Transfer {
  CURL* handle = curl_easy_init();  // Kept, and with it the connection.
  ~Transfer() { curl_easy_cleanup(handle); }
};

absl::StatusOr<ClientCredentials> ReadCredentials(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  if ((info.st_mode & 077) != 0)
    return absl::FailedPreconditionError(
        absl::StrCat(path, " may be read by others than its owner: chmod 600"));
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  simdjson::dom::parser parser;
  element root;
  std::string_view id;
  std::string_view secret;
  if (parser.parse(text.str()).get(root) != simdjson::SUCCESS ||
      root["client_id"].get_string().get(id) != simdjson::SUCCESS ||
      root["client_secret"].get_string().get(secret) != simdjson::SUCCESS)
    return absl::FailedPreconditionError(absl::StrCat(path, " holds no client_id and client_secret"));
  return ClientCredentials{std::string(id), std::string(secret)};
}

ApiClient::ApiClient(std::string server, ClientCredentials credentials, Language language)
    : server_(server.substr(0, server.find_last_not_of('/') + 1)),
      credentials_(std::move(credentials)),
      language_(language),
      transfer_(std::make_unique<Transfer>()) {}

ApiClient::~ApiClient() = default;

absl::StatusOr<ApiClient::Reply> ApiClient::Once(const std::string& path, const std::string& body,
                                                 const std::string& idempotency_key, bool token_request) {
  CURL* handle = transfer_->handle;
  if (handle == nullptr) return absl::InternalError("libcurl cannot be used");
  curl_easy_reset(handle);  // Connections stay.
  curl_slist* headers = nullptr;
  const auto header = [&](const std::string& line) { headers = curl_slist_append(headers, line.c_str()); };
  header("Expect:");
  header(language_ == Language::kChinese ? "Accept-Language: zh-CN" : "Accept-Language: en");
  if (token_request) {
    curl_easy_setopt(handle, CURLOPT_USERNAME, credentials_.client_id.c_str());
    curl_easy_setopt(handle, CURLOPT_PASSWORD, credentials_.client_secret.c_str());
    header("Content-Type: application/x-www-form-urlencoded");
  } else {
    header("Content-Type: application/json");
    header("Authorization: Bearer " + token_);
    header("Idempotency-Key: " + idempotency_key);
  }
  Reply reply;
  const std::string url = server_ + path;
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, AppendBody);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &reply.answer.body);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, ReadHeader);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &reply.retry_after);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, kRequestSeconds);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  const CURLcode code = curl_easy_perform(handle);
  curl_slist_free_all(headers);
  if (code != CURLE_OK) return absl::UnavailableError(absl::StrCat(server_, ": ", curl_easy_strerror(code)));
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  reply.answer.status = static_cast<int>(status);
  return reply;
}

absl::StatusOr<HttpAnswer> ApiClient::WithRetries(const std::string& path, const std::string& body,
                                                  const std::string& idempotency_key, bool token_request) {
  int wait = 1;
  for (int attempt = 1;; ++attempt) {
    const absl::StatusOr<Reply> reply = Once(path, body, idempotency_key, token_request);
    const bool again =
        reply.ok() ? WorthRepeating(reply->answer.status) : absl::IsUnavailable(reply.status());
    if (!again) return reply.ok() ? absl::StatusOr<HttpAnswer>(reply->answer) : reply.status();
    if (attempt == kTries) {
      if (!reply.ok()) return reply.status();
      return absl::UnavailableError(absl::StrCat("HTTP ", reply->answer.status, " after ", kTries,
                                                 " tries: ", reply->answer.body.substr(0, 300)));
    }
    const int asked = reply.ok() ? reply->retry_after : 0;
    std::this_thread::sleep_for(std::chrono::seconds(std::min(std::max(asked, wait), kLongestWaitSeconds)));
    wait = std::min(2 * wait, kLongestWaitSeconds);
  }
}

absl::Status ApiClient::RenewToken() {
  const absl::StatusOr<HttpAnswer> answer =
      WithRetries("/oauth2/token", "grant_type=client_credentials", "", /*token_request=*/true);
  if (!answer.ok()) return answer.status();
  simdjson::dom::parser parser;
  element root;
  std::string_view token;
  int64_t seconds = 0;
  if (answer->status != 200 || parser.parse(answer->body).get(root) != simdjson::SUCCESS ||
      root["access_token"].get_string().get(token) != simdjson::SUCCESS)
    return absl::UnauthenticatedError(
        absl::StrCat("no token: HTTP ", answer->status, " ", answer->body.substr(0, 300)));
  if (root["expires_in"].get_int64().get(seconds) != simdjson::SUCCESS) seconds = 0;
  token_ = std::string(token);
  token_until_ = std::chrono::steady_clock::now() + std::chrono::seconds(seconds - kRenewSecondsBefore);
  return absl::OkStatus();
}

absl::StatusOr<HttpAnswer> ApiClient::Post(const std::string& path, const std::string& body,
                                           const std::string& idempotency_key) {
  for (const bool first : {true, false}) {
    if (token_.empty() || std::chrono::steady_clock::now() >= token_until_) {
      if (const absl::Status status = RenewToken(); !status.ok()) return status;
    }
    absl::StatusOr<HttpAnswer> answer = WithRetries(path, body, idempotency_key, /*token_request=*/false);
    if (!answer.ok() || answer->status != 401 || !first) return answer;
    token_.clear();
  }
  return absl::InternalError("unreachable");
}

}  // namespace lianqiao::cli
