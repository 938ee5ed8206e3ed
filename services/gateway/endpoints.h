// SPDX-License-Identifier: Apache-2.0
// Paths that the gateway answers itself: fixed documents and functions. Filled before the server starts, then
// read only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "services/gateway/http_message.h"

namespace lianqiao::gateway {

class Endpoints {
 public:
  // Fills the call's response and runs `answer` once, now or later, from any thread.
  using Function = std::function<void(const std::shared_ptr<HttpCall>& call, const std::string& request_id,
                                      std::function<void()> answer)>;
  struct Endpoint {
    std::string http_method;
    Function function;
    bool limited = true;  // By the caller's address.
  };

  void Add(const std::string& http_method, const std::string& path, Function function, bool limited = true);
  // A document that never changes while the gateway runs; gets an ETag.
  void AddDocument(const std::string& path, const std::string& content_type, std::string text);
  const Endpoint* Find(std::string_view path) const;

 private:
  std::map<std::string, Endpoint, std::less<>> endpoints_;
};

}  // namespace lianqiao::gateway
