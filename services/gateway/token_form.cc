// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/token_form.h"

#include <strings.h>

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "services/gateway/json_text.h"
#include "services/gateway/path_template.h"

namespace lianqiao::gateway {
namespace {

bool DecodeForm(std::string_view text, std::string* out) {
  std::string spaced(text);
  for (char& c : spaced) c = c == '+' ? ' ' : c;
  return PercentDecode(spaced, true, out);
}

// False for bad escapes and for a name that comes twice (RFC 6749 §3.2).
bool ParseForm(std::string_view body, std::map<std::string, std::string>* fields) {
  while (!body.empty()) {
    const size_t end = std::min(body.find('&'), body.size());
    const std::string_view pair = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    std::string name;
    std::string value;
    if (!DecodeForm(pair.substr(0, equals), &name)) return false;
    if (!DecodeForm(pair.substr(std::min(equals + 1, pair.size())), &value)) return false;
    if (!name.empty() && !fields->emplace(name, value).second) return false;
  }
  return true;
}

bool ParseBasic(std::string_view authorization, TokenForm* form) {
  constexpr std::string_view kScheme = "Basic ";
  std::string pair;
  if (!absl::Base64Unescape(std::string(authorization.substr(kScheme.size())), &pair)) return false;
  const size_t colon = pair.find(':');
  return colon != std::string::npos &&
         DecodeForm(std::string_view(pair).substr(0, colon), &form->client_id) &&
         DecodeForm(std::string_view(pair).substr(colon + 1), &form->client_secret);
}

TokenForm Wrong(const char* error, const char* description) {
  TokenForm form;
  form.error = error;
  form.error_description = description;
  return form;
}

}  // namespace

TokenForm ParseTokenForm(const HttpRequest& request) {
  const std::string_view type = request[Header::kContentType];
  const absl::string_view bare(type.data(), std::min(type.find(';'), type.size()));
  if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(bare), "application/x-www-form-urlencoded")) {
    return Wrong("invalid_request", "Content-Type must be application/x-www-form-urlencoded");
  }
  if (!request[Header::kContentEncoding].empty())
    return Wrong("invalid_request", "Content-Encoding is not supported here");
  std::map<std::string, std::string> fields;
  if (!ParseForm(request.body, &fields)) return Wrong("invalid_request", "malformed or repeated form field");
  if (fields["grant_type"].empty()) return Wrong("invalid_request", "grant_type is missing");
  if (fields["grant_type"] != "client_credentials") {
    return Wrong("unsupported_grant_type", "only client_credentials is supported");
  }
  TokenForm form;
  form.client_id = fields["client_id"];
  form.client_secret = fields["client_secret"];
  form.scope = fields["scope"];
  const std::string_view authorization = request[Header::kAuthorization];
  if (authorization.size() > 6 && strncasecmp(authorization.data(), "Basic ", 6) == 0) {
    if (!form.client_secret.empty()) return Wrong("invalid_request", "credentials came twice");
    const std::string in_form = form.client_id;
    if (!ParseBasic(authorization, &form)) return Wrong("invalid_client", "malformed Authorization header");
    if (!in_form.empty() && in_form != form.client_id)
      return Wrong("invalid_request", "client_id came twice");
  }
  if (form.client_id.empty() || form.client_secret.empty()) {
    return Wrong("invalid_client", "client_id and client_secret are needed");
  }
  return form;
}

void RenderToken(const std::string& access_token, int expires_in, HttpResponse* response) {
  JsonText json;
  json.Object()
      .Pair("access_token", access_token)
      .Pair("token_type", "Bearer")
      .Key("expires_in")
      .Integer(expires_in);
  response->body = json.End().Take();
  AddHeader("Content-Type", "application/json; charset=utf-8", &response->headers);
  AddHeader("Cache-Control", "no-store", &response->headers);
}

void RenderTokenError(const std::string& error, const std::string& description, HttpResponse* response) {
  const bool client = error == "invalid_client";
  response->status = client ? 401 : 400;
  JsonText json;
  response->body =
      json.Object().Pair("error", error).PairIfAny("error_description", description).End().Take();
  AddHeader("Content-Type", "application/json; charset=utf-8", &response->headers);
  AddHeader("Cache-Control", "no-store", &response->headers);
  if (client) AddHeader("WWW-Authenticate", "Basic realm=\"lianqiao\"", &response->headers);
}

}  // namespace lianqiao::gateway
