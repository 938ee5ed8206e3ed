// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identity_endpoints.h"

#include "services/gateway/error.h"
#include "services/gateway/identifiers.h"
#include "services/gateway/token_form.h"

namespace lianqiao::gateway {
namespace {

constexpr char kTokenPath[] = "/oauth2/token";

void IssueToken(identity::IdentityServer* server, const std::shared_ptr<HttpCall>& call,
                const std::string& request_id, const std::function<void()>& answer) {
  const TokenForm form = ParseTokenForm(call->request);
  if (!form.error.empty()) {
    RenderTokenError(form.error, form.error_description, &call->response);
    return answer();
  }
  identity::TokenRequest request;
  request.client_id = form.client_id;
  request.client_secret = form.client_secret;
  request.scope = form.scope;
  request.address = call->request.peer;
  request.method = kTokenPath;
  request.request_id = request_id;
  server->IssueToken(std::move(request), [call, request_id, answer](const identity::TokenAnswer& token) {
    if (token.status.ok()) {
      RenderToken(token.access_token, token.expires_in, &call->response);
    } else if (!token.oauth_error.empty()) {
      const bool client = token.oauth_error == "invalid_client";
      RenderTokenError(token.oauth_error,
                       client ? "unknown client or wrong secret" : std::string(token.status.message()),
                       &call->response);
    } else {
      RenderError(token.status, 0, rpc::LanguageOf(std::string(call->request[Header::kAcceptLanguage])),
                  request_id, &call->response);
    }
    answer();
  });
}

}  // namespace

void AddIdentity(identity::IdentityServer* server, Endpoints* endpoints) {
  endpoints->Add(
      "POST", kTokenPath,
      [server](const std::shared_ptr<HttpCall>& call, const std::string& request_id,
               const std::function<void()>& answer) { IssueToken(server, call, request_id, answer); });
  endpoints->Add("GET", "/.well-known/jwks.json",
                 [server](const std::shared_ptr<HttpCall>& call, const std::string&,
                          const std::function<void()>& answer) {
                   call->response.body = server->Jwks();
                   AddHeader("Content-Type", "application/json; charset=utf-8", &call->response.headers);
                   AddHeader("Cache-Control", "public, max-age=60", &call->response.headers);
                   answer();
                 });
}

}  // namespace lianqiao::gateway
