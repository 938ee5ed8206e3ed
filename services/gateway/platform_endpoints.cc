// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/platform_endpoints.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "services/gateway/error.h"
#include "services/gateway/json_text.h"

namespace lianqiao::gateway {
namespace {

constexpr char kSwaggerPage[] = R"html(<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>Lianqiao 联桥 API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
)html";

// A file of its own, so that the page needs no inline script.
constexpr char kSwaggerStart[] =
    "SwaggerUIBundle({url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, docExpansion: "
    "'none'});\n";

constexpr char kPlainPage[] = R"html(<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>Lianqiao 联桥 API</title></head>
<body>
<h1>Lianqiao 联桥 API</h1>
<p><a href="/openapi.json">openapi.json</a> · <a href="/v1/vocabulary">vocabulary 代码表</a></p>
</body>
</html>
)html";

constexpr char kHtml[] = "text/html; charset=utf-8";
constexpr std::pair<const char*, const char*> kSwaggerFiles[] = {
    {"swagger-ui.css", "text/css; charset=utf-8"},
    {"swagger-ui-bundle.js", "text/javascript; charset=utf-8"},
    {"favicon-32x32.png", "image/png"}};

void SendJson(int status, std::string body, HttpResponse* response) {
  response->status = status;
  response->body = std::move(body);
  AddHeader("Content-Type", "application/json; charset=utf-8", &response->headers);
  AddHeader("Cache-Control", "no-store", &response->headers);
}

}  // namespace

std::string ReadinessJson(const std::vector<NamedUpstream>& upstreams, bool* ready) {
  JsonText parts;
  *ready = true;
  parts.Array();
  for (const NamedUpstream& upstream : upstreams) {
    const bool connected = upstream.client->Connected();
    *ready = *ready && connected;
    parts.Object().Pair("name", upstream.name).Key("ready").Boolean(connected).End();
  }
  parts.End();
  JsonText json;
  return json.Object().Key("ready").Boolean(*ready).Key("upstreams").Raw(parts.Take()).End().Take();
}

void AddHealth(std::vector<NamedUpstream> upstreams, Endpoints* endpoints) {
  endpoints->Add(
      "GET", "/healthz",
      [](const std::shared_ptr<HttpCall>& call, const std::string&, const std::function<void()>& answer) {
        SendJson(200, R"({"status":"SERVING"})", &call->response);
        answer();
      },
      false);
  endpoints->Add("GET", "/readyz",
                 [upstreams = std::move(upstreams)](const std::shared_ptr<HttpCall>& call, const std::string&,
                                                    const std::function<void()>& answer) {
                   bool ready = false;
                   std::string body = ReadinessJson(upstreams, &ready);
                   SendJson(ready ? 200 : 503, std::move(body), &call->response);
                   answer();
                 });
}

void AddMetrics(std::function<std::string()> text, Endpoints* endpoints) {
  endpoints->Add(
      "GET", "/metrics",
      [text = std::move(text)](const std::shared_ptr<HttpCall>& call, const std::string& request_id,
                               const std::function<void()>& answer) {
        if (call->request.from_here) {
          call->response.body = text();
          AddHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8", &call->response.headers);
        } else {
          RenderError(base::Fail(absl::StatusCode::kNotFound, base::ErrorReason::ROUTE_NOT_FOUND), 0,
                      base::Language::kChinese, request_id, &call->response);
        }
        answer();
      });
}

void AddDocs(const std::string& folder, Endpoints* endpoints) {
  std::vector<std::string> texts;
  for (const auto& [name, type] : kSwaggerFiles) {
    std::ifstream stream(absl::StrCat(folder, "/", name), std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    if (folder.empty() || !stream || text.str().empty()) {
      if (!folder.empty())
        base::Log(base::Severity::kWarning, "docs_file_missing", {{"file", name}, {"folder", folder}});
      return endpoints->AddDocument("/docs", kHtml, kPlainPage);
    }
    texts.push_back(text.str());
  }
  for (size_t i = 0; i < texts.size(); ++i) {
    endpoints->AddDocument(absl::StrCat("/docs/", kSwaggerFiles[i].first), kSwaggerFiles[i].second,
                           std::move(texts[i]));
  }
  endpoints->AddDocument("/docs/start.js", "text/javascript; charset=utf-8", kSwaggerStart);
  endpoints->AddDocument("/docs", kHtml, kSwaggerPage);
}

}  // namespace lianqiao::gateway
