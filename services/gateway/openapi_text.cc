// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/openapi_text.h"

#include "absl/strings/str_cat.h"
#include "services/gateway/http_status.h"
#include "services/gateway/json_text.h"
#include "services/gateway/openapi_stream.h"

namespace lianqiao::gateway {
namespace {

constexpr char kDescription[] =
    "Lianqiao 联桥: urban–rural education alliances of a province or a city 城乡教育联盟平台.\n\n"
    "- 先以客户端凭证调用 `POST /oauth2/token` 取得令牌,请求时带 `Authorization: Bearer …`。\n"
    "- 未知字段、未知参数、重复键和类型不符一律拒绝;400 会逐条列出所有错误。\n"
    "- 取默认值(0、false、空)的字段不返回;64 位整数以字符串表示。\n"
    "- 每次写入请带 `Idempotency-Key`(或 `requestId`):7 天内重复请求返回首次的结果。\n"
    "- 修改时以 `If-Match` 带上记录的 `ETag`:若记录已被他人修改,返回 409 ABORTED。\n"
    "- PATCH 不带 `updateMask` 时只改请求体中出现的字段;null 表示清空。\n"
    "- 代码表及其中英文名称见 `/v1/vocabulary`。\n"
    "- 流式方法按 `Accept` 以 NDJSON(`application/x-ndjson`,默认)或事件流(`text/event-stream`)返回;"
    "没有收到 `end` 或 `error` 即为中断,以最后的游标续读。\n"
    "- 错误格式遵循 AIP-193;文字随 `Accept-Language`,默认 zh-CN。\n\n"
    "- Get a token with `POST /oauth2/token` (client credentials); send `Authorization: Bearer …`.\n"
    "- Unknown fields, unknown parameters, duplicate keys and wrong types are refused; a 400 names every "
    "violation.\n"
    "- Fields that hold their default (0, false, empty) are left out of answers. 64-bit integers are "
    "strings.\n"
    "- Send `Idempotency-Key` (or `requestId`) with every write: a repetition returns the first answer for 7 "
    "days.\n"
    "- Send the `ETag` of a record as `If-Match` with a change: a lost update is refused with 409 ABORTED.\n"
    "- Without `updateMask`, PATCH changes the fields that are in the body; null clears one.\n"
    "- Code lists with labels in Chinese and English: `/v1/vocabulary`.\n"
    "- Streams come as NDJSON (`application/x-ndjson`, the default) or server-sent events "
    "(`text/event-stream`), by `Accept`; one that ends without `end` or `error` was cut off: go on from its "
    "last cursor.\n"
    "- Errors follow AIP-193; texts are in the language of `Accept-Language` (zh-CN by default).";

// Which statuses tell when to come back.
bool HasRetryAfter(int status) {
  return status == 429 || status == 503;
}

}  // namespace

std::string InfoJson(const std::string& version) {
  JsonText json;
  json.Object().Pair("title", "Lianqiao 联桥 API").Pair("version", version);
  json.Pair("description", kDescription);
  json.Key("contact").Object().Pair("name", "The operator of this installation").End();
  json.Key("license").Object().Pair("name", "Apache License 2.0").Pair("identifier", "Apache-2.0").End();
  return json.End().Take();
}

std::string PlatformPathsJson(bool with_identity) {
  std::string paths = R"json(
"/v1/vocabulary":{"get":{"tags":["Platform"],"operationId":"GetVocabulary",
"summary":"全部代码表 / every code list with its labels",
"description":"Codes as they stand in records and filters. Changes only with the version.",
"security":[],"responses":{"200":{"description":"OK","headers":{"ETag":{
"$ref":"#/components/headers/ETag"}},
"content":{"application/json":{"schema":{"type":"object","required":["enums"],"properties":{"enums":{
"type":"array","items":{
"type":"object","required":["name","values"],"properties":{"name":{"type":"string"},"zh":{
"type":"string"},"en":{"type":"string"},
"values":{"type":"array","items":{"type":"object","required":["code"],"properties":{"code":{
"type":"string"},
"number":{"type":"integer","format":"int32"},"zh":{"type":"string"},"en":{"type":"string"}}}}}}}}}}}},
"429":{"$ref":"#/components/responses/Error429"}}}},
"/healthz":{"get":{"tags":["Platform"],"operationId":"GetHealth",
"summary":"网关是否运行 / whether the gateway runs",
"description":"Answers as long as the process serves.","security":[],"responses":{"200":{
"description":"OK",
"content":{"application/json":{"schema":{"type":"object","properties":{"status":{"type":"string"}}}}}},
"429":{"$ref":"#/components/responses/Error429"}}}},
"/readyz":{"get":{"tags":["Platform"],"operationId":"GetReadiness",
"summary":"各服务是否可用 / whether every service is reachable",
"description":"One line per service; 503 while one of them is away.","security":[],"responses":{
"200":{"description":"OK","content":{"application/json":{"schema":{
"$ref":"#/components/schemas/Readiness"}}}},
"429":{"$ref":"#/components/responses/Error429"},
"503":{"description":"A service is away","content":{"application/json":{"schema":{
"$ref":"#/components/schemas/Readiness"}}}}}}})json";
  if (!with_identity) return paths;
  return paths + R"json(,
"/oauth2/token":{"post":{"tags":["Platform"],"operationId":"IssueToken",
"summary":"以客户端凭证换取令牌 / an access token for client credentials",
"description":"OAuth 2.0 client credentials (RFC 6749, 4.4). Errors have the form of RFC 6749, 5.2.",
"security":[],
"requestBody":{"required":true,"content":{"application/x-www-form-urlencoded":{"schema":{"type":"object",
"required":["grant_type"],
"properties":{"grant_type":{"type":"string","enum":["client_credentials"]},"client_id":{"type":"string"},
"client_secret":{"type":"string","format":"password"}}}}}},
"responses":{"200":{"description":"OK","content":{"application/json":{"schema":{"type":"object",
"required":["access_token","token_type","expires_in"],"properties":{"access_token":{"type":"string"},
"token_type":{"type":"string"},"expires_in":{"type":"integer","format":"int32"}}}}}},
"400":{"$ref":"#/components/responses/TokenError"},"401":{"$ref":"#/components/responses/TokenError"},
"429":{"$ref":"#/components/responses/Error429"},"503":{"$ref":"#/components/responses/Error503"}}}},
"/.well-known/jwks.json":{"get":{"tags":["Platform"],"operationId":"GetKeys",
"summary":"令牌的公钥 / public keys of access tokens",
"description":"RFC 7517. Keys rotate; ask again for an unknown key id.","security":[],"responses":{"200":{
"description":"OK",
"content":{"application/json":{"schema":{"type":"object","required":["keys"],"properties":{"keys":{
"type":"array",
"items":{"type":"object","additionalProperties":true}}}}}}},"429":{
"$ref":"#/components/responses/Error429"}}}})json";
}

