// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/route_table.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/api/annotations.pb.h"

namespace lianqiao::gateway {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// One segment of the trie. A leaf holds its routes by custom verb, then by HTTP method.
struct RouteTable::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> one;
  std::unique_ptr<Node> rest;
  std::map<std::string, std::map<std::string, const Route*, std::less<>>, std::less<>> routes;
};

class RouteTable::Builder {
 public:
  explicit Builder(RouteTable* table) : table_(table) {}

  void Add(const ServedMethod& method) {
    if (!method.descriptor->options().HasExtension(google::api::http)) return;
    const google::api::HttpRule& rule = method.descriptor->options().GetExtension(google::api::http);
    AddRule(method, rule);
    for (const google::api::HttpRule& binding : rule.additional_bindings()) {
      if (!binding.additional_bindings().empty()) Mistake(method, "additional_bindings nest");
      AddRule(method, binding);
    }
    Index(method.descriptor->input_type());
  }

  // Whoever asks a list for a stream gets the changes of it: ListX's routes are WatchX's too, where that has
  // a route of its own and the fields of the path.
  void AddWatches(const Catalogue& catalogue) {
    for (const auto& list : table_->routes_) {
      const std::string& name = list->method->descriptor->name();
      if (list->streams() || !absl::StartsWith(name, "List")) continue;
      const ServedMethod* method = catalogue.Find(
          absl::StrCat("/", list->method->descriptor->service()->full_name(), "/Watch", name.substr(4)));
      const Route* own = method == nullptr ? nullptr : RouteOf(*method);
      if (own == nullptr || own->stream.kind != StreamShape::Kind::kRecords) continue;
      auto watch = std::make_unique<Route>();
      watch->method = method;
      watch->request = own->request;
      watch->stream = own->stream;
      watch->index = own->index;
      watch->http_method = list->http_method;
      watch->path = list->path;
      watch->path_template = list->path_template;
      const size_t mistakes_before = mistakes.size();
      for (const TemplateVariable& variable : watch->path_template.variables)
        watch->variables.push_back(Resolve(*watch, variable.field_path));
      const bool fits = mistakes.size() == mistakes_before;
      mistakes.resize(mistakes_before);
      watch->body_is_request = list->body_is_request;
      SetHeaderFields(watch.get());
      if (fits && list->body == nullptr) list->watch = std::move(watch);
    }
  }

  std::vector<std::string> mistakes;

 private:
  const Route* RouteOf(const ServedMethod& method) const {
    for (const auto& route : table_->routes_) {
      if (route->method == &method) return route.get();
    }
    return nullptr;
  }

  void Mistake(const ServedMethod& method, const std::string& what) {
    mistakes.push_back(absl::StrCat(method.descriptor->full_name(), ": ", what));
  }

  static void SetPattern(const google::api::HttpRule& rule, Route* route) {
    switch (rule.pattern_case()) {
      case google::api::HttpRule::kGet:
        route->http_method = "GET", route->path = rule.get();
        break;
      case google::api::HttpRule::kPut:
        route->http_method = "PUT", route->path = rule.put();
        break;
      case google::api::HttpRule::kPost:
        route->http_method = "POST", route->path = rule.post();
        break;
      case google::api::HttpRule::kDelete:
        route->http_method = "DELETE", route->path = rule.delete_();
        break;
      case google::api::HttpRule::kPatch:
        route->http_method = "PATCH", route->path = rule.patch();
        break;
      case google::api::HttpRule::kCustom:
        route->http_method = rule.custom().kind(), route->path = rule.custom().path();
        break;
      default:
        break;
    }
  }

  void AddRule(const ServedMethod& method, const google::api::HttpRule& rule) {
    auto route = std::make_unique<Route>();
    route->method = &method;
    SetPattern(rule, route.get());
    if (route->http_method.empty() || route->http_method == "HEAD" || route->http_method == "OPTIONS") {
      return Mistake(method, "the http option needs get, put, post, delete or patch");
    }
    auto parsed = ParsePathTemplate(route->path);
    if (!parsed.ok()) return Mistake(method, std::string(parsed.status().message()));
    route->path_template = *std::move(parsed);
    auto shape = ShapeOf(*method.descriptor);
    if (!shape.ok()) return Mistake(method, std::string(shape.status().message()));
    route->stream = *shape;
    route->request = RequestOf(*route);
    for (const TemplateVariable& variable : route->path_template.variables) {
      route->variables.push_back(Resolve(*route, variable.field_path));
    }
    SetBodies(method, rule, route.get());
    SetHeaderFields(route.get());
    Insert(method, std::move(route));
  }

  static const Descriptor* RequestOf(const Route& route) {
    return route.stream.options != nullptr ? route.stream.options->message_type()
                                           : route.method->descriptor->input_type();
  }

