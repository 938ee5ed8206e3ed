// SPDX-License-Identifier: Apache-2.0
// A small HTTP client on libcurl, as an integrator's program would have one. One per thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/json.h"

namespace lianqiao::e2e {

struct HttpAnswer {
  int status = 0;       // 0: there was no answer.
  std::string failure;  // Why not.
  std::string body;
  std::map<std::string, std::string> headers;  // Names in lower case.

  Json json() const { return Json(body); }
};

class HttpClient {
 public:
  using Headers = std::vector<std::string>;  // "Name: value"

  // `server` like http://127.0.0.1:8080; every request carries the token unless it is empty.
  explicit HttpClient(std::string server, std::string token = "");
  ~HttpClient();

  HttpAnswer Send(const std::string& method, const std::string& target, const std::string& body = "",
                  const Headers& headers = {});
  HttpAnswer Get(const std::string& target) { return Send("GET", target); }
  HttpAnswer Post(const std::string& target, const std::string& body, const Headers& headers = {}) {
    return Send("POST", target, body, headers);
  }
  HttpAnswer Patch(const std::string& target, const std::string& body, const Headers& headers = {}) {
    return Send("PATCH", target, body, headers);
  }
  HttpAnswer Delete(const std::string& target, const Headers& headers = {}) {
    return Send("DELETE", target, "", headers);
  }

 private:
  struct Handle;
  const std::string server_;
  const std::string token_;
  std::unique_ptr<Handle> handle_;
};

// Every byte that is not a letter or digit as %XX.
std::string Escaped(const std::string& text);

// The whole AIP-193 shape: code, status, message, an ErrorInfo of ours, a RequestInfo.
void ExpectError(const HttpAnswer& answer, int http_status, const std::string& status);
// Why `answer` is not that, empty if it is; for threads that count.
std::string WhyNotError(const HttpAnswer& answer, int http_status, const std::string& status);

}  // namespace lianqiao::e2e
