// SPDX-License-Identifier: Apache-2.0
// The HTTP form of OAuth2 client credentials (RFC 6749 §2.3.1, §4.4, §5): what identity's token endpoint
// needs from a request, and its answer as JSON.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "libs/base/status.h"
#include "services/gateway/http_message.h"

namespace lianqiao::gateway {

struct TokenForm {
  std::string client_id;
  std::string client_secret;
  std::string scope;
  // RFC 6749 §5.2: "invalid_request", "unsupported_grant_type", "invalid_client"; empty if the form is good.
  std::string error;
  std::string error_description;
};

// Credentials from HTTP Basic or from the form, not from both; never from the query.
TokenForm ParseTokenForm(const HttpRequest& request);

void RenderToken(const std::string& access_token, int expires_in, HttpResponse* response);
// `error` as RFC 6749 names it.
void RenderTokenError(const std::string& error, const std::string& description, HttpResponse* response);

}  // namespace lianqiao::gateway