std::string ErrorSchemaJson() {
  return R"json(
"Readiness":{"type":"object","required":["ready"],"properties":{"ready":{"type":"boolean"},"upstreams":{
"type":"array",
"items":{"type":"object","required":["name","ready"],"properties":{"name":{"type":"string"},"ready":{
"type":"boolean"}}}}}},
"Error":{"type":"object","description":"错误 / an error. AIP-193.","examples":[{"error":{"code":400,
"status":"INVALID_ARGUMENT","message":"the request has 1 violation(s): organisation.name is required",
"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"REQUEST_INVALID",
"domain":"lianqiao","metadata":{"count":"1"}},{"@type":"type.googleapis.com/google.rpc.BadRequest",
"fieldViolations":[{"field":"organisation.name","description":"必填字段不能为空;请填写该字段",
"reason":"FIELD_REQUIRED","localizedMessage":{"locale":"zh-CN","message":"必填字段不能为空"}}]},
{"@type":"type.googleapis.com/google.rpc.LocalizedMessage","locale":"zh-CN",
"message":"请求有1处错误。请逐条更正后重试。"},
{"@type":"type.googleapis.com/google.rpc.RequestInfo","requestId":"req-42"}]}}],
"required":["error"],"properties":{"error":{
"type":"object",
"required":["code","status","message"],"properties":{"code":{"type":"integer","format":"int32",
"description":"The HTTP status."},
"status":{"type":"string","description":"The name of the google.rpc.Code."},
"message":{"type":"string","description":"For developers, in English."},
"details":{"type":"array",
"description":"google.rpc details: ErrorInfo, BadRequest, LocalizedMessage, RetryInfo, RequestInfo.",
"items":{"type":"object","required":["@type"],"properties":{"@type":{"type":"string"}},
"additionalProperties":true}}}}}})json";
}

