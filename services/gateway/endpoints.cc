// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/endpoints.h"

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "services/gateway/transcode.h"

namespace lianqiao::gateway {

void Endpoints::Add(const std::string& http_method, const std::string& path, Function function,
                    bool limited) {
  endpoints_[path] = {http_method, std::move(function), limited};
}

void Endpoints::AddDocument(const std::string& path, const std::string& content_type, std::string text) {
  const std::string etag = absl::StrCat("\"", base::Hex(base::Sha256(text)).substr(0, 16), "\"");
  auto document = std::make_shared<const std::string>(std::move(text));
  Add("GET", path,
      [document, etag, content_type](const std::shared_ptr<HttpCall>& call, const std::string&,
                                     const std::function<void()>& answer) {
        HttpResponse& response = call->response;
        AddHeader("ETag", etag, &response.headers);
        AddHeader("Cache-Control", "no-cache", &response.headers);
        if (NamesEtag(call->request[Header::kIfNoneMatch], etag)) {
          response.status = 304;
        } else {
          AddHeader("Content-Type", content_type, &response.headers);
          response.body = *document;
        }
        answer();
      });
}

const Endpoints::Endpoint* Endpoints::Find(std::string_view path) const {
  const auto found = endpoints_.find(path);
  return found == endpoints_.end() ? nullptr : &found->second;
}

}  // namespace lianqiao::gateway
