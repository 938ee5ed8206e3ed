// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/openapi.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lianqiao/options/v1/options.pb.h"
#include "services/gateway/http_status.h"
#include "services/gateway/openapi_schema.h"
#include "services/gateway/openapi_stream.h"
#include "services/gateway/openapi_text.h"
#include "services/gateway/parameter.h"

namespace lianqiao::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int kParameterDepthMax = 3;

std::string Lower(const std::string& text) {
  return absl::AsciiStrToLower(text);
}

// Routes of one shape are one path with one set of parameter names, whatever their templates call the fields.
struct Path {
  std::string text;                // "/v1/alliances/{id}:activate"
  std::vector<std::string> names;  // By variable.
  std::vector<const Route*> routes;
};

std::string ShapeOf(const PathTemplate& path) {
  std::string shape;
  for (const Segment& segment : path.segments) {
    absl::StrAppend(&shape, "/", segment.kind == Segment::Kind::kLiteral ? segment.literal : "{}");
  }
  return absl::StrCat(shape, ":", path.verb);
}

Path PathOf(const Route& route) {
  Path path;
  size_t next = 0;
  const auto& variables = route.path_template.variables;
  for (size_t i = 0; i < route.path_template.segments.size(); ++i) {
    if (next < variables.size() && variables[next].first == i) {
      std::string name = route.variables[next].back()->json_name();
      if (std::find(path.names.begin(), path.names.end(), name) != path.names.end()) {
        name = absl::StrJoin(absl::StrSplit(variables[next].field_path, '.'), "_");
      }
      absl::StrAppend(&path.text, "/{", name, "}");
      path.names.push_back(name);
      i = std::max(variables[next].last, i + 1) - 1;
      ++next;
      continue;
    }
    const Segment& segment = route.path_template.segments[i];
    absl::StrAppend(&path.text, "/", segment.kind == Segment::Kind::kLiteral ? segment.literal : "*");
  }
  if (!route.path_template.verb.empty()) absl::StrAppend(&path.text, ":", route.path_template.verb);
  return path;
}

// "GetJurisdiction" -> "Get jurisdiction"
std::string Words(const std::string& name) {
  std::string words;
  for (const char c : name) {
    if (absl::ascii_isupper(c) && !words.empty()) words.push_back(' ');
    words.push_back(words.empty() ? c : absl::ascii_tolower(c));
  }
  return words;
}

// The HTTP statuses of the codes that the comment's "Errors:" lists; what the gateway itself answers comes on
// top.
std::set<int> ErrorStatuses(const std::string& comment, const Route& route) {
  std::set<int> statuses = {400, 404, 429, 500, 503, 504};
  if (route.method->needs_token) statuses.insert({401, 403});
  if (route.takes_body() || route.stream.kind == StreamShape::Kind::kUpload) statuses.insert({413, 415});
  const size_t errors = comment.find("Errors:");
  if (errors == std::string::npos) return statuses;
  for (int code = 1; code <= 16; ++code) {
    const auto status = static_cast<absl::StatusCode>(code);
    if (comment.find(CodeName(status), errors) != std::string::npos) statuses.insert(HttpStatusOf(status));
  }
  // A cursor that has expired, and one that diverged.
  if (comment.find("OUT_OF_RANGE", errors) != std::string::npos) statuses.insert({409, 410});
  return statuses;
}

class Writer {
 public:
  Writer(const RouteTable& routes, const Comments& comments, const OpenApiOptions& options)
      : routes_(routes), comments_(comments), options_(options), schemas_(comments) {}

  std::string Run() {
    json_.Object().Pair("openapi", "3.1.0");
    json_.Key("info").Raw(InfoJson(options_.version));
    json_.Key("servers").Raw(R"([{"url":"/","description":"This gateway"}])");
    Tags();
    Paths();
    Components();
    return json_.End().Take();
  }

 private:
  std::string TagOf(const Route& route) const { return route.method->descriptor->service()->name(); }

