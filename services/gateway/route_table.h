// SPDX-License-Identifier: Apache-2.0
// From (HTTP method, path) to a gRPC method and the request fields that path, query and body fill. Immutable
// after Build; Match is safe from any thread and allocates only the captured segments.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "services/gateway/catalogue.h"
#include "services/gateway/path_template.h"
#include "services/gateway/stream_shape.h"

namespace lianqiao::gateway {

using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

struct Route {
  const ServedMethod* method = nullptr;
  // What path, query, body and headers fill: the method's request, or the options of an upload.
  const google::protobuf::Descriptor* request = nullptr;
  StreamShape stream;
  // Of ListX: the same request for the service's streaming WatchX, for who asks for a stream.
  std::unique_ptr<Route> watch;
  size_t index = 0;         // Position in RouteTable::routes(), for per-route metrics.
  std::string http_method;  // "GET"
  std::string path;         // The template as written: metric label, log field, OpenAPI path.
  PathTemplate path_template;
  std::vector<FieldPath> variables;                                  // One per path_template.variables.
  bool body_is_request = false;                                      // body: "*"
  const google::protobuf::FieldDescriptor* body = nullptr;           // body: "field"
  const google::protobuf::FieldDescriptor* response_body = nullptr;  // response_body: "field"
  // Fields that headers and the PATCH rule fill; empty or null if the request has none.
  FieldPath etag;
  const google::protobuf::FieldDescriptor* request_id = nullptr;
  const google::protobuf::FieldDescriptor* update_mask = nullptr;
  const google::protobuf::FieldDescriptor* response_etag = nullptr;

  bool takes_body() const { return body_is_request || body != nullptr; }
  bool streams() const { return stream.kind != StreamShape::Kind::kNone; }
};

struct Match {
  const Route* route = nullptr;
  // Raw (still encoded) text of each variable.
  std::vector<std::string_view> values;
  // Without a route: the methods that the path would take; empty means that there is no such path.
  std::vector<std::string_view> allowed;
};

class RouteTable {
 public:
  // INVALID_ARGUMENT with every mistake: bad templates, unknown or repeated fields in them, two routes that
  // match the same requests, streams that have no form over HTTP. Methods without google.api.http are served
  // over gRPC only.
  static absl::StatusOr<std::unique_ptr<RouteTable>> Build(const Catalogue& catalogue);
  ~RouteTable();

  // `path` is the request target without its query. HEAD finds the GET route.
  Match Find(std::string_view http_method, std::string_view path) const;
  const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }
  // A field by its proto or its JSON name; null if there is none. Messages reachable from a request only.
  const google::protobuf::FieldDescriptor* FindField(const google::protobuf::Descriptor* message,
                                                     const std::string& name) const;

 private:
  struct Node;
  class Builder;
  class Search;
  RouteTable();

  std::vector<std::unique_ptr<Route>> routes_;
  std::unique_ptr<Node> root_;
  std::unordered_map<const google::protobuf::Descriptor*,
                     std::unordered_map<std::string, const google::protobuf::FieldDescriptor*>>
      fields_;
};

}  // namespace lianqiao::gateway