  // A template may name scalar fields only; repeated fields and maps have no place in a path.
  FieldPath Resolve(const Route& route, const std::string& path) {
    FieldPath fields;
    const ServedMethod& method = *route.method;
    const Descriptor* message = route.request;
    for (const std::string& name : std::vector<std::string>(absl::StrSplit(path, '.'))) {
      const FieldDescriptor* field = message == nullptr ? nullptr : message->FindFieldByName(name);
      if (field == nullptr || field->is_repeated()) {
        Mistake(method, absl::StrCat("path variable {", path, "} names no single field of the request"));
        return {};
      }
      fields.push_back(field);
      message = field->message_type();
    }
    if (message != nullptr) Mistake(method, absl::StrCat("path variable {", path, "} is a message"));
    return fields;
  }

  void SetBodies(const ServedMethod& method, const google::api::HttpRule& rule, Route* route) {
    if (route->stream.kind == StreamShape::Kind::kUpload) {
      // The body is the file.
      if (rule.body() != "*") Mistake(method, "a streaming request needs body: \"*\"");
    } else if (rule.body() == "*") {
      route->body_is_request = true;
    } else if (!rule.body().empty()) {
      route->body = method.descriptor->input_type()->FindFieldByName(rule.body());
      if (route->body == nullptr || route->body->message_type() == nullptr || route->body->is_repeated()) {
        Mistake(method, absl::StrCat("body \"", rule.body(), "\" is no single message of the request"));
      }
    }
    if (route->takes_body() && (route->http_method == "GET" || route->http_method == "DELETE")) {
      Mistake(method, route->http_method + " takes no body");
    }
    if (!rule.response_body().empty()) {
      route->response_body = method.descriptor->output_type()->FindFieldByName(rule.response_body());
      if (route->response_body == nullptr) {
        Mistake(method,
                absl::StrCat("response_body \"", rule.response_body(), "\" is no field of the response"));
      }
    }
  }

  static const FieldDescriptor* StringField(const Descriptor* message, const char* name) {
    const FieldDescriptor* field = message->FindFieldByName(name);
    const bool fits =
        field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated();
    return fits ? field : nullptr;
  }

  static void SetHeaderFields(Route* route) {
    const Descriptor* request = route->request;
    route->request_id = StringField(request, "request_id");
    if (const FieldDescriptor* etag = StringField(request, "etag")) {
      route->etag = {etag};
    } else if (route->body != nullptr && route->body->message_type() != nullptr) {
      if (const FieldDescriptor* inner = StringField(route->body->message_type(), "etag")) {
        route->etag = {route->body, inner};
      }
    }
    if (route->http_method == "PATCH" && route->body != nullptr) {
      const FieldDescriptor* mask = request->FindFieldByName("update_mask");
      if (mask != nullptr && !mask->is_repeated() && mask->message_type() != nullptr &&
          mask->message_type()->full_name() == "google.protobuf.FieldMask") {
        route->update_mask = mask;
      }
    }
    if (!route->method->server_streams)
      route->response_etag = StringField(route->method->descriptor->output_type(), "etag");
  }

  void Insert(const ServedMethod& method, std::unique_ptr<Route> route) {
    Node* node = table_->root_.get();
    for (const Segment& segment : route->path_template.segments) {
      std::unique_ptr<Node>* child = &node->rest;
      if (segment.kind == Segment::Kind::kLiteral) child = &node->literals[segment.literal];
      if (segment.kind == Segment::Kind::kOne) child = &node->one;
      if (*child == nullptr) *child = std::make_unique<Node>();
      node = child->get();
    }
    const auto [existing, inserted] =
        node->routes[route->path_template.verb].emplace(route->http_method, route.get());
    if (!inserted) {
      return Mistake(method, absl::StrCat(route->http_method, " ", route->path,
                                          " matches the same requests as ", existing->second->path, " of ",
                                          existing->second->method->descriptor->full_name()));
    }
    route->index = table_->routes_.size();
    table_->routes_.push_back(std::move(route));
  }

  void Index(const Descriptor* message) {
    auto [entry, inserted] = table_->fields_.try_emplace(message);
    if (!inserted) return;
    std::unordered_map<std::string, const FieldDescriptor*> names;
    for (int i = 0; i < message->field_count(); ++i) {
      names.emplace(message->field(i)->json_name(), message->field(i));
      names.emplace(message->field(i)->name(), message->field(i));
    }
    entry->second = std::move(names);
    for (int i = 0; i < message->field_count(); ++i) {
      if (message->field(i)->message_type() != nullptr) Index(message->field(i)->message_type());
    }
  }

  RouteTable* table_;
};

