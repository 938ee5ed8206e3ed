// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/openapi_stream.h"

#include "absl/strings/str_cat.h"
#include "services/gateway/openapi_text.h"

namespace lianqiao::gateway {
namespace {

using Kind = StreamShape::Kind;

void Parameter(const char* name, const char* place, const char* description, const char* schema,
               JsonText* json) {
  json->Object().Pair("name", name).Pair("in", place).Pair("description", description);
  json->Key("schema").Raw(schema).End();
}

// {"batch":{…}}: what a line of the gateway's own looks like.
void OwnLine(const char* name, const std::string& schema, JsonText* json) {
  json->Object().Pair("type", "object").Key("properties").Object().Key(name).Raw(schema).End();
  json->Key("required").Array().String(name).End().End();
}

std::string ReferenceTo(const google::protobuf::Descriptor& message, Schemas* schemas) {
  JsonText json;
  schemas->Reference(message, Schemas::Use::kAnswer, &json);
  return json.Take();
}

void Lines(const StreamShape& shape, const google::protobuf::Descriptor& message, Schemas* schemas,
           JsonText* json) {
  json->Object();
  json->Pair(
      "description",
      shape.elements == nullptr
          ? "One line: a record, or at last `end` or `error`. A stream without one of these was cut off."
          : "One line: a record; after those that belong together `batch` with everything else about "
            "them; at last `end` or `error`. A stream without one of these was cut off.");
  json->Key("anyOf").Array();
  const auto& record = shape.elements == nullptr ? message : *shape.elements->message_type();
  json->Raw(ReferenceTo(record, schemas));
  if (shape.elements != nullptr) OwnLine("batch", ReferenceTo(message, schemas), json);
  const std::string resume = shape.resume == nullptr
                                 ? std::string()
                                 : absl::StrCat("\"", shape.resume->json_name(), "\":{\"type\":\"string\"}");
  OwnLine("end", absl::StrCat(R"({"type":"object","properties":{)", resume, "}}"), json);
  json->Raw(R"({"$ref":"#/components/schemas/Error"})").End().End();
}

void Events(const StreamShape& shape, JsonText* json) {
  std::string text = absl::StrCat("Server-sent events: `", shape.element_name,
                                  "` with a record as JSON; at last `end` or `error`.");
  if (shape.elements != nullptr)
    absl::StrAppend(&text, " `batch` where there is no record. The last event of a batch has the id.");
  if (shape.incomplete != nullptr)
    absl::StrAppend(&text, " `degraded` while services are away, `recovered` afterwards.");
  absl::StrAppend(&text, " A comment every 15 s.");
  json->Object().Pair("type", "string").Pair("description", text).End();
}

}  // namespace

bool TakesIfNoneMatch(const Route& route) {
  return route.http_method == "GET" && (route.response_etag != nullptr || route.stream.kind == Kind::kFile);
}

void StreamParameters(const Route& route, JsonText* json) {
  const Route& stream = route.watch != nullptr ? *route.watch : route;
  const StreamShape& shape = stream.stream;
  if (shape.kind == Kind::kRecords && shape.request_resume != nullptr) {
    Parameter("Last-Event-ID", "header",
              "Of an event stream that broke off: goes on behind that batch, whatever the query says.",
              R"({"type":"string"})", json);
  }
  if (shape.kind == Kind::kFile && shape.offset != nullptr) {
    const char* text =
        shape.length != nullptr
            ? "`bytes=N-` goes on from byte N, `bytes=N-M` ends with byte M; others are ignored."
            : "`bytes=N-` goes on from byte N; other ranges are ignored.";
    Parameter("Range", "header", text, R"({"type":"string"})", json);
  }
  if (shape.kind != Kind::kUpload || shape.offset == nullptr) return;
  Parameter("offset", "query", "Of the body's first byte, when an upload that broke off goes on.",
            R"({"type":"string","format":"int64"})", json);
}

void StreamContent(const Route& route, Schemas* schemas, JsonText* json) {
  const StreamShape& shape = route.stream;
  if (shape.kind == Kind::kFile) {
    json->Key("application/octet-stream").Raw(R"({"schema":{"type":"string","format":"binary"}})");
    return;
  }
  json->Key("application/x-ndjson").Object().Key("schema");
  Lines(shape, *route.method->descriptor->output_type(), schemas, json);
  json->End().Key("text/event-stream").Object().Key("schema");
  Events(shape, json);
  json->End();
}

void UploadBody(const Route& route, JsonText* json) {
  std::string text = "The file, of any size; it is read as it comes.";
  if (route.stream.gzip != nullptr) absl::StrAppend(&text, " May be `Content-Encoding: gzip`.");
  json->Key("requestBody").Object().Pair("description", text).Key("required").Boolean(true);
  json->Key("content").Object();
  for (const std::string& type : ContentTypesOf(route.stream))
    json->Key(type).Raw(R"({"schema":{"type":"string","format":"binary"}})");
  json->End().End();
}

void StreamResponses(const Route& route, JsonText* json) {
  if (route.stream.kind != Kind::kFile || route.stream.offset == nullptr) return;
  json->Key("206").Object().Pair("description", "The file from the range's first byte on");
  json->Key("headers").Raw(SuccessHeadersJson(true));
  json->Key("content").Object();
  json->Key("application/octet-stream").Raw(R"({"schema":{"type":"string","format":"binary"}})");
  json->End().End();
  json->Key("416").Raw(R"({"description":"The range begins behind the end"})");
}

}  // namespace lianqiao::gateway