  void Tags() {
    std::map<std::string, std::string> tags = {
        {"Platform", "平台自身 / the platform itself. Tokens, code lists and health."}};
    for (const auto& route : routes_.routes()) {
      const auto* service = route->method->descriptor->service();
      const auto& label = service->options().GetExtension(options::v1::service_label);
      tags[TagOf(*route)] = absl::StrCat(label.zh(), label.zh().empty() ? "" : " / ", label.en(),
                                         label.en().empty() ? "" : ". ", comments_.Of(service->full_name()));
    }
    json_.Key("tags").Array();
    for (const auto& [name, description] : tags) {
      json_.Object().Pair("name", name).PairIfAny("description", description).End();
    }
    json_.End();
  }

  void Paths() {
    std::map<std::string, Path> by_shape;
    for (const auto& route : routes_.routes()) {
      const auto [entry, inserted] = by_shape.try_emplace(ShapeOf(route->path_template));
      if (inserted) entry->second = PathOf(*route);
      entry->second.routes.push_back(route.get());
    }
    json_.Key("paths").Object();
    for (const auto& [shape, path] : by_shape) {
      json_.Key(path.text).Object();
      for (const Route* route : path.routes) {
        json_.Key(Lower(route->http_method));
        Operation(*route, path);
      }
      json_.End();
    }
    json_.Raw(PlatformPathsJson(options_.with_identity));
    json_.End();
  }

  void Operation(const Route& route, const Path& path) {
    const auto* method = route.method->descriptor;
    const std::string& comment = comments_.Of(method->full_name());
    const std::string first = comment.substr(0, std::min(comment.find('\n'), comment.find(". ")));
    const int count = ++operations_[method->full_name()];
    json_.Object();
    json_.Key("tags").Array().String(TagOf(route)).End();
    json_.Pair("operationId", absl::StrCat(method->service()->name(), "_", method->name(),
                                           count > 1 ? absl::StrCat("_", count) : ""));
    json_.Pair("summary", first.empty() ? Words(method->name()) : first);
    json_.Pair("description", DescriptionOf(route, comment));
    Parameters(route, path);
    if (route.takes_body()) Body(route);
    if (route.stream.kind == StreamShape::Kind::kUpload) UploadBody(route, &json_);
    Responses(route, comment);
    if (!route.method->needs_token) json_.Key("security").Array().End();
    json_.End();
  }

  std::string DescriptionOf(const Route& route, const std::string& comment) const {
    std::string text = comment.empty() ? Words(route.method->descriptor->name()) + "." : comment;
    const auto& access = route.method->descriptor->options().GetExtension(options::v1::access);
    if (!access.permission().empty()) absl::StrAppend(&text, "\n\nPermission: `", access.permission(), "`.");
    return absl::StrCat(text, "\n\ngRPC: `", route.method->path, "`.");
  }