// Depth-first with the more specific child first, so a literal wins over a variable at the same place; a node
// that lacks the HTTP method only adds to `allowed` and the search goes on.
class RouteTable::Search {
 public:
  Search(const std::vector<std::string_view>& segments, std::string_view verb, std::string_view http_method)
      : segments_(segments), verb_(verb), http_method_(http_method) {}

  const Route* Visit(const Node& node, size_t at) {
    if (at == segments_.size()) {
      if (const Route* route = At(node)) return route;
      return node.rest == nullptr ? nullptr : At(*node.rest);
    }
    if (const Route* route = VisitLiteral(node, at)) return route;
    if (node.one != nullptr && !segments_[at].empty()) {
      if (const Route* route = Visit(*node.one, at + 1)) return route;
    }
    return node.rest == nullptr ? nullptr : At(*node.rest);
  }

  std::vector<std::string_view> allowed;

 private:
  const Route* VisitLiteral(const Node& node, size_t at) {
    auto child = node.literals.find(segments_[at]);
    std::string decoded;
    if (child == node.literals.end() && segments_[at].find('%') != std::string_view::npos &&
        PercentDecode(segments_[at], true, &decoded)) {
      child = node.literals.find(decoded);
    }
    return child == node.literals.end() ? nullptr : Visit(*child->second, at + 1);
  }

  const Route* At(const Node& node) {
    const auto by_verb = node.routes.find(verb_);
    if (by_verb == node.routes.end()) return nullptr;
    const auto found = by_verb->second.find(http_method_);
    if (found != by_verb->second.end()) return found->second;
    for (const auto& [method, route] : by_verb->second) {
      if (std::find(allowed.begin(), allowed.end(), method) == allowed.end()) allowed.push_back(method);
    }
    return nullptr;
  }

  const std::vector<std::string_view>& segments_;
  std::string_view verb_;
  std::string_view http_method_;
};

RouteTable::RouteTable() : root_(std::make_unique<Node>()) {}
RouteTable::~RouteTable() = default;

absl::StatusOr<std::unique_ptr<RouteTable>> RouteTable::Build(const Catalogue& catalogue) {
  std::unique_ptr<RouteTable> table(new RouteTable);
  Builder builder(table.get());
  for (const ServedMethod& method : catalogue.methods()) builder.Add(method);
  builder.AddWatches(catalogue);
  if (!builder.mistakes.empty()) return absl::InvalidArgumentError(absl::StrJoin(builder.mistakes, "\n"));
  return table;
}

namespace {

std::vector<std::string_view> SplitPath(std::string_view path) {
  std::vector<std::string_view> segments;
  segments.reserve(8);
  size_t start = 1;
  while (start <= path.size()) {
    const size_t end = std::min(path.find('/', start), path.size());
    segments.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  return segments;
}

std::vector<std::string_view> Capture(const Route& route, const std::vector<std::string_view>& segments,
                                      std::string_view path) {
  std::vector<std::string_view> values;
  values.reserve(route.variables.size());
  for (const TemplateVariable& variable : route.path_template.variables) {
    const size_t last = variable.rest ? segments.size() : variable.last;
    if (variable.first >= last) {
      values.push_back(path.substr(path.size()));
      continue;
    }
    const char* begin = segments[variable.first].data();
    const char* end = segments[last - 1].data() + segments[last - 1].size();
    values.emplace_back(begin, end - begin);
  }
  return values;
}

}  // namespace

Match RouteTable::Find(std::string_view http_method, std::string_view path) const {
  Match match;
  if (path.empty() || path[0] != '/') return match;
  if (http_method == "HEAD") http_method = "GET";
  std::vector<std::string_view> segments = SplitPath(path);
  // A colon in the last segment starts a verb if some route there has that verb, else it belongs to the
  // value.
  const std::string_view last = segments.back();
  const size_t colon = last.rfind(':');
  for (const bool with_verb : {true, false}) {
    if (with_verb && colon == std::string_view::npos) continue;
    segments.back() = with_verb ? last.substr(0, colon) : last;
    Search search(segments, with_verb ? last.substr(colon + 1) : std::string_view(), http_method);
    match.route = search.Visit(*root_, 0);
    if (match.route != nullptr) {
      match.values = Capture(*match.route, segments, path);
      match.allowed.clear();
      return match;
    }
    match.allowed.insert(match.allowed.end(), search.allowed.begin(), search.allowed.end());
  }
  return match;
}

const FieldDescriptor* RouteTable::FindField(const Descriptor* message, const std::string& name) const {
  const auto fields = fields_.find(message);
  if (fields == fields_.end()) return nullptr;
  const auto found = fields->second.find(name);
  return found == fields->second.end() ? nullptr : found->second;
}

}  // namespace lianqiao::gateway