std::string ErrorResponseJson(int status) {
  JsonText json;
  json.Object().Pair("description", HttpReason(status));
  json.Key("headers").Object().Key("X-Request-Id").Raw(R"({"$ref":"#/components/headers/X-Request-Id"})");
  if (HasRetryAfter(status)) json.Key("Retry-After").Raw(R"({"$ref":"#/components/headers/Retry-After"})");
  json.End();
  json.Key("content").Raw(R"({"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}})");
  return json.End().Take();
}

std::string TokenErrorJson() {
  return R"json(
{"description":"RFC 6749, 5.2","content":{"application/json":{"schema":{"type":"object","required":[
"error"],
"properties":{"error":{"type":"string"},"error_description":{"type":"string"}}}}}})json";
}

std::string ParametersJson(const RouteTable& routes) {
  bool match = false;
  bool none_match = false;
  bool idempotency = false;
  for (const auto& route : routes.routes()) {
    match = match || !route->etag.empty();
    none_match = none_match || TakesIfNoneMatch(*route);
    idempotency = idempotency || route->request_id != nullptr;
  }
  const auto header = [](const char* name, const char* description, const char* example) {
    JsonText json;
    json.Object().Pair("name", name).Pair("in", "header").Pair("description", description);
    return json.Key("schema").Object().Pair("type", "string").End().Pair("example", example).End().Take();
  };
  JsonText json;
  json.Object();
  if (match)
    json.Key("IfMatch").Raw(
        header("If-Match", "The ETag of the record that you read: another one now is 409.", "\"3\""));
  if (none_match)
    json.Key("IfNoneMatch").Raw(header("If-None-Match", "304 if the record still has this ETag.", "\"3\""));
  if (idempotency) {
    json.Key("IdempotencyKey")
        .Raw(header("Idempotency-Key", "Stands for requestId: a repetition returns the first answer.",
                    "import-2024-0001"));
  }
  if (!routes.routes().empty()) {
    json.Key("AcceptLanguage").Raw(header("Accept-Language", "Language of error texts: zh-CN or en.", "en"));
    json.Key("RequestId")
        .Raw(header("X-Request-Id", "Comes back with the answer and stands in every log line.", "req-42"));
  }
  return json.End().Take();
}

std::string HeadersJson() {
  return R"json({"X-Request-Id":{"description":"Names this request in logs.","schema":{"type":"string"}},
"ETag":{"description":"The record's version.","schema":{"type":"string"}},
"RateLimit":{"description":"What is left of the quota, and when it is full again.","schema":{
"type":"string"}},
"RateLimit-Policy":{"description":"The quota and its window.","schema":{"type":"string"}},
"Lianqiao-Position":{"description":"Where a write stands; Lianqiao-After waits for it.","schema":{
"type":"string"}},
"Retry-After":{"description":"Seconds to wait.","schema":{"type":"integer","format":"int32"}}})json";
}

std::string SuccessHeadersJson(bool etag) {
  std::string headers =
      R"json(
{"X-Request-Id":{"$ref":"#/components/headers/X-Request-Id"},"RateLimit":{
"$ref":"#/components/headers/RateLimit"},
"RateLimit-Policy":{"$ref":"#/components/headers/RateLimit-Policy"},"Lianqiao-Position":{
"$ref":"#/components/headers/Lianqiao-Position"})json";
  if (etag) headers += R"json(,"ETag":{"$ref":"#/components/headers/ETag"})json";
  return headers + "}";
}

std::string NotModifiedJson() {
  return absl::StrCat(R"({"description":"Not Modified","headers":)", SuccessHeadersJson(true), "}");
}

std::string SecuritySchemesJson() {
  return R"json(
{"oauth2":{"type":"oauth2",
"description":"令牌不含权限,权限由客户端的授权决定。 / Tokens carry no rights: grants of the client decide.",
"flows":{"clientCredentials":{"tokenUrl":"/oauth2/token","scopes":{}}}}})json";
}

}  // namespace lianqiao::gateway