  void Parameters(const Route& route, const Path& path) {
    json_.Key("parameters").Array();
    for (size_t i = 0; i < route.variables.size(); ++i) {
      const FieldDescriptor& field = *route.variables[i].back();
      json_.Object().Pair("name", path.names[i]).Pair("in", "path").Key("required").Boolean(true);
      json_.PairIfAny("description", schemas_.Description(field)).Key("schema");
      schemas_.Field(field, Schemas::Use::kInput, true, &json_);
      json_.End();
    }
    if (!route.body_is_request) {
      FieldPath prefix;
      Query(route, *route.request, &prefix);
    }
    // A record that is not there yet has no ETag: on creation the header is refused like the field.
    const bool creates = route.http_method == "POST" && route.body != nullptr;
    if (!route.etag.empty() && !creates) json_.Raw(R"({"$ref":"#/components/parameters/IfMatch"})");
    if (route.request_id != nullptr) json_.Raw(R"({"$ref":"#/components/parameters/IdempotencyKey"})");
    if (TakesIfNoneMatch(route)) {
      json_.Raw(R"({"$ref":"#/components/parameters/IfNoneMatch"})");
    }
    StreamParameters(route, &json_);
    json_.Raw(
        R"({"$ref":"#/components/parameters/AcceptLanguage"},{"$ref":"#/components/parameters/RequestId"})");
    json_.End();
  }

  void Query(const Route& route, const Descriptor& message, FieldPath* prefix) {
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor* field = message.field(i);
      prefix->push_back(field);
      const bool bound =
          std::find(route.variables.begin(), route.variables.end(), *prefix) != route.variables.end();
      // Of a file, Range says where.
      const StreamShape& shape = route.stream;
      const bool of_range =
          shape.kind == StreamShape::Kind::kFile && (field == shape.offset || field == shape.length);
      if (!bound && !of_range && field != route.body) {
        if (!field->is_map() && IsParameterType(*field)) {
          Parameter(*field, *prefix);
        } else if (!field->is_repeated() && prefix->size() < kParameterDepthMax) {
          Query(route, *field->message_type(), prefix);
        }
      }
      prefix->pop_back();
    }
  }

  void Parameter(const FieldDescriptor& field, const FieldPath& path) {
    std::vector<std::string> names;
    for (const FieldDescriptor* part : path) names.push_back(part->json_name());
    json_.Object().Pair("name", absl::StrJoin(names, ".")).Pair("in", "query");
    json_.PairIfAny("description", schemas_.Description(field)).Key("schema");
    schemas_.Field(field, Schemas::Use::kInput, true, &json_);
    json_.End();
  }

  void Body(const Route& route) {
    const Descriptor& message = route.body != nullptr ? *route.body->message_type() : *route.request;
    json_.Key("requestBody").Object().Key("required").Boolean(route.body != nullptr);
    json_.Key("content").Object().Key("application/json").Object().Key("schema");
    schemas_.Reference(message, route.http_method == "PATCH" ? Schemas::Use::kPatch : Schemas::Use::kInput,
                       &json_);
    json_.End().End().End();
  }

  void Responses(const Route& route, const std::string& comment) {
    json_.Key("responses").Object();
    json_.Key("200")
        .Object()
        .Pair("description", "OK")
        .Key("headers")
        .Raw(SuccessHeadersJson(route.response_etag != nullptr || TakesIfNoneMatch(route)));
    json_.Key("content").Object();
    Content(route);
    json_.End().End();
    if (TakesIfNoneMatch(route)) json_.Key("304").Raw(NotModifiedJson());
    StreamResponses(route, &json_);
    for (const int status : ErrorStatuses(comment, route)) {
      used_statuses_.insert(status);
      json_.Key(std::to_string(status))
          .Raw(absl::StrCat("{\"$ref\":\"#/components/responses/Error", status, "\"}"));
    }
    json_.End();
  }

  void Content(const Route& route) {
    if (route.method->server_streams) return StreamContent(route, &schemas_, &json_);
    json_.Key("application/json").Object().Key("schema");
    if (route.response_body != nullptr) {
      schemas_.Field(*route.response_body, Schemas::Use::kAnswer, true, &json_);
    } else {
      schemas_.Reference(*route.method->descriptor->output_type(), Schemas::Use::kAnswer, &json_);
    }
    json_.End();
    if (route.watch != nullptr) StreamContent(*route.watch, &schemas_, &json_);
  }

  void Components() {
    json_.Key("components").Object();
    json_.Key("schemas").Object();
    schemas_.WriteAll(&json_);
    json_.Raw(ErrorSchemaJson());
    json_.End();
    json_.Key("responses").Object();
    used_statuses_.insert({429, 503});
    for (const int status : used_statuses_)
      json_.Key(absl::StrCat("Error", status)).Raw(ErrorResponseJson(status));
    if (options_.with_identity) json_.Key("TokenError").Raw(TokenErrorJson());
    json_.End();
    json_.Key("parameters").Raw(ParametersJson(routes_));
    json_.Key("headers").Raw(HeadersJson());
    if (options_.with_identity) json_.Key("securitySchemes").Raw(SecuritySchemesJson());
    json_.End();
    if (options_.with_identity) json_.Key("security").Raw(R"([{"oauth2":[]}])");
  }

  const RouteTable& routes_;
  const Comments& comments_;
  const OpenApiOptions& options_;
  Schemas schemas_;
  JsonText json_;
  std::map<std::string, int> operations_;
  std::set<int> used_statuses_;
};

}  // namespace

std::string OpenApiJson(const RouteTable& routes, const Comments& comments, const OpenApiOptions& options) {
  return Writer(routes, comments, options).Run();
}

}  // namespace lianqiao::gateway
